//! One pass over a text for all spellings of all secrets.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError, MatchKind};

use super::spellings::of_secret;
use crate::Secret;

/// How often a text is looked through. What is put in could make a secret anew
/// with what stands beside it, if somebody chose them for that.
const PASSES: usize = 4;

/// Knows secrets in all their spellings, and puts their names in their places.
pub struct Redactor {
    automaton: AhoCorasick,
    /// In order, each with the secret that it is of.
    spellings: Vec<(Box<[u8]>, usize)>,
    longest: usize,
    secrets: Vec<Known>,
}

/// What secrets are looked for by cannot be made: nothing may be said then.
#[derive(Debug, Clone, thiserror::Error)]
#[error("secrets could not be kept out of what is said: {0}")]
pub struct Unhidden(pub(super) String);

impl From<BuildError> for Unhidden {
    fn from(error: BuildError) -> Self {
        Self(error.to_string())
    }
}

/// A secret, and what stands in its place.
struct Known {
    text: Secret,
    mark: String,
}

/// A place where a secret stands, and which.
struct Found {
    at: Range<usize>,
    secret: usize,
}

/// As much of a piece as can be judged before more has come.
pub(super) struct Settled {
    /// Without secrets; none if it is as it was.
    pub(super) clean: Option<Vec<u8>>,
    /// How much of the piece it is.
    pub(super) length: usize,
    /// The secret that ends with it, if one does.
    pub(super) last: Option<usize>,
}

impl Redactor {
    /// Of secrets and their names; none if there are none. Of two names for one
    /// text, the first holds.
    ///
    /// # Errors
    /// If it cannot be made. Whoever asked for it must not go on as if there were
    /// none.
    pub fn new(secrets: &[(String, Secret)]) -> Result<Option<Self>, Unhidden> {
        let mut spellings = std::collections::BTreeMap::new();
        for (at, (_, secret)) in secrets.iter().enumerate() {
            for spelling in of_secret(secret.reveal()) {
                spellings
                    .entry(spelling.into_bytes().into_boxed_slice())
                    .or_insert(at);
            }
        }
        match spellings.is_empty() {
            true => Ok(None),
            false => Self::of(spellings.into_iter().collect(), secrets).map(Some),
        }
    }

    /// One that takes everything for a secret, and leaves nothing of any text.
    ///
    /// # Errors
    /// If not even that can be made.
    pub(super) fn of_everything() -> Result<Self, Unhidden> {
        let every = (0..=u8::MAX).map(|byte| (Box::from([byte]), usize::MAX));
        Self::of(every.collect(), &[])
    }

    fn of(spellings: Vec<(Box<[u8]>, usize)>, secrets: &[(String, Secret)]) -> Result<Self, Unhidden> {
        let longest = spellings.iter().map(|(spelling, _)| spelling.len()).max();
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            // A table for every byte would be many times as large.
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(spellings.iter().map(|(spelling, _)| spelling))?;
        let mark = |(name, text): &(String, Secret)| Known {
            text: text.clone(),
            mark: mark(&automaton, name),
        };
        Ok(Self {
            secrets: secrets.iter().map(mark).collect(),
            automaton,
            spellings,
            longest: longest.unwrap_or(0),
        })
    }

    /// The text without secrets; as it is, without a copy, if there are none.
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.bytes(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            // Spellings are text, so nothing is cut within a character.
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        }
    }

    /// The same for bytes.
    pub fn bytes<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let mut clean = Cow::Borrowed(bytes);
        for _ in 0..PASSES {
            let found: Vec<Found> = self.find(&clean).collect();
            if found.is_empty() {
                return clean;
            }
            clean = Cow::Owned(self.replaced(&clean, found, None));
        }
        Cow::Owned(Vec::new())
    }

    /// The secrets that stand in some bytes.
    pub fn shown_in<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = &'a Secret> {
        let secret = |found: Found| self.secrets.get(found.secret).map(|known| &known.text);
        self.find(bytes).filter_map(secret)
    }

    /// Whether none does.
    pub fn is_clean(&self, bytes: &[u8]) -> bool {
        !self.automaton.is_match(bytes)
    }

    /// Where the beginning of a secret stands at the end of something that was
    /// cut, or may go on; the length if none does.
    pub(super) fn open_end(&self, bytes: &[u8]) -> usize {
        let from = bytes.len().saturating_sub(self.longest.saturating_sub(1));
        let begins = |at: &usize| bytes.get(*at..).is_some_and(|end| self.begins_with(end));
        (from..bytes.len()).find(begins).unwrap_or(bytes.len())
    }

    /// Cuts off the beginning of a secret at the end of something that was cut.
    pub fn trim_cut(&self, bytes: &mut Vec<u8>) {
        bytes.truncate(self.open_end(bytes));
    }

    /// The same for a text.
    pub fn trim_cut_text(&self, text: &mut String) {
        text.truncate(text.floor_char_boundary(self.open_end(text.as_bytes())));
    }

    /// Splits off what cannot be judged before more has come; `before` is the
    /// secret that ended just before these bytes, if one did.
    pub(super) fn settle(&self, bytes: &[u8], before: Option<usize>) -> Settled {
        let mut settled = self.open_end(bytes);
        let mut found: Vec<Found> = self.find(bytes).collect();
        if let Some(over) = found.iter().position(|found| found.at.end > settled) {
            settled = found
                .get(over)
                .map_or(settled, |found| found.at.start.min(settled));
            found.truncate(over);
        }
        let last = match found.last() {
            _ if settled == 0 => before,
            Some(found) if found.at.end == settled => Some(found.secret),
            _ => None,
        };
        let settle = |found| self.replaced(bytes.get(..settled).unwrap_or_default(), found, before);
        Settled {
            clean: (!found.is_empty()).then(|| settle(found)),
            length: settled,
            last,
        }
    }

    /// The last of what came in pieces.
    pub(super) fn settle_end(&self, bytes: &[u8], before: Option<usize>) -> Option<Vec<u8>> {
        let found: Vec<Found> = self.find(bytes).collect();
        let clean = (!found.is_empty()).then(|| self.replaced(bytes, found, before))?;
        Some(self.bytes(&clean).into_owned())
    }

    fn begins_with(&self, text: &[u8]) -> bool {
        let first = self
            .spellings
            .partition_point(|(spelling, _)| **spelling <= *text);
        self.spellings
            .get(first)
            .is_some_and(|(spelling, _)| spelling.starts_with(text))
    }

    fn find<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = Found> + 'a {
        self.automaton.find_iter(bytes).filter_map(|found| {
            let (_, secret) = self.spellings.get(found.pattern().as_usize())?;
            Some(Found {
                at: found.range(),
                secret: *secret,
            })
        })
    }

    /// The bytes with marks in the places that were found. Parts of one secret
    /// that follow each other are marked once, also where one ended just before.
    fn replaced(&self, bytes: &[u8], found: Vec<Found>, before: Option<usize>) -> Vec<u8> {
        let mut clean = Vec::with_capacity(bytes.len());
        let (mut end, mut last) = (0, before);
        for Found { at, secret } in found {
            clean.extend_from_slice(bytes.get(end..at.start).unwrap_or_default());
            if at.start > end || last != Some(secret) {
                let known = self.secrets.get(secret);
                clean.extend_from_slice(known.map_or(&[], |known| known.mark.as_bytes()));
            }
            (end, last) = (at.end, Some(secret));
        }
        clean.extend_from_slice(bytes.get(end..).unwrap_or_default());
        clean
    }
}

/// What stands in the place of a secret. It must not show one itself.
fn mark(automaton: &AhoCorasick, name: &str) -> String {
    let marks = [format!("[secret {name}]"), "[secret]".to_owned()];
    let shows_none = |mark: &String| !automaton.is_match(mark);
    marks.into_iter().find(shows_none).unwrap_or_default()
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let marks: Vec<_> = self.secrets.iter().map(|known| &known.mark).collect();
        f.debug_tuple("Redactor").field(&marks).finish()
    }
}

#[cfg(test)]
mod tests;
