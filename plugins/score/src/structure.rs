//! Structure: sentences, connecting words, paragraphs.

use prose::{Block, Cue, Kind, Language, sentences};

use crate::part::Part;

const SENTENCE_SHARE: f64 = 0.4;
const CUE_SHARE: f64 = 0.4;
const LAYOUT_SHARE: f64 = 0.2;
/// So many sentences make a full share, and so many kinds of connecting words.
const ENOUGH_SENTENCES: usize = 3;
const ENOUGH_CUES: usize = 2;
/// A text with more sentences than this is better parted.
const ONE_PARAGRAPH: usize = 5;

/// Ten points for three sentences, ten for two kinds of connecting words, five
/// for a text that is short or parted into paragraphs, items or headings.
pub(crate) fn structure(blocks: &[Block], plain: &str, language: Language) -> Part {
    let lines = blocks.iter().flat_map(|block| &block.lines);
    let count: usize = lines.map(|line| sentences(line).len()).sum();
    let cues = Cue::ALL.iter().filter(|cue| cue.is_in(plain)).count();
    let parts = blocks
        .iter()
        .filter(|block| !matches!(block.kind, Kind::Heading(_)))
        .count();
    let laid_out = count > 0 && (count <= ONE_PARAGRAPH || parts > 1);
    let share = SENTENCE_SHARE * reached(count, ENOUGH_SENTENCES)
        + CUE_SHARE * reached(cues, ENOUGH_CUES)
        + LAYOUT_SHARE * f64::from(u8::from(laid_out));
    Part::reached(share, reason(count, cues, parts, language))
}

fn reached(count: usize, enough: usize) -> f64 {
    (count as f64 / enough as f64).min(1.0)
}

fn reason(sentences: usize, cues: usize, parts: usize, language: Language) -> String {
    match language {
        Language::English => format!(
            "Sentences: {sentences}, paragraphs or list items: {parts}, kinds of connecting words: {cues} of {}.",
            Cue::ALL.len()
        ),
        Language::Chinese => format!(
            "共{sentences}句，{parts}个段落或列表项，用了{}类连接词中的{cues}类。",
            Cue::ALL.len()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(text: &str) -> Option<u32> {
        structure(&prose::blocks(text), text, Language::of(text)).points
    }

    #[test]
    fn connected_sentences_have_all() {
        assert_eq!(points("因为下雨，所以地湿。但是不冷。我喜欢。"), Some(25));
        assert_eq!(
            points("It rains. Therefore it is wet. However, it is warm."),
            Some(25)
        );
    }

    #[test]
    fn one_bare_sentence_has_little() {
        assert_eq!(points("It rains."), Some(8));
    }

    #[test]
    fn a_long_text_wants_paragraphs() {
        let sentence = "水是液体。";
        let (one, two) = (sentence.repeat(8), format!("{0}\n\n{0}", sentence.repeat(4)));
        assert_eq!((points(&one), points(&two)), (Some(10), Some(15)));
    }
}
