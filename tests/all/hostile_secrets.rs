//! Agents that say secrets without end, and services that do, beside twenty
//! neighbours.

use crate::beside::{HOSTILE, Scene, Seen};
use crate::guest::Guest;
use crate::hostile_account::LOG;
use crate::played_api::{Answer, PlayedApi};
use crate::redaction::{encodings, folder_shows_none, secret, shows_none};
use crate::support::plugin;

/// Where the guests keep what they say.
const TEXT: u32 = 65536;
const OWNED: &str = "    secrets: { key: { file: own.key } }\n    retry: { max_attempts: 1 }\n";
const NO_BREAKER: &str = "    breaker: { mode: \"off\" }\n";

#[track_caller]
fn shows_nothing(seen: &Seen, owner: &str, what: &str) {
    let secrets = [secret(owner)];
    shows_none(
        &secrets,
        &format!("{what}: standard output"),
        seen.ended.stdout.as_bytes(),
    );
    shows_none(
        &secrets,
        &format!("{what}: standard error"),
        seen.ended.stderr.as_bytes(),
    );
    folder_shows_none(&secrets, &seen.bench.path("out"));
    if seen.bench.path("state").exists() {
        folder_shows_none(&secrets, &seen.bench.path("state"));
    }
}

/// What is few and small is kept for as long as the tests run.
fn kept(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

/// A guest that says all spellings of its secret in this way.
fn saying(imports: &'static str, run: &str, result: impl FnOnce(u32) -> Vec<u32>) -> Scene {
    let said = encodings(&secret("own")).join(" ");
    let length = u32::try_from(said.len()).unwrap();
    let bytes: String = said.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    let run = run
        .replace("$AT", &TEXT.to_string())
        .replace("$LEN", &length.to_string());
    let guest = Guest {
        imports,
        result: result(length),
        ..Guest::new(kept(run)).with(kept(format!("(data (i32.const {TEXT}) \"{bytes}\")")))
    };
    Scene {
        agent: OWNED.into(),
        files: vec![("own.key", secret("own").into_bytes())],
        ..Scene::new(guest.component())
    }
}

#[test]
fn a_guest_that_says_its_secret_shows_it_to_nobody() {
    let done = |_| vec![0, 0, 530, 10, 530, 10];
    let error = |length| vec![1, 0, 2, 530, 10, TEXT, length];
    let line = "(call $log (i32.const 2) (i32.const $AT) (i32.const $LEN) (i32.const 0) (i32.const 0))";
    let flood = format!("(loop {line} (br 0))");
    let rows: [(&str, Scene, &str); 4] = [
        (
            "as its result",
            saying("", "", |length| vec![0, 0, 530, 10, TEXT, length]),
            "denied.secret",
        ),
        ("as its error", saying("", "", error), "guest.hostile.text/plain"),
        ("in its log", saying(LOG, line, done), "none"),
        (
            "in its log without end",
            saying(LOG, &flood, done),
            "limit.host-bytes",
        ),
    ];
    for (what, scene, code) in rows {
        let seen = scene.run();
        shows_nothing(&seen, "own", what);
        let code = if what == "as its error" {
            seen.report().code("hostile-0").to_owned()
        } else {
            code.into()
        };
        seen.holds(what, &code, 1);
        if code != "none" {
            scene.is_interrupted(what);
        }
    }
}

/// Memory of the plugin, an answer and its copies.
const OF_A_MODEL: u64 = 64 << 20;

#[test]
fn a_service_that_says_back_what_it_was_sent_shows_it_to_nobody() {
    let api = PlayedApi::answering(move |request| {
        let sent = request
            .header("authorization")?
            .strip_prefix("Bearer ")?
            .to_owned();
        let all = encodings(&sent).join(" ");
        let message = serde_json::json!({ "error": { "code": sent, "message": all.repeat(50) } });
        Some(Answer::json(400, message.to_string()).header("x-you-are", &sent))
    });
    let mut scene = Scene::new(std::fs::read(plugin("llm")).unwrap());
    scene.agent = format!(
        "    settings: {{ url: {:?}, model: m }}\n    grants: {{ upstreams: [api] }}\n    retry: {{ max_attempts: 1 }}\n",
        api.url("/v1/chat/completions")
    );
    scene.sections = format!(
        "upstreams:\n  api:\n    address: {:?}\n    network: loopback\n{NO_BREAKER}    \
         headers: {{ authorization: {{ secret: {{ file: upstream.key }}, prefix: 'Bearer ' }} }}\n",
        api.origin()
    );
    scene.files = vec![("upstream.key", secret("upstream").into_bytes())];
    let seen = scene.run();
    shows_nothing(&seen, "upstream", "a service");
    let report = seen.report();
    crate::beside::unchanged(&report, "a service");
    for n in 0..HOSTILE {
        let failure = report.task(&format!("hostile-{n}"))["failure"].to_string();
        assert!(
            failure.contains("[secret upstreams.api.headers.authorization]"),
            "{failure}"
        );
    }
    assert_eq!(api.received().len(), HOSTILE);
    seen.within(OF_A_MODEL, "a service");
    scene.is_interrupted("a service");
}
