//! `fusebox policy`: policies tried without a session.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::{ConfigArguments, Exit, Fault, Format};
use crate::Host;
use crate::config::{self, Config, PolicyRules, RetryRules, show_duration};
use crate::engine::EngineOptions;
use crate::failure::{Category, Code, Failure, printable};
use crate::plugin::Policy;
use crate::rehearsal::{Invariant, Scenario, Step};
use crate::resilience::Verdict;

/// How long the longest bar is, in characters.
const BAR: u32 = 40;

/// What can be done with policies.
#[derive(Debug, Subcommand)]
pub(super) enum PolicyCommand {
    /// Says whether a policy keeps the rules, whatever it is told.
    Check(CheckArguments),
    /// Shows what a policy would decide about a row of failures.
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
    after_help = "Examples:\n  fusebox policy simulate --failures limit.deadline --attempts 10\n  fusebox policy simulate target/plugins/fibonacci.wasm --failures guest.glm.1302,trap.panic --seed 7\n  fusebox policy simulate --agent scorer"
)]
pub(super) struct SimulateArguments {
    /// The policy's file; the built-in policy if not said.
    file: Option<PathBuf>,
    /// What the attempts end with, in order: failure codes, with commas. The
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
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

pub(super) fn main(command: PolicyCommand, config: &ConfigArguments) -> Result<Exit, Fault> {
    match command {
        PolicyCommand::Check(arguments) => check(&arguments, config),
        PolicyCommand::Simulate(arguments) => simulate(&arguments, config),
    }
}

fn check(arguments: &CheckArguments, config: &ConfigArguments) -> Result<Exit, Fault> {
    config.start_log(&crate::config::LogRules::default())?;
    let settings = parse_settings(&arguments.settings)?;
    let host = Host::new(&EngineOptions::default())?;
    let policy = host.load_policy(&arguments.file)?;
    let found = host.check_policy(&policy, &settings);
    let mut out = anstream::stdout().lock();
    match arguments.format {
        Format::Json => writeln!(
            out,
            "{}",
            json!(found.iter().map(invariant_json).collect::<Vec<_>>())
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
    let (mut rules, mut policy) = of_agent(arguments.agent.as_deref(), &loaded.config)?;
    if let Some(attempts) = arguments.attempts {
        rules.max_attempts = attempts;
    }
    if let Some(file) = &arguments.file {
        policy.retry = file.display().to_string();
    }
    if let Some(settings) = &arguments.settings {
        policy.retry_settings = parse_settings(settings)?;
    }
    let scenario = Scenario {
        rules,
        failures: failures(arguments)?,
        seed: arguments.seed,
        idempotent: true,
        budget: u64::from(loaded.config.session.retry_budget.reserve),
    };
    let (component, settings) = policy.retry();
    if component.is_none() && arguments.settings.is_some() {
        return Err(Fault::usage(
            "--settings: the built-in policy takes none; name a policy's file, or with --agent an agent that has one"
                .into(),
        ));
    }
    let host = Host::new(&EngineOptions::default())?;
    let component = component.map(|path| host.load_policy(&path)).transpose()?;
    let steps = host
        .simulate(component.as_ref(), settings, &scenario)
        .ok_or_else(|| {
            let kind = component.as_ref().map_or("built-in", Policy::kind);
            Fault::usage(format!(
                "a row of failures says nothing to a {kind} policy; `fusebox policy check` tries it"
            ))
        })?;
    let mut out = anstream::stdout().lock();
    match arguments.format {
        Format::Json => writeln!(out, "{}", json!(steps.iter().map(step_json).collect::<Vec<_>>()))?,
        Format::Human => draw(&mut out, &steps, component.as_ref())?,
    }
    Ok(Exit::Succeeded)
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
    let wanted = |of: &&config::Instance| instance.is_none_or(|id| of.id == id);
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

fn step_json(step: &Step) -> Value {
    let (delay_ms, gave_up) = match step.verdict {
        Verdict::Again(wait) => (Some(wait.as_secs_f64() * 1e3), None),
        Verdict::GiveUp(reason) => (None, Some(reason)),
    };
    json!({
        "attempt": step.attempt, "code": step.failure.code.to_string(),
        "elapsed_ms": step.elapsed.as_secs_f64() * 1e3, "delay_ms": delay_ms, "gave_up": gave_up,
        "reason": step.reason, "strike": step.strike,
    })
}

/// A line for each attempt, with a bar as long as the wait after it.
fn draw(out: &mut impl Write, steps: &[Step], policy: Option<&Policy>) -> std::io::Result<()> {
    let wait = |step: &Step| match step.verdict {
        Verdict::Again(wait) => wait,
        Verdict::GiveUp(_) => std::time::Duration::ZERO,
    };
    let longest = steps.iter().map(wait).max().unwrap_or_default().as_secs_f64();
    writeln!(out, "policy: {}", policy.map_or("built-in", Policy::name))?;
    writeln!(
        out,
        "{:>7}  {:>9}  {:20}  {:>9}",
        "attempt", "after", "failure", "wait"
    )?;
    for step in steps {
        let code: String = step.failure.code.to_string().chars().take(20).collect();
        write!(
            out,
            "{:>7}  {:>9}  {code:20}  ",
            step.attempt,
            show_duration(step.elapsed)
        )?;
        match step.verdict {
            Verdict::Again(wait) => {
                let share = if longest > 0.0 {
                    wait.as_secs_f64() / longest
                } else {
                    0.0
                };
                let bar = "█".repeat((share * f64::from(BAR)).round() as usize);
                writeln!(out, "{:>9}  {bar}", show_duration(wait))?;
            }
            Verdict::GiveUp(reason) => {
                let said = step
                    .reason
                    .as_deref()
                    .map_or(String::new(), |said| format!(": {}", printable(said)));
                writeln!(out, "  gives up  ({}{said})", reason.name())?;
            }
        }
        if let Some(strike) = &step.strike {
            writeln!(
                out,
                "         the policy failed to decide, the built-in one did: {}",
                printable(strike)
            )?;
        }
    }
    Ok(())
}
