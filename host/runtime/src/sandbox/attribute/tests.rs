use super::*;

fn guest(category: Category) -> Failure {
    let mut failure = Failure::new(Code::Guest("llm.failed".into()), "no answer");
    failure.category = category;
    failure
}

fn says(category: Category, retryable: Option<bool>) -> Failure {
    Failure {
        retryable,
        ..guest(category)
    }
}

fn seen(code: Code) -> Seen {
    Seen {
        failure: Some(Failure::new(code, "as the host saw it")),
        ..Seen::default()
    }
}

#[test]
fn what_the_host_saw_takes_the_place_of_what_a_guest_says_of_a_service() {
    let failure = attribute(guest(Category::Network), false, &seen(Code::ApiThrottled));
    assert_eq!(
        (failure.code, failure.blame),
        (Code::ApiThrottled, Blame::Upstream)
    );
    assert_eq!(failure.context[0].0, "guest");
}

#[test]
fn a_guest_that_blames_the_network_for_nothing_keeps_the_blame() {
    let failure = attribute(guest(Category::Network), false, &Seen::default());
    assert_eq!(failure.blame, Blame::Guest);
    for said in [Category::InstanceFailure, Category::Validation] {
        let failure = attribute(guest(said), false, &seen(Code::ApiThrottled));
        assert_eq!(failure.blame, Blame::Guest);
    }
}

/// The codes that an attempt can end with, by what the host saw last and by
/// what the guest makes of it.
#[test]
fn what_the_host_saw_last_decides_whether_it_is_tried_again() {
    use Category::{ApiLimit, InstanceFailure, MemoryOverflow, Network, System, Validation};
    for code in Code::ALL.iter().filter(|code| code.is_transport()) {
        for category in [Network, System, Validation, InstanceFailure, MemoryOverflow] {
            for said in [None, Some(true), Some(false)] {
                let found = attribute(says(category, said), said == Some(true), &seen(code.clone()));
                let row = code.row();
                assert_eq!(
                    (&found.code, found.retryable, found.blame),
                    (code, row.retryable, row.blame)
                );
                assert!(!found.is_strike(), "{code}");
            }
        }
    }
    let no = Some(false);
    let rows = [
        // The guest has read the answer.
        (Code::HttpServerError, Network, no, "http.server-error", no),
        (Code::ApiThrottled, ApiLimit, no, "api.throttled", no),
        (Code::ApiThrottled, ApiLimit, None, "api.throttled", Some(true)),
        (
            Code::HttpClientError,
            Validation,
            Some(true),
            "http.client-error",
            no,
        ),
        // What the host refused, it alone knows about.
        (Code::ShedQueue, System, no, "shed.queue", Some(true)),
        (Code::HostJournal, System, no, "host.journal", Some(true)),
        (
            Code::DeniedUpstream,
            Validation,
            Some(true),
            "denied.upstream",
            no,
        ),
        (Code::DeniedUpstream, Network, Some(true), "denied.upstream", no),
        (Code::LimitHttpCalls, Network, Some(true), "limit.http-calls", no),
        (Code::LimitDeadline, Validation, no, "limit.deadline", Some(true)),
        // That the host refused it, no guest can take on itself.
        (Code::ShedQueue, InstanceFailure, no, "shed.queue", Some(true)),
        (
            Code::DeniedUpstream,
            InstanceFailure,
            None,
            "guest.llm.failed",
            None,
        ),
    ];
    for (code, category, said, name, retryable) in rows {
        let found = attribute(says(category, said), said == Some(true), &seen(code));
        assert_eq!(
            (found.code.to_string().as_str(), found.retryable),
            (name, retryable)
        );
    }
}

#[test]
fn after_a_request_that_succeeded_the_guests_own_verdict_stands() {
    let found = attribute(says(Category::Network, Some(false)), false, &Seen::default());
    assert_eq!(found.code, Code::Guest("llm.failed".into()));
    assert_eq!((found.retryable, found.blame), (Some(false), Blame::Guest));
    assert!(found.is_strike());
}

#[test]
fn a_refused_file_is_the_end_of_a_guest_that_speaks_of_it_and_of_no_other() {
    let refused = || Seen {
        failure: Some(Failure::new(Code::DeniedFile, "not granted").with("path", "/data/in.csv")),
        ..Seen::default()
    };
    let says = |category, code: &str, message: &str| {
        let mut failure = Failure::new(Code::Guest(code.into()), message);
        failure.category = category;
        attribute(failure, false, &refused())
    };
    let uncaught = "No such file or directory: 'data/in.csv'";
    for failure in [
        says(Category::Validation, "file.no-entry", "no"),
        says(Category::InstanceFailure, "error", uncaught),
    ] {
        assert_eq!(failure.code, Code::DeniedFile);
    }
    let other = says(Category::Validation, "bad-row", "row 17 has no number");
    assert_eq!(other.code, Code::Guest("bad-row".into()));
    assert!(other.context.iter().any(|(name, _)| &**name == "denied"));
}

#[test]
fn a_deadline_is_the_upstreams_that_was_waited_for() {
    let waiting = Seen {
        awaits_upstream: true,
        called: vec!["glm".into()],
        ..Seen::default()
    };
    let failure = attribute(Failure::new(Code::LimitDeadline, ""), false, &waiting);
    assert_eq!(failure.blame, Blame::Upstream);
    assert!(!failure.is_strike());
}

/// As an uncaught exception and an `unwrap` end.
#[test]
fn a_failure_that_escapes_is_the_end_and_no_strike() {
    let ends = [Code::TrapUnreachable, Code::TrapPanic, Code::TrapExit];
    let denied = [Code::DeniedUpstream, Code::DeniedFile, Code::ShedBreaker];
    let ways = Code::ALL.iter().filter(|code| code.is_transport()).cloned();
    for code in ways.chain(denied).chain([Code::ApiOverloaded, Code::ApiAuth]) {
        for end in &ends {
            let end = Failure::new(end.clone(), "unwrap on an Err").with("place", "src/lib.rs:1:2");
            let found = attribute(end.clone(), true, &seen(code.clone()));
            let row = code.row();
            let facts = (&found.code, found.blame, found.retryable, found.is_strike());
            assert_eq!(facts, (&code, row.blame, row.retryable, false));
            assert_eq!(found.message, "as the host saw it");
            let unhandled = ("unhandled".to_owned(), end.to_string());
            assert!(found.context.contains(&unhandled), "{found:?}");
            assert!(found.context.contains(&end.context[0]));
        }
    }
}

#[test]
fn a_guest_that_went_on_after_a_failure_ends_by_itself() {
    let went_on = Seen {
        went_on: true,
        ..seen(Code::HttpConnect)
    };
    let found = attribute(Failure::new(Code::TrapPanic, "index"), true, &went_on);
    assert_eq!((found.code, found.blame), (Code::TrapPanic, Blame::Guest));
}

#[test]
fn limits_and_other_traps_are_nobody_elses() {
    let ends = Code::ALL.iter().filter(|code| {
        let name = code.to_string();
        let own = name.starts_with("trap.") || name.starts_with("limit.");
        own && !escaped(code)
    });
    for code in ends {
        let end = Failure::new(code.clone(), "");
        for host in [Code::HttpReset, Code::DeniedUpstream, Code::ApiOverloaded] {
            assert_eq!(attribute(end.clone(), true, &seen(host)), end);
        }
    }
}

#[test]
fn what_had_an_effect_is_tried_again_only_if_it_may_be_done_twice() {
    let acted = Seen {
        effects: 1,
        ..seen(Code::HttpReset)
    };
    assert_eq!(attribute(guest(Category::Network), false, &acted).retryable, None);
    assert_eq!(
        attribute(guest(Category::Network), true, &acted).retryable,
        Some(true)
    );
    let trap = Failure::new(Code::TrapPanic, "");
    assert_eq!(attribute(trap, false, &acted).retryable, None);
}
