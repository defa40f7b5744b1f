//! What has not been tried yet of a chain.

use super::{Step, steps};
use crate::degradation::FallbackLink;

/// What has not been tried yet, in the built-in order.
#[derive(Debug, Clone)]
pub struct Left(Vec<Step>);

impl Left {
    /// All steps of a chain.
    pub fn of(chain: &[FallbackLink]) -> Self {
        Self(steps(chain))
    }

    /// What a policy may choose among besides a partial result; what the guest
    /// handed in only if it did.
    pub fn fallbacks(&self, handed_in: bool) -> Vec<Step> {
        let is_offered = |step: &Step| match step {
            Step::Link(_) => true,
            Step::Partial => false,
            Step::HandedIn => handed_in,
        };
        self.0.iter().filter(|step| is_offered(step)).cloned().collect()
    }

    /// Takes the step that is first in the built-in order.
    pub fn take_first(&mut self) -> Option<Step> {
        (!self.0.is_empty()).then(|| self.0.remove(0))
    }

    /// Takes the first of a step that was chosen: nothing is tried twice.
    pub fn take(&mut self, step: &Step) {
        if let Some(at) = self.0.iter().position(|left| left == step) {
            self.0.remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use FallbackLink as L;

    #[test]
    fn what_was_taken_is_not_left_and_the_rest_keeps_its_order() {
        let chain = [L::Instance, L::Value, L::Instance];
        let [instance, value, _] = chain.clone();
        let (instance, value) = (Step::Link(instance), Step::Link(value));
        let mut left = Left::of(&chain);
        assert_eq!(
            left.fallbacks(true),
            [instance.clone(), value.clone(), instance.clone(), Step::HandedIn]
        );
        left.take(&value);
        left.take(&value);
        left.take(&instance);
        assert_eq!(left.fallbacks(true), [instance.clone(), Step::HandedIn]);
        let order: Vec<_> = std::iter::from_fn(|| left.take_first()).collect();
        assert_eq!(order, [Step::Partial, instance, Step::HandedIn]);
    }

    fn links() -> impl Strategy<Value = Vec<FallbackLink>> {
        let link = prop_oneof![
            Just(L::Instance),
            Just(L::Value),
            Just(L::Skip),
            "[ab]".prop_map(L::Agent),
        ];
        prop::collection::vec(link, 0..8)
    }

    proptest! {
        /// Whatever a policy chooses, and wherever it leaves the choice to the
        /// built-in order: every link before `skip` is taken once and none is
        /// taken twice.
        #[test]
        fn each_step_is_taken_once(chain in links(), picks in prop::collection::vec(any::<Option<prop::sample::Index>>(), 20)) {
            let mut expected = steps(&chain);
            let (mut left, mut taken) = (Left::of(&chain), Vec::new());
            for pick in picks {
                let offered = left.fallbacks(true);
                let chosen = pick.filter(|_| !offered.is_empty()).map(|pick| pick.get(&offered).clone());
                match chosen {
                    Some(step) => {
                        left.take(&step);
                        taken.push(step);
                    }
                    None => taken.extend(left.take_first()),
                }
            }
            for step in taken {
                let at = expected.iter().position(|one| *one == step);
                prop_assert!(at.is_some(), "{step} was taken too often");
                expected.remove(at.unwrap());
            }
            prop_assert_eq!(expected, left.0);
        }
    }

    #[test]
    fn only_what_comes_before_skip_and_was_handed_in_is_offered() {
        let chain = [L::Value, L::Skip, L::Instance];
        let [value, ..] = &chain;
        assert_eq!(Left::of(&chain).fallbacks(true), [Step::Link(value.clone())]);
        assert_eq!(Left::of(&[]).fallbacks(false), []);
        assert_eq!(Left::of(&[]).fallbacks(true), [Step::HandedIn]);
    }
}
