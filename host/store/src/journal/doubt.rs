//! Tasks of which records that were lost may have told something.

use super::record::{Record, TaskStatus};
use super::recover::Recovered;

impl Recovered {
    /// Heeds a record before it is applied: where records are missing, every
    /// task without a whole result may have sent a request, or may even be over,
    /// until a later record says what became of it.
    pub(super) fn doubt(&mut self, record: &Record) {
        match record {
            Record::Gap(_) => {
                let is_open = |task: &u32| {
                    let ended = self.settled.get(task);
                    ended.is_none_or(|ended| ended.status != TaskStatus::Succeeded)
                };
                let open = (0..self.started.tasks).filter(is_open);
                self.doubtful.extend(open);
            }
            Record::Retry(retry) => {
                self.doubtful.remove(&retry.task);
            }
            // One that was cut short may have sent its request before that.
            Record::TaskEnded(ended) if !ended.status.is_unfinished() => {
                self.doubtful.remove(&ended.task);
            }
            Record::Reopened(reopened) => {
                for task in &reopened.tasks {
                    self.doubtful.remove(task);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::{Attempt, Gap, Reopened, Retry, Started, TaskEnded};
    use super::*;

    fn ended(task: u32, status: TaskStatus) -> Record {
        Record::TaskEnded(Box::new(TaskEnded::new(task, status)))
    }

    #[test]
    fn a_gap_makes_open_tasks_doubtful_until_something_is_known_of_them() {
        use TaskStatus::{Cancelled, Failed, Held, Succeeded};
        let mut recovered = Recovered::new(Started {
            tasks: 7,
            ..Started::default()
        });
        recovered.apply(ended(0, Succeeded));
        recovered.apply(ended(1, Failed));
        recovered.apply(Record::Gap(Gap::default()));
        let doubtful = |recovered: &Recovered| recovered.doubtful.iter().copied().collect::<Vec<_>>();
        assert_eq!(doubtful(&recovered), [1, 2, 3, 4, 5, 6]);
        recovered.apply(ended(2, Cancelled));
        recovered.apply(ended(6, Held));
        recovered.apply(ended(3, Succeeded));
        recovered.apply(Record::Retry(Retry {
            task: 4,
            attempt: Attempt::default(),
            next_at: 0,
        }));
        assert_eq!(doubtful(&recovered), [1, 2, 5, 6]);
        recovered.apply(Record::Reopened(Reopened {
            tasks: vec![1, 2, 6],
            new_keys: false,
        }));
        assert_eq!(doubtful(&recovered), [5]);
    }
}
