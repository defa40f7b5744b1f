//! The configuration as the host uses it: nothing in it can be wrong.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Map, Value};

use super::layers::settings_under;
use super::schema::{self, ConfigFile, Layer, LimitsEntry, RetryEntry};
use super::yaml::YamlError;

/// What one attempt may use. Every limit is on by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// WebAssembly instructions, roughly: a billion take about half a second.
    pub fuel: u64,
    /// Processor time.
    pub cpu: Duration,
    /// Time from the attempt's start, waits included.
    pub deadline: Duration,
    /// Bytes of all memories together.
    pub memory: u64,
    /// Elements of all tables together.
    pub table_elements: u32,
    /// Handles open at once.
    pub handles: u32,
    /// Calls to the host.
    pub host_calls: u32,
    /// Bytes handed to the host in all calls together.
    pub host_bytes: u64,
    /// Bytes of the input, results of dependencies included.
    pub input: u64,
    /// Bytes of the output, and of a partial result.
    pub output: u64,
    /// Bytes of log lines; what goes over is dropped and counted.
    pub log: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            fuel: 5_000_000_000,
            cpu: Duration::from_secs(10),
            deadline: Duration::from_secs(30),
            memory: 64 << 20,
            table_elements: 50_000,
            handles: 1_000,
            host_calls: 100_000,
            host_bytes: 64 << 20,
            input: 16 << 20,
            output: 1 << 20,
            log: 64 << 10,
        }
    }
}

/// How often and how late a failed task runs again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryLimits {
    /// Attempts in all, at least one.
    pub max_attempts: u32,
    /// The wait before the second attempt; it doubles from there.
    pub base: Duration,
    /// The longest wait.
    pub max_delay: Duration,
}

impl Default for RetryLimits {
    fn default() -> Self {
        Self {
            max_attempts: 3,
            base: Duration::from_millis(100),
            max_delay: Duration::from_secs(30),
        }
    }
}

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

/// A named, configured service backed by a plugin.
#[derive(Debug, Clone)]
pub struct Agent {
    /// The plugin's file.
    pub plugin: PathBuf,
    /// Its instances; at least one.
    pub instances: Vec<Instance>,
}

/// One configured copy of an agent.
#[derive(Debug, Clone)]
pub struct Instance {
    /// Its id; `default` where the configuration names none.
    pub id: String,
    /// What the plugin is told, besides a task's own settings.
    pub settings: Map<String, Value>,
    /// What one attempt may use.
    pub limits: Limits,
    /// How often and how late a failed task runs again.
    pub retry: RetryLimits,
}

/// Which nodes of a board are tasks, and how results look.
#[derive(Debug, Clone, Default)]
pub struct BoardRules {
    /// The first rule that fits a node makes it a task.
    pub rules: Vec<Rule>,
    /// How the node of a result looks.
    pub result: BoardStyle,
    /// How the node of a failure looks.
    pub failure: BoardStyle,
    /// Whether an empty node for a reply is put beside each result.
    pub reply: bool,
}

/// Makes tasks of nodes.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The agent that carries them out.
    pub agent: String,
    /// Which nodes.
    pub when: When,
    /// Settings over those of the instance.
    pub settings: Map<String, Value>,
}

/// Conditions on a node; all that are there have to hold, and one is.
#[derive(Debug, Clone, Default)]
pub struct When {
    /// The node's colour, as the board writes it.
    pub color: Option<String>,
    /// The node's type.
    pub kind: Option<String>,
    /// The label of the innermost group that holds the node.
    pub group: Option<String>,
    /// What the node's text starts with. It is not part of the input.
    pub prefix: Option<String>,
}

/// How an added node looks.
#[derive(Debug, Clone, Default)]
pub struct BoardStyle {
    /// Its colour, as JSON Canvas writes it.
    pub color: Option<String>,
    /// Its width, in the board's units; none takes the task node's.
    pub width: Option<u32>,
    /// Its height, in the board's units; none is chosen by the text.
    pub height: Option<u32>,
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Something in the file is not as it has to be.
    #[error("the configuration {}", path.display())]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        fault: Box<ConfigError>,
    },
    /// It is not the YAML that was expected.
    #[error(transparent)]
    Yaml(#[from] YamlError),
    /// A value is out of its range, or contradicts another.
    #[error("`{key}`: {message}")]
    Value {
        /// The key's path.
        key: String,
        /// What is wrong with it and what is expected.
        message: String,
    },
}

fn value(key: impl Into<String>, message: impl Into<String>) -> ConfigError {
    ConfigError::Value {
        key: key.into(),
        message: message.into(),
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
        .map(|(name, entry)| Ok((name.clone(), agent(&name, entry, &file.defaults, base)?)))
        .collect::<Result<BTreeMap<_, _>, ConfigError>>()?;
    let boards = boards(file.boards, &agents)?;
    Ok(Config {
        session: SessionRules { max_parallel },
        agents,
        boards,
    })
}

fn agent(name: &str, entry: schema::AgentEntry, defaults: &Layer, base: &Path) -> Result<Agent, ConfigError> {
    check_name(&format!("agents.{name}"), name)?;
    let layer = defaults.under(&entry.limits, &entry.retry);
    let mut instances = Vec::new();
    for (id, written) in entry.instances {
        let key = format!("agents.{name}.instances.{id}");
        check_name(&key, &id)?;
        let layer = layer.under(&written.limits, &written.retry);
        let settings = settings_under(&entry.settings, &written.settings);
        instances.push(instance(&key, id, settings, &layer)?);
    }
    if instances.is_empty() {
        instances.push(instance(
            &format!("agents.{name}"),
            "default".into(),
            entry.settings,
            &layer,
        )?);
    }
    Ok(Agent {
        plugin: base.join(entry.plugin),
        instances,
    })
}

fn instance(
    key: &str,
    id: String,
    settings: Map<String, Value>,
    layer: &Layer,
) -> Result<Instance, ConfigError> {
    Ok(Instance {
        id,
        settings,
        limits: limits(key, &layer.limits)?,
        retry: retry(key, &layer.retry)?,
    })
}

fn check_name(key: &str, name: &str) -> Result<(), ConfigError> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || name.len() > 64 || !name.chars().all(fits) {
        return Err(value(
            key,
            "a name has 1 to 64 of the characters a-z, 0-9 and `-`",
        ));
    }
    Ok(())
}

fn limits(key: &str, entry: &LimitsEntry) -> Result<Limits, ConfigError> {
    let default = Limits::default();
    let limits = Limits {
        fuel: entry.fuel.unwrap_or(default.fuel),
        cpu: entry.cpu.map_or(default.cpu, |span| span.0),
        deadline: entry.deadline.map_or(default.deadline, |span| span.0),
        memory: entry.memory.map_or(default.memory, |size| size.0),
        table_elements: entry.table_elements.unwrap_or(default.table_elements),
        handles: entry.handles.unwrap_or(default.handles),
        host_calls: entry.host_calls.unwrap_or(default.host_calls),
        host_bytes: entry.host_bytes.map_or(default.host_bytes, |size| size.0),
        input: entry.input.map_or(default.input, |size| size.0),
        output: entry.output.map_or(default.output, |size| size.0),
        log: entry.log.map_or(default.log, |size| size.0),
    };
    let ranges = [
        ("memory", limits.memory, 64 << 10, 256 << 20, "64KiB to 256MiB"),
        ("output", limits.output, 1, 64 << 20, "1B to 64MiB"),
        ("input", limits.input, 1, 64 << 20, "1B to 64MiB"),
        ("log", limits.log, 0, 16 << 20, "0B to 16MiB"),
        ("fuel", limits.fuel, 1, u64::MAX, "1 up"),
        (
            "table_elements",
            u64::from(limits.table_elements),
            0,
            50_000,
            "0 to 50000",
        ),
    ];
    for (name, found, least, most, range) in ranges {
        if found < least || found > most {
            return Err(value(
                format!("{key}.limits.{name}"),
                format!("is not within {range}"),
            ));
        }
    }
    let day = Duration::from_secs(86_400);
    for (name, found) in [("cpu", limits.cpu), ("deadline", limits.deadline)] {
        if found.is_zero() || found > day {
            return Err(value(format!("{key}.limits.{name}"), "is not within 1ms to 24h"));
        }
    }
    Ok(limits)
}

fn retry(key: &str, entry: &RetryEntry) -> Result<RetryLimits, ConfigError> {
    let default = RetryLimits::default();
    let retry = RetryLimits {
        max_attempts: entry.max_attempts.unwrap_or(default.max_attempts),
        base: entry.base.map_or(default.base, |span| span.0),
        max_delay: entry.max_delay.map_or(default.max_delay, |span| span.0),
    };
    if !(1..=1000).contains(&retry.max_attempts) {
        return Err(value(
            format!("{key}.retry.max_attempts"),
            "is not from 1 to 1000",
        ));
    }
    if retry.base > retry.max_delay {
        return Err(value(format!("{key}.retry.base"), "is longer than `max_delay`"));
    }
    Ok(retry)
}

fn boards(entry: schema::Boards, agents: &BTreeMap<String, Agent>) -> Result<BoardRules, ConfigError> {
    let mut rules = Vec::new();
    for (index, rule) in entry.rules.into_iter().enumerate() {
        let key = format!("boards.rules[{index}]");
        if !agents.contains_key(&rule.agent) {
            let known: Vec<_> = agents.keys().map(String::as_str).collect();
            let message = format!(
                "there is no agent `{}`; there are: {}",
                rule.agent,
                known.join(", ")
            );
            return Err(value(format!("{key}.agent"), message));
        }
        let schema::WhenEntry {
            color,
            kind,
            group,
            prefix,
        } = rule.when;
        let when = When {
            color,
            kind,
            group,
            prefix,
        };
        if when.color.is_none() && when.kind.is_none() && when.group.is_none() && when.prefix.is_none() {
            let message =
                "give at least one of color, type, group, prefix; a rule without any would take every node";
            return Err(value(format!("{key}.when"), message));
        }
        rules.push(Rule {
            agent: rule.agent,
            when,
            settings: rule.settings,
        });
    }
    let style = |s: schema::StyleEntry| BoardStyle {
        color: s.color,
        width: s.width,
        height: s.height,
    };
    Ok(BoardRules {
        rules,
        result: style(entry.result),
        failure: style(entry.failure),
        reply: entry.reply,
    })
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

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
