use std::sync::Mutex;

use super::*;
use crate::config::{NoticeLevel, NoticeTopic};
use crate::notices::alert::{Alert, Lasts};
use crate::notices::channels::Print;
use jiff::Timestamp;

type Lines = Arc<Mutex<Vec<String>>>;

fn printing() -> (Print, Lines) {
    let lines = Lines::default();
    let to = lines.clone();
    (
        Box::new(move |line: &str| to.lock().unwrap().push(line.to_owned())),
        lines,
    )
}

fn alert(what: &str) -> Alert {
    Alert::new(
        NoticeTopic::Breaker,
        NoticeLevel::Warning,
        "circuit:x:open",
        Timestamp::UNIX_EPOCH,
        what,
    )
    .lasting(Lasts::UntilEnded)
}

/// Tells a dispatcher under a paused clock what comes after which wait, and hands out
/// the lines and what was not delivered.
fn told(
    rules: NotifyRules,
    print: Print,
    steps: Vec<(u64, AlertChange)>,
    ending: Ending,
) -> Vec<Undelivered> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    LocalSet::new().block_on(&runtime, async {
        let outlets = Outlets {
            print: Some(print),
            ..Outlets::default()
        };
        let (outlets, working) = Working::begin(channels::of(&rules, outlets), &Arc::default());
        let dispatcher = Dispatcher::new(rules.min_interval, About::default(), outlets);
        let (said, queue) = mpsc::channel(64);
        let (close, closed) = oneshot::channel();
        let serving = tokio::task::spawn_local(dispatcher.serve(queue, closed));
        for (seconds, step) in steps {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            said.send(step).await.unwrap();
        }
        drop(said);
        close.send(ending).unwrap();
        serving.await.unwrap();
        working.end(FLUSH).await
    })
}

#[test]
fn what_is_held_back_is_told_when_its_time_has_come_without_another_event() {
    let (print, lines) = printing();
    let steps = vec![
        (0, AlertChange::Begins(alert("open"))),
        (1, AlertChange::Ends(alert("closed"))),
        (1, AlertChange::Begins(alert("open again"))),
        // Nothing happens for a while but that the interval ends.
        (600, AlertChange::Ends(alert("closed for good"))),
    ];
    let undelivered = told(NotifyRules::default(), print, steps, Ending::default());
    assert_eq!(undelivered, []);
    let lines = lines.lock().unwrap();
    assert_eq!(
        *lines,
        [
            "warning: open",
            "closed",
            "warning: open again",
            "closed for good"
        ]
    );
}

#[test]
fn the_end_says_what_was_not_told_one_by_one() {
    let (print, lines) = printing();
    let mut steps = Vec::new();
    for _ in 0..4 {
        steps.push((1, AlertChange::Begins(alert("open"))));
        steps.push((1, AlertChange::Ends(alert("closed"))));
    }
    let ending = Ending {
        alert: Some(alert("the session ended")),
        counts: None,
    };
    told(NotifyRules::default(), print, steps, ending);
    let lines = lines.lock().unwrap();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[2].contains("3 more times"), "{lines:?}");
}

#[test]
fn a_channel_is_told_what_it_wants_and_nothing_else() {
    let (print, lines) = printing();
    let mut rules = NotifyRules::default();
    rules.terminal.min_level = NoticeLevel::Critical;
    let undelivered = told(
        rules.clone(),
        print,
        vec![(0, AlertChange::Begins(alert("open")))],
        Ending::default(),
    );
    assert_eq!((undelivered, lines.lock().unwrap().len()), (Vec::new(), 0));
    rules.terminal.min_level = NoticeLevel::Warning;
    rules.terminal.topics = vec![NoticeTopic::Session];
    let (print, lines) = printing();
    told(
        rules,
        print,
        vec![(0, AlertChange::Begins(alert("open")))],
        Ending::default(),
    );
    assert_eq!(lines.lock().unwrap().len(), 0);
}

/// The line is never taken; the dispatcher gives it up when its time is over.
#[test]
fn a_terminal_that_takes_nothing_holds_nobody_up() {
    let gate = Arc::new((Mutex::new(false), std::sync::Condvar::new()));
    let held = gate.clone();
    let print: Print = Box::new(move |_: &str| {
        let open = held.0.lock().unwrap();
        drop(held.1.wait_while(open, |open| !*open).unwrap());
    });
    let rules = NotifyRules::default();
    let outlets = Outlets {
        print: Some(print),
        ..Outlets::default()
    };
    let handle = open(rules, About::default(), outlets, Duration::from_millis(20)).unwrap();
    handle.say(AlertChange::Begins(alert("open")));
    let undelivered = handle.close(Ending::default());
    assert_eq!(undelivered.len(), 1);
    assert_eq!(
        (undelivered[0].channel.as_str(), undelivered[0].count),
        ("the terminal", Some(1))
    );
    *gate.0.lock().unwrap() = true;
    gate.1.notify_all();
}

/// What comes while the dispatcher does not look is not waited for, and is counted.
#[test]
fn more_than_can_wait_is_lost_and_said() {
    let (said, _queue) = mpsc::channel(1);
    let (closing, _closed) = oneshot::channel();
    let (report, result) = blocking::channel();
    report.send(Vec::new()).unwrap();
    let handle = Handle {
        said,
        closing,
        lost: Arc::default(),
        result,
        flush: FLUSH,
    };
    for _ in 0..3 {
        handle.say(AlertChange::Begins(alert("open")));
    }
    assert_eq!(handle.close(Ending::default()), [Undelivered::lost(2)]);
}
