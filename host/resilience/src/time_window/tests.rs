//! What a window of time holds, and when it forgets.

use super::*;
use crate::counts::Call;

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn fail(window: &mut TimeWindow, span: u64, at: u64) {
    let call = Call {
        failed: true,
        slow: false,
    };
    window.add(call.into(), s(span), s(at));
}

fn calls(window: &TimeWindow, span: u64, at: u64) -> u64 {
    let sums = window.sums(s(span), s(at));
    assert_eq!(sums.calls, sums.failures);
    sums.calls
}

#[test]
fn it_forgets_a_tenth_at_a_time_counted_from_the_first_call() {
    let mut window = TimeWindow::default();
    for at in 1_003..1_013 {
        fail(&mut window, 10, at);
    }
    let seen: Vec<_> = (1_012..1_023).map(|at| calls(&window, 10, at)).collect();
    assert_eq!(seen, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
}

#[test]
fn it_survives_a_gap_of_sixty_days_and_keeps_its_grid() {
    let mut window = TimeWindow::default();
    let gap = 60 * 86_400;
    fail(&mut window, 300, 7);
    assert_eq!(calls(&window, 300, 7 + gap), 0);
    fail(&mut window, 300, 8 + gap);
    assert_eq!(calls(&window, 300, 7 + gap + 299), 1);
    assert_eq!(
        calls(&window, 300, 7 + gap + 300),
        0,
        "the grid is that of second 7"
    );
}

#[test]
fn a_look_changes_nothing() {
    let mut window = TimeWindow::default();
    fail(&mut window, 10, 0);
    assert_eq!(calls(&window, 10, 100), 0);
    assert_eq!(calls(&window, 10, 9), 1);
    assert_eq!(calls(&window, 100, 9), 1);
}

#[test]
fn another_span_keeps_what_fits() {
    let mut window = TimeWindow::default();
    for at in 0..300 {
        fail(&mut window, 300, at);
    }
    assert_eq!(calls(&window, 600, 299), 300, "longer: all");
    assert_eq!(calls(&window, 150, 299), 150, "half: half");
    assert_eq!(calls(&window, 1, 299), 0, "too short to know");
    fail(&mut window, 600, 299);
    assert_eq!(calls(&window, 600, 500), 301);
    assert_eq!(calls(&window, 600, 1_000), 0, "and it is forgotten in time");
}

#[test]
fn strange_spans_do_not_overflow() {
    for span in [Duration::ZERO, Duration::from_nanos(1), Duration::MAX] {
        let mut window = TimeWindow::default();
        let call = Call {
            failed: false,
            slow: true,
        };
        window.add(call.into(), span, Duration::ZERO);
        window.add(call.into(), span, Duration::MAX);
        assert!(window.sums(s(300), Duration::MAX).calls <= 2);
        assert!(window.sums(span, Duration::MAX).slow >= 1);
    }
}
