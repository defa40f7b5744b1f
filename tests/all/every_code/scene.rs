//! A session of which the task `t` of the agent `a` is to fail, with what is looked at.

use std::fmt::Write;
use std::path::PathBuf;

use crate::guest::{Guest, policy_component};
use crate::support::{Bench, Ended, Report, plugin};

/// A retry after a millisecond, whatever failed.
const AGAIN: &str = r#"(data (i32.const 1024) "\00\00\00\00\00\00\00\00\01")"#;

/// What a session is to show.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Aim {
    /// What one attempt counts on.
    Counted,
    /// How often the built-in policy tries.
    Tried,
    /// Whether a retry that a policy asks for is paid for: there is enough for one.
    Paid,
}

/// When it is tried again.
pub(super) enum Again {
    /// As its column says.
    AsExplained,
    /// Nothing of the plugin runs.
    BeforeAnyAttempt,
    /// From a time on that does not come within this session.
    AtATime,
}

/// The plugin of the agent.
pub(super) enum Plugin {
    Bundled(&'static str),
    Own(Vec<u8>),
}

/// An outside service.
pub(super) struct Upstream {
    pub(super) address: String,
    /// More of its configuration.
    pub(super) more: String,
    /// Its breaker, if it has to be this one.
    pub(super) breaker: Option<&'static str>,
    pub(super) granted: bool,
}

/// How a task is made to fail.
pub(super) struct Scene {
    pub(super) plugin: Plugin,
    /// More of the agent's configuration.
    pub(super) agent: String,
    pub(super) upstream: Option<Upstream>,
    /// More agents, a line each.
    pub(super) more_agents: String,
    pub(super) input: String,
    /// More of the task.
    pub(super) task: String,
    /// Tasks that run before it.
    pub(super) before: String,
    /// Failures that those count on the upstream's breaker.
    pub(super) failures_before: u64,
    pub(super) files: Vec<(&'static str, Vec<u8>)>,
    pub(super) folders: &'static [&'static str],
    /// For the process of the host.
    pub(super) environment: Vec<(&'static str, PathBuf)>,
    /// A folder that is emptied before each session.
    pub(super) emptied: Option<PathBuf>,
    pub(super) again: Again,
    /// What has to live as long.
    pub(super) servers: Vec<Box<dyn Send>>,
}

impl Scene {
    fn of(plugin: Plugin) -> Self {
        Self {
            plugin,
            agent: String::new(),
            upstream: None,
            more_agents: String::new(),
            input: "x".into(),
            task: String::new(),
            before: String::new(),
            failures_before: 0,
            files: Vec::new(),
            folders: &[],
            environment: Vec::new(),
            emptied: None,
            again: Again::AsExplained,
            servers: Vec::new(),
        }
    }

    /// Of a guest that is written by hand.
    pub(super) fn guest(guest: &Guest) -> Self {
        Self::of(Plugin::Own(guest.component()))
    }

    /// Of a bundled plugin.
    pub(super) fn bundled(name: &'static str) -> Self {
        Self::of(Plugin::Bundled(name))
    }

    pub(super) fn with_agent(self, agent: impl Into<String>) -> Self {
        let agent = agent.into();
        Self { agent, ..self }
    }

    /// Runs the session.
    pub(super) fn run(&self, aim: Aim) -> Report {
        let bench = Bench::with_config(&self.config(aim));
        if let Some(folder) = &self.emptied {
            std::fs::remove_dir_all(folder).unwrap();
            std::fs::create_dir(folder).unwrap();
        }
        for folder in self.folders {
            std::fs::create_dir_all(bench.path(folder)).unwrap();
        }
        if let Plugin::Own(component) = &self.plugin {
            bench.write("a.wasm", component);
        }
        bench.write("again.wasm", policy_component("retry", "", AGAIN));
        for (name, content) in &self.files {
            bench.write(name, content);
        }
        let (before, input, task) = (&self.before, &self.input, &self.task);
        bench.write(
            "session.yaml",
            format!(
                "session: test\ntasks:\n{before}- {{ id: t, agent: a, input: {{ text: {input:?} }}{task} }}\n"
            ),
        );
        let mut command = bench.command(&["run", "session.yaml", "--out", "results"]);
        command.envs(self.environment.iter().map(|(name, value)| (*name, value)));
        let ended = Ended::of(command.output().unwrap());
        assert!(
            matches!(ended.code, Some(1 | 3 | 75)),
            "{:?} {}{}",
            ended.code,
            ended.stdout,
            ended.stderr
        );
        bench.report("results")
    }

    fn config(&self, aim: Aim) -> String {
        let (most, breaker, policy, reserve) = match aim {
            Aim::Counted => (1, "{ failure_threshold: 1 }", "built-in", 100),
            Aim::Tried => (3, "{ mode: \"off\" }", "built-in", 100),
            Aim::Paid => (3, "{ mode: \"off\" }", "again.wasm", 1),
        };
        let elapsed = match self.again {
            Again::AtATime => "1s",
            _ => "1m",
        };
        let file = match &self.plugin {
            Plugin::Bundled(name) => plugin(name),
            Plugin::Own(_) => PathBuf::from("a.wasm"),
        };
        let mut config = format!(
            "session: {{ max_parallel: 1, retry_budget: {{ share: 0%, unsent_share: 0%, reserve: {reserve} }} }}\n\
             agents:\n{}  a:\n    plugin: {file:?}\n    breaker: {breaker}\n    policy: {{ retry: {policy} }}\n    \
             retry: {{ strategy: fixed, base: 1ms, jitter: none, max_attempts: {most}, max_elapsed: {elapsed} }}\n{}",
            self.more_agents, self.agent
        );
        let Some(upstream) = &self.upstream else {
            return config;
        };
        if upstream.granted {
            config.push_str("    grants: { upstreams: [api] }\n");
        }
        let (more, address) = (&upstream.more, &upstream.address);
        let breaker = upstream.breaker.unwrap_or(breaker);
        write!(
            config,
            "upstreams:\n  api:\n    address: {address:?}\n    breaker: {breaker}\n{more}"
        )
        .unwrap();
        config
    }
}
