//! What every decision is given.

use std::ops::RangeInclusive;
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::SettingsError;
use super::bindings::types::fusebox::policy::types as wire;

/// What is the same for every kind of decision. Each snapshot holds it and
/// gives its fields and methods as its own: `snapshot.now`.
#[derive(Debug, Clone)]
pub struct Context {
    /// Now: time since the session started or, of a breaker, on its own clock.
    pub now: Duration,
    /// Randomness for this decision.
    pub seed: u64,
    /// The policy's settings as they are; see [`Context::settings`].
    pub settings_json: String,
    /// The policy's memory as it is; see [`Context::memory`].
    pub memory_bytes: Vec<u8>,
    /// The agent that is decided about.
    pub agent: String,
    /// The instance that is decided about.
    pub instance: String,
}

impl Context {
    /// No settings, no memory, the very beginning, to try a policy on.
    pub fn example() -> Self {
        Self {
            now: Duration::ZERO,
            seed: 0,
            settings_json: "{}".into(),
            memory_bytes: Vec::new(),
            agent: "example".into(),
            instance: "example".into(),
        }
    }

    /// The policy's settings.
    ///
    /// # Errors
    /// What does not fit, to be handed on with `?`.
    pub fn settings<T: DeserializeOwned>(&self) -> Result<T, SettingsError> {
        serde_json::from_str(&self.settings_json).map_err(SettingsError::new)
    }

    /// What the last verdict for this agent or breaker asked to be kept with
    /// `remember`; none at first and whenever the bytes are not of that type.
    pub fn memory<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.memory_bytes).ok()
    }

    /// A time within a range, both ends included, drawn evenly by the seed. Two
    /// draws in one decision fall on the same place of their ranges.
    pub fn draw(&self, range: RangeInclusive<Duration>) -> Duration {
        let least = *range.start();
        let span = range.end().saturating_sub(least);
        // The high half of the product spreads the seed over the span (Lemire,
        // "Fast Random Integer Generation in an Interval", 2019).
        let steps = span.as_nanos().saturating_add(1).min(1 << 64);
        let above = (u128::from(self.seed) * steps) >> 64;
        least.saturating_add(Duration::from_nanos(u64::try_from(above).unwrap_or(u64::MAX)))
    }
}

impl From<wire::Context> for Context {
    fn from(context: wire::Context) -> Self {
        Self {
            now: Duration::from_millis(context.now_ms),
            seed: context.seed,
            settings_json: context.settings,
            memory_bytes: context.memory,
            agent: context.agent,
            instance: context.instance,
        }
    }
}

/// Gives a snapshot the fields and methods of its context.
macro_rules! has_context {
    ($snapshot:ty) => {
        impl std::ops::Deref for $snapshot {
            type Target = $crate::policy::Context;

            fn deref(&self) -> &Self::Target {
                &self.context
            }
        }

        impl std::ops::DerefMut for $snapshot {
            fn deref_mut(&mut self) -> &mut Self::Target {
                &mut self.context
            }
        }
    };
}
pub(super) use has_context;

/// The context in the words of the contract, to try what is told on.
#[cfg(test)]
pub(super) fn told() -> wire::Context {
    wire::Context {
        now_ms: 9_000,
        seed: 77,
        settings: "[1]".into(),
        memory: b"7".to_vec(),
        agent: "writer".into(),
        instance: "writer-2".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn draws_cover_their_range() {
        let drawn = |seed, least, most| {
            let mut context = Context::example();
            context.seed = seed;
            context.draw(least..=most)
        };
        assert_eq!(drawn(0, MS(5), MS(9)), MS(5));
        assert_eq!(drawn(u64::MAX / 2, MS(5), MS(9)).as_millis(), 7);
        assert_eq!(drawn(u64::MAX, MS(5), MS(9)), MS(9));
        assert_eq!(drawn(u64::MAX, MS(9), MS(5)), MS(9));
        assert!(drawn(u64::MAX, Duration::ZERO, Duration::MAX) > MS(1 << 40));
    }

    #[test]
    fn all_that_is_told_arrives_and_settings_that_do_not_fit_are_named() {
        let context = Context::from(told());
        assert_eq!((context.now, context.seed), (MS(9_000), 77));
        let names = (context.agent.as_str(), context.instance.as_str());
        assert_eq!(names, ("writer", "writer-2"));
        let error = context.settings::<u8>().unwrap_err().to_string();
        assert!(
            error.starts_with("the policy's settings: invalid type"),
            "{error}"
        );
        assert_eq!(context.settings::<[u8; 1]>(), Ok([1]));
        assert_eq!(context.memory::<u8>(), Some(7));
        assert_eq!(context.memory::<bool>(), None);
    }
}
