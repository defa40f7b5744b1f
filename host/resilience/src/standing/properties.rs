//! Any course of requests and tasks, held against a list of what happened.

use std::collections::{BTreeMap, BTreeSet};

use fusebox_types::failure::Code;
use proptest::prelude::*;

use super::super::arbitrary;
use super::*;

/// What a task does next.
#[derive(Debug, Clone, Copy)]
enum Step {
    Begin,
    /// Its oldest request ends: refused, well, or otherwise.
    Refused,
    Succeeds,
    Breaks,
    /// It ends with the failure, or otherwise.
    Fails,
    Leaves,
}

fn steps() -> impl Strategy<Value = Vec<(TaskIndex, Step)>> {
    use Step::{Begin, Breaks, Fails, Leaves, Refused, Succeeds};
    let step = prop::sample::select(vec![
        Begin, Begin, Begin, Refused, Refused, Refused, Breaks, Fails, Fails, Leaves, Succeeds,
    ]);
    prop::collection::vec((0..6_u32, step), 1..80)
}

/// The same by sets, without any care for time.
#[derive(Default)]
struct Model {
    under_way: BTreeSet<TaskIndex>,
    suspects: Vec<TaskIndex>,
    ended: Vec<TaskIndex>,
    stands: bool,
}

impl Model {
    fn clear(&mut self) {
        *self = Self {
            under_way: std::mem::take(&mut self.under_way),
            ..Self::default()
        };
    }

    fn conclude(&mut self, under_way: usize) {
        self.stands |= under_way == 0 && self.ended.len() >= 2;
    }
}

fn failure() -> Failure {
    Failure::new(Code::ApiAuth, "no").with("upstream", "llm")
}

proptest! {
    #![proptest_config(arbitrary::cases(500))]

    #[test]
    fn any_course_is_judged_as_the_list_says(script in steps()) {
        let account = Account { upstream: "llm".into(), agent: "a".into(), instance: None };
        let holder = Holder { agent: "a".into(), instance: "i".into() };
        let (mut causes, mut model) = (StandingCauses::default(), Model::default());
        let mut under_way = BTreeMap::<TaskIndex, Vec<Asking>>::new();
        for (task, step) in script {
            let calls = under_way.values().map(Vec::len).sum::<usize>();
            let near = model.suspects.len() + model.ended.len() >= 2;
            let expected = match (model.stands, near && !model.suspects.contains(&task)) {
                (true, _) => "refused",
                (_, true) => "wait",
                _ => "pass",
            };
            let found = match causes.admission(&account, task) {
                Admission::Refused(_) => "refused",
                Admission::Wait => "wait",
                Admission::Pass => "pass",
            };
            prop_assert_eq!(found, expected);
            match step {
                Step::Begin => {
                    causes.began(task);
                    model.under_way.insert(task);
                    if let Ok(asking) = causes.begin(&account, task, None) {
                        under_way.entry(task).or_default().push(asking);
                    }
                }
                Step::Refused | Step::Succeeds | Step::Breaks => {
                    let Some(asking) = under_way.get_mut(&task).and_then(Vec::pop) else { continue };
                    match step {
                        Step::Refused => {
                            causes.refused(&asking, &failure());
                            if model.under_way.contains(&task) && !model.suspects.contains(&task) {
                                model.suspects.push(task);
                            }
                        }
                        Step::Succeeds => {
                            causes.succeeded(&asking);
                            model.clear();
                        }
                        _ => {}
                    }
                    causes.end(asking);
                    model.conclude(calls - 1);
                }
                Step::Fails => {
                    let ended = EndedTask { index: task, id: "".into() };
                    causes.task_failed(&holder, &ended, &failure());
                    let was = model.suspects.len();
                    model.suspects.retain(|suspect| *suspect != task);
                    if was > model.suspects.len() && !model.ended.contains(&task) {
                        model.ended.push(task);
                    }
                    model.conclude(calls);
                }
                Step::Leaves => {
                    causes.left(task);
                    model.under_way.remove(&task);
                    model.suspects.retain(|suspect| *suspect != task);
                }
            }
        }
        // Once all is over, nobody waits.
        for asking in under_way.into_values().flatten() {
            causes.end(asking);
        }
        (0..6).for_each(|task| causes.left(task));
        prop_assert_ne!(causes.admission(&account, 99), Admission::Wait);
    }
}
