use super::*;
use fusebox_upstream::call::Phase;

const SECOND: Duration = Duration::from_secs(1);

/// An attempt of 30 s, of which nothing is left, at an upstream that may take 25 s.
const SILENCE: Silence = Silence {
    limit: Duration::from_secs(30),
    left: Duration::ZERO,
    first_byte: Duration::from_secs(25),
};

fn end(how: How, silent_for: Duration) -> End {
    End {
        how,
        status: None,
        verdict: None,
        sent: true,
        request_bytes: 0,
        response_bytes: 0,
        took: silent_for,
        latency: None,
        silent_for,
    }
}

fn timed_out(whose: Whose) -> How {
    let phase = Phase::FirstByte;
    How::Failed(CallFault::TimedOut { phase, whose })
}

/// Whoever of both is first.
fn ends_by_deadline(silent_for: Duration) -> [End; 2] {
    [How::Dropped, timed_out(Whose::Attempt)].map(|how| end(how, silent_for))
}

#[test]
fn an_upstream_that_had_half_of_the_attempt_had_its_time() {
    for (silent_for, is_telling) in [(14, false), (15, true), (29, true)] {
        for end in ends_by_deadline(silent_for * SECOND) {
            assert_eq!(SILENCE.is_telling(&end), is_telling, "{end:?}");
        }
    }
}

/// Headers may have been waited for twice: after more of the request's body the wait
/// begins anew.
#[test]
fn an_upstream_that_had_all_the_time_of_its_rules_had_its_time() {
    let silence = Silence {
        first_byte: 5 * SECOND,
        ..SILENCE
    };
    for (silent_for, is_telling) in [(4, false), (5, true)] {
        for end in ends_by_deadline(silent_for * SECOND) {
            assert_eq!(silence.is_telling(&end), is_telling, "{end:?}");
        }
    }
}

#[test]
fn what_a_guest_gives_up_before_its_deadline_tells_nothing() {
    let early = Silence {
        left: SECOND,
        ..SILENCE
    };
    assert!(!early.is_telling(&end(How::Dropped, 29 * SECOND)));
    assert!(!SILENCE.is_telling(&end(timed_out(Whose::Guest), 29 * SECOND)));
}

/// Of one that answered it is not known how long it was silent.
#[test]
fn an_answer_is_no_silence() {
    for end in ends_by_deadline(Duration::ZERO) {
        assert!(!SILENCE.is_telling(&end));
    }
}
