//! Guests that have the host hold, count or write something for them, beside
//! twenty neighbours. Each is stopped by its own limit, and the host's memory
//! stays within what the limits add up to.

use std::process::{Command, Stdio};

use crate::guest::Guest;
use crate::resident::most_resident;
use crate::support::{Bench, Ended, Report, plugin};

/// Memory, and bytes handed to the host, of each hostile attempt.
const LIMIT: u64 = 8 << 20;
/// What the host may hold beside, in bytes.
const ROOM: u64 = 16 << 20;

const FIELDS: &str = r#"
    (import "wasi:http/types@0.2.12" "[constructor]fields" (func $fields (result i32)))
    (import "wasi:http/types@0.2.12" "[method]fields.append" (func $append (param i32 i32 i32 i32 i32 i32)))
    (import "wasi:http/types@0.2.12" "[method]fields.clone" (func $clone (param i32) (result i32)))
    (import "wasi:http/types@0.2.12" "[static]fields.from-list" (func $list (param i32 i32 i32)))"#;
const REQUESTS: &str = r#"
    (import "wasi:http/types@0.2.12" "[constructor]fields" (func $fields (result i32)))
    (import "wasi:http/types@0.2.12" "[constructor]outgoing-request" (func $request (param i32) (result i32)))
    (import "wasi:http/types@0.2.12" "[method]outgoing-request.set-path-with-query"
        (func $path (param i32 i32 i32 i32) (result i32)))
    (import "wasi:http/types@0.2.12" "[method]outgoing-request.set-method"
        (func $method (param i32 i32 i32 i32) (result i32)))
    (import "wasi:http/types@0.2.12" "[method]outgoing-request.body" (func $body (param i32 i32)))
    (import "wasi:http/types@0.2.12" "[method]outgoing-body.write" (func $stream (param i32 i32)))
    (import "wasi:io/streams@0.2.12" "[method]output-stream.write-zeroes" (func $zeroes (param i32 i64 i32)))"#;
const CLOCK: &str = r#"
    (import "wasi:clocks/monotonic-clock@0.2.12" "now" (func $now (result i64)))
    (import "wasi:clocks/monotonic-clock@0.2.12" "subscribe-duration" (func $sleep (param i64) (result i32)))
    (import "wasi:io/poll@0.2.12" "poll" (func $poll (param i32 i32 i32)))"#;
const LOG: &str = r#"(import "fusebox:agent/log@0.1.0" "write" (func $log (param i32 i32 i32 i32 i32)))"#;
const STDOUT: &str = r#"
    (import "wasi:cli/stdout@0.2.12" "get-stdout" (func $out (result i32)))
    (import "wasi:io/streams@0.2.12" "[method]output-stream.write" (func $write (param i32 i32 i32 i32)))"#;

/// What a guest does over and over, and the limit that ends it.
struct Case {
    name: &'static str,
    imports: &'static str,
    run: &'static str,
    code: &'static str,
}

const CASES: &[Case] = &[
    Case {
        name: "log lines whose fields are empty",
        imports: LOG,
        run: "(loop (call $log (i32.const 2) (i32.const 512) (i32.const 1) (i32.const 98304) (i32.const 2000)) (br 0))",
        code: "limit.host-bytes",
    },
    Case {
        name: "fields that are never sent",
        imports: FIELDS,
        run: "(memory.fill (i32.const 65536) (i32.const 97) (i32.const 65000))
            (loop (call $append (call $fields) (i32.const 65536) (i32.const 1) (i32.const 65536) (i32.const 60000) (i32.const 4096)) (br 0))",
        code: "limit.host-bytes",
    },
    Case {
        name: "copies of fields, each with one more",
        imports: FIELDS,
        run: "(local $one i32) (memory.fill (i32.const 65536) (i32.const 97) (i32.const 65000)) (local.set $one (call $fields))
            (call $append (local.get $one) (i32.const 65536) (i32.const 1) (i32.const 65536) (i32.const 60000) (i32.const 4096))
            (loop (call $append (call $clone (local.get $one)) (i32.const 65536) (i32.const 1) (i32.const 65536) (i32.const 1) (i32.const 4096)) (br 0))",
        code: "limit.host-bytes",
    },
    Case {
        name: "lists of empty fields",
        imports: FIELDS,
        run: "(loop (call $list (i32.const 98304) (i32.const 2000) (i32.const 4096)) (br 0))",
        code: "limit.host-bytes",
    },
    Case {
        name: "one message with more fields than one may have",
        imports: FIELDS,
        run: "(local $one i32) (memory.fill (i32.const 65536) (i32.const 97) (i32.const 65000)) (local.set $one (call $fields))
            (loop (call $append (local.get $one) (i32.const 65536) (i32.const 1) (i32.const 65536) (i32.const 60000) (i32.const 4096)) (br 0))",
        code: "limit.http-request",
    },
    Case {
        name: "objects that are never dropped",
        imports: FIELDS,
        run: "(loop (drop (call $fields)) (br 0))",
        code: "limit.handles",
    },
    Case {
        name: "requests with long paths",
        imports: REQUESTS,
        run: "(memory.fill (i32.const 65536) (i32.const 47) (i32.const 65000))
            (loop (drop (call $path (call $request (call $fields)) (i32.const 1) (i32.const 65536) (i32.const 60000))) (br 0))",
        code: "limit.host-bytes",
    },
    Case {
        name: "requests with long methods",
        imports: REQUESTS,
        run: "(memory.fill (i32.const 65536) (i32.const 97) (i32.const 65000))
            (loop (drop (call $method (call $request (call $fields)) (i32.const 9) (i32.const 65536) (i32.const 60000))) (br 0))",
        code: "limit.host-bytes",
    },
    Case {
        name: "bodies of zeros that are never sent",
        imports: REQUESTS,
        run: "(loop (call $body (call $request (call $fields)) (i32.const 4096))
            (call $stream (i32.load (i32.const 4100)) (i32.const 4096))
            (call $zeroes (i32.load (i32.const 4100)) (i64.const 1000000) (i32.const 4096)) (br 0))",
        code: "limit.host-bytes",
    },
    Case {
        name: "a look at the clock, over and over",
        imports: CLOCK,
        run: "(loop (drop (call $now)) (br 0))",
        code: "limit.host-calls",
    },
    Case {
        name: "timers that are never dropped",
        imports: CLOCK,
        run: "(loop (drop (call $sleep (i64.const 1000000000000))) (br 0))",
        code: "limit.handles",
    },
    Case {
        name: "one timer lent two thousand times at once",
        imports: CLOCK,
        run: "(local $one i32) (local $at i32) (local.set $one (call $sleep (i64.const 1))) (local.set $at (i32.const 65536))
            (loop (i32.store (local.get $at) (local.get $one)) (local.set $at (i32.add (local.get $at) (i32.const 4)))
                (br_if 0 (i32.lt_u (local.get $at) (i32.const 73536))))
            (call $poll (i32.const 65536) (i32.const 2000) (i32.const 4096))",
        code: "limit.handles",
    },
    Case {
        name: "one log line of six megabytes",
        imports: LOG,
        run: "(drop (memory.grow (i32.const 96))) (call $log (i32.const 2) (i32.const 65536) (i32.const 6000000) (i32.const 0) (i32.const 0))",
        code: "limit.host-bytes",
    },
    Case {
        name: "standard output without end",
        imports: STDOUT,
        run: "(local $out i32) (local.set $out (call $out))
            (loop (call $write (local.get $out) (i32.const 65536) (i32.const 4000) (i32.const 4096)) (br 0))",
        code: "limit.host-calls",
    },
];

/// A configuration in which sixteen tasks of the hostile agent run at once.
fn bench(component: &[u8]) -> Bench {
    let bench = Bench::with_config(&format!(
        "session: {{ max_parallel: 20 }}\nagents:\n  shout: {{ plugin: {:?} }}\n  hostile:\n    plugin: hostile.wasm\n    \
         limits: {{ memory: 8MiB, host_bytes: 8MiB, host_calls: 50000, cpu: 1s, deadline: 30s }}\n    breaker: {{ mode: \"off\" }}\n",
        plugin("shout")
    ));
    bench.write("hostile.wasm", component);
    let task = |agent: &str, n| format!("- {{ id: {agent}-{n}, agent: {agent}, input: {{ text: hi }} }}\n");
    let tasks: String = (0..4)
        .map(|n| task("hostile", n))
        .chain((0..20).map(|n| task("shout", n)))
        .collect();
    bench.write("session.yaml", format!("session: test\ntasks:\n{tasks}"));
    bench
}

/// Runs the session; the most bytes that were resident.
fn run(bench: &Bench) -> (Ended, u64) {
    let mut command = bench.command(&["run", "session.yaml", "--out", "out", "--quiet"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let (output, most) = most_resident(child.unwrap());
    (Ended::of(output), most)
}

fn holds(report: &Report, case: &Case) {
    for n in 0..20 {
        assert_eq!(
            report.task(&format!("shout-{n}"))["output"]["inline"],
            "HI",
            "{}",
            case.name
        );
    }
    for n in 0..4 {
        let id = format!("hostile-{n}");
        assert_eq!(report.code(&id), case.code, "{}: {}", case.name, report.task(&id));
        let attempts = report.task(&id)["attempts"].as_array().map_or(0, Vec::len);
        assert_eq!(attempts, 1, "{}: a limit is met again", case.name);
    }
}

#[test]
fn whatever_the_host_holds_for_a_guest_is_charged_to_its_limits() {
    let honest = bench(&Guest::new("").component());
    let (ended, usual) = run(&honest);
    ended.expect(0);
    for case in CASES {
        let guest = Guest {
            imports: case.imports,
            ..Guest::new(case.run)
        };
        let bench = bench(&guest.component());
        let (ended, most) = run(&bench);
        assert_eq!(ended.code, Some(3), "{}: {}", case.name, ended.stderr);
        holds(&bench.report("out"), case);
        let log = std::fs::metadata(bench.path("out/logs/guests.jsonl")).map_or(0, |file| file.len());
        assert!(log < 4 << 20, "{}: a log of {log} bytes", case.name);
        let bound = usual + 4 * 2 * LIMIT + ROOM;
        println!("{}: {} MiB, {} usual", case.name, most >> 20, usual >> 20);
        assert!(
            most <= bound,
            "{}: {most} bytes, {bound} are the limits' sum",
            case.name
        );
    }
}

/// A schema whose definitions each refer twice to the next one: as many questions
/// as there are ways through it.
fn doubling(levels: usize) -> String {
    let level = |n: usize| {
        let next = n + 1;
        format!(r##""d{n}":{{"anyOf":[{{"$ref":"#/$defs/d{next}"}},{{"$ref":"#/$defs/d{next}"}}]}}"##)
    };
    let levels: Vec<_> = (0..levels).map(level).collect();
    let last = format!(r#""d{}":false"#, levels.len());
    format!(
        r##"{{"$defs":{{{},{last}}},"$ref":"#/$defs/d0"}}"##,
        levels.join(",")
    )
}

#[test]
fn a_check_of_an_output_is_stopped_by_the_limits_of_its_attempt() {
    let honest = bench(&Guest::new("").component());
    let (_, usual) = run(&honest);
    let bench = bench(&Guest::declaring(&doubling(60)).component());
    let (ended, most) = run(&bench);
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    let report = bench.report("out");
    for n in 0..20 {
        assert_eq!(report.task(&format!("shout-{n}"))["output"]["inline"], "HI");
    }
    for n in 0..4 {
        let task = report.task(&format!("hostile-{n}"));
        assert_eq!(task["failure"]["code"], "limit.cpu", "{task}");
        // The report says how long the check took: all of what the attempt may.
        let cpu = task["attempts"][0]["cpu_ms"].as_f64().unwrap();
        assert!((1000.0..1100.0).contains(&cpu), "{cpu} ms");
    }
    let bound = usual + 4 * 2 * LIMIT + ROOM;
    assert!(most <= bound, "{most} bytes, {bound} are the limits' sum");
}

/// Ctrl-C while outputs are checked ends the program at once.
#[test]
fn a_check_of_an_output_is_interrupted() {
    let bench = bench(&Guest::declaring(&doubling(60)).component());
    let mut child = bench
        .command(&["run", "session.yaml", "--out", "out"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // The neighbours are over: only the checks are under way.
    let succeeded = || {
        let view = bench.fusebox(&["status", "out", "--format", "json"]).stdout;
        let view: serde_json::Value = serde_json::from_str(&view).unwrap_or_default();
        view["counts"]["succeeded"].as_u64().unwrap_or(0)
    };
    while succeeded() < 20 {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
    }
    let interrupted = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(interrupted.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
}
