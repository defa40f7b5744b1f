//! What ends before any task runs.

use super::{Driver, Way};
use crate::loading::slow;
use crate::support::{Bench, plugin};

/// A command that the program refuses.
pub(super) struct Refusal {
    pub(super) bench: Bench,
    pub(super) command: Vec<&'static str>,
    pub(super) exit: i32,
}

impl Refusal {
    /// What is not as it should be.
    pub(super) fn compared(&self, code: &str) -> Vec<String> {
        let ended = self.bench.fusebox(&self.command);
        let named = ended.stderr.contains(&format!("({code})"));
        let next = super::explained(code)["next"].as_str().unwrap().to_owned();
        let as_it_should = named && ended.code == Some(self.exit) && ended.stderr.contains(&next);
        let wrong = (!as_it_should).then(|| format!("{code}: {:?} {}", ended.code, ended.stderr));
        wrong.into_iter().collect()
    }
}

fn refused(code: &'static str, refusal: fn() -> Refusal) -> Driver {
    let way = Way::Refused(refusal);
    Driver { code, way }
}

const TASK: &str = "session: s\ntasks: [{ id: a, agent: a, input: { text: x } }]";

/// A session of one task whose agent is `shout`, with more of its configuration.
fn of_agent(more: &str) -> Refusal {
    let bench = Bench::with_config(&format!(
        "agents:\n  a:\n    plugin: {:?}\n{more}",
        plugin("shout")
    ));
    bench.write("s.yaml", TASK);
    Refusal {
        bench,
        command: vec!["run", "s.yaml"],
        exit: 78,
    }
}

fn session(text: &str) -> Refusal {
    let refusal = of_agent("");
    refusal.bench.write("s.yaml", text);
    Refusal { exit: 65, ..refusal }
}

fn board(text: &str, exit: i32) -> Refusal {
    let refusal = of_agent("boards: { rules: [{ agent: a, when: { color: '4' } }] }\n");
    refusal.bench.write("b.canvas", text);
    Refusal {
        command: vec!["run", "b.canvas"],
        exit,
        ..refusal
    }
}

pub(super) fn inputs() -> Vec<Driver> {
    const NODE: &str = r#"{"id":"n","type":"text","text":"x","x":0,"y":0,"width":1,"height":1}"#;
    vec![
        refused("board.unreadable", || board("{\"nodes\":[", 65)),
        refused("board.duplicate-id", || {
            board(&format!(r#"{{"nodes":[{NODE},{NODE}]}}"#), 65)
        }),
        refused("board.no-tasks", || board(r#"{"nodes":[]}"#, 78)),
        refused("session.unreadable", || session("session: [")),
        refused("session.duplicate-id", || {
            session("session: s\ntasks: [{ id: a, agent: a }, { id: a, agent: a }]")
        }),
        refused("session.unknown-task", || {
            session("session: s\ntasks: [{ id: a, agent: a, after: [b] }]")
        }),
        refused("session.cycle", || {
            session("session: s\ntasks: [{ id: a, agent: a, after: [a] }]")
        }),
        refused("session.unknown-agent", || Refusal {
            exit: 78,
            ..session("session: s\ntasks: [{ id: a, agent: b }]")
        }),
        refused("config.secret", || {
            of_agent("    secrets: { key: { file: nowhere } }\n")
        }),
        refused("config.folder", || {
            of_agent("    grants: { files: [{ path: nowhere, mount: /data }] }\n")
        }),
        refused("config.upstream", || {
            of_agent(
                "    grants: { upstreams: [api] }\nupstreams: { api: { address: \"https://api.test\", ca_file: nowhere } }\n",
            )
        }),
    ]
}

/// A session whose agent is this plugin.
fn of_plugin(bytes: &[u8]) -> Refusal {
    let bench = Bench::with_config("agents: { a: { plugin: a.wasm } }");
    bench.write("a.wasm", bytes);
    bench.write("s.yaml", TASK);
    Refusal {
        bench,
        command: vec!["run", "s.yaml"],
        exit: 78,
    }
}

fn of_text(text: &str) -> Refusal {
    of_plugin(&wat::parse_str(text).unwrap())
}

pub(super) fn plugins() -> Vec<Driver> {
    vec![
        refused("plugin.missing", || {
            let refusal = of_plugin(b"");
            std::fs::remove_file(refusal.bench.path("a.wasm")).unwrap();
            Refusal { exit: 66, ..refusal }
        }),
        refused("plugin.malformed", || of_plugin(b"(component)")),
        refused("plugin.core-module", || of_text("(module)")),
        refused("plugin.later-wasi", || {
            of_text("(component (import \"wasi:cli/stdout@0.3.0\" (instance)))")
        }),
        refused("plugin.wrong-world", || of_text("(component)")),
        refused("plugin.missing-import", || {
            of_text(
                "(component (import \"wasi:nn/graph@0.2.0\" (instance)) (instance $i) (export \"fusebox:agent/plugin@0.1.0\" (instance $i)))",
            )
        }),
        refused("plugin.too-large", || {
            let refusal = of_plugin(&std::fs::read(plugin("shout")).unwrap());
            Refusal {
                command: vec!["run", "s.yaml", "--set", "loading.file=1KiB"],
                ..refusal
            }
        }),
        refused("plugin.compile", || Refusal {
            command: vec!["run", "s.yaml", "--set", "loading.compile_cpu=1s"],
            ..of_plugin(&slow())
        }),
    ]
}
