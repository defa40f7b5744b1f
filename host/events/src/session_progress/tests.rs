//! The fold against a model that looks everything up in the list of all events.

use proptest::prelude::*;

use super::arbitrary::{TASKS, events};
use super::*;
use crate::QuarantineStatus;
use fusebox_resilience::isolation::Kind;
use fusebox_types::TaskStatus;

/// All that a session has told.
struct Told<'e>(&'e [Event]);

impl Told<'_> {
    /// The last that a task did.
    fn last(&self, task: usize) -> Option<&Event> {
        let of = |event: &&Event| match event {
            Event::AttemptStarted { task: of, .. }
            | Event::AttemptEnded { task: of, .. }
            | Event::RetryScheduled { task: of, .. }
            | Event::TaskHeld { task: of, .. }
            | Event::TaskEnded { task: of, .. } => *of as usize == task,
            _ => false,
        };
        self.0.iter().rfind(of)
    }

    fn attempts(&self, task: usize) -> u32 {
        let number = |event: &Event| match event {
            Event::AttemptEnded {
                task: of, attempt, ..
            } if *of as usize == task => Some(attempt.number),
            _ => None,
        };
        self.0.iter().filter_map(number).max().unwrap_or(0)
    }

    /// How many tasks did something like this last.
    fn count(&self, is: impl Fn(Option<&Event>) -> bool) -> u64 {
        (0..TASKS).filter(|task| is(self.last(*task))).count() as u64
    }

    fn counts(&self) -> Counts {
        let came_to = |wanted: TaskStatus| {
            self.count(
                |last| matches!(last, Some(Event::TaskEnded { record, .. }) if record.status == wanted),
            )
        };
        let is_retried = |task: &usize| {
            let last = self.last(*task);
            let whole = matches!(last, Some(Event::TaskEnded { record, .. }) if record.status == TaskStatus::Succeeded);
            whole && self.attempts(*task) > 1
        };
        Counts {
            total: TASKS as u64,
            succeeded: came_to(TaskStatus::Succeeded),
            retried: (0..TASKS).filter(is_retried).count() as u64,
            degraded: came_to(TaskStatus::Degraded),
            failed: came_to(TaskStatus::Failed),
            skipped: came_to(TaskStatus::Skipped),
            cancelled: came_to(TaskStatus::Cancelled),
            held: came_to(TaskStatus::Held),
        }
    }

    /// How many tasks are held, as was told last.
    fn held(&self) -> u64 {
        let holds = self.0.iter().rev().find_map(|event| match event {
            Event::Hold { tasks, .. } => Some(*tasks),
            _ => None,
        });
        holds.unwrap_or(0)
    }

    /// For how long tasks were held: a second lies between two events.
    fn held_for(&self) -> Duration {
        let (mut held, mut total) = (0, 0);
        for event in self.0 {
            total += u64::from(held > 0);
            if let Event::Hold { tasks, .. } = event {
                held = *tasks;
            }
        }
        Duration::from_secs(total)
    }

    fn started(&self) -> Option<Timestamp> {
        self.0.iter().find_map(|event| match event {
            Event::SessionStarted { at, .. } => Some(*at),
            _ => None,
        })
    }

    fn ended(&self) -> Option<SessionStatus> {
        self.0.iter().find_map(|event| match event {
            Event::SessionEnded { status, .. } => Some(*status),
            _ => None,
        })
    }

    fn breaker(&self) -> Option<String> {
        self.0.iter().rev().find_map(|event| match event {
            Event::Breaker { transition, .. } => Some(transition.to.to_string()),
            _ => None,
        })
    }

    /// Where an instance stands; none if it was never out.
    fn standing(&self, id: &str) -> Option<QuarantineStatus> {
        let changes = self.0.iter().filter_map(|event| match event {
            Event::Instance { instance, change, .. } if &**instance == id => Some(change),
            _ => None,
        });
        let since_out: Vec<_> = changes
            .skip_while(|change| matches!(change, Kind::Released { .. }))
            .collect();
        since_out.last().map(|change| match change {
            Kind::Released { .. } => QuarantineStatus::Released,
            Kind::Held { .. } => QuarantineStatus::Held,
            Kind::Quarantined(_) => QuarantineStatus::Quarantined,
        })
    }
}

/// How far the session is that told this.
fn progress(events: &[Event]) -> SessionProgress {
    let mut progress = SessionProgress::new(TASKS);
    events.iter().for_each(|event| progress.read(event));
    progress
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn what_is_counted_is_what_was_told(events in events()) {
        let (progress, told) = (progress(&events), Told(&events));
        prop_assert_eq!(progress.counts(), told.counts());
        prop_assert_eq!(progress.running(), told.count(|last| matches!(last, Some(Event::AttemptStarted { .. }))));
        prop_assert_eq!(progress.deciding(), told.count(|last| matches!(last, Some(Event::AttemptEnded { .. }))));
        prop_assert_eq!(progress.waiting(), told.count(|last| matches!(last, Some(Event::RetryScheduled { .. }))));
        prop_assert_eq!(progress.held(), told.held());
        let held_begun = told.count(|last| matches!(last, Some(Event::TaskHeld { .. })));
        prop_assert_eq!(progress.pending(), told.count(|last| last.is_none()) - (told.held() - held_begun));
        prop_assert_eq!(progress.start().map(|start| start.at), told.started());
        prop_assert_eq!(progress.end().map(|end| end.status), told.ended());
    }

    #[test]
    fn a_task_is_where_its_last_event_left_it(events in events()) {
        let (progress, told) = (progress(&events), Told(&events));
        for task in 0..TASKS {
            let open = progress.open_task(task as TaskIndex);
            let attempts = told.attempts(task);
            match (told.last(task), open.map(|open| (&open.phase, open.attempts))) {
                (None | Some(Event::TaskEnded { .. }), None) => {}
                (
                    Some(Event::AttemptStarted { number, maximum, at, .. }),
                    Some((Phase::Running { attempt, of, since, .. }, ended)),
                ) => prop_assert_eq!((*attempt, *of, *since, ended), (*number, *maximum, *at, attempts)),
                (Some(Event::AttemptEnded { .. }), Some((Phase::Deciding { attempt, .. }, ended))) => {
                    prop_assert_eq!((*attempt, ended), (attempts, attempts));
                }
                (
                    Some(Event::RetryScheduled { number, maximum, at, .. }),
                    Some((Phase::Waiting { attempt, of, until }, ended)),
                ) => prop_assert_eq!((*attempt, *of, *until, ended), (*number, *maximum, *at, attempts)),
                (
                    Some(Event::TaskHeld { by, until, number, maximum, .. }),
                    Some((Phase::Held { attempt, of, by: held_by, until: held_until }, ended)),
                ) => prop_assert_eq!((*attempt, *of, held_by, *held_until, ended), (*number, *maximum, by, *until, attempts)),
                (last, open) => prop_assert!(false, "{last:?} left it at {open:?}"),
            }
        }
    }

    #[test]
    fn every_task_is_in_one_place(events in events()) {
        let progress = progress(&events);
        let under_way = progress.running() + progress.deciding() + progress.waiting() + progress.held() + progress.pending();
        prop_assert_eq!(under_way + progress.counts().over(), TASKS as u64);
    }

    #[test]
    fn the_time_that_tasks_were_held_is_what_lay_between(events in events()) {
        let (progress, told) = (progress(&events), Told(&events));
        let last = Timestamp::new(1_000_000 + events.len() as i64 - 1, 0).unwrap();
        let total: Duration = progress.holds().map(|hold| hold.total(last)).sum();
        prop_assert_eq!(total, told.held_for());
    }

    #[test]
    fn circuits_and_instances_are_as_they_were_told_last(events in events()) {
        let (progress, told) = (progress(&events), Told(&events));
        let breakers: Vec<_> = progress.breakers().map(|view| view.state.clone()).collect();
        prop_assert_eq!(breakers, told.breaker().into_iter().collect::<Vec<_>>());
        let standing = |id: &str| progress.quarantines().find(|view| view.instance == id).map(|view| view.state);
        for id in ["one", "two"] {
            prop_assert_eq!(standing(id), told.standing(id));
        }
    }
}
