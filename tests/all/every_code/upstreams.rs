//! What fails because of an outside service, or on the way to one.

use std::net::ToSocketAddrs;

use super::scene::{Again, Scene, Upstream};
use super::{Driver, Way};
use crate::played_api::{Answer, PlayedApi};
use crate::transport::ways::{self, ways as all_ways};

const ANSWER: &str = include_str!("../../api/glm-answer.json");
const PATH: &str = "/v1/chat/completions";

fn task(code: &'static str, scene: fn() -> Scene) -> Driver {
    let way = Way::Task(scene);
    Driver { code, way }
}

/// A model that is asked at an address.
fn model(address: &str, path: &str, more: impl Into<String>) -> Scene {
    let upstream = Upstream {
        address: address.into(),
        more: format!("    network: loopback\n{}", more.into()),
        breaker: None,
        granted: true,
    };
    Scene {
        upstream: Some(upstream),
        ..Scene::bundled("llm").with_agent(format!(
            "    settings: {{ url: \"{address}{path}\", model: m }}\n"
        ))
    }
}

/// A model that answers all requests the same.
fn answering(answer: Answer, more: impl Into<String>) -> Scene {
    let api = PlayedApi::answering(move |_| Some(answer.clone()));
    model(&api.origin(), PATH, more).keeping(api)
}

impl Scene {
    fn keeping(mut self, server: impl Send + 'static) -> Self {
        self.servers.push(Box::new(server));
        self
    }

    /// The same with its upstream changed.
    fn and(mut self, change: impl FnOnce(&mut Upstream)) -> Self {
        change(self.upstream.as_mut().unwrap());
        self
    }
}

/// The first way on which this happens.
fn way(code: &str) -> Scene {
    let mut ways: Vec<ways::Way> = all_ways();
    let at = ways.iter().position(|way| way.code == code).unwrap();
    let way = ways.swap_remove(at);
    Scene {
        files: vec![("ca.pem", way.trusted.clone().into_bytes())],
        environment: way
            .environment
            .iter()
            .map(|(name, value)| (*name, value.into()))
            .collect(),
        ..model(&way.address, "/v1", way.upstream)
    }
    .keeping(way)
}

pub(super) fn ways() -> Vec<Driver> {
    vec![
        task("http.dns", || way("http.dns")),
        task("http.unknown-host", || way("http.unknown-host")),
        task("http.connect", || way("http.connect")),
        task("http.tls", || way("http.tls")),
        task("http.certificate", || way("http.certificate")),
        task("http.reset", || way("http.reset")),
        task("http.timeout", || way("http.timeout")),
        task("http.protocol", || way("http.protocol")),
        task("http.broken-body", || way("http.broken-body")),
        task("http.server-error", || way("http.server-error")),
        task("http.client-error", || way("http.client-error")),
        task("http.redirect", || way("http.redirect")),
    ]
}

pub(super) fn answers() -> Vec<Driver> {
    vec![
        task("api.throttled", || answering(Answer::json(429, "{}"), "")),
        task("api.overloaded", || answering(Answer::json(503, "{}"), "")),
        task("api.quota", || {
            // The time from which it is of use is now.
            let full = Answer::json(429, r#"{"quota": true}"#).header("retry-after", "0");
            answering(
                full,
                "    errors: [{ when: { status: 429, field: /quota }, code: api.quota }]\n",
            )
        }),
        task("api.billing", || answering(Answer::json(402, "{}"), "")),
        task("api.auth", || answering(Answer::json(401, "{}"), "")),
        task("limit.http-response", || {
            let large = format!("{{\"x\": \"{}\"}}", "y".repeat(200_000));
            answering(Answer::json(200, large), "    limits: { response: 64KiB }\n")
        }),
    ]
}

fn ok() -> Answer {
    Answer::json(200, ANSWER)
}

pub(super) fn denials() -> Vec<Driver> {
    vec![
        task("denied.upstream", || {
            answering(ok(), "").and(|api| api.granted = false)
        }),
        task("denied.request", || answering(ok(), "    methods: [GET]\n")),
        task("denied.header", || {
            answering(ok(), "    headers: { accept: { value: \"*/*\" } }\n")
        }),
        task("denied.address", || {
            // A public name is expected, and it leads here.
            let api = PlayedApi::start(vec![]);
            let address = format!("http://{}:{}", name_of_this_machine(), api.address().port());
            let scene = model(&address, PATH, "").and(|api| api.more.clear());
            scene.keeping(api)
        }),
        task("invalid.request", || {
            let api = PlayedApi::start(vec![]);
            model(&api.origin(), "/v1/%2e%2e/secret", "").keeping(api)
        }),
        task("limit.http-request", || Scene {
            input: "x".repeat(20_000),
            ..answering(ok(), "    limits: { request: 8KiB }\n")
        }),
        task("limit.http-calls", || {
            let scene = answering(ok(), "");
            let agent = format!("{}    limits: {{ http_requests: 0 }}\n", scene.agent);
            scene.with_agent(agent)
        }),
    ]
}

/// A name that is not plainly of this machine and leads to it.
fn name_of_this_machine() -> String {
    let own = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    let names = [
        "ip6-localhost",
        "localhost.localdomain",
        "inside.localhost",
        own.trim(),
    ];
    let leads_here = |name: &&str| {
        let found = (*name, 80).to_socket_addrs();
        !name.is_empty() && found.is_ok_and(|mut all| all.all(|address| address.ip().is_loopback()))
    };
    let name = names.into_iter().find(leads_here);
    name.expect("this system has no second name for itself")
        .to_owned()
}

/// One request is made before, by another task of the same agent.
fn after_another(scene: Scene) -> Scene {
    Scene {
        before: "- { id: before, agent: a, input: { text: x } }\n".into(),
        task: ", after: [before], on_upstream_failure: run-degraded".into(),
        ..scene
    }
}

pub(super) fn back_pressure() -> Vec<Driver> {
    vec![
        task("shed.breaker", || Scene {
            failures_before: 1,
            again: Again::AtATime,
            ..after_another(answering(Answer::json(500, "{}"), "")).and(|api| {
                api.breaker = Some("{ failure_threshold: 1, open_time: 10m, max_open_time: 10m, hold: 0ms }");
            })
        }),
        task("shed.rate", || {
            let limits = "    limits: { rate: { requests: 1, per: 1h, burst: 1 } }\n";
            Scene {
                again: Again::AtATime,
                ..after_another(answering(ok(), limits))
            }
        }),
        task("shed.quota", || {
            let limits = "    limits: { quotas: [{ requests: 1, window: 5h }] }\n";
            Scene {
                again: Again::AtATime,
                ..after_another(answering(ok(), limits))
            }
        }),
        Driver {
            code: "shed.queue",
            way: Way::Nothing("it takes ten minutes in which no request ends"),
        },
        Driver {
            code: "shed.pool",
            way: Way::Nothing("it takes ten thousand sandboxes at once, or a system without memory"),
        },
    ]
}
