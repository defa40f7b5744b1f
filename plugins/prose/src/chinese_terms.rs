//! Key phrases of Chinese, found without a dictionary.
//!
//! Function words cut the text into segments; the character n-grams of these
//! that repeat, and whole short segments, are the candidates. The score is
//! C-value times cohesion:
//!
//! - C-value: K. Frantzi, S. Ananiadou, H. Mima, "Automatic recognition of
//!   multi-word terms", 2000: log2 of the length times how often the candidate
//!   occurs beyond the longer candidates that hold it. Only those one character
//!   longer are looked at; all others hold one of them.
//! - Cohesion is the fair symmetric conditional probability: J. Ferreira da
//!   Silva, G. Pereira Lopes, "A local maxima method and a fair dispersion
//!   normalization for extracting multi-word units", 1999: f² over the mean of
//!   f(left) · f(right) for all ways to cut the candidate in two.

use std::collections::HashMap;

use crate::function_words::segments;
use crate::terms::{Term, evidence};
use crate::words::{Token, tokens};

const LONGEST_GRAM: usize = 6;
const LONGEST_SEGMENT: usize = 8;

type Counts<'a> = HashMap<&'a str, usize>;

/// The key phrases of the Chinese characters, in no certain order.
pub(crate) fn chinese_terms(text: &str) -> Vec<Term> {
    let segments: Vec<&str> = tokens(text)
        .filter_map(|token| {
            if let Token::Han(run) = token {
                Some(run)
            } else {
                None
            }
        })
        .flat_map(segments)
        .collect();
    let counts = count_grams(&segments);
    let nested = count_nested(&counts);
    let repeated = counts
        .iter()
        .filter(|(gram, count)| length(gram) > 1 && **count > 1);
    let mut candidates: HashMap<&str, usize> = repeated.map(|(g, c)| (*g, *c)).collect();
    for segment in &segments {
        let is_whole = (2..=LONGEST_SEGMENT).contains(&length(segment));
        if is_whole && counts.get(segment).is_none_or(|count| *count == 1) {
            candidates.insert(segment, 1);
        }
    }
    candidates
        .into_iter()
        .map(|(gram, count)| rated(gram, count, nested.get(gram).copied().unwrap_or(0), &counts))
        .filter(|term| term.score > 0.0)
        .collect()
}

fn rated(gram: &str, count: usize, nested: usize, counts: &Counts<'_>) -> Term {
    let frequency = evidence(count.saturating_sub(nested));
    let c_value = (length(gram) as f64).log2() * frequency;
    Term {
        phrase: gram.to_owned(),
        score: c_value * cohesion(gram, count, counts),
        count,
    }
}

fn cohesion(gram: &str, count: usize, counts: &Counts<'_>) -> f64 {
    let of = |part: &str| counts.get(part).copied().unwrap_or(1) as f64;
    let cuts = gram
        .char_indices()
        .skip(1)
        .filter_map(|(at, _)| gram.split_at_checked(at));
    let products: f64 = cuts.map(|(left, right)| of(left) * of(right)).sum();
    let mean = products / (length(gram) - 1) as f64;
    (count * count) as f64 / mean
}

/// Counts the n-grams of all segments, length by length. One is counted only
/// if both of its ends repeat: no other can repeat itself (the rule of
/// R. Agrawal and R. Srikant's Apriori, 1994), which keeps large texts cheap.
fn count_grams<'a>(segments: &[&'a str]) -> Counts<'a> {
    let mut counts = Counts::new();
    for size in 1..=LONGEST_GRAM {
        let mut found = Counts::new();
        for gram in segments.iter().flat_map(|segment| grams(segment, size)) {
            if size <= 2 || ends_repeat(gram, &counts) {
                *found.entry(gram).or_default() += 1;
            }
        }
        if found.values().all(|count| *count < 2) && size > 2 {
            break;
        }
        counts.extend(found);
    }
    counts
}

fn ends_repeat(gram: &str, counts: &Counts<'_>) -> bool {
    let repeats = |end: Option<&str>| end.and_then(|end| counts.get(end)).is_some_and(|c| *c > 1);
    let (first, last) = (gram.chars().next(), gram.chars().next_back());
    let tail = first.and_then(|c| gram.get(c.len_utf8()..));
    let head = last.and_then(|c| gram.get(..gram.len() - c.len_utf8()));
    repeats(head) && repeats(tail)
}

/// All runs of so many characters.
fn grams(segment: &str, size: usize) -> impl Iterator<Item = &str> {
    let starts = segment.char_indices().map(|(at, _)| at);
    let ends = segment
        .char_indices()
        .map(|(at, c)| at + c.len_utf8())
        .skip(size - 1);
    starts
        .zip(ends)
        .filter_map(|(start, end)| segment.get(start..end))
}

/// For each n-gram the mean count of the repeated ones that are one character
/// longer and hold it.
fn count_nested<'a>(counts: &Counts<'a>) -> Counts<'a> {
    let mut sums: HashMap<&str, (usize, usize)> = HashMap::new();
    for (gram, count) in counts.iter().filter(|(_, count)| **count > 1) {
        for part in grams(gram, length(gram).saturating_sub(1).max(1)) {
            let (sum, holders) = sums.entry(part).or_default();
            *sum += count;
            *holders += 1;
        }
    }
    sums.into_iter()
        .map(|(gram, (sum, holders))| (gram, sum / holders))
        .collect()
}

fn length(gram: &str) -> usize {
    gram.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranked(text: &str) -> Vec<String> {
        let mut terms = chinese_terms(text);
        terms.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.phrase.cmp(&b.phrase)));
        terms.into_iter().map(|t| t.phrase).collect()
    }

    #[test]
    fn the_repeated_term_wins_and_its_shards_are_gone() {
        let text = "深度学习是机器学习的分支。深度学习与机器学习不同。深度学习需要数据。";
        let found = ranked(text);
        assert_eq!(found.first().map(String::as_str), Some("深度学习"));
        for shard in ["度学习", "度学", "器学习"] {
            assert!(!found.contains(&shard.to_owned()), "{shard}");
        }
    }

    #[test]
    fn a_short_text_gives_its_segments() {
        assert_eq!(ranked("什么是逆否命题？"), ["逆否命题"]);
        assert_eq!(ranked(""), [""; 0]);
        assert_eq!(ranked("的了是"), [""; 0]);
    }

    #[test]
    fn cohesion_is_that_of_the_paper() {
        // 甲乙 occurs twice; 甲 three times, 乙 twice: 2² / (3 · 2).
        let counts = count_grams(&["甲乙", "甲乙", "甲"]);
        assert!((cohesion("甲乙", 2, &counts) - 4.0 / 6.0).abs() < 1e-9);
    }

    #[test]
    fn characters_beyond_the_first_plane_are_whole() {
        assert_eq!(ranked("𠮷野。𠮷野。"), ["𠮷野"]);
    }
}
