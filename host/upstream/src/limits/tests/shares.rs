//! Equal parts.

use super::*;

#[test]
fn none_spends_a_neighbours_part() {
    let (mut ledger, rules, all) = (Ledger::default(), rules(None, &[(100, HOUR)]), agents(3));
    assert_eq!(drain(&mut ledger, &rules, START, "agent-0", &all), 34);
    assert_eq!(drain(&mut ledger, &rules, START, "agent-1", &all), 33);
    assert_eq!(drain(&mut ledger, &rules, START, "agent-2", &all), 33);
    let refused = ledger
        .take(
            &rules,
            START,
            Party {
                who: "agent-1",
                all: &all,
            },
        )
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the agent's part of 33 of the quota of 100 requests in 1h is used up"
    );
    let usage = &ledger.usage(&rules, START)[0];
    assert_eq!((usage.used, usage.of, usage.by_agent["agent-0"]), (100, 100, 34));
}

#[test]
fn a_part_that_is_nearly_used_up_is_warned_of() {
    let (mut ledger, rules, all) = (Ledger::default(), rules(None, &[(40, HOUR)]), agents(2));
    let mut warned = Vec::new();
    for _ in 0..20 {
        let taken = ledger
            .take(
                &rules,
                START,
                Party {
                    who: "agent-1",
                    all: &all,
                },
            )
            .unwrap();
        warned.extend(
            taken
                .warnings
                .into_iter()
                .map(|warning| (warning.percent, warning.used, warning.of, warning.who)),
        );
    }
    let who = || Some("agent-1".to_owned());
    assert_eq!(
        warned,
        [(80, 16, 20, who()), (90, 18, 20, who()), (95, 19, 20, who())]
    );
}

/// Fewer requests than agents: those that have none are told that they never
/// will.
#[test]
fn a_part_of_nothing_is_refused_for_good() {
    let (mut ledger, rules, all) = (Ledger::default(), rules(None, &[(1, HOUR)]), agents(2));
    for who in ["agent-1", "stranger"] {
        assert_eq!(
            ledger
                .take(&rules, START, Party { who, all: &all })
                .unwrap_err()
                .until_ms,
            None
        );
    }
    ledger
        .take(
            &rules,
            START,
            Party {
                who: "agent-0",
                all: &all,
            },
        )
        .unwrap();
}

#[test]
fn one_that_asks_all_the_time_leaves_the_others_their_part_of_the_rate() {
    let (mut ledger, rules, all) = (Ledger::default(), rules(Some((10, 1_000, 1)), &[]), agents(2));
    let (mut greedy, mut modest) = (0, 0);
    for ms in 0..10_000 {
        greedy += usize::from(
            ledger
                .take(
                    &rules,
                    START + ms,
                    Party {
                        who: "agent-0",
                        all: &all,
                    },
                )
                .is_ok(),
        );
        if ms % 250 == 100 {
            let until = ledger
                .take(
                    &rules,
                    START + ms,
                    Party {
                        who: "agent-1",
                        all: &all,
                    },
                )
                .err();
            // At worst it waits for the one request just before.
            let wait = until.map_or(0, |refused| refused.until_ms.unwrap() - (START + ms));
            assert!(wait <= 100, "{wait}");
            modest += usize::from(wait == 0);
        }
    }
    assert!(greedy <= 51, "{greedy}");
    assert!(modest > 0);
}

#[test]
fn an_upstreams_word_holds_for_the_agent_that_was_told() {
    let (mut ledger, rules, all) = (Ledger::default(), rules(None, &[]), agents(2));
    ledger.hold("agent-0", START, START + HOUR);
    let told = Party {
        who: "agent-0",
        all: &all,
    };
    let refused = reload(&ledger).take(&rules, START + 1, told).unwrap_err();
    assert_eq!(
        (refused.limit, refused.until_ms),
        (Limit::Upstream, Some(START + HOUR))
    );
    ledger
        .take(
            &rules,
            START + 1,
            Party {
                who: "agent-1",
                all: &all,
            },
        )
        .unwrap();
    ledger.take(&rules, START + HOUR, told).unwrap();
    ledger.hold("agent-0", START, u64::MAX);
    assert!(ledger.take(&rules, START + held::LONGEST_HOLD_MS, told).is_ok());
}
