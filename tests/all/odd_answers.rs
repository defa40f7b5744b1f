//! Answers as services really send them, and files as editors really write them.

use flate2::{Compress, Compression, FlushCompress};
use serde_json::{Value, json};

use crate::played_api::{Answer, PlayedApi};
use crate::support::{Bench, Report, plugin};

const ANSWER: &str = include_str!("../api/glm-answer.json");
const QUOTA: &str = include_str!("../api/openai-insufficient-quota.json");
const PATH: &str = "/v1/chat/completions";
const MARK: &str = "\u{feff}";

/// An agent `writer` that calls a played API, and `sender`, which gives back what it
/// was answered.
fn config(api: &PlayedApi, upstream: &str) -> String {
    let agent = |name: &str, settings: &str| {
        format!(
            "    plugin: {:?}\n    settings: {{ url: {:?}{settings} }}\n    grants: {{ upstreams: [api] }}\n",
            plugin(name),
            api.url(PATH)
        )
    };
    format!(
        "defaults:\n  retry: {{ strategy: fixed, base: 1ms, jitter: none }}\nagents:\n  writer:\n{}  sender:\n{}\
         upstreams:\n  api:\n    address: {:?}\n    network: loopback\n{upstream}",
        agent("llm", ", model: m"),
        agent("webhook", ""),
        api.origin(),
    )
}

fn run_by(agent: &str, script: Vec<Answer>, upstream: &str, code: i32) -> (PlayedApi, Report) {
    let api = PlayedApi::start(script);
    let bench = Bench::with_config(&config(&api, upstream));
    let task = format!("- {{ id: t, agent: {agent}, input: {{ text: x }} }}\n");
    bench.session(&task, "out").expect(code);
    let report = bench.report("out");
    (api, report)
}

fn run(script: Vec<Answer>, upstream: &str, code: i32) -> (PlayedApi, Report) {
    run_by("writer", script, upstream, code)
}

/// The failure of the first attempt.
fn first(report: &Report) -> Value {
    report.task("t")["attempts"][0]["failure"].clone()
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(plain.len() + 1024);
    let mut engine = Compress::new_gzip(Compression::best(), 15);
    engine
        .compress_vec(plain, &mut packed, FlushCompress::Finish)
        .unwrap();
    packed
}

fn packed(status: u16, plain: &[u8]) -> Answer {
    Answer::json(status, gzip(plain)).header("content-encoding", "gzip")
}

fn has(failure: &Value, name: &str, value: &str) -> bool {
    failure["context"]
        .as_array()
        .unwrap()
        .contains(&json!([name, value]))
}

#[test]
fn a_code_that_comes_packed_is_read() {
    let (_, report) = run(vec![packed(429, QUOTA.as_bytes())], "", 1);
    let failure = first(&report);
    assert!(has(&failure, "upstream_code", "insufficient_quota"), "{failure}");
    let (_, report) = run(vec![packed(429, QUOTA.as_bytes())], "    dialect: openai\n", 1);
    assert_eq!(report.code("t"), "api.billing");
}

#[test]
fn what_only_says_that_it_is_packed_is_read_as_it_is() {
    for coding in ["gzip", "none", "utf-8", "identity", "x-gzip, gzip", "amz-1.0"] {
        let answer = Answer::json(200, ANSWER).header("content-encoding", coding);
        run(vec![answer], "", 0);
    }
}

#[test]
fn what_cannot_be_unpacked_says_so() {
    let (_, report) = run(
        vec![Answer::json(200, ANSWER).header("content-encoding", "compress"); 4],
        "",
        1,
    );
    let failure = first(&report);
    assert_eq!(failure["code"], "http.protocol");
    let message = failure["message"].as_str().unwrap();
    assert!(
        message.contains("`compress`, which was not asked for"),
        "{message}"
    );
    let mut cut = gzip(ANSWER.as_bytes());
    cut.truncate(40);
    let cut = Answer::json(200, cut).header("content-encoding", "gzip");
    let (_, report) = run(vec![cut, packed(200, ANSWER.as_bytes())], "", 0);
    let failure = first(&report);
    assert_eq!(failure["code"], "http.broken-body");
    let message = failure["message"].as_str().unwrap();
    assert!(message.contains("encoded as gzip, which is broken"), "{message}");
}

#[test]
fn a_bomb_ends_as_an_answer_that_is_too_large() {
    let bomb = packed(200, &vec![b' '; 64 << 20]);
    let (_, report) = run(vec![bomb], "", 1);
    assert_eq!(report.code("t"), "limit.http-response");
    let empty = Answer::json(503, "").header("content-encoding", "gzip");
    let (_, report) = run(vec![empty, Answer::json(200, ANSWER)], "", 0);
    assert_eq!(first(&report)["code"], "api.overloaded");
}

#[test]
fn a_secret_that_comes_back_packed_is_taken_out_and_the_plugin_gets_plain_bytes() {
    let said = "you sent Bearer sk-0123456789abcdef";
    let api = PlayedApi::start(vec![packed(200, said.as_bytes())]);
    let upstream = "    headers:\n      authorization: { secret: { file: key }, prefix: \"Bearer \" }\n";
    let bench = Bench::with_config(&config(&api, upstream));
    bench.write("key", "sk-0123456789abcdef\n");
    bench
        .session("- { id: t, agent: sender, input: { text: x } }\n", "out")
        .expect(0);
    let report = bench.report("out");
    let expected = "you sent Bearer [secret upstreams.api.headers.authorization]";
    assert_eq!(report.task("t")["output"]["inline"], expected);
}

#[test]
fn a_redirect_is_named_with_its_location_and_not_tried_again() {
    let rows = [
        (307, "https://api.example/v2/chat", "https://api.example/v2/chat"),
        (308, "/v2/chat", "/v2/chat"),
        (
            301,
            "https://me:pass@api.example/?key=abc",
            "https://api.example/?..",
        ),
        (302, "chat", "chat"),
        (303, "//api.example/", "//api.example/"),
        (300, "/v2", "/v2"),
    ];
    for (status, location, shown) in rows {
        let moved = Answer::new(status, "text/html", "").header("location", location);
        let (api, report) = run(vec![moved], "", 1);
        let failure = first(&report);
        assert_eq!(failure["code"], "http.redirect", "{failure}");
        assert_eq!(failure["blame"], "operator");
        let message = format!("upstream api answered {status}: it moved to `{shown}`");
        assert_eq!(failure["message"], message);
        assert!(has(&failure, "location", shown), "{failure}");
        assert!(!failure.to_string().contains("pass") && !failure.to_string().contains("key=abc"));
        assert_eq!(api.connections(), 1);
    }
    let (api, report) = run(vec![Answer::new(302, "text/html", "")], "", 1);
    let message = "upstream api answered 302: it moved, and does not say where";
    assert_eq!(first(&report)["message"], message);
    assert_eq!(api.connections(), 1);
}

#[test]
fn json_behind_a_byte_order_mark_is_read() {
    run(vec![Answer::json(200, format!("{MARK}{ANSWER}"))], "", 0);
    let (_, report) = run(
        vec![Answer::json(429, format!("{MARK}{QUOTA}"))],
        "    dialect: openai\n",
        1,
    );
    assert_eq!(report.code("t"), "api.billing");
}

#[test]
fn files_that_begin_with_a_byte_order_mark_are_read_without_it() {
    let api = PlayedApi::start(vec![Answer::json(200, ANSWER)]);
    let upstream = "    headers:\n      authorization: { secret: { file: key }, prefix: \"Bearer \" }\n";
    let bench = Bench::with_config(&format!("{MARK}{}", config(&api, upstream)));
    bench.write("key", format!("{MARK}sk-0123456789abcdef\r\n"));
    bench.write("in.md", format!("{MARK}# Title"));
    let session = "session: s\ntasks:\n- { id: t, agent: writer, input: { file: in.md } }\n";
    bench.write("session.yaml", format!("{MARK}{session}"));
    bench.fusebox(&["run", "session.yaml", "--out", "out"]).expect(0);
    let request = &api.received()[0];
    assert_eq!(
        request.header("authorization"),
        Some("Bearer sk-0123456789abcdef")
    );
    assert!(!String::from_utf8_lossy(&request.body).contains(MARK));
}

#[test]
fn files_in_utf16_are_refused_with_what_to_do() {
    let utf16 = |text: &str| {
        [
            &[0xff, 0xfe][..],
            &text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>(),
        ]
        .concat()
    };
    let api = PlayedApi::start(Vec::new());
    let upstream = "    headers:\n      authorization: { secret: { file: key } }\n";
    let (config, session) = (
        config(&api, upstream),
        "session: s\ntasks:\n- { id: t, agent: writer, input: { file: in.md } }\n",
    );
    for odd in ["fusebox.yaml", "key", "session.yaml", "in.md"] {
        let bench = Bench::with_config("");
        for (name, text) in [
            ("fusebox.yaml", config.as_str()),
            ("key", "sk-0123456789abcdef"),
            ("session.yaml", session),
            ("in.md", "# Title"),
        ] {
            match name == odd {
                true => bench.write(name, utf16(text)),
                false => bench.write(name, text),
            }
        }
        let ended = bench.fusebox(&["run", "session.yaml", "--out", "out"]);
        assert_ne!(ended.code, Some(0));
        let said = ended.stderr.replace('\n', " ");
        assert!(said.contains("UTF-16") && said.contains("UTF-8"), "{odd}: {said}");
    }
    assert_eq!(api.connections(), 0);
}

/// What the operator writes is known better than the dialect knows it, and than the
/// plugin makes of it.
#[test]
fn an_operators_rule_wins_over_the_plugins_word_and_the_dialect() {
    let rule = "    dialect: openai\n    errors:\n      - { when: { field: /error/code, equals: [insufficient_quota] }, code: api.throttled }\n";
    let (api, report) = run(vec![Answer::json(429, QUOTA), Answer::json(200, ANSWER)], rule, 0);
    assert_eq!(first(&report)["code"], "api.throttled");
    assert_eq!(api.connections(), 2);
    let rule = "    errors:\n      - { when: { status: 404 }, code: api.overloaded }\n";
    let (api, _) = run(vec![Answer::json(404, "{}"), Answer::json(200, ANSWER)], rule, 0);
    assert_eq!(api.connections(), 2);
    let rule = "    errors:\n      - { when: { status: 500 }, code: http.client-error }\n";
    let (api, report) = run(vec![Answer::json(500, "{}"), Answer::json(200, ANSWER)], rule, 1);
    assert_eq!(report.code("t"), "http.client-error");
    assert_eq!(api.connections(), 1);
}
