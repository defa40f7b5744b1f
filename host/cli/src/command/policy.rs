//! `fusebox policy`: policies tried without a session.

mod degradation;
mod retry;

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Map, Value, json};

use super::loading::watched;
use super::signals::Signals;
use super::{ConfigArguments, Exit, Fault, Format};
use fusebox::Host;
use fusebox::config::{Config, PolicyRules};
use fusebox::plugin::AnyPolicy;
use fusebox::simulation::Invariant;
use fusebox_resilience::RetryRules;
use fusebox_types::failure::{Category, Code, Failure, printable};

/// What can be done with policies.
#[derive(Debug, Subcommand)]
pub(super) enum PolicyCommand {
    /// Says whether a policy keeps the rules, whatever it is told.
    Check(CheckArguments),
    /// Shows what a retry policy would decide about a row of failures, or what a
    /// degradation policy would try in the place of tasks that fail.
    Simulate(SimulateArguments),
}

/// Arguments of `fusebox policy check`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  fusebox policy check target/plugins/fibonacci.wasm")]
pub(super) struct CheckArguments {
    /// The policy's file.
    file: PathBuf,
    /// What the policy is told, as JSON.
    #[arg(long, value_name = "JSON", default_value = "{}")]
    settings: String,
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// Arguments of `fusebox policy simulate`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  fusebox policy simulate --failures limit.deadline --attempts 10\n  fusebox policy simulate target/plugins/fibonacci.wasm --failures guest.glm.1302,trap.panic --seed 7\n  fusebox policy simulate target/plugins/salvage.wasm --tasks 10 --fallback instance,agent:other,value\n  fusebox policy simulate --agent scorer"
)]
pub(super) struct SimulateArguments {
    /// The policy's file; the built-in policy if not said.
    file: Option<PathBuf>,
    /// Whose decisions to show without a file: the retry policy's, or the
    /// degradation policy's. A file says it itself.
    #[arg(long, value_enum, default_value = "retry", conflicts_with = "file")]
    kind: Kind,
    /// What the attempts, or the tasks, end with, in order: failure codes, with commas. The
    /// last goes on for ever. A code may be followed by the wait that it asks
    /// for, in milliseconds: `guest.glm.1302:5000`.
    #[arg(
        long,
        value_name = "CODES",
        value_delimiter = ',',
        default_value = "trap.panic"
    )]
    failures: Vec<String>,
    /// The class of the failures, where the code leaves it open: `network`, ...
    #[arg(long, value_name = "CATEGORY")]
    category: Option<String>,
    /// Attempts in all.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    attempts: Option<u32>,
    /// For everything that is left to chance.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Takes rules, policy and settings from this agent of the configuration, or
    /// from one of its instances.
    #[arg(long, value_name = "NAME or NAME.INSTANCE")]
    agent: Option<String>,
    /// What the policy is told, as JSON.
    #[arg(long, value_name = "JSON")]
    settings: Option<String>,
    /// Degradation: how many tasks there are, all of which fail; as many as there
    /// are failures if not said.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    tasks: Option<u32>,
    /// Degradation: the chain of fallbacks, with commas, instead of the agent's.
    #[arg(long, value_name = "LINKS", value_delimiter = ',')]
    fallback: Option<Vec<String>>,
    /// Degradation: how many bytes of partial result each task leaves.
    #[arg(long, value_name = "BYTES")]
    partial: Option<u64>,
    /// Degradation: the session cannot do without any of the tasks.
    #[arg(long)]
    required: bool,
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// The kinds of policies of which a row of failures is simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// What comes after each failed attempt.
    Retry,
    /// What is tried in the place of a task without a result.
    Degradation,
}

pub(super) fn main(command: PolicyCommand, config: &ConfigArguments) -> Result<Exit, Fault> {
    match command {
        PolicyCommand::Check(arguments) => check(&arguments, config),
        PolicyCommand::Simulate(arguments) => simulate(&arguments, config),
    }
}

fn check(arguments: &CheckArguments, config: &ConfigArguments) -> Result<Exit, Fault> {
    let loaded = config.load(&config.sources())?;
    let settings = parse_settings(&arguments.settings)?;
    Signals::listen()?;
    let host = Host::new(&watched(&loaded.config, false))?;
    let policy = host.load_policy(&arguments.file)?;
    let found = host.check_policy(&policy, &settings);
    let mut out = super::stdout();
    match arguments.format {
        Format::Json => super::print_json(
            &mut out,
            &json!(found.iter().map(invariant_json).collect::<Vec<_>>()),
        )?,
        Format::Human => {
            for one in &found {
                let (mark, how) = match &one.outcome {
                    Ok(how) => ("ok  ", how),
                    Err(how) => ("FAIL", how),
                };
                writeln!(out, "{mark}  {}\n      {}", one.name, printable(how))?;
            }
        }
    }
    Ok(if found.iter().all(|one| one.outcome.is_ok()) {
        Exit::Succeeded
    } else {
        Exit::Failed
    })
}

fn invariant_json(one: &Invariant) -> Value {
    let (Ok(how) | Err(how)) = &one.outcome;
    json!({"rule": one.name, "kept": one.outcome.is_ok(), "how": how})
}

fn parse_settings(text: &str) -> Result<Map<String, Value>, Fault> {
    serde_json::from_str(text).map_err(|error| {
        Fault::usage(format!(
            "--settings: {error}; write a JSON object, '{{\"base_ms\": 100}}' for example"
        ))
    })
}

fn simulate(arguments: &SimulateArguments, config: &ConfigArguments) -> Result<Exit, Fault> {
    let loaded = config.load(&config.sources())?;
    Signals::listen()?;
    let host = Host::new(&watched(&loaded.config, false))?;
    let file = arguments.file.as_ref().map(|path| host.load_policy(path));
    let file = file.transpose()?;
    if arguments.kind == Kind::Degradation
        || file.as_ref().is_some_and(|policy| policy.kind() == "degradation")
    {
        return degradation::simulate(arguments, &loaded.config, (&host, file));
    }
    retry::simulate(arguments, &loaded.config, (&host, file))
}

/// The policy of a file that was named, or else that of the configuration.
fn component(
    arguments: &SimulateArguments,
    (host, file): (&Host, Option<AnyPolicy>),
    of_config: Option<PathBuf>,
) -> Result<Option<AnyPolicy>, Fault> {
    let component = match (file, of_config) {
        (Some(policy), _) => Some(policy),
        (None, Some(path)) => Some(host.load_policy(&path)?),
        (None, None) => None,
    };
    if component.is_none() && arguments.settings.is_some() {
        return Err(Fault::usage(
            "--settings: the built-in policy takes none; name a policy's file, or with --agent an agent that has one"
                .into(),
        ));
    }
    Ok(component)
}

/// The rules and the policy of an instance, of an agent's first one, or the
/// defaults.
fn of_agent(name: Option<&str>, config: &Config) -> Result<(RetryRules, PolicyRules), Fault> {
    let Some(name) = name else {
        return Ok((RetryRules::default(), PolicyRules::default()));
    };
    let (name, instance) = match name.split_once('.') {
        Some((name, instance)) => (name, Some(instance)),
        None => (name, None),
    };
    let wanted = |of: &&fusebox::config::Instance| instance.is_none_or(|id| of.id == id);
    let agent = config.agents.get(name);
    if let (Some(agent), Some(instance)) = (agent, instance)
        && !agent.instances.iter().any(|of| of.id == instance)
    {
        let known: Vec<_> = agent.instances.iter().map(|of| of.id.as_str()).collect();
        return Err(Fault::usage(format!(
            "--agent {}.{}: the agent has no such instance; it has: {}",
            printable(name),
            printable(instance),
            known.join(", ")
        )));
    }
    let agent = agent.and_then(|agent| agent.instances.iter().find(wanted));
    let known: Vec<_> = config.agents.keys().map(String::as_str).collect();
    let agent = agent.ok_or_else(|| {
        let known = known.join(", ");
        Fault::usage(format!(
            "--agent {}: there is no such agent; there are: {known}",
            printable(name)
        ))
    })?;
    Ok((agent.retry.clone(), agent.policy.clone()))
}

fn failures(arguments: &SimulateArguments) -> Result<Vec<Arc<Failure>>, Fault> {
    let category = |text: &String| {
        serde_json::from_value::<Category>(Value::String(text.clone()))
            .map_err(|error| Fault::usage(format!("--category: {error}")))
    };
    let category = arguments.category.as_ref().map(category).transpose()?;
    let of = |text: &String| {
        let text = text.trim();
        let (code, wait) = match text.rsplit_once(':') {
            Some((code, wait)) => (code, Some(wait)),
            None => (text, None),
        };
        let code: Code = code
            .parse()
            .map_err(|_| Fault::usage(format!("--failures: {}", super::explain::hint(code))))?;
        let mut failure = Failure::new(code, "");
        if let Some(wait) = wait {
            let wait = wait.parse().map_err(|_| {
                Fault::usage(format!(
                    "--failures: `{}` is not a wait in milliseconds",
                    printable(wait)
                ))
            })?;
            failure.retry_after_ms = Some(wait);
        }
        if let (Some(category), Code::Guest(_)) = (category, &failure.code) {
            failure.category = category;
        }
        Ok(Arc::new(failure))
    };
    arguments.failures.iter().map(of).collect()
}
