//! What a session that is resumed has still to do.

use super::record::TaskStatus;
use super::recover::Recovered;

/// What becomes of a task when its session is resumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is over and stays so.
    Keep,
    /// It is not over, and is run.
    Run,
    /// It is over and is run again: a record says so first.
    Reopen,
    /// It had sent a request that must not be sent twice, and nobody knows what
    /// became of it. It ends as failed; if the operator says so after that, it
    /// is run again.
    Hold,
}

/// What a person wants to be run again of what is over.
#[derive(Debug, Clone, Copy)]
pub struct RunAgain<R> {
    /// Which of the tasks that failed or are partial.
    pub failed: R,
    /// Whether tasks run again that ran without a result that is there now, with
    /// all that depends on them.
    pub with_dependants: bool,
}

/// The fate of each task, by index. A task that was skipped is run if one that
/// it waited for is.
///
/// `dependants` names the tasks that depend on a task.
pub fn plan<'g>(
    recovered: &Recovered,
    dependants: impl Fn(u32) -> &'g [u32],
    again: &RunAgain<impl Fn(u32) -> bool>,
) -> Vec<Fate> {
    let all = 0..recovered.started.tasks;
    let fates = all.clone().map(|task| fate(recovered, task, &again.failed));
    let mut fates: Vec<Fate> = fates.collect();
    if again.with_dependants {
        let stale = |task: &u32| stale(recovered, *task, dependants(*task));
        let stale = all.clone().flat_map(|task| stale(&task)).collect();
        reopen(&mut fates, stale, &dependants, |_| true);
    }
    let runs = |task: &u32| matches!(fates.get(*task as usize), Some(Fate::Run | Fate::Reopen));
    let after = all.filter(runs).flat_map(|task| dependants(task).iter().copied());
    let after = after.collect();
    let was_skipped = |task| status(recovered, task) == Some(TaskStatus::Skipped);
    reopen(&mut fates, after, &dependants, was_skipped);
    fates
}

/// The dependants that ran before a task had the whole result that it has now.
fn stale(recovered: &Recovered, task: u32, dependants: &[u32]) -> Vec<u32> {
    let is_whole = status(recovered, task) == Some(TaskStatus::Succeeded);
    let did_run = |task: &u32| {
        let ended = recovered.settled.get(task);
        ended.is_some_and(|ended| ended.instance.is_some())
    };
    let ran_before =
        |dependant: &u32| is_whole && did_run(dependant) && recovered.ended_before(*dependant, task);
    dependants.iter().copied().filter(ran_before).collect()
}

/// Reopens those of these tasks that are kept and that `may` be, and then those
/// that depend on them.
fn reopen<'g>(
    fates: &mut [Fate],
    mut tasks: Vec<u32>,
    dependants: &impl Fn(u32) -> &'g [u32],
    may: impl Fn(u32) -> bool,
) {
    while let Some(task) = tasks.pop() {
        if let Some(fate) = fates.get_mut(task as usize)
            && *fate == Fate::Keep
            && may(task)
        {
            *fate = Fate::Reopen;
            tasks.extend(dependants(task));
        }
    }
}

fn fate(recovered: &Recovered, task: u32, retry_failed: &impl Fn(u32) -> bool) -> Fate {
    match status(recovered, task) {
        // Whatever it had come to before: it was run again, and sent it then.
        _ if recovered.sent.contains_key(&task) => Fate::Hold,
        None => Fate::Run,
        // It was cut short, and to go on means to go on with it.
        Some(status) if status.is_unfinished() => Fate::Reopen,
        Some(TaskStatus::Failed | TaskStatus::Degraded) if retry_failed(task) => Fate::Reopen,
        Some(_) => Fate::Keep,
    }
}

fn status(recovered: &Recovered, task: u32) -> Option<TaskStatus> {
    recovered.settled.get(&task).map(|ended| ended.status)
}

#[cfg(test)]
mod tests {
    use super::super::record::{Attempt, Record, Reopened, RequestSent, Retry, Started, TaskEnded};
    use super::*;

    fn session(tasks: u32) -> Recovered {
        Recovered::new(Started {
            tasks,
            ..Started::default()
        })
    }

    fn ended(task: u32, status: TaskStatus) -> Record {
        Record::TaskEnded(Box::new(TaskEnded::new(task, status)))
    }

    fn sent(task: u32, attempt: u32) -> Record {
        Record::RequestSent(RequestSent {
            task,
            attempt,
            upstream: "llm".into(),
            key_header: None,
        })
    }

    fn fates(recovered: &Recovered, retry_failed: bool) -> Vec<Fate> {
        plan(recovered, |_| &[], &failed(retry_failed))
    }

    fn failed(retry_failed: bool) -> RunAgain<impl Fn(u32) -> bool> {
        RunAgain {
            failed: move |_| retry_failed,
            with_dependants: false,
        }
    }

    #[test]
    fn what_is_over_stays_over_unless_it_was_cut_short_or_the_operator_says_so() {
        use TaskStatus::{Cancelled, Degraded, Failed, Held, Skipped, Succeeded};
        let all = [Succeeded, Degraded, Failed, Skipped, Cancelled, Held];
        let mut recovered = session(7);
        for (task, status) in (0..).zip(all) {
            recovered.apply(ended(task, status));
        }
        use Fate::{Keep, Reopen, Run};
        let unasked = [Keep, Keep, Keep, Keep, Reopen, Reopen, Run];
        assert_eq!(fates(&recovered, false), unasked);
        let asked = [Keep, Reopen, Reopen, Keep, Reopen, Reopen, Run];
        assert_eq!(fates(&recovered, true), asked);
    }

    #[test]
    fn skipped_tasks_run_when_what_they_waited_for_does() {
        // 0 -> 1 -> 2, and 3 for itself.
        let mut recovered = session(4);
        recovered.apply(ended(0, TaskStatus::Failed));
        for task in 1..4 {
            recovered.apply(ended(task, TaskStatus::Skipped));
        }
        let dependants = |task| -> &'static [u32] {
            match task {
                0 => &[1],
                1 => &[2],
                _ => &[],
            }
        };
        assert_eq!(plan(&recovered, dependants, &failed(false)), [Fate::Keep; 4]);
        let all = plan(&recovered, dependants, &failed(true));
        assert_eq!(all, [Fate::Reopen, Fate::Reopen, Fate::Reopen, Fate::Keep]);
    }

    /// 0 -> 1 -> 2: the first failed, and the others made do without it.
    #[test]
    fn tasks_that_made_do_without_a_result_run_again_only_if_a_person_says_so() {
        let dependants = |task| -> &'static [u32] {
            match task {
                0 => &[1],
                1 => &[2],
                _ => &[],
            }
        };
        let mut recovered = session(4);
        recovered.apply(ended(0, TaskStatus::Failed));
        let ran = |task, status| {
            let mut ended = TaskEnded::new(task, status);
            ended.instance = Some("default".into());
            Record::TaskEnded(Box::new(ended))
        };
        for task in 1..4 {
            recovered.apply(ran(task, TaskStatus::Succeeded));
        }
        let fates = |recovered: &Recovered, with_dependants| {
            let again = RunAgain {
                failed: |_| true,
                with_dependants,
            };
            plan(recovered, dependants, &again)
        };
        use Fate::{Keep, Reopen};
        assert_eq!(fates(&recovered, false), [Reopen, Keep, Keep, Keep]);
        assert_eq!(
            fates(&recovered, true),
            [Reopen, Keep, Keep, Keep],
            "it may fail again"
        );
        recovered.apply(Record::Reopened(Reopened {
            tasks: vec![0],
            new_keys: false,
        }));
        recovered.apply(ended(0, TaskStatus::Failed));
        assert_eq!(fates(&recovered, true), [Reopen, Keep, Keep, Keep], "it has");
        // It has its result now; the others still stand as they were.
        recovered.apply(Record::Reopened(Reopened {
            tasks: vec![0],
            new_keys: false,
        }));
        recovered.apply(ended(0, TaskStatus::Succeeded));
        assert_eq!(fates(&recovered, false), [Keep; 4]);
        assert_eq!(fates(&recovered, true), [Keep, Reopen, Reopen, Keep]);
        recovered.apply(Record::Reopened(Reopened {
            tasks: vec![1, 2],
            new_keys: false,
        }));
        recovered.apply(ended(1, TaskStatus::Succeeded));
        recovered.apply(ended(2, TaskStatus::Succeeded));
        assert_eq!(fates(&recovered, true), [Keep; 4]);
    }

    #[test]
    fn a_request_that_must_not_be_sent_twice_holds_its_task_until_the_operator_has_seen_it() {
        let mut recovered = session(1);
        recovered.apply(sent(0, 1));
        assert_eq!(
            fates(&recovered, true),
            [Fate::Hold],
            "nobody has seen it fail yet"
        );
        recovered.apply(ended(0, TaskStatus::Cancelled));
        assert_eq!(
            fates(&recovered, false),
            [Fate::Hold],
            "cancelled after it was sent"
        );
        recovered.apply(ended(0, TaskStatus::Held));
        assert_eq!(fates(&recovered, false), [Fate::Hold], "held after it was sent");
        recovered.apply(ended(0, TaskStatus::Failed));
        assert_eq!(fates(&recovered, false), [Fate::Keep]);
        assert_eq!(fates(&recovered, true), [Fate::Reopen]);
    }

    /// It is sent again with the same key, and its service carries it out once.
    #[test]
    fn a_request_that_carried_a_key_holds_nothing_and_is_known_until_its_task_is_over() {
        let keyed = Record::RequestSent(RequestSent {
            task: 0,
            attempt: 1,
            upstream: "chat".into(),
            key_header: Some("Idempotency-Key".into()),
        });
        let reopened = |new_keys| {
            Record::Reopened(Reopened {
                tasks: vec![0],
                new_keys,
            })
        };
        let mut recovered = session(1);
        recovered.apply(keyed);
        assert_eq!(fates(&recovered, false), [Fate::Run]);
        recovered.apply(ended(0, TaskStatus::Cancelled));
        assert_eq!(fates(&recovered, false), [Fate::Reopen]);
        recovered.apply(reopened(false));
        assert_eq!(recovered.keyed[&0]["chat"], "Idempotency-Key");
        recovered.apply(ended(0, TaskStatus::Failed));
        assert!(recovered.keyed.is_empty(), "a person has seen how it ended");
        recovered.apply(reopened(true));
        assert_eq!(recovered.key_rounds[&0], 1);
        // One without a key holds the task, whatever others had.
        recovered.apply(sent(0, 2));
        assert_eq!(fates(&recovered, true), [Fate::Hold]);
    }

    #[test]
    fn a_task_that_ended_with_a_time_is_reopened_with_it() {
        let reopened = |not_before| {
            let mut recovered = session(1);
            let ended = TaskEnded {
                not_before,
                ..TaskEnded::new(0, TaskStatus::Failed)
            };
            recovered.apply(Record::TaskEnded(Box::new(ended)));
            recovered.apply(Record::Reopened(Reopened {
                tasks: vec![0],
                new_keys: false,
            }));
            recovered.next_at
        };
        assert_eq!(reopened(Some(7)).get(&0), Some(&7));
        assert!(reopened(None).is_empty());
    }

    fn retried(next_at: i64) -> Record {
        Record::Retry(Retry {
            task: 0,
            attempt: Attempt {
                number: 1,
                ..Attempt::default()
            },
            next_at,
        })
    }

    #[test]
    fn a_task_that_was_held_goes_on_with_what_is_left_of_its_wait_and_all_its_attempts() {
        let held = |not_before, last| {
            Record::TaskEnded(Box::new(TaskEnded {
                not_before,
                last,
                ..TaskEnded::new(0, TaskStatus::Held)
            }))
        };
        let reopened = |end: Record| {
            let mut recovered = session(1);
            recovered.apply(retried(5));
            recovered.apply(end);
            assert_eq!(fates(&recovered, false), [Fate::Reopen]);
            recovered.apply(Record::Reopened(Reopened {
                tasks: vec![0],
                new_keys: false,
            }));
            let begins_anew = recovered.before_reopening.contains_key(&0);
            assert!(!begins_anew, "its attempts are counted on");
            (recovered.next_at.get(&0).copied(), recovered.attempts[&0].len())
        };
        let second = Attempt {
            number: 2,
            ..Attempt::default()
        };
        assert_eq!(reopened(held(Some(7), None)), (Some(7), 1));
        assert_eq!(reopened(held(None, None)), (Some(5), 1), "as it had been told");
        assert_eq!(reopened(held(Some(7), Some(second.clone()))), (Some(7), 2));
        assert_eq!(reopened(held(None, Some(second))), (None, 2));
    }

    /// A host that is killed while tasks are held leaves a retry and no end.
    #[test]
    fn a_kill_while_a_task_is_held_leaves_it_waiting() {
        let mut recovered = session(1);
        recovered.apply(sent(0, 1));
        recovered.apply(retried(9));
        assert_eq!(fates(&recovered, false), [Fate::Run]);
        assert_eq!(recovered.next_at.get(&0), Some(&9));
    }

    #[test]
    fn an_attempt_that_ended_and_may_be_made_again_holds_nothing_but_its_successor_does() {
        let retry = Record::Retry(Retry {
            task: 0,
            attempt: Attempt {
                number: 1,
                ..Attempt::default()
            },
            next_at: 0,
        });
        let mut recovered = session(1);
        recovered.apply(sent(0, 1));
        recovered.apply(retry.clone());
        assert_eq!(fates(&recovered, false), [Fate::Run]);
        assert_eq!(recovered.attempts[&0].len(), 1);
        // The second attempt's request overtook the record of the first.
        let mut recovered = session(1);
        recovered.apply(sent(0, 1));
        recovered.apply(sent(0, 2));
        recovered.apply(retry);
        assert_eq!(fates(&recovered, false), [Fate::Hold]);
    }
}
