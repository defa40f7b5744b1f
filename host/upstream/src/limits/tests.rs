mod changes;
mod quotas;
mod shares;

use super::*;
use crate::rules::RateRule;
use fusebox_types::failure::Code;
use std::collections::BTreeSet;
use std::time::Duration;

const HOUR: u64 = 3_600_000;
/// 2026-08-25, on no step of any window.
const START: u64 = 1_787_616_000_123;

pub(super) fn rules(rate: Option<(u32, u64, u32)>, quotas: &[(u32, u64)]) -> UpstreamLimits {
    let rate = rate.map(|(requests, per, burst)| RateRule {
        requests,
        per: Duration::from_millis(per),
        burst,
    });
    let quota = |(requests, window): &(u32, u64)| QuotaRule {
        requests: *requests,
        window: Duration::from_millis(*window),
    };
    UpstreamLimits {
        rate,
        quotas: quotas.iter().map(quota).collect(),
        ..UpstreamLimits::default()
    }
}

pub(super) fn agents(count: usize) -> BTreeSet<String> {
    (0..count).map(|at| format!("agent-{at}")).collect()
}

/// Takes as long as there is something, without time going on.
fn drain(ledger: &mut Ledger, rules: &UpstreamLimits, now: u64, who: &str, all: &BTreeSet<String>) -> usize {
    std::iter::from_fn(|| ledger.take(rules, now, Party { who, all }).ok()).count()
}

/// As another process would have it.
pub(super) fn reload(ledger: &Ledger) -> Ledger {
    serde_json::from_str(&serde_json::to_string(ledger).unwrap()).unwrap()
}
