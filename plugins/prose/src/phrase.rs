//! Looking for a phrase in a text.

use crate::language::is_han;
use crate::words::{Token, fold, tokens};

/// Where a phrase stands in a lower-case text: anywhere if it is Chinese, as
/// whole words otherwise.
pub fn find_phrase(lower: &str, phrase: &str) -> Option<usize> {
    if phrase.is_empty() {
        return None;
    }
    let places = lower.match_indices(phrase).map(|(at, _)| at);
    places.into_iter().find(|at| {
        let (before, from) = lower.split_at(*at);
        let after = from.get(phrase.len()..).unwrap_or_default();
        let starts = !joined(before.chars().next_back(), phrase.chars().next());
        starts && !joined(phrase.chars().next_back(), after.chars().next())
    })
}

/// Whether two neighbours belong to one word in letters.
fn joined(left: Option<char>, right: Option<char>) -> bool {
    let letter = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() && !is_han(c));
    letter(left) && letter(right)
}

/// A text in the form under which phrases are looked up in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoldedText(String);

impl FoldedText {
    /// Each word folded and between spaces, each Chinese run as it is.
    pub fn of(text: &str) -> Self {
        Self(tokens(text).map(folded).collect())
    }

    /// Whether it has all words and all Chinese pieces of a phrase, in any
    /// order and in any regular form.
    pub fn mentions(&self, phrase: &str) -> bool {
        let mut pieces = tokens(phrase).filter(|token| *token != Token::Break).peekable();
        pieces.peek().is_some() && pieces.all(|piece| self.0.contains(&folded(piece)))
    }
}

fn folded(token: Token<'_>) -> String {
    match token {
        Token::Word(word) => format!(" {} ", fold(word)),
        Token::Han(run) => run.to_owned(),
        Token::Break => "\n".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whole() {
        assert_eq!(find_phrase("a butter, but", "but"), Some(10));
        assert_eq!(find_phrase("butter", "but"), None);
        assert_eq!(find_phrase("他因为雨", "因为"), Some(3));
        assert_eq!(find_phrase("用rust写", "rust"), Some(3));
        assert_eq!(find_phrase("x", ""), None);
    }

    #[test]
    fn mentions_survive_another_form_and_order() {
        let text = FoldedText::of("The walls of Cells; 命题与其逆否命题");
        assert!(text.mentions("cell wall") && text.mentions("逆否命题"));
        assert!(!text.mentions("all") && !text.mentions("原命题") && !text.mentions("…"));
    }
}
