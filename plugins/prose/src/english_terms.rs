//! Key phrases of English.
//!
//! RAKE: S. Rose, D. Engel, N. Cramer, W. Cowley, "Automatic keyword extraction
//! from individual documents", in *Text Mining*, 2010. Candidates are the words
//! between stop words and punctuation; a word scores its degree (how many words
//! stand in candidates with it, itself included) over its frequency. Where the
//! paper gives a phrase the sum of its words, it has their mean here, times how
//! often it occurs: in a short text the sum puts long phrases that occur once
//! before its subject.

use std::collections::HashMap;

use crate::stop_words::is_stop_word;
use crate::terms::{Term, evidence};
use crate::words::{Token, fold, tokens};

/// Of a longer candidate only the end is kept: the head of an English noun
/// phrase comes last.
const LONGEST_PHRASE: usize = 4;

#[derive(Default)]
struct WordCount {
    frequency: usize,
    degree: usize,
}

struct Phrase {
    shown: String,
    words: Vec<String>,
    count: usize,
}

/// The key phrases of the words in letters, in no certain order.
pub(crate) fn english_terms(text: &str) -> Vec<Term> {
    let candidates = candidates(text);
    let mut words: HashMap<String, WordCount> = HashMap::new();
    let mut phrases: HashMap<String, Phrase> = HashMap::new();
    for candidate in candidates {
        let folded: Vec<String> = candidate.iter().map(|word| fold(word)).collect();
        for word in &folded {
            let count = words.entry(word.clone()).or_default();
            count.frequency += 1;
            count.degree += folded.len();
        }
        let phrase = phrases.entry(folded.join(" ")).or_insert_with(|| Phrase {
            shown: candidate.join(" "),
            words: folded,
            count: 0,
        });
        phrase.count += 1;
    }
    phrases
        .into_values()
        .map(|phrase| rated(phrase, &words))
        .collect()
}

fn rated(phrase: Phrase, words: &HashMap<String, WordCount>) -> Term {
    let counts = phrase.words.iter().filter_map(|word| words.get(word));
    let sum: f64 = counts.map(|c| c.degree as f64 / c.frequency as f64).sum();
    Term {
        phrase: phrase.shown,
        score: sum / phrase.words.len() as f64 * evidence(phrase.count),
        count: phrase.count,
    }
}

/// The runs of words between stop words, punctuation and Chinese.
fn candidates(text: &str) -> Vec<Vec<&str>> {
    let mut found = Vec::new();
    let mut run = Vec::new();
    for token in tokens(text) {
        match token {
            Token::Word(word) if !is_stop_word(&word.to_lowercase()) => run.push(word),
            _ => close(&mut found, &mut run),
        }
    }
    close(&mut found, &mut run);
    found
}

fn close<'a>(found: &mut Vec<Vec<&'a str>>, run: &mut Vec<&'a str>) {
    let mut words = std::mem::take(run);
    let extra = words.len().saturating_sub(LONGEST_PHRASE);
    words.drain(..extra);
    if !words.is_empty() {
        found.push(words);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_lie_between_stop_words() {
        let text = "The light reactions of photosynthesis, and the Calvin cycle.";
        let expected = [
            vec!["light", "reactions"],
            vec!["photosynthesis"],
            vec!["Calvin", "cycle"],
        ];
        assert_eq!(candidates(text), expected);
    }

    #[test]
    fn words_score_as_in_the_paper() {
        // `deep`: degree 2, frequency 1; `learning`: degree 3, frequency 2.
        let terms = english_terms("deep learning, learning");
        let score = |phrase| terms.iter().find(|t| t.phrase == phrase).map(|t| t.score);
        assert_eq!(score("deep learning"), Some(1.75 / 4.0));
        assert_eq!(score("learning"), Some(1.5 / 4.0));
    }

    #[test]
    fn forms_of_a_phrase_are_one() {
        let terms = english_terms("Cell walls. The cell wall. CELL WALL!");
        assert_eq!(terms.len(), 1);
        assert!(terms.iter().all(|t| t.count == 3 && t.phrase == "Cell walls"));
    }

    #[test]
    fn a_long_run_keeps_its_end() {
        assert_eq!(
            candidates("big red fast new shiny car"),
            [["fast", "new", "shiny", "car"]]
        );
    }
}
