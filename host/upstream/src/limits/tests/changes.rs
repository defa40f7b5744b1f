//! Rates, changed rules, clocks that jump.

use super::*;

#[test]
fn what_was_not_sent_is_given_back() {
    let (mut ledger, rules, all) = (
        Ledger::default(),
        rules(None, &[(1, HOUR), (2, 10 * HOUR)]),
        agents(1),
    );
    let party = Party {
        who: "agent-0",
        all: &all,
    };
    for _ in 0..5 {
        let taken = ledger.take(&rules, START, party).unwrap();
        assert!(ledger.take(&rules, START, party).is_err());
        ledger.give_back(&taken);
    }
    assert_eq!(ledger.usage(&rules, START)[1].used, 0);
}

#[test]
fn a_changed_quota_keeps_what_was_counted() {
    let all = agents(1);
    let mut ledger = Ledger::default();
    assert_eq!(
        drain(&mut ledger, &rules(None, &[(50, HOUR)]), START, "agent-0", &all),
        50
    );
    assert_eq!(
        drain(&mut ledger, &rules(None, &[(60, HOUR)]), START, "agent-0", &all),
        10
    );
    assert_eq!(
        drain(
            &mut ledger,
            &rules(None, &[(70, 2 * HOUR)]),
            START,
            "agent-0",
            &all
        ),
        10
    );
    assert_eq!(
        drain(
            &mut ledger,
            &rules(None, &[(10, 2 * HOUR)]),
            START,
            "agent-0",
            &all
        ),
        0
    );
}

#[test]
fn all_quotas_hold_and_the_longest_refusal_is_said() {
    let (mut ledger, rules, all) = (
        Ledger::default(),
        rules(Some((1, 1_000, 1)), &[(2, HOUR), (1, 24 * HOUR)]),
        agents(1),
    );
    let party = Party {
        who: "agent-0",
        all: &all,
    };
    ledger.take(&rules, START, party).unwrap();
    let refused = ledger.take(&rules, START, party).unwrap_err();
    assert!(
        matches!(refused.limit, Limit::Quota { requests: 1, .. }),
        "{refused}"
    );
    assert_eq!(ledger.usage(&rules, START)[0].used, 1);
}

#[test]
fn a_rate_spreads_requests_evenly() {
    let (mut ledger, rules, all) = (Ledger::default(), rules(Some((4, 1_000, 2)), &[]), agents(1));
    let party = Party {
        who: "agent-0",
        all: &all,
    };
    let taken: Vec<u64> = (0..1_000)
        .filter(|ms| ledger.take(&rules, START + ms, party).is_ok())
        .collect();
    assert_eq!(taken, [0, 1, 250, 500, 750]);
    let refused = ledger.take(&rules, START + 999, party).unwrap_err();
    assert_eq!(
        (refused.code(), refused.until_ms),
        (Code::ShedRate, Some(START + 1_000))
    );
    assert_eq!(refused.to_string(), "the rate of 4 requests in 1s is used up");
}

#[test]
fn a_clock_that_jumps_back_neither_frees_nor_sticks() {
    let (rules, all) = (rules(Some((1_000, 1_000, 1_000)), &[(10, HOUR)]), agents(1));
    let party = Party {
        who: "agent-0",
        all: &all,
    };
    let year = 365 * 24 * HOUR;
    let mut ledger = Ledger::default();
    assert_eq!(drain(&mut ledger, &rules, START + year, "agent-0", &all), 10);
    ledger.hold("agent-0", START + year, START + year + HOUR);
    assert!(ledger.take(&rules, START, party).is_err());
    let refused = ledger.take(&rules, START + HOUR - 1, party).unwrap_err();
    assert!(refused.until_ms.unwrap() <= START + HOUR + HOUR / 256 + 1);
    ledger.take(&rules, refused.until_ms.unwrap(), party).unwrap();
}

/// Years of use in a few kilobytes.
#[test]
fn a_ledger_stays_small() {
    let (mut ledger, rules, all) = (
        Ledger::default(),
        rules(None, &[(1_000_000, 1_000 * HOUR)]),
        agents(1),
    );
    for at in 0..20_000 {
        ledger
            .take(
                &rules,
                START + at * HOUR / 4,
                Party {
                    who: "agent-0",
                    all: &all,
                },
            )
            .unwrap();
    }
    assert!(serde_json::to_vec(&ledger).unwrap().len() < 8_000);
}
