//! A service that says back what it was sent.

use super::{encodings, folder_shows_none, secret, shows_none};
use crate::played_api::{Answer, PlayedApi};
use crate::support::{Bench, Report, plugin};

const PATH: &str = "/v1/chat/completions";

/// Runs a model whose service answers by what stands in `authorization`, and
/// looks for that wherever something comes out.
fn echoed(answer: impl Fn(&str) -> Answer + Send + 'static, code: i32) -> (Bench, Report) {
    let api = PlayedApi::answering(move |request| {
        let sent = request
            .header("authorization")?
            .strip_prefix("Bearer ")?
            .to_owned();
        Some(answer(&sent))
    });
    let bench = Bench::with_config(&format!(
        "agents:\n  writer:\n    plugin: {:?}\n    settings: {{ url: {:?}, model: m }}\n    \
         grants: {{ upstreams: [api] }}\n    retry: {{ max_attempts: 2, base: 1ms }}\n\
         upstreams:\n  api:\n    address: {:?}\n    network: loopback\n    \
         headers: {{ authorization: {{ secret: {{ file: key }}, prefix: 'Bearer ' }} }}\n",
        plugin("llm"),
        api.url(PATH),
        api.origin(),
    ));
    let secrets = [secret("upstream")];
    bench.write("key", &secrets[0]);
    let ended = bench
        .session("- { id: a, agent: writer, input: { text: x } }\n", "out")
        .expect(code);
    shows_none(&secrets, "standard output", ended.stdout.as_bytes());
    shows_none(&secrets, "standard error", ended.stderr.as_bytes());
    folder_shows_none(&secrets, &bench.path("out"));
    assert!(!api.received().is_empty());
    let report = bench.report("out");
    (bench, report)
}

fn all(sent: &str) -> String {
    encodings(sent).join(" ")
}

const MARK: &str = "[secret upstreams.api.headers.authorization]";

#[test]
fn a_result_that_a_service_put_a_secret_into_is_kept_without_it() {
    let (bench, report) = echoed(
        |sent| {
            let choice = serde_json::json!({ "message": { "content": format!("you are {sent} {}", all(sent)) }, "finish_reason": "stop" });
            Answer::json(200, serde_json::json!({ "choices": [choice] }).to_string())
                .header("x-you-are", sent)
        },
        0,
    );
    let file = report.task("a")["output"]["path"].as_str().unwrap();
    let kept = std::fs::read_to_string(bench.path("out").join(file)).unwrap();
    assert!(kept.starts_with(&format!("you are {MARK} {MARK}")), "{kept}");
}

#[test]
fn an_error_that_a_service_put_a_secret_into_is_told_without_it() {
    for status in [400, 401, 429, 500] {
        let message = move |sent: &str| {
            serde_json::json!({ "error": { "code": sent, "message": all(sent) } }).to_string()
        };
        let (_bench, report) = echoed(move |sent| Answer::json(status, message(sent)), 1);
        let failure = report.task("a")["failure"].to_string();
        assert!(failure.contains(MARK), "{failure}");
    }
}

/// Cut in the middle of it, wherever that is.
#[test]
fn an_error_that_is_cut_shows_no_beginning_of_a_secret() {
    for before in 1000..1024 {
        let message = move |sent: &str| {
            serde_json::json!({ "error": { "message": format!("{}{sent}", "x".repeat(before)) } }).to_string()
        };
        let (_bench, report) = echoed(move |sent| Answer::json(400, message(sent)), 1);
        let failure = report.task("a")["failure"].to_string();
        assert!(!failure.contains("upstream-"), "{failure}");
    }
}

#[test]
fn what_is_no_answer_at_all_shows_no_secret() {
    let location = |sent: &str| -> String { url::form_urlencoded::byte_serialize(sent.as_bytes()).collect() };
    echoed(
        |sent| Answer::new(500, "text/html", format!("<p>{}</p>", all(sent))),
        1,
    );
    echoed(
        move |sent| Answer::json(302, "{}").header("location", &format!("/?key={}", location(sent))),
        1,
    );
    echoed(
        |sent| {
            Answer::new(
                200,
                "application/octet-stream",
                [sent.as_bytes(), b"\xff\xfe"].concat(),
            )
        },
        1,
    );
}
