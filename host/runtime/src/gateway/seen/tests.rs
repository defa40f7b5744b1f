use super::*;
use fusebox_secrets::Vault;
use fusebox_upstream::call::{Caller, Ending, GuestTimeouts, Terms, Upstream};
use fusebox_upstream::connect::Roots;
use fusebox_upstream::rules::UpstreamRules;

fn begin(observer: &CallObserver) -> u32 {
    let begin = RequestBegin {
        state: CallState::default(),
        may_act: true,
    };
    observer.begins(&"api".into(), begin)
}

/// An end that says what it failed with.
fn ended(number: u32, code: Option<Code>) -> RequestEnd {
    RequestEnd {
        number,
        failure: code.map(failure),
        said_by: SaidBy::Host,
        has_effect: false,
        says_nothing: false,
        failed_probe: None,
    }
}

fn end(observer: &CallObserver, number: u32, code: Option<Code>) {
    observer.ends(ended(number, code));
}

fn failure(code: Code) -> Failure {
    Failure::new(code, "")
}

fn last(observer: &CallObserver) -> Option<Code> {
    observer.seen().failure.map(|failure| failure.code)
}

#[test]
fn a_later_request_decides() {
    for code in [None, Some(Code::ApiAuth), Some(Code::HttpConnect)] {
        let observer = CallObserver::default();
        let first = begin(&observer);
        end(&observer, first, Some(Code::HttpReset));
        let second = begin(&observer);
        assert_eq!(last(&observer), Some(Code::HttpReset));
        end(&observer, second, code.clone());
        assert_eq!(last(&observer), code);
    }
}

#[test]
fn a_request_that_was_under_way_does_not_undo_a_transport_failure() {
    for code in [None, Some(Code::HttpClientError)] {
        let observer = CallObserver::default();
        let (first, second) = (begin(&observer), begin(&observer));
        end(&observer, second, Some(Code::HttpReset));
        end(&observer, first, code);
        assert_eq!(last(&observer), Some(Code::HttpReset));
        let third = begin(&observer);
        end(&observer, third, None);
        assert_eq!(last(&observer), None);
    }
}

#[test]
fn of_two_transport_failures_the_last_has_to_be_undone() {
    let observer = CallObserver::default();
    let (first, second) = (begin(&observer), begin(&observer));
    end(&observer, first, Some(Code::HttpReset));
    let third = begin(&observer);
    end(&observer, second, Some(Code::HttpTimeout));
    end(&observer, third, None);
    assert_eq!(last(&observer), Some(Code::HttpTimeout));
}

/// An answer is read by the guest: there the last one counts.
#[test]
fn answers_replace_each_other_as_they_come() {
    let observer = CallObserver::default();
    let (first, second) = (begin(&observer), begin(&observer));
    end(&observer, second, Some(Code::HttpServerError));
    end(&observer, first, None);
    assert_eq!(last(&observer), None);
}

#[test]
fn a_denial_does_not_undo_a_transport_failure_and_back_pressure_does() {
    let observer = CallObserver::default();
    let first = begin(&observer);
    end(&observer, first, Some(Code::HttpConnect));
    observer.refused(&failure(Code::DeniedUpstream));
    assert_eq!(last(&observer), Some(Code::HttpConnect));
    observer.refused(&failure(Code::ShedBreaker));
    assert_eq!(last(&observer), Some(Code::ShedBreaker));
    observer.refused(&failure(Code::DeniedUpstream));
    assert_eq!(last(&observer), Some(Code::DeniedUpstream));
}

#[test]
fn what_the_guest_broke_off_says_nothing() {
    let observer = CallObserver::default();
    let first = begin(&observer);
    end(&observer, first, Some(Code::HttpReset));
    let second = begin(&observer);
    observer.ends(RequestEnd {
        has_effect: true,
        says_nothing: true,
        failed_probe: None,
        ..ended(second, None)
    });
    let seen = observer.seen();
    assert_eq!((seen.effects, seen.awaits_upstream), (1, false));
    assert_eq!(last(&observer), Some(Code::HttpReset));
}

/// Sends a request to a server that takes the connection and says nothing.
async fn left_under_way(state: &CallState) -> impl Sized {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let rules = serde_json::json!({ "address": address, "network": "loopback" });
    let rules: UpstreamRules = serde_json::from_value(rules).unwrap();
    let upstream = Upstream::new("api", &rules, &Roots::none(), &Vault::default()).unwrap();
    let ending = Ending::watched(state, drop);
    let terms = Terms {
        deadline: tokio::time::Instant::now() + std::time::Duration::from_secs(60),
        guest: GuestTimeouts::default(),
        body: 1,
    };
    let request = http::Request::post("/")
        .body(http_body_util::Empty::<bytes::Bytes>::new())
        .unwrap();
    let sending = async move {
        let caller: Caller = Caller::default();
        let sent = caller.send(&upstream, request, terms, ending);
        sent.await.map(drop)
    };
    let mut sending = Box::pin(sending);
    while !state.is_sent() {
        tokio::select! {
            _ = &mut sending => panic!("nobody answers"),
            () = tokio::task::yield_now() => {}
        }
    }
    (sending, listener)
}

/// What a guest leaves behind when it ends may be carried out all the same.
#[tokio::test]
async fn a_request_that_was_sent_may_have_acted_before_it_ends() {
    for (may_act, acted) in [(true, 1), (false, 0)] {
        let (observer, state) = (CallObserver::default(), CallState::default());
        let begin = RequestBegin {
            state: state.clone(),
            may_act,
        };
        let number = observer.begins(&"api".into(), begin);
        assert_eq!(observer.seen().effects, 0, "nothing is sent yet");
        let _under_way = left_under_way(&state).await;
        let seen = observer.seen();
        assert_eq!((seen.effects, seen.awaits_upstream), (acted, true));
        end(&observer, number, Some(Code::HttpReset));
        assert_eq!(observer.seen().effects, 0, "its end says what it did");
    }
}

#[test]
fn requests_are_counted_from_when_they_begin_and_refusals_are_not() {
    let observer = CallObserver::default();
    observer.refused(&failure(Code::ShedBreaker));
    assert_eq!(observer.seen().sent, 0);
    let first = begin(&observer);
    assert_eq!(observer.seen().sent, 1);
    end(&observer, first, Some(Code::HttpConnect));
    begin(&observer);
    assert_eq!(observer.seen().sent, 2);
}

#[test]
fn a_probe_that_failed_is_known_until_something_else_happened() {
    let probe = |number| RequestEnd {
        failed_probe: Some("api".into()),
        ..ended(number, Some(Code::HttpServerError))
    };
    let of = |observer: &CallObserver, code| observer.seen().failed_probe_of(&failure(code));
    let observer = CallObserver::default();
    let first = begin(&observer);
    observer.ends(probe(first));
    assert_eq!(of(&observer, Code::HttpServerError).as_deref(), Some("api"));
    assert_eq!(
        of(&observer, Code::TrapPanic),
        None,
        "that is not what it failed with"
    );
    observer.refused(&failure(Code::ShedBreaker));
    assert_eq!(of(&observer, Code::ShedBreaker), None);
    let second = begin(&observer);
    observer.ends(probe(second));
    let third = begin(&observer);
    end(&observer, third, None);
    assert_eq!(of(&observer, Code::HttpServerError), None);
}

#[test]
fn the_upstream_that_was_called_last_is_at_the_end() {
    let observer = CallObserver::default();
    for name in ["one", "two", "one"] {
        let begin = RequestBegin {
            state: CallState::default(),
            may_act: false,
        };
        observer.begins(&name.into(), begin);
    }
    let seen = observer.seen();
    assert_eq!(seen.called, ["two".into(), "one".into()]);
    assert_eq!(seen.upstream().map(|name| &**name), Some("one"));
}
