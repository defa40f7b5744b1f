//! Which of the two languages a text is in.

use crate::words::measure;

/// A language that the agents can speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English, and what else is written in letters.
    English,
    /// Chinese.
    Chinese,
}

impl Language {
    /// The language that most of the text is in; English if there is no word.
    ///
    /// A Chinese word has about one and a half characters, so that many weigh
    /// as much as one word in letters.
    pub fn of(text: &str) -> Self {
        let measure = measure(text);
        if measure.han * 2 > measure.words * 3 {
            Self::Chinese
        } else {
            Self::English
        }
    }

    /// The one of two wordings that is in this language.
    pub fn pick<T>(self, english: T, chinese: T) -> T {
        match self {
            Self::English => english,
            Self::Chinese => chinese,
        }
    }
}

/// Whether it is a Chinese character: a CJK ideograph of the common blocks, the
/// compatibility block or the supplementary planes.
pub fn is_han(c: char) -> bool {
    matches!(c,
        '\u{3007}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greater_part_decides() {
        assert_eq!(Language::of("Test Material Node"), Language::English);
        assert_eq!(Language::of("什么是逆否命题？"), Language::Chinese);
        assert_eq!(Language::of("Transformer 模型"), Language::Chinese);
        let mixed = "The term 逆否命题 means contrapositive";
        assert_eq!(Language::of(mixed), Language::English);
    }

    #[test]
    fn no_words_are_english() {
        assert_eq!(Language::of(""), Language::English);
        assert_eq!(Language::of("?! 🦀 …"), Language::English);
    }

    #[test]
    fn rare_characters_are_chinese_and_punctuation_is_not() {
        assert!(is_han('𠮷') && is_han('〇') && is_han('漢'));
        assert!(!is_han('。') && !is_han('あ') && !is_han('A'));
    }
}
