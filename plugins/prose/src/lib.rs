//! English and Chinese text, taken apart for the agents beside this crate.
//!
//! The way of the data: a text becomes [`Block`]s (what Markdown it has is
//! understood and taken off), a block has lines, a line has [`sentences()`], a
//! sentence has [`tokens()`], and the tokens of a whole text have key
//! [`terms()`]. [`definition()`] and [`entry()`] find out what a sentence or a
//! line explains, [`Cue`] what its connecting words say.
//!
//! Everything here is a function of its text alone, and takes time in
//! proportion to its length.
//!
//! Markdown is read by hand: the well-known parser adds 185 kB to every plugin,
//! mostly tables for what no study note has.

mod block;
mod chinese_terms;
mod clip;
mod cue;
mod definition;
mod definition_chinese;
mod definition_english;
mod english_terms;
mod entry;
mod function_words;
mod inline;
mod language;
mod line;
mod phrase;
mod placeholder;
mod sentences;
mod stop_words;
mod terms;
mod unwrap;
mod words;

pub use block::{Block, Kind, blocks, plain_text};
pub use clip::clip;
pub use cue::Cue;
pub use definition::{Definition, definition};
pub use entry::entry;
pub use language::{Language, is_han};
pub use phrase::{FoldedText, find_phrase};
pub use placeholder::is_placeholder;
pub use sentences::{is_question, sentences, without_end};
pub use terms::{Term, terms};
pub use words::{Measure, Token, fold, measure, syllables, tokens};
