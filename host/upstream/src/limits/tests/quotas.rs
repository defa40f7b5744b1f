//! Quotas and their warnings.

use super::*;

#[test]
fn a_quota_is_refused_at_its_end_with_the_time_when_there_is_room() {
    let (mut ledger, rules, all) = (Ledger::default(), rules(None, &[(120, 5 * HOUR)]), agents(1));
    let party = Party {
        who: "agent-0",
        all: &all,
    };
    for minute in 0..120 {
        ledger.take(&rules, START + minute * 60_000, party).unwrap();
    }
    let refused = ledger.take(&rules, START + 2 * HOUR, party).unwrap_err();
    assert_eq!(refused.code(), Code::ShedQuota);
    assert_eq!(refused.to_string(), "the quota of 120 requests in 5h is used up");
    let until = refused.until_ms.unwrap();
    let step = 5 * HOUR / 256 + 1;
    assert!(
        (START + 5 * HOUR..=START + 5 * HOUR + step).contains(&until),
        "{}",
        until - START
    );
    assert!(ledger.take(&rules, until - 1, party).is_err());
    ledger.take(&rules, until, party).unwrap();
}

#[test]
fn a_quota_holds_over_processes() {
    let (rules, all) = (rules(None, &[(10, HOUR)]), agents(1));
    let mut ledger = Ledger::default();
    for _ in 0..10 {
        ledger = reload(&ledger);
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
    assert_eq!(
        drain(&mut reload(&ledger), &rules, START + HOUR / 2, "agent-0", &all),
        0
    );
}

#[test]
fn warnings_come_once_at_80_90_and_95_percent() {
    let (mut ledger, rules, all) = (Ledger::default(), rules(None, &[(120, 5 * HOUR)]), agents(1));
    let mut warned = Vec::new();
    for _ in 0..120 {
        ledger = reload(&ledger);
        let taken = ledger
            .take(
                &rules,
                START,
                Party {
                    who: "agent-0",
                    all: &all,
                },
            )
            .unwrap();
        warned.extend(
            taken
                .warnings
                .iter()
                .map(|warning| (warning.percent, warning.used, warning.who.clone())),
        );
    }
    assert_eq!(warned, [(80, 96, None), (90, 108, None), (95, 114, None)]);
}

/// A window that slides at the edge does not warn with each request.
#[test]
fn a_warning_comes_again_only_after_the_use_has_fallen() {
    let (mut ledger, rules, all) = (Ledger::default(), rules(None, &[(100, 256_000)]), agents(1));
    let mut warned = 0;
    for second in 0..2_000 {
        // 80 in each window, then a pause, then the same again.
        let (steady, pause) = (second % 16 < 5, (1_000..1_400).contains(&second));
        if steady && !pause {
            let taken = ledger
                .take(
                    &rules,
                    START + second * 1_000,
                    Party {
                        who: "agent-0",
                        all: &all,
                    },
                )
                .unwrap();
            warned += taken.warnings.len();
        }
    }
    assert_eq!(warned, 2);
}
