//! The configuration as the host uses it: nothing in it can be wrong.

use std::collections::BTreeMap;
use std::path::Path;

use super::agents::{self, Agent};
use super::boards::{self, BoardRules};
use super::error::{ConfigError, value};
use super::schema::ConfigFile;

/// The whole configuration.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// How a session is run.
    pub session: SessionRules,
    /// The agents by name.
    pub agents: BTreeMap<String, Agent>,
    /// Which nodes of a board are tasks, and how results look.
    pub boards: BoardRules,
}

/// How a session is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionRules {
    /// Attempts in flight at once.
    pub max_parallel: u32,
}

impl Default for SessionRules {
    fn default() -> Self {
        Self { max_parallel: 64 }
    }
}

/// The largest number of attempts in flight at once: the pool has no more
/// places.
pub(crate) const MAX_PARALLEL: u32 = 1000;

pub(super) fn check(file: ConfigFile, base: &Path) -> Result<Config, ConfigError> {
    let max_parallel = file
        .session
        .max_parallel
        .unwrap_or(SessionRules::default().max_parallel);
    if !(1..=MAX_PARALLEL).contains(&max_parallel) {
        return Err(value(
            "session.max_parallel",
            format!("{max_parallel} is not from 1 to {MAX_PARALLEL}"),
        ));
    }
    let agents = file
        .agents
        .into_iter()
        .map(|(name, entry)| Ok((name.clone(), agents::agent(&name, entry, &file.defaults, base)?)))
        .collect::<Result<BTreeMap<_, _>, ConfigError>>()?;
    let boards = boards::boards(file.boards, &agents)?;
    Ok(Config {
        session: SessionRules { max_parallel },
        agents,
        boards,
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::Value;

    use super::super::{Limits, parse};
    use super::SessionRules;

    const LAYERED: &str = "
defaults: { limits: { memory: 32MiB, fuel: 10 } }
agents:
  a:
    plugin: a.wasm
    settings: { depth: 1, tone: dry }
    limits: { fuel: 20 }
    instances:
      one: {}
      two: { limits: { fuel: 30 }, settings: { depth: 2 } }
";

    #[test]
    fn the_closest_layer_wins_key_by_key() {
        let config = parse(LAYERED, Path::new("/etc")).unwrap();
        let agent = &config.agents["a"];
        assert_eq!(agent.plugin, Path::new("/etc/a.wasm"));
        let [one, two] = &agent.instances[..] else {
            panic!("two instances")
        };
        assert_eq!((one.limits.fuel, one.limits.memory), (20, 32 << 20));
        assert_eq!((two.limits.fuel, two.limits.memory), (30, 32 << 20));
        assert_eq!(one.limits.deadline, Limits::default().deadline);
        assert_eq!(
            Value::Object(two.settings.clone()),
            serde_json::json!({"depth": 2, "tone": "dry"})
        );
    }

    #[test]
    fn an_empty_file_is_a_safe_configuration() {
        let config = parse("{}", Path::new(".")).unwrap();
        assert!(config.agents.is_empty());
        assert_eq!(config.session, SessionRules::default());
    }

    #[test]
    fn each_fault_names_its_key() {
        let cases = [
            ("session: { max_parallel: 0 }", "session.max_parallel"),
            ("agents: { A: { plugin: x } }", "agents.A"),
            (
                "agents: { a: { plugin: x, limits: { memory: 1GiB } } }",
                "agents.a.limits.memory",
            ),
            (
                "agents: { a: { plugin: x, retry: { base: 1m } } }",
                "agents.a.retry.base",
            ),
            (
                "boards: { rules: [{ agent: b, when: { color: '1' } }] }",
                "boards.rules[0].agent",
            ),
            (
                "agents: { a: { plugin: x } }\nboards: { rules: [{ agent: a, when: {} }] }",
                "boards.rules[0].when",
            ),
            ("sesion: {}", "sesion"),
            ("agents: { a: { plugin: x, limits: { deadline: 30 } } }", "250ms"),
        ];
        for (text, expected) in cases {
            let error = parse(text, Path::new(".")).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
