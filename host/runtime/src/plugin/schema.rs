//! JSON Schemas that plugins declare, and whether values meet them.
//!
//! Both come from a plugin, so the work is the plugin's: it is metered, on its
//! time and in its memory, and it can be stopped at any point. No validator
//! that is maintained can do that: a schema of 2 kB whose definitions each
//! refer twice to the next one takes gigabytes and minutes in all of them, and
//! a limit on its size refuses schemas that people have. So this is an
//! evaluator of its own: small, the keywords that generators write, checked
//! against another one with random schemas and values.
//!
//! | file | one idea |
//! |---|---|
//! | `json` | a text as a flat tree |
//! | `read` | from the text of a schema to rules |
//! | `keyword` | the rules |
//! | `pattern` | patterns, a byte at a time |
//! | `evaluate` | whether a value meets the rules |
//! | `place` | where a value is, for a message |
//!
//! `format` and the `content` keywords are annotations, as 2020-12 has it.
//! Beside `$ref` everything applies. `1.0` is an integer; numbers are compared
//! as written, and `0.3` is a multiple of `0.1`. A number that no float can
//! hold (`1e999`) is not JSON here.

mod evaluate;
mod json;
mod keyword;
mod pattern;
mod place;
mod read;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use crate::sandbox::{Pace, Stop};

/// Longest schema, in bytes.
const MAX_BYTES: usize = 64 << 10;
/// Deepest nesting of a schema.
const MAX_DEPTH: usize = 32;
/// Most schemas that ask about the same value, each in the one before.
const MAX_CHAIN: usize = 128;
/// Longest message about a value that does not fit, in characters.
const MAX_MESSAGE: usize = 400;

/// A schema that is ready to check values.
#[derive(Debug)]
pub struct Schema(read::Rules);

/// Why a value was not found to fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// It does not: what is wrong, and where.
    #[error("{0}")]
    Value(String),
    /// The check was stopped.
    #[error(transparent)]
    Stopped(#[from] Stop),
}

impl Schema {
    /// Reads a schema: up to 64 KiB and 32 levels, nothing outside of it is
    /// referred to, and a keyword that cannot be checked is refused.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        read::read(text).map(Self)
    }

    /// Whether some bytes are JSON that fits.
    pub(crate) async fn check(&self, bytes: &[u8], pace: &mut Pace<'_>) -> Result<(), Misfit> {
        let before = pace.held();
        let checked = self.check_text(bytes, pace).await;
        pace.release(pace.held() - before);
        checked
    }

    async fn check_text(&self, bytes: &[u8], pace: &mut Pace<'_>) -> Result<(), Misfit> {
        let value = json::read(Cow::Borrowed(bytes), pace).await?;
        evaluate::check(&self.0, value.root(), pace).await
    }
}

/// Whether some bytes are JSON.
pub(crate) async fn check_json(bytes: &[u8], pace: &mut Pace<'_>) -> Result<(), Misfit> {
    json::skim(bytes, pace).await
}
