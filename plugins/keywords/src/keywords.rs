//! The list of key phrases.

use prose::{Term, is_placeholder, plain_text, terms};
use serde::Serialize;

/// The result.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Found {
    /// The most important first.
    pub(crate) keywords: Vec<Keyword>,
}

/// A key phrase.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Keyword {
    phrase: String,
    score: f64,
    count: usize,
}

/// The key phrases of a text, which may be Markdown. There are none in a text
/// that only holds the place of one.
pub(crate) fn keywords(text: &str, max: usize) -> Found {
    let plain = if is_placeholder(text) {
        String::new()
    } else {
        plain_text(text)
    };
    Found {
        keywords: terms(&plain, max).into_iter().map(Keyword::from).collect(),
    }
}

impl From<Term> for Keyword {
    /// Three decimals say all that there is to say, and are the same on every
    /// machine.
    fn from(term: Term) -> Self {
        let score = (term.score * 1_000.0).round() / 1_000.0;
        Self {
            phrase: term.phrase,
            score,
            count: term.count,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phrases(text: &str) -> Vec<String> {
        keywords(text, 10)
            .keywords
            .into_iter()
            .map(|k| k.phrase)
            .collect()
    }

    #[test]
    fn marks_code_and_addresses_are_no_phrases() {
        let text = "# **Cell** walls\n\n```\nlet junk = 1;\n```\nSee [cell walls](http://junk.org) and https://junk.org/x.";
        assert_eq!(phrases(text), ["Cell walls"]);
    }

    #[test]
    fn empty_texts_have_none() {
        for text in ["", " \r\n ", "[请在此填写你对该问题的个人理解]", "None"] {
            assert_eq!(phrases(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn the_list_is_as_long_as_asked() {
        let text = "alpha, beta, gamma, delta";
        assert_eq!(keywords(text, 2).keywords.len(), 2);
    }

    #[test]
    fn scores_are_rounded() {
        let found = keywords("deep learning, learning, deep deep water", 5);
        assert!(found.keywords.iter().all(|k| (k.score * 1_000.0).fract() == 0.0));
    }

    #[test]
    fn the_readme_shows_what_comes_out() {
        let text = "如果原命题是'若p则q'，则逆否命题是'若非q则非p'。逆否命题与原命题等价。 The contrapositive is logically equivalent.";
        let json = serde_json::to_string(&keywords(text, 4)).unwrap_or_default();
        let readme = include_str!("../README.md");
        assert!(readme.contains(text) && readme.contains(&json), "{json}");
    }
}
