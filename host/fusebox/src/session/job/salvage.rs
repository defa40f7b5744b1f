//! What guests handed in before they failed.

use std::sync::Arc;

use fusebox_types::Output;
use fusebox_types::failure::Failure;

/// What guests handed in before they failed, the last of each kind that was as
/// declared.
#[derive(Debug, Default)]
pub(super) struct Salvage {
    partial: Option<Arc<Output>>,
    fallback: Option<Arc<Output>>,
    /// Rare, so that a waiting task does not carry the room for it.
    dropped: Option<Box<Dropped>>,
}

/// Why what was handed in last was not kept.
#[derive(Debug, Default)]
struct Dropped {
    fallback: Option<String>,
    partial: Option<String>,
}

impl Salvage {
    /// What there is of a result that is not whole.
    pub(super) fn partial(&self) -> Option<&Arc<Output>> {
        self.partial.as_ref()
    }

    /// What is to stand in for a result.
    pub(super) fn fallback(&self) -> Option<&Arc<Output>> {
        self.fallback.as_ref()
    }

    /// Keeps a part of a result, in the place of an earlier one.
    pub(super) fn keep_partial(&mut self, checked: Result<Output, Failure>) {
        match checked {
            Ok(partial) => {
                self.partial = Some(Arc::new(partial));
                self.dropped.iter_mut().for_each(|dropped| dropped.partial = None);
            }
            Err(failure) => {
                let why = format!("a partial result was not kept: {}", failure.message);
                self.dropped.get_or_insert_default().partial = Some(why);
            }
        }
    }

    /// Keeps what is to stand in for a result, in the place of an earlier one.
    pub(super) fn keep_fallback(&mut self, checked: Result<Output, Failure>) {
        match checked {
            Ok(fallback) => {
                self.fallback = Some(Arc::new(fallback));
                self.dropped
                    .iter_mut()
                    .for_each(|dropped| dropped.fallback = None);
            }
            Err(failure) => {
                let why = format!("what was handed in was not kept: {}", failure.message);
                self.dropped.get_or_insert_default().fallback = Some(why);
            }
        }
    }

    /// A failure with why something that was handed in was not kept.
    pub(super) fn told(&self, failure: Arc<Failure>) -> Arc<Failure> {
        let Some(dropped) = &self.dropped else {
            return failure;
        };
        let whys = [("fallback", &dropped.fallback), ("partial", &dropped.partial)];
        let told = whys
            .into_iter()
            .fold(Failure::clone(&failure), |told, (what, why)| match why {
                Some(why) => told.with(what, why),
                None => told,
            });
        Arc::new(told)
    }
}
