//! `fusebox policy simulate` of what decides about failed attempts.

use std::io::Write;

use serde_json::{Value, json};

use super::{SimulateArguments, failures, of_agent, parse_settings};
use crate::command::{Exit, Fault, Format};
use fusebox::Host;
use fusebox::config::Config;
use fusebox::plugin::AnyPolicy;
use fusebox::simulation::{Scenario, Step};
use fusebox_resilience::Verdict;
use fusebox_types::failure::printable;
use fusebox_types::units::show_duration;

/// How long the longest bar is, in characters.
const BAR: u32 = 40;

/// Shows what would be decided about one attempt after the other.
pub(super) fn simulate(
    arguments: &SimulateArguments,
    config: &Config,
    (host, file): (&Host, Option<AnyPolicy>),
) -> Result<Exit, Fault> {
    let (mut rules, mut policy) = of_agent(arguments.agent.as_deref(), config)?;
    if let Some(attempts) = arguments.attempts {
        rules.max_attempts = attempts;
    }
    if let Some(settings) = &arguments.settings {
        policy.retry_settings = parse_settings(settings)?;
    }
    let scenario = Scenario {
        rules,
        failures: failures(arguments)?,
        seed: arguments.seed,
        idempotent: true,
        budget: u64::from(config.session.retry_budget.reserve),
    };
    let (component, settings) = policy.retry();
    let component = super::component(arguments, (host, file), component)?;
    let steps = host
        .simulate(component.as_ref(), settings, &scenario)
        .ok_or_else(|| {
            let kind = component.as_ref().map_or("built-in", AnyPolicy::kind);
            Fault::usage(format!(
                "a row of failures says nothing to a {kind} policy; `fusebox policy check` tries it"
            ))
        })?;
    let mut out = super::super::stdout();
    match arguments.format {
        Format::Json => {
            super::super::print_json(&mut out, &json!(steps.iter().map(step_json).collect::<Vec<_>>()))?
        }
        Format::Human => draw(&mut out, &steps, component.as_ref())?,
    }
    Ok(Exit::Succeeded)
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
fn draw(out: &mut impl Write, steps: &[Step], policy: Option<&AnyPolicy>) -> std::io::Result<()> {
    let wait = |step: &Step| match step.verdict {
        Verdict::Again(wait) => wait,
        Verdict::GiveUp(_) => std::time::Duration::ZERO,
    };
    let longest = steps.iter().map(wait).max().unwrap_or_default().as_secs_f64();
    writeln!(out, "policy: {}", policy.map_or("built-in", AnyPolicy::name))?;
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
