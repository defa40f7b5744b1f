//! Keys of the configuration whose change helps against a failure.

use std::fmt::Display;
use std::time::Duration;

use super::quote::quote;
use crate::config::{Agent, Instance};
use crate::report::FailureGroup;
use fusebox_runtime::sandbox::Limits;
use fusebox_types::failure::Code;
use fusebox_types::units::{show_duration, show_size};

/// A change of the configuration that helps.
pub(super) struct Adjusted {
    /// What is done: `raise-limit`, `add-grant`.
    pub(super) action: &'static str,
    pub(super) why: String,
    /// Arguments of a command, each with a space before it.
    pub(super) arguments: String,
}

/// The change that helps against these failures, if one does.
pub(super) fn adjusted(group: &FailureGroup, agent: &Agent) -> Option<Adjusted> {
    if group.sample.code == Code::DeniedUpstream {
        return granted(group, agent);
    }
    let raised: Vec<_> = agent
        .instances
        .iter()
        .flat_map(|instance| {
            let raised = raised(&group.sample.code, &instance.limits);
            let key = |(limit, value): (&str, String)| {
                format!("{}.limits.{limit}={value}", key(group, agent, instance))
            };
            raised.into_iter().map(key)
        })
        .collect();
    (!raised.is_empty()).then(|| Adjusted {
        action: "raise-limit",
        why: format!(
            "Twice as much may be enough: {}. If it is not, the task may never end.",
            raised.join(", ")
        ),
        arguments: arguments(&raised),
    })
}

/// The upstream that the host says was not granted.
fn granted(group: &FailureGroup, agent: &Agent) -> Option<Adjusted> {
    let mut context = group.sample.context.iter();
    let (_, upstream) = context.find(|(name, _)| name == "grant")?;
    let set: Vec<_> = agent
        .instances
        .iter()
        .map(|instance| {
            let mut names: Vec<&str> = instance.grants.upstreams.iter().map(String::as_str).collect();
            names.push(upstream);
            let key = key(group, agent, instance);
            format!("{key}.grants.upstreams=[{}]", names.join(", "))
        })
        .collect();
    Some(Adjusted {
        action: "add-grant",
        why: format!(
            "The agent may not call the upstream `{upstream}`. Grant it if you trust the plugin with that."
        ),
        arguments: arguments(&set),
    })
}

fn arguments(set: &[String]) -> String {
    set.iter().map(|set| format!(" --set {}", quote(set))).collect()
}

/// The key of an instance, or of the agent if the configuration names none.
fn key(group: &FailureGroup, agent: &Agent, instance: &Instance) -> String {
    match agent.instances.len() == 1 && instance.id == "default" {
        true => format!("agents.{}", group.agent),
        false => format!("agents.{}.instances.{}", group.agent, instance.id),
    }
}

const MIB: u64 = 1 << 20;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The limits that this code speaks of, at twice their values; without those
/// that are as high as the configuration allows.
fn raised(code: &Code, limits: &Limits) -> Vec<(&'static str, String)> {
    let count = |name, value: u32, most: u32| twice(name, value, value.saturating_mul(2).min(most), |n| n);
    let size = |name, value: u64, most: u64| twice(name, value, value.saturating_mul(2).min(most), show_size);
    let time = |name, value: Duration| twice(name, value, (value * 2).min(DAY), show_duration);
    let found = match code {
        Code::LimitFuel => {
            let fuel = limits.fuel;
            vec![twice("fuel", fuel, fuel.saturating_mul(2), |n| n)]
        }
        Code::LimitCpu => vec![time("cpu", limits.cpu)],
        Code::LimitDeadline => vec![time("deadline", limits.deadline)],
        Code::LimitMemory => vec![size("memory", limits.memory, 256 * MIB)],
        Code::LimitTable => vec![count("table_elements", limits.table_elements, 50_000)],
        Code::LimitHandles => vec![count("handles", limits.handles, 100_000)],
        Code::LimitHostCalls => vec![count("host_calls", limits.host_calls, 100_000_000)],
        Code::LimitHostBytes => vec![size("host_bytes", limits.host_bytes, 1024 * MIB)],
        Code::LimitInput => vec![size("input", limits.input, 64 * MIB)],
        Code::LimitOutput | Code::LimitPartial => vec![size("output", limits.output, 64 * MIB)],
        Code::LimitHttpCalls => vec![count("http_requests", limits.http_requests, 10_000)],
        _ => Vec::new(),
    };
    found.into_iter().flatten().collect()
}

fn twice<T: PartialOrd, D: Display>(
    name: &'static str,
    value: T,
    raised: T,
    show: impl Fn(T) -> D,
) -> Option<(&'static str, String)> {
    (raised > value).then(|| (name, show(raised).to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_is_doubled_up_to_what_the_configuration_allows() {
        let limits = Limits::default();
        let found: Vec<_> = Code::ALL.iter().flat_map(|code| raised(code, &limits)).collect();
        assert!(found.contains(&("fuel", "10000000000".to_owned())));
        assert!(found.contains(&("deadline", "1m".to_owned())), "{found:?}");
        assert!(found.contains(&("memory", "128MiB".to_owned())), "{found:?}");
        assert!(
            found.iter().all(|(name, _)| *name != "table_elements"),
            "as high as may be"
        );
        let most = Limits {
            memory: 200 * MIB,
            ..limits
        };
        assert_eq!(
            raised(&Code::LimitMemory, &most),
            [("memory", "256MiB".to_owned())]
        );
    }
}
