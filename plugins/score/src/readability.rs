//! Readability: how easy the sentences are.

use prose::{Block, Language, Token, measure, sentences, syllables, tokens};

use crate::part::Part;

/// A reading ease that is "plain English" in R. Flesch's table.
const PLAIN_EASE: f64 = 60.0;
/// Chinese sentences up to this long have all points, …
const EASY_HAN: f64 = 30.0;
/// … and from here on none.
const HARD_HAN: f64 = 120.0;

/// English is rated by its reading ease, with all points from 60 on. Chinese
/// has no formula that everybody uses; it is rated by characters a sentence,
/// with all points up to 30 and none from 120 on. A text in both gets the mean
/// of the two, weighed with how much there is of each.
pub(crate) fn readability(blocks: &[Block], language: Language) -> Part {
    let lines = || blocks.iter().flat_map(|block| &block.lines);
    let text = lines().fold(Total::default(), |total, line| total.with(line));
    let (words, han) = (text.words as f64, text.han as f64 * 2.0 / 3.0);
    if words + han == 0.0 {
        let reason = language.pick("There are no words to read.", "没有可读的词句。");
        return Part::reached(0.0, reason.to_owned());
    }
    let english = (text.reading_ease() / PLAIN_EASE).clamp(0.0, 1.0);
    let han_length = text.han_per_sentence();
    let chinese = ((HARD_HAN - han_length) / (HARD_HAN - EASY_HAN)).clamp(0.0, 1.0);
    let share = (english * words + chinese * han) / (words + han);
    Part::reached(share, reason(&text, language))
}

fn reason(text: &Total, language: Language) -> String {
    match language {
        Language::English => format!(
            "The Flesch reading ease is {}; 60 and more is plain.",
            text.reading_ease().round() as i64
        ),
        Language::Chinese => format!(
            "平均每句{}个汉字；30个以内为易读。",
            text.han_per_sentence().round() as i64
        ),
    }
}

#[derive(Debug, Default)]
struct Total {
    sentences: usize,
    words: usize,
    syllables: usize,
    han: usize,
}

impl Total {
    fn with(mut self, line: &str) -> Self {
        let measure = measure(line);
        self.sentences += sentences(line).len();
        self.words += measure.words;
        self.han += measure.han;
        self.syllables += tokens(line).map(syllables_of).sum::<usize>();
        self
    }

    /// R. Flesch, "A new readability yardstick", 1948: 206.835 − 1.015 · words
    /// a sentence − 84.6 · syllables a word. 0 without a word.
    fn reading_ease(&self) -> f64 {
        if self.words == 0 {
            return 0.0;
        }
        let words = self.words as f64;
        206.835 - 1.015 * words / self.sentences.max(1) as f64 - 84.6 * self.syllables as f64 / words
    }

    fn han_per_sentence(&self) -> f64 {
        self.han as f64 / self.sentences.max(1) as f64
    }
}

fn syllables_of(token: Token<'_>) -> usize {
    if let Token::Word(word) = token {
        syllables(word)
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(text: &str) -> Option<u32> {
        readability(&prose::blocks(text), Language::of(text)).points
    }

    #[test]
    fn the_formula_is_that_of_the_paper() {
        // Six words of one syllable in one sentence.
        let ease = Total::default().with("The cat sat on the mat.").reading_ease();
        assert!((ease - (206.835 - 6.09 - 84.6)).abs() < 1e-9);
    }

    #[test]
    fn plain_beats_heavy() {
        assert_eq!(points("The cat sat on the mat. It was warm."), Some(25));
        assert_eq!(
            points("Institutionalization necessitates multidimensional organizational considerations."),
            Some(0)
        );
    }

    #[test]
    fn chinese_is_rated_by_the_length_of_its_sentences() {
        assert_eq!(points("下雨则地湿。地不湿则没下雨。"), Some(25));
        assert_eq!(points(&"很长的句子".repeat(40)), Some(0));
        assert_eq!(points(&"很长的句子".repeat(15)), Some(13));
    }

    #[test]
    fn without_words_there_is_nothing_to_read() {
        assert_eq!(points("🦀"), Some(0));
    }
}
