//! `fusebox policy simulate` of what decides about tasks without a result.

use std::io::Write;

use serde_json::{Value, json};

use super::{SimulateArguments, failures, of_agent, parse_settings};
use crate::command::{Exit, Fault, Format};
use fusebox::Host;
use fusebox::config::{Config, DegradationRules};
use fusebox::plugin::AnyPolicy;
use fusebox::simulation::{DegradationScenario, DegradationStep};
use fusebox_resilience::degradation::FallbackLink;
use fusebox_types::failure::printable;

/// Shows what would be tried in the place of tasks that fail one after the
/// other.
pub(super) fn simulate(
    arguments: &SimulateArguments,
    config: &Config,
    (host, file): (&Host, Option<AnyPolicy>),
) -> Result<Exit, Fault> {
    let (_, policy) = of_agent(arguments.agent.as_deref(), config)?;
    let (component, of_config) = policy.degradation();
    let component = super::component(arguments, (host, file), component)?;
    let given = arguments.settings.as_deref().map(parse_settings).transpose()?;
    let scenario = scenario(arguments, config)?;
    let settings = given.as_ref().unwrap_or(of_config);
    let steps = host.simulate_degradation(component.as_ref(), settings, &scenario);
    let steps = steps.ok_or_else(|| {
        let kind = component.as_ref().map_or("built-in", AnyPolicy::kind);
        Fault::usage(format!(
            "a {kind} policy says nothing about tasks without a result"
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

fn scenario(arguments: &SimulateArguments, config: &Config) -> Result<DegradationScenario, Fault> {
    let name = arguments
        .agent
        .as_deref()
        .map(|name| name.split_once('.').map_or(name, |(agent, _)| agent));
    let of_config = name.and_then(|name| config.agents.get(name));
    let chain = match (&arguments.fallback, of_config) {
        (Some(links), _) => links.iter().map(|text| link(text)).collect::<Result<_, _>>()?,
        (None, Some(agent)) => agent.degradation.fallback.clone(),
        (None, None) => Vec::new(),
    };
    let failures = failures(arguments)?;
    Ok(DegradationScenario {
        chain,
        tasks: arguments.tasks.unwrap_or(failures.len() as u32),
        failures,
        partial_bytes: arguments.partial,
        required: arguments.required,
        seed: arguments.seed,
    })
}

/// A link as policies are told of it.
fn link(text: &str) -> Result<FallbackLink, Fault> {
    let written = match text.split_once(':') {
        Some((key, value)) => json!({ key: value }),
        None => Value::String(text.to_owned()),
    };
    let rules = serde_json::from_value::<DegradationRules>(json!({ "fallback": [written] }));
    let link = rules.ok().and_then(|mut rules| rules.fallback.pop());
    link.ok_or_else(|| {
        Fault::usage(format!(
            "--fallback: `{}` is no link; write `instance`, `agent:<name>` or `value` for example",
            printable(text)
        ))
    })
}

fn step_json(step: &DegradationStep) -> Value {
    let choices = step
        .choices
        .iter()
        .map(|choice| json!({ "decision": choice.decision, "cause": choice.cause, "strike": choice.strike }));
    json!({
        "task": step.task, "code": step.failure.code.to_string(), "choices": choices.collect::<Vec<_>>(),
    })
}

/// A line for each decision.
fn draw(out: &mut impl Write, steps: &[DegradationStep], policy: Option<&AnyPolicy>) -> std::io::Result<()> {
    writeln!(out, "policy: {}", policy.map_or("built-in", AnyPolicy::name))?;
    writeln!(
        out,
        "{:>7}  {:20}  what is tried, as long as nothing gives a result",
        "task", "failure"
    )?;
    for step in steps {
        let code: String = step.failure.code.to_string().chars().take(20).collect();
        let mut before = format!("{:>7}  {code:20}", step.task);
        for choice in &step.choices {
            let said = choice.cause.as_deref().filter(|cause| !cause.is_empty());
            let said = said.map_or(String::new(), |said| format!("  ({})", printable(said)));
            writeln!(out, "{before}  {}{said}", choice.decision)?;
            before = format!("{:>7}  {:20}", "", "");
            if let Some(strike) = &choice.strike {
                writeln!(
                    out,
                    "{before}  the policy failed to decide, the built-in order did: {}",
                    printable(strike)
                )?;
            }
        }
    }
    Ok(())
}
