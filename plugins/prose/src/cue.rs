//! What connecting words say about the sentence that they stand in.

use crate::phrase::find_phrase;

/// What a sentence does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cue {
    /// Gives a reason or draws a conclusion.
    Reason,
    /// Sets two things against each other.
    Contrast,
    /// Gives an example.
    Example,
    /// Puts things in an order, or adds one.
    Order,
}

impl Cue {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Reason, Self::Contrast, Self::Example, Self::Order];

    /// Whether a text has one of the words, in either language.
    pub fn is_in(self, text: &str) -> bool {
        let lower = text.to_lowercase();
        self.words()
            .iter()
            .any(|word| find_phrase(&lower, word).is_some())
    }

    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Reason => REASON,
            Self::Contrast => CONTRAST,
            Self::Example => EXAMPLE,
            Self::Order => ORDER,
        }
    }
}

#[rustfmt::skip] // One word a line would hide the lists' shape.
const REASON: &[&str] = &[
    "because", "therefore", "thus", "hence", "since", "consequently", "as a result", "so that",
    "due to",
    "因为", "所以", "因此", "由于", "从而", "因而", "故而", "导致",
];
#[rustfmt::skip] // One word a line would hide the lists' shape.
const CONTRAST: &[&str] = &[
    "but", "however", "although", "though", "whereas", "while", "unlike", "instead",
    "on the other hand",
    "但是", "然而", "虽然", "尽管", "不过", "相反", "而不是", "区别",
];
#[rustfmt::skip] // One word a line would hide the lists' shape.
const EXAMPLE: &[&str] = &[
    "for example", "for instance", "e.g", "such as",
    "例如", "比如", "譬如", "举例", "像是",
];
#[rustfmt::skip] // One word a line would hide the lists' shape.
const ORDER: &[&str] = &[
    "first", "firstly", "second", "secondly", "then", "next", "finally", "also", "moreover",
    "furthermore", "in addition",
    "首先", "其次", "然后", "最后", "此外", "另外", "而且", "并且", "同时",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn cues(text: &str) -> Vec<Cue> {
        Cue::ALL.into_iter().filter(|cue| cue.is_in(text)).collect()
    }

    #[test]
    fn both_languages_have_them() {
        assert_eq!(cues("Because it rains, e.g. today."), [Cue::Reason, Cue::Example]);
        assert_eq!(cues("首先下雨，然后地湿，但是不冷"), [Cue::Contrast, Cue::Order]);
    }

    #[test]
    fn parts_of_words_do_not_count() {
        assert_eq!(cues("A butterfly is firsthand authentic"), []);
        assert_eq!(cues(""), []);
    }
}
