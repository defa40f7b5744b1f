//! What examines plugins without a session is held to the same: it meets hostile
//! files in bounded time and memory, and names what stopped them. Here `plugin
//! inspect`; `policy` is in `hostile_policies`.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::guest::Guest;
use crate::hostile_account::{CASES, CLOCK, LOG};
use crate::hostile_schemas::doubling;
use crate::resident::most_resident;
use crate::support::{Bench, Ended};

/// What the host may hold beside the limits, in bytes.
const ROOM: u64 = 16 << 20;
/// Memory and host bytes of whoever is asked what it is.
const OF_DESCRIBE: u64 = 2 * (64 << 20);
/// Longer than any of the limits, on a machine that does much else.
const LONGEST: Duration = Duration::from_secs(60);

/// Runs a command; the most bytes that were resident.
fn run(bench: &Bench, arguments: &[&str], what: &str) -> (Ended, u64) {
    let begun = Instant::now();
    let mut command = bench.command(arguments);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let (output, most) = most_resident(child.unwrap());
    assert!(begun.elapsed() < LONGEST, "{what}: {:?}", begun.elapsed());
    println!("{what}: {} MiB, {:?}", most >> 20, begun.elapsed());
    (Ended::of(output), most)
}

/// A folder with a plugin, and what an honest one takes.
pub(crate) struct Tool {
    bench: Bench,
    usual: u64,
    arguments: &'static [&'static str],
}

impl Tool {
    pub(crate) fn new(honest: &[u8], arguments: &'static [&'static str]) -> Self {
        let bench = Bench::with_config("agents: {}");
        bench.write("p.wasm", honest);
        let (ended, usual) = run(&bench, arguments, "honest");
        ended.expect(0);
        Self {
            bench,
            usual,
            arguments,
        }
    }

    /// What a hostile one comes to, within so many bytes.
    #[track_caller]
    pub(crate) fn meets(&self, what: &str, component: &[u8], limits: u64) -> Ended {
        self.bench.write("p.wasm", component);
        let (ended, most) = run(&self.bench, self.arguments, what);
        let bound = self.usual + limits + ROOM;
        assert!(
            most <= bound,
            "{what}: {most} bytes, {bound} are the limits\u{27} sum"
        );
        for text in [&ended.stdout, &ended.stderr] {
            let hostile = ['\u{1b}', '\u{9b}', '\u{202e}'];
            assert!(!text.contains(hostile), "{what}: {text}");
            assert!(text.len() < 64 << 10, "{what}: {} bytes", text.len());
        }
        ended
    }
}

fn inspect() -> Tool {
    Tool::new(&Guest::new("").component(), &["plugin", "inspect", "p.wasm"])
}

#[test]
fn inspect_stops_a_describe_at_the_limits_of_everybody() {
    let tool = inspect();
    for case in CASES {
        let guest = Guest {
            imports: case.imports,
            describe: case.run,
            ..Guest::new("")
        };
        let ended = tool.meets(case.name, &guest.component(), OF_DESCRIBE).expect(78);
        assert!(
            ended.stdout.contains("plugin.descriptor"),
            "{}: {}",
            case.name,
            ended.stdout
        );
        assert!(ended.stdout.contains("limit."), "{}: {}", case.name, ended.stdout);
    }
    for (what, imports, describe, code) in [
        ("a loop", "", "(loop (br 0))", "limit.fuel"),
        (
            "memory",
            "",
            "(loop (drop (memory.grow (i32.const 1))) (br 0))",
            "limit.memory",
        ),
        ("a trap", "", "(unreachable)", "trap.unreachable"),
        (
            "a flood of its log",
            LOG,
            "(loop (call $log (i32.const 2) (i32.const 65536) (i32.const 60000) (i32.const 0) (i32.const 0)) (br 0))",
            "limit.host-bytes",
        ),
        (
            "a wait",
            CLOCK,
            "(loop (i32.store (i32.const 65536) (call $sleep (i64.const 600000000000))) (call $poll (i32.const 65536) (i32.const 1) (i32.const 4096)))",
            "limit.deadline",
        ),
    ] {
        let guest = Guest {
            imports,
            describe,
            ..Guest::new("")
        };
        let ended = tool.meets(what, &guest.component(), OF_DESCRIBE).expect(78);
        assert!(ended.stdout.contains(code), "{what}: {}", ended.stdout);
    }
}

/// Words of the descriptor: name, version, summary, input types, output type,
/// schemas, idempotent, upstreams, extensions; each is a place and a length.
#[test]
fn inspect_refuses_a_descriptor_that_is_too_much() {
    let tool = inspect();
    let rows: [(&str, Vec<(usize, u32)>); 9] = [
        ("a name of a gibibyte", vec![(1, 1 << 30)]),
        ("a name of 64 KiB", vec![(0, 65536), (1, 65535)]),
        ("a line of 64 KiB", vec![(4, 65536), (5, 65535)]),
        ("a hundred million types", vec![(6, 65536), (7, 100_000_000)]),
        ("eight thousand empty types", vec![(6, 65536), (7, 8000)]),
        ("eight thousand upstreams", vec![(17, 65536), (18, 8000)]),
        ("eight thousand extensions", vec![(19, 65536), (20, 8000)]),
        ("an extension of other memory", vec![(19, 65536), (20, 1)]),
        ("words that are none", vec![(2, 560), (3, 4)]),
    ];
    for (what, says) in rows {
        let guest = Guest {
            says,
            ..Guest::new("")
        };
        let ended = tool.meets(what, &guest.component(), OF_DESCRIBE).expect(78);
        assert!(
            ended.stdout.contains("plugin.descriptor"),
            "{what}: {}",
            ended.stdout
        );
    }
}

/// Patterns of which each is another one.
fn patterns(count: usize) -> String {
    let one = |n| format!(r#"{{"pattern":"(a|b|c)*d(x|y){{200}}{n}"}}"#);
    (0..count).map(one).collect::<Vec<_>>().join(",")
}

/// A schema is read when a plugin says what it is. What it costs to check a value
/// is the attempt's matter.
#[test]
fn inspect_reads_a_schema_that_is_hostile_in_bounded_time_and_memory() {
    let tool = inspect();
    let many = |one: &str, count: usize| vec![one; count].join(",");
    let rows: [(&str, String, Option<&str>); 8] = [
        ("one that doubles", doubling(60, "false"), None),
        (
            "one of most bytes",
            format!("{{\"enum\":[{}]}}", many("1", 32_000)),
            None,
        ),
        (
            "one that is too long",
            format!("{{\"enum\":[{}]}}", many("1", 33_000)),
            Some("the limit"),
        ),
        (
            "one that is deep",
            format!("{}1{}", "[".repeat(20_000), "]".repeat(20_000)),
            Some("schema"),
        ),
        (
            "one that goes round",
            r##"{"$ref":"#"}"##.into(),
            Some("refers to itself"),
        ),
        (
            "a pattern that explodes",
            r#"{"pattern":"((a{1000}){1000}){1000}"}"#.into(),
            Some("pattern"),
        ),
        (
            "many patterns",
            format!("{{\"allOf\":[{}]}}", patterns(1500)),
            Some("pattern"),
        ),
        (
            "all of it references",
            format!(
                "{{\"anyOf\":[{},{{}}]}}",
                many(r##"{"$ref":"#/anyOf/2999"}"##, 2000)
            ),
            None,
        ),
    ];
    for (what, schema, refused) in rows {
        // What is kept in the guest's memory has to fit there.
        let guest = Guest::declaring(&schema);
        let ended = tool.meets(what, &guest.component(), OF_DESCRIBE);
        match refused {
            Some(word) => {
                let ended = ended.expect(78);
                let said = &ended.stdout;
                assert!(
                    said.contains("plugin.descriptor") && said.contains(word),
                    "{what}: {said}"
                );
            }
            None => assert!(matches!(ended.code, Some(0 | 78)), "{what}: {}", ended.stderr),
        }
    }
}
