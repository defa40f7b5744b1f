//! Sentences that say what something is.

use crate::definition_chinese::chinese_definition;
use crate::definition_english::english_definition;
use crate::language::{Language, is_han};
use crate::sentences::is_question;

/// What a text says that something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Definition<'a> {
    /// The English article before the term, or nothing.
    pub article: &'a str,
    /// What is explained, without an article.
    pub term: &'a str,
    /// The explanation, without the punctuation at its end.
    pub meaning: &'a str,
    /// Whether the term is in the plural.
    pub is_plural: bool,
}

impl Definition<'_> {
    /// The question that the meaning answers.
    pub fn question(&self, language: Language) -> String {
        let verb = if self.is_plural { "are" } else { "is" };
        let gap = if self.article.is_empty() { "" } else { " " };
        let article = self.article.to_lowercase();
        match language {
            Language::English => format!("What {verb} {article}{gap}{}?", self.term),
            Language::Chinese => format!("什么是{}？", self.term),
        }
    }
}

/// What a sentence defines, if it does, in either language: `X is a …`,
/// `X means …`, `X是…`, `X指的是…`.
pub fn definition(sentence: &str) -> Option<Definition<'_>> {
    if is_question(sentence) {
        return None;
    }
    let chinese = sentence
        .chars()
        .any(is_han)
        .then(|| chinese_definition(sentence))
        .flatten();
    chinese.or_else(|| english_definition(sentence))
}

/// The part after the last of some marks, which is where a clause begins.
pub(crate) fn last_clause<'a>(text: &'a str, marks: &[char]) -> &'a str {
    text.rsplit(marks).next().unwrap_or(text).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(sentence: &str) -> Option<String> {
        definition(sentence).map(|found| found.question(Language::of(sentence)))
    }

    #[test]
    fn definitions_answer_questions() {
        let asked = |text: &str| Some(text.to_owned());
        assert_eq!(question("A set is a collection."), asked("What is a set?"));
        assert_eq!(
            question("Enzymes are proteins that help."),
            asked("What are Enzymes?")
        );
        assert_eq!(question("群是一种代数结构。"), asked("什么是群？"));
    }

    #[test]
    fn questions_define_nothing() {
        assert_eq!(question("什么是群？"), None);
        assert_eq!(question("Water is a liquid?"), None);
    }
}
