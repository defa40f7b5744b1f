//! A guest for each place where a text can be put, and all ways out of the host.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::{encodings, folder_shows_none, secret, shows_none};
use crate::guest::Guest;
use crate::played_api::{Answer, PlayedApi};
use crate::support::{Bench, Ended, plugin};

/// Where the guests keep what they say.
const TEXT: u32 = 16384;

const LOG: &str = "(import \"fusebox:agent/log@0.1.0\" \"write\" (func $log (param i32 i32 i32 i32 i32)))";
const BREAKER: &str =
    "(import \"fusebox:agent/breaker@0.1.0\" \"acquire\" (func $acquire (param i32 i32 i32)))
     (import \"fusebox:agent/breaker@0.1.0\" \"[static]permit.finish\" (func $finish (param i32 i32)))";
const RETRY: &str =
    "(import \"fusebox:agent/retry@0.1.0\" \"[constructor]operation\" (func $operation (param i32 i32) (result i32)))
     (import \"fusebox:agent/retry@0.1.0\" \"[method]operation.failed\" (func $failed
        (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i64 i32 i32 i32)))";
const DEGRADATION: &str =
    "(import \"fusebox:agent/degradation@0.1.0\" \"partial\" (func $partial (param i32 i32 i32 i32)))
     (import \"fusebox:agent/degradation@0.1.0\" \"fallback\" (func $fallback (param i32 i32 i32 i32)))";
const PROGRESS: &str =
    "(import \"fusebox:agent/progress@0.1.0\" \"report\" (func $report (param f32 i32 i32)))";
const STREAMS: &str = "(import \"wasi:cli/stdout@0.2.12\" \"get-stdout\" (func $stdout (result i32)))
     (import \"wasi:cli/stderr@0.2.12\" \"get-stderr\" (func $stderr (result i32)))
     (import \"wasi:io/streams@0.2.12\" \"[method]output-stream.blocking-write-and-flush\"
        (func $write (param i32 i32 i32 i32)))";

/// Fields of a log line, or context of an error: the text as key and as value.
const PAIR: &str =
    "(i32.store (i32.const 3072) (i32.const $AT)) (i32.store (i32.const 3076) (i32.const $LEN))
    (i32.store (i32.const 3080) (i32.const $AT)) (i32.store (i32.const 3084) (i32.const $LEN))";
/// The same with a key that marks a panic, whose place the value is.
const PANIC: &str = "(i32.store (i32.const 3072) (i32.const 570)) (i32.store (i32.const 3076) (i32.const 5))
    (i32.store (i32.const 3080) (i32.const $AT)) (i32.store (i32.const 3084) (i32.const $LEN))
    (call $log (i32.const 4) (i32.const $AT) (i32.const $LEN) (i32.const 3072) (i32.const 1)) (unreachable)";
const SERVICE: &str = "(call $acquire (i32.const $AT) (i32.const $LEN) (i32.const 3072))
    (call $finish (i32.load (i32.const 3080)) (i32.const 1))";
const FAILED: &str = "(call $failed (call $operation (i32.const $AT) (i32.const $LEN)) (i32.const 0)
    (i32.const $AT) (i32.const $LEN) (i32.const $AT) (i32.const $LEN) (i32.const 0) (i32.const 0) (i32.const 1)
    (i32.const 1) (i32.const 0) (i64.const 0) (i32.const 3072) (i32.const 1) (i32.const 3200))";
const HAND_IN: &str = "(call $partial (i32.const 530) (i32.const 10) (i32.const $AT) (i32.const $LEN))
    (call $fallback (i32.const 530) (i32.const 10) (i32.const $AT) (i32.const $LEN)) (unreachable)";
const WRITE: &str = "(call $write (call $stdout) (i32.const $AT) (i32.const $LEN) (i32.const 3000))
    (call $write (call $stderr) (i32.const $AT) (i32.const $LEN) (i32.const 3000))";

/// Where a guest can put a text, and what the task comes to.
struct Place {
    name: &'static str,
    imports: &'static str,
    run: String,
    /// The words of its result, with the text at 0.
    result: Vec<u32>,
}

fn places(length: u32) -> Vec<Place> {
    let (text, plain) = ([TEXT, length], [530, 10]);
    let ok = |kind: [u32; 2], bytes: [u32; 2]| [&[0, 0][..], &kind, &bytes].concat();
    let error = |code: [u32; 2], message: [u32; 2], context: u32| {
        [&[1, 0, 2][..], &code, &message, &[0, 0, 0, 0, 0, 3072, context]].concat()
    };
    let done = ok(plain, plain);
    let rows: [(&str, &str, String, Vec<u32>); 13] = [
        ("result", "", String::new(), ok(plain, text)),
        ("kind", "", String::new(), ok(text, plain)),
        ("code", "", String::new(), error(text, plain, 0)),
        ("message", "", String::new(), error(plain, text, 0)),
        ("context", "", PAIR.into(), error(plain, plain, 1)),
        (
            "log",
            LOG,
            "(call $log (i32.const 2) (i32.const $AT) (i32.const $LEN) (i32.const 0) (i32.const 0))".into(),
            done.clone(),
        ),
        (
            "fields",
            LOG,
            format!(
                "{PAIR} (call $log (i32.const 2) (i32.const 530) (i32.const 10) (i32.const 3072) (i32.const 1))"
            ),
            done.clone(),
        ),
        ("panic", LOG, PANIC.into(), done.clone()),
        (
            "progress",
            PROGRESS,
            "(call $report (f32.const 0.5) (i32.const $AT) (i32.const $LEN))".into(),
            done.clone(),
        ),
        ("operation", RETRY, format!("{PAIR} {FAILED}"), done.clone()),
        ("streams", STREAMS, WRITE.into(), done.clone()),
        ("handed-in", DEGRADATION, HAND_IN.into(), done.clone()),
        ("service", BREAKER, SERVICE.into(), done),
    ];
    rows.map(|(name, imports, run, result)| Place {
        name,
        imports,
        run,
        result,
    })
    .into()
}

/// The guest of a place, which says this.
fn guest(place: &Place, said: &str) -> Vec<u8> {
    let run = place
        .run
        .replace("$AT", &TEXT.to_string())
        .replace("$LEN", &said.len().to_string());
    let bytes: String = said.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    let extra = format!("(data (i32.const 570) \"panic\") (data (i32.const {TEXT}) \"{bytes}\")");
    // Few and small, for as long as the tests run.
    let kept = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    Guest {
        imports: place.imports,
        result: place.result.clone(),
        ..Guest::new(kept(run)).with(kept(extra))
    }
    .component()
}

/// Who the secrets belong to: the guest itself, another agent, a service, a
/// webhook and a command.
const OWNERS: [&str; 5] = ["own", "other", "upstream", "webhook", "command"];

/// A board with a node for each guest, and one for an agent that never ends.
fn bench(api: &PlayedApi, said: &str) -> Bench {
    let (mut agents, mut rules, mut nodes) = (String::new(), String::new(), String::new());
    let places = places(u32::try_from(said.len()).unwrap());
    for (at, place) in places.iter().enumerate() {
        let name = place.name;
        agents += &format!(
            "  {name}:\n    plugin: {name}.wasm\n    secrets: {{ key: {{ file: own.key }} }}\n    \
             retry: {{ max_attempts: 1 }}\n    breaker: {{ failure_threshold: 1 }}\n"
        );
        rules += &format!("    - {{ agent: {name}, when: {{ prefix: '@{name}' }} }}\n");
        nodes += &format!(
            "{{\"id\":\"{name}\",\"type\":\"text\",\"text\":\"@{name} x\",\"x\":{},\"y\":0,\"width\":100,\"height\":60}},",
            at * 200
        );
    }
    let bench = Bench::with_config(&format!(
        "agents:\n{agents}  last:\n    plugin: {:?}\n    settings: {{ mode: sleep, ms: 600000 }}\n    limits: {{ deadline: 15m }}\n  \
         unused:\n    plugin: {:?}\n    secrets: {{ key: {{ file: other.key }} }}\n\
         boards:\n  rules:\n{rules}    - {{ agent: last, when: {{ prefix: '@last' }} }}\n\
         upstreams:\n  api:\n    address: 'https://api.example'\n    headers: {{ authorization: {{ secret: {{ file: upstream.key }}, prefix: 'Bearer ' }} }}\n\
         notify:\n  webhooks:\n    ops: {{ url: {:?}, headers: {{ authorization: {{ secret: {{ file: webhook.key }} }} }} }}\n  \
         commands:\n    tell: {{ run: [./tell.sh], secrets: {{ TOKEN: {{ file: command.key }} }} }}\n",
        plugin("chaos"),
        plugin("shout"),
        api.url("/hook"),
    ));
    for owner in OWNERS {
        bench.write(&format!("{owner}.key"), secret(owner));
    }
    for place in &places {
        bench.write(&format!("{}.wasm", place.name), guest(place, said));
    }
    bench.write(
        "tell.sh",
        "#!/bin/sh\n{ cat; env | grep FUSEBOX; } >> told\necho \"$TOKEN\" >&2\nexit 1\n",
    );
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(bench.path("tell.sh"), executable).unwrap();
    bench.write("b.canvas", format!("{{\"nodes\":[{nodes}{{\"id\":\"last\",\"type\":\"text\",\"text\":\"@last x\",\"x\":0,\"y\":200,\"width\":100,\"height\":60}}],\"edges\":[]}}"));
    bench
}

/// Asks a live session all that can be asked, once only the last task runs.
fn ask(bench: &Bench, child: &mut Child, tasks: usize) -> Vec<String> {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        let ended = bench.fusebox(&["status", "out", "--format", "json"]);
        let status = serde_json::from_str::<serde_json::Value>(&ended.stdout).unwrap_or_default();
        let count = |state: &str| status["counts"][state].as_u64().unwrap_or(0);
        let over: u64 = ["succeeded", "degraded", "failed"].into_iter().map(count).sum();
        if over == tasks as u64 && status["running"] == 1 {
            break;
        }
        assert!(
            child.try_wait().unwrap().is_none() && Instant::now() < until,
            "{}{}",
            ended.stdout,
            ended.stderr
        );
    }
    let mut said = Vec::new();
    for arguments in [
        &["status", "out", "--format", "json"][..],
        &["status", "out"],
        &["breaker", "list", "out", "--format", "json"],
        &["breaker", "show", "nothing", "out"],
        &["quarantine", "list", "out", "--format", "json"],
    ] {
        let ended = bench.fusebox(arguments);
        said.extend([ended.stdout, ended.stderr]);
    }
    for place in places(1) {
        said.push(
            bench
                .fusebox(&["status", "out", "--task", place.name, "--format", "json"])
                .stdout,
        );
    }
    said
}

/// Runs the board to its end, and looks for the secrets wherever something comes
/// out. Gives the report.
fn nothing_comes_out(said: &str) -> (Bench, crate::support::Report) {
    let api = PlayedApi::answering(|_| Some(Answer::json(200, "{}")));
    let (bench, tasks) = (bench(&api, said), places(1).len());
    let mut child = bench
        .command(&["run", "b.canvas", "--out", "out", "--write", "--log", "trace"])
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(bench.path("stderr")).unwrap())
        .spawn()
        .unwrap();
    let answers = ask(&bench, &mut child, tasks);
    bench.fusebox(&["cancel", "out"]).expect(0);
    let ended = Ended::of(child.wait_with_output().unwrap());
    let secrets = OWNERS.map(secret);
    for (place, text) in [
        ("standard output", ended.stdout.as_bytes()),
        ("standard error", &std::fs::read(bench.path("stderr")).unwrap()),
    ] {
        shows_none(&secrets, place, text);
    }
    for answer in &answers {
        shows_none(&secrets, "an answer of the session", answer.as_bytes());
    }
    let posted = api.received();
    assert!(!posted.is_empty());
    for post in posted {
        shows_none(&secrets, "a webhook", post.json().to_string().as_bytes());
    }
    for file in ["told", "b.canvas"] {
        shows_none(&secrets, file, &std::fs::read(bench.path(file)).unwrap());
    }
    folder_shows_none(&secrets, &bench.path("out"));
    folder_shows_none(&secrets, &bench.path("state"));
    assert!(
        answers.concat().contains("service:service/[secret "),
        "the circuit is there"
    );
    let report = bench.report("out");
    (bench, report)
}

/// All encodings of one secret, or of several.
fn all_of(owners: &[&str]) -> String {
    let all = owners.iter().flat_map(|owner| encodings(&secret(owner)));
    all.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_secret_of_its_own_is_shown_nowhere_whatever_a_guest_does_with_it() {
    let (_bench, report) = nothing_comes_out(&secret("own"));
    assert_eq!(
        (report.code("result"), report.code("kind")),
        ("denied.secret", "denied.secret")
    );
}

#[test]
fn secrets_of_all_others_are_shown_nowhere_and_a_text_is_kept_without_them() {
    for owner in &OWNERS[1..] {
        let (bench, report) = nothing_comes_out(&secret(owner));
        let kept = report.task("result")["output"]["inline"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(kept.starts_with("[secret ") && kept.ends_with(']'), "{kept}");
        let log = std::fs::read_to_string(bench.path("out/logs/guests.jsonl")).unwrap();
        assert!(log.contains("which was taken out"), "{log}");
    }
}

/// With a name of a service that is short enough to be one.
#[test]
fn every_encoding_is_known_in_every_place() {
    for text in [all_of(&["own"]), all_of(&OWNERS[1..])] {
        let (_bench, report) = said_but_for_names(&text);
        assert_eq!(report.tasks().len(), places(1).len());
    }
}

/// The same without anybody who is asked meanwhile: a long text is no name of a
/// service.
fn said_but_for_names(said: &str) -> (Bench, crate::support::Report) {
    let api = PlayedApi::answering(|_| Some(Answer::json(200, "{}")));
    let bench = bench(&api, said);
    let tasks: String = places(1)
        .iter()
        .map(|place| format!("- {{ id: {0}, agent: {0}, input: {{ text: x }} }}\n", place.name))
        .collect();
    let ended = bench.session(&tasks, "out");
    let secrets = OWNERS.map(secret);
    for text in [&ended.stdout, &ended.stderr] {
        shows_none(&secrets, "the terminal", text.as_bytes());
    }
    for post in api.received() {
        shows_none(&secrets, "a webhook", post.json().to_string().as_bytes());
    }
    folder_shows_none(&secrets, &bench.path("out"));
    let report = bench.report("out");
    (bench, report)
}
