//! Tasks that had sent requests with idempotency keys.

use super::interrupted::Interrupted;
use crate::session::task_dependencies;
use fusebox_store::journal::Fate;
use fusebox_types::TaskIndex;

impl Interrupted {
    /// Holds the tasks that would be run and had sent requests which may be
    /// repeated only with the same keys, where that is not sure.
    pub(super) fn hold_without_keys(
        &self,
        fates: &mut [Fate],
        may: impl Fn(TaskIndex) -> bool,
        key_header: impl Fn(&str) -> Option<String>,
    ) {
        let keyed = self.recovered.keyed.iter();
        let is_same = |(upstream, header): (&String, &String)| {
            key_header(upstream).is_some_and(|now| now.eq_ignore_ascii_case(header))
        };
        let unsure = keyed.filter(|(task, upstreams)| {
            let is_known = !self.recovered.started.made_up && upstreams.iter().all(is_same);
            let is_sure = is_known && self.is_handed_the_same(**task, fates);
            !may(**task) && !is_sure
        });
        let unsure: Vec<TaskIndex> = unsure.map(|(task, _)| *task).collect();
        for task in unsure {
            if let Some(fate @ (Fate::Run | Fate::Reopen)) = fates.get_mut(task as usize) {
                *fate = Fate::Hold;
            }
        }
    }

    /// Whether nothing that a task depends on is run again.
    fn is_handed_the_same(&self, task: TaskIndex, fates: &[Fate]) -> bool {
        let dependencies = self.graph.task(task).into_iter().flat_map(task_dependencies);
        let is_kept = |task: TaskIndex| fates.get(task as usize) == Some(&Fate::Keep);
        dependencies.into_iter().all(is_kept)
    }

    /// Whether a task that is over was only cut short.
    pub(super) fn goes_on(&self, task: TaskIndex) -> bool {
        let ended = self.recovered.settled.get(&task);
        ended.is_some_and(|ended| ended.status.is_unfinished())
    }
}
