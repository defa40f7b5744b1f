//! What the patterns of a schema have met in a check.

use regex_automata::hybrid::dfa::Cache;

use crate::plugin::schema::Misfit;
use crate::plugin::schema::pattern::Pattern;
use crate::sandbox::pace::Pace;

/// Patterns of a schema whose caches outlive a check: of these there are as
/// many as plugins are loaded, charged to nobody.
const KEPT: usize = 16;

/// A cache for every pattern that was used.
pub(super) struct Caches<'s> {
    patterns: &'s [Pattern],
    caches: Vec<Option<Box<Cache>>>,
}

impl<'s> Caches<'s> {
    pub(super) fn new(patterns: &'s [Pattern]) -> Self {
        Self {
            patterns,
            caches: Vec::new(),
        }
    }

    /// Whether a pattern is in a text.
    pub(super) async fn is_in(
        &mut self,
        pattern: u32,
        text: &[u8],
        pace: &mut Pace<'_>,
    ) -> Result<bool, Misfit> {
        let place = pattern as usize;
        if self.caches.is_empty() {
            self.caches.resize_with(self.patterns.len(), || None);
        }
        let (Some(pattern), Some(cache)) = (self.patterns.get(place), self.caches.get_mut(place)) else {
            return Ok(false);
        };
        let cache = match cache {
            Some(cache) => cache,
            None => cache.insert(pattern.cache(pace).await?),
        };
        pattern.is_in(text, cache, pace).await
    }
}

impl Drop for Caches<'_> {
    fn drop(&mut self) {
        for (pattern, cache) in self.patterns.iter().zip(self.caches.drain(..)).take(KEPT) {
            if let Some(cache) = cache {
                pattern.keep(cache);
            }
        }
    }
}
