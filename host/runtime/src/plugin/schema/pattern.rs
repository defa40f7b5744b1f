//! Patterns, as ECMA-262 means them, searched a byte at a time.
//!
//! The search is a lazy DFA: linear in the text, and it can stop after any
//! byte. What a byte costs when its state is not known yet depends on the size
//! of the pattern, so that is bounded, and charged.

#[cfg(test)]
mod tests;
mod translate;

use std::collections::HashMap;
use std::sync::{Mutex, TryLockError};

use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{self, Cache, DFA};
use regex_automata::nfa::thompson;
use regex_automata::{Input, MatchKind};

use super::Misfit;
use crate::sandbox::pace::{PIECE, Pace};

/// Longest pattern, in bytes. The ones that people write are below 500.
const MAX_PATTERN: usize = 4096;
/// Largest automaton of a pattern, in bytes: that of a date or a UUID has 2 000,
/// `^[\w.-]{1,200}$` 18 000, `^\p{L}{1,10}$` 155 000, `^.{1,500}$` 200 000.
const MAX_SIZE: usize = 1 << 20;
/// Largest automata of all patterns of a schema.
const MAX_SIZES: usize = 4 << 20;
/// What the states that have been met may take for a pattern.
const CACHE: usize = 32 << 10;
/// Bytes between two questions to the meter.
const BYTES: usize = 256;

/// A pattern that is ready.
#[derive(Debug)]
pub(super) struct Pattern {
    dfa: DFA,
    /// As it was written.
    pub(super) text: Box<str>,
    /// Steps that a new state costs.
    work: u32,
    /// What a cache takes at most.
    room: u64,
    /// The states that the last check met, for the next one.
    kept: Mutex<Option<Box<Cache>>>,
}

/// The patterns of a schema, each text once.
#[derive(Default)]
pub(super) struct Patterns {
    pub(super) list: Vec<Pattern>,
    known: HashMap<Box<str>, u32>,
    size: usize,
}

impl Patterns {
    /// The number of a pattern.
    pub(super) fn add(&mut self, text: &str) -> Result<u32, String> {
        if let Some(known) = self.known.get(text) {
            return Ok(*known);
        }
        let pattern = Pattern::new(text, MAX_SIZES.saturating_sub(self.size))?;
        self.size += pattern.dfa.get_nfa().memory_usage();
        let number = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        self.known.insert(text.into(), number);
        self.list.push(pattern);
        Ok(number)
    }
}

impl Pattern {
    fn new(text: &str, left: usize) -> Result<Self, String> {
        if text.len() > MAX_PATTERN {
            return Err(format!(
                "a pattern of {} bytes, {MAX_PATTERN} are the limit",
                text.len()
            ));
        }
        let hir = translate::to_hir(text)?;
        let limits = thompson::Config::new()
            .nfa_size_limit(Some(left.min(MAX_SIZE)))
            .utf8(false);
        let too_large = |_| "a pattern, or all of them, that are too large; use `maxLength` for lengths";
        let nfa = thompson::Compiler::new()
            .configure(limits.shrink(false))
            .build_from_hir(&hir)
            .map_err(too_large)?;
        let config = DFA::config()
            .match_kind(MatchKind::LeftmostFirst)
            .cache_capacity(CACHE)
            .skip_cache_capacity_check(true);
        let least = config
            .get_minimum_cache_capacity(&nfa)
            .map_err(|error| error.to_string())?;
        let work = u32::try_from(nfa.states().len() / 4)
            .unwrap_or(u32::MAX)
            .saturating_add(8);
        let dfa = dfa::Builder::new().configure(config).build_from_nfa(nfa);
        Ok(Self {
            dfa: dfa.map_err(|error| error.to_string())?,
            text: text.into(),
            work,
            // Tables grow to twice of what they need.
            room: u64::try_from(least.max(CACHE).saturating_mul(2)).unwrap_or(u64::MAX),
            kept: Mutex::new(None),
        })
    }

    /// A cache to search with, which is held until the check ends.
    pub(super) async fn cache(&self, pace: &mut Pace<'_>) -> Result<Box<Cache>, Misfit> {
        pace.hold(self.room)?;
        let kept = match self.kept.try_lock() {
            Ok(mut kept) => kept.take(),
            Err(TryLockError::Poisoned(_) | TryLockError::WouldBlock) => None,
        };
        match kept {
            Some(cache) => Ok(cache),
            None => {
                pace.step(self.work).await?;
                Ok(Box::new(self.dfa.create_cache()))
            }
        }
    }

    /// Takes a cache back: small ones are kept.
    pub(super) fn keep(&self, cache: Box<Cache>) {
        if let Ok(mut kept) = self.kept.try_lock()
            && cache.memory_usage() <= CACHE
        {
            *kept = Some(cache);
        }
    }

    /// Whether it is found anywhere in a text.
    pub(super) async fn is_in(
        &self,
        text: &[u8],
        cache: &mut Cache,
        pace: &mut Pace<'_>,
    ) -> Result<bool, Misfit> {
        pace.step(1).await?;
        let failed = |_| Misfit::Value(format!("the pattern `{}` cannot be searched", self.text));
        let start = self.dfa.start_state_forward(cache, &Input::new(text));
        let mut state = start.map_err(|_| failed(()))?;
        let mut rest = text;
        while !rest.is_empty() {
            let piece = rest.get(..BYTES).unwrap_or(rest);
            let (read, new) = self.go(piece, &mut state, cache).ok_or_else(|| failed(()))?;
            pace.step(
                new.saturating_mul(self.work)
                    .saturating_add(1 + (PIECE / BYTES) as u32),
            )
            .await?;
            if state.is_match() || state.is_dead() {
                return Ok(state.is_match());
            }
            rest = rest.get(read..).unwrap_or_default();
        }
        let end = self.dfa.next_eoi_state(cache, state).map_err(|_| failed(()))?;
        Ok(end.is_match())
    }

    /// Reads bytes until the end, a verdict, or enough new states; how many
    /// bytes and new states there were.
    fn go(&self, piece: &[u8], state: &mut LazyStateID, cache: &mut Cache) -> Option<(usize, u32)> {
        let mut new = 0;
        for (read, byte) in piece.iter().enumerate() {
            let known = match state.is_tagged() {
                true => None,
                false => {
                    Some(self.dfa.next_state_untagged(cache, *state, *byte)).filter(|next| !next.is_unknown())
                }
            };
            *state = match known {
                Some(next) => next,
                None => {
                    new += 1;
                    self.dfa.next_state(cache, *state, *byte).ok()?
                }
            };
            if state.is_match() || state.is_dead() || self.work.saturating_mul(new) > 1000 {
                return Some((read + 1, new));
            }
        }
        Some((piece.len(), new))
    }
}
