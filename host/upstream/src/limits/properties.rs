use super::tests::{agents, reload, rules};
use super::*;
use proptest::prelude::*;

const START: u64 = 1_787_616_000_123;

/// What happens between two requests.
#[derive(Debug, Clone, Copy)]
enum Step {
    Wait(u64),
    JumpBack(u64),
    Reload,
}

fn steps(window: u64) -> impl Strategy<Value = Vec<(Step, usize)>> {
    let step = prop_oneof![
        6 => (0..window / 4).prop_map(Step::Wait),
        2 => (0..20_u64).prop_map(Step::Wait),
        1 => (0..window * 3).prop_map(Step::JumpBack),
        1 => Just(Step::Reload),
    ];
    prop::collection::vec((step, 0..3_usize), 1..250)
}

/// The clock as it is shown, and the time that has certainly passed: only what
/// it went forward.
struct Clock {
    shown: u64,
    passed: u64,
}

impl Clock {
    fn after(&mut self, step: Step, ledger: &mut Ledger) {
        match step {
            Step::Wait(ms) => {
                self.shown += ms;
                self.passed += ms;
            }
            Step::JumpBack(ms) => self.shown -= ms,
            Step::Reload => *ledger = reload(ledger),
        }
    }
}

/// The most requests in any stretch of time shorter than the window.
fn most_in_any(taken: &[u64], window: u64) -> usize {
    let within = |from: usize| {
        taken[from..]
            .iter()
            .take_while(|at| **at - taken[from] < window)
            .count()
    };
    (0..taken.len()).map(within).max().unwrap_or(0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// For all together and for each part, over reloads and jumps of the clock.
    #[test]
    fn a_quota_is_never_passed_in_any_window(
        requests in 1..30_u32, window in 1_000..50_000_u64, count in 1..4_usize, script in steps(20_000),
    ) {
        let (rules, all) = (rules(None, &[(requests, window)]), agents(count));
        let mut ledger = Ledger::default();
        let mut clock = Clock { shown: START, passed: 0 };
        let mut taken = vec![Vec::new(); count + 1];
        for (step, agent) in script {
            clock.after(step, &mut ledger);
            let (agent, who) = (agent % count, format!("agent-{}", agent % count));
            let party = Party { who: &who, all: &all };
            match ledger.take(&rules, clock.shown, party) {
                Ok(_) => {
                    taken[agent].push(clock.passed);
                    taken[count].push(clock.passed);
                }
                // It says when there is room, and that is so, for this agent alone.
                Err(refused) => if let Some(until) = refused.until_ms {
                    prop_assert!(until > clock.shown);
                    prop_assert!(until <= clock.shown + window + window / 256 + 1);
                    prop_assert!(ledger.clone().take(&rules, until, party).is_ok());
                    prop_assert!(ledger.clone().take(&rules, until - 1, party).is_err());
                },
            }
        }
        prop_assert!(most_in_any(&taken[count], window) <= requests as usize);
        for (agent, taken) in taken[..count].iter().enumerate() {
            let who = format!("agent-{agent}");
            let part = Party { who: &who, all: &all }.part(requests.into());
            prop_assert!(most_in_any(taken, window) <= part as usize);
        }
    }

    /// After any history one window of quiet gives everything back.
    #[test]
    fn nothing_is_stuck(requests in 1..30_u32, window in 1_000..50_000_u64, script in steps(20_000)) {
        let (rules, all) = (rules(Some((requests, window, requests)), &[(requests, window)]), agents(1));
        let party = Party { who: "agent-0", all: &all };
        let mut ledger = Ledger::default();
        let mut clock = Clock { shown: START, passed: 0 };
        for (step, _) in script {
            clock.after(step, &mut ledger);
            let _ = ledger.take(&rules, clock.shown, party);
        }
        let later = clock.shown + window + window / 256 + 1;
        // An interval is rounded up: a burst takes up to one microsecond each
        // longer.
        let later = later + u64::from(requests);
        for _ in 0..requests {
            prop_assert!(ledger.take(&rules, later, party).is_ok());
        }
        prop_assert!(ledger.take(&rules, later, party).is_err());
    }

    /// A rate lets a burst through, and what the time since then allows.
    #[test]
    fn a_rate_is_never_passed(
        requests in 1..50_u32, per in 1_000..20_000_u64, burst in 1..10_u32, count in 1..4_usize, script in steps(5_000),
    ) {
        let (rules, all) = (rules(Some((requests, per, burst)), &[]), agents(count));
        let mut ledger = Ledger::default();
        let mut clock = Clock { shown: START, passed: 0 };
        let mut taken: Vec<u64> = Vec::new();
        for (step, agent) in script {
            clock.after(step, &mut ledger);
            let who = format!("agent-{}", agent % count);
            if ledger.take(&rules, clock.shown, Party { who: &who, all: &all }).is_ok() {
                taken.push(clock.passed);
            }
        }
        for (from, first) in taken.iter().enumerate() {
            for (more, at) in taken[from..].iter().enumerate() {
                let allowed = u64::from(burst) + (at - first) * u64::from(requests) / per;
                prop_assert!((more as u64) < allowed, "{more} in {}", at - first);
            }
        }
    }

    /// Whatever is written in its place, nothing panics and memory stays small.
    #[test]
    fn a_damaged_ledger_does_no_harm(times in prop::collection::vec((any::<u64>(), any::<u32>()), 0..50), now in any::<u64>()) {
        let text = serde_json::json!({
            "rate": {"all": u64::MAX, "agents": {"agent-0": u64::MAX}},
            "quotas": {"1000": {"agents": {"agent-0": times}, "warned": 255}},
            "held": {"agent-0": {"since_ms": u64::MAX, "until_ms": u64::MAX}},
        });
        let mut ledger: Ledger = serde_json::from_value(text).unwrap();
        let (rules, all) = (rules(Some((1, 1_000, 1)), &[(5, 1_000), (7, 3_000)]), agents(1));
        let taken = ledger.take(&rules, now, Party { who: "agent-0", all: &all });
        if let Ok(taken) = taken {
            ledger.give_back(&taken);
        }
        prop_assert!(ledger.usage(&rules, now).len() == 2);
    }
}
