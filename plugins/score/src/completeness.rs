//! Completeness: enough text, with a reason and an example.

use prose::{Cue, Language, measure};

use crate::part::Part;

const LENGTH_SHARE: f64 = 0.6;
const CUE_SHARE: f64 = 0.2;
/// The least and the most words that are asked for.
const FEWEST_WORDS: f64 = 30.0;
const MOST_WORDS: f64 = 150.0;

/// Fifteen points for half the length of the upstream text, but at least 30
/// and at most 150 words, five for a reason and five for an example.
pub(crate) fn completeness(plain: &str, upstream: &str, language: Language) -> Part {
    let length = words(plain);
    let wanted = (words(upstream) / 2.0).clamp(FEWEST_WORDS, MOST_WORDS);
    let [reasons, examples] = [Cue::Reason, Cue::Example].map(|cue| cue.is_in(plain));
    let share = LENGTH_SHARE * (length / wanted).min(1.0)
        + CUE_SHARE * f64::from(u8::from(reasons) + u8::from(examples));
    Part::reached(share, reason([length, wanted], [reasons, examples], language))
}

/// Words, with one and a half Chinese characters to a word.
fn words(text: &str) -> f64 {
    let measure = measure(text);
    measure.words as f64 + measure.han as f64 * 2.0 / 3.0
}

fn reason(lengths: [f64; 2], cues: [bool; 2], language: Language) -> String {
    match language {
        Language::English => {
            let [reasons, examples] = cues.map(|is_there| if is_there { "a" } else { "no" });
            let examples = if examples == "a" { "an" } else { examples };
            let [length, wanted] = lengths.map(|words| words.round() as u64);
            format!("About {length} of {wanted} words, with {reasons} reason and {examples} example.")
        }
        Language::Chinese => {
            let [reasons, examples] = cues.map(|is_there| if is_there { "有" } else { "没有" });
            let [length, wanted] = lengths.map(|words| (words * 1.5).round() as u64);
            format!("约{length}字（期望{wanted}字），{reasons}说明原因，{examples}举例。")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(text: &str, upstream: &str) -> Option<u32> {
        completeness(text, upstream, Language::of(text)).points
    }

    #[test]
    fn length_reason_and_example_add_up() {
        assert_eq!(points(&"word ".repeat(30), ""), Some(15));
        assert_eq!(
            points(&format!("{} because, for example, x", "word ".repeat(30)), ""),
            Some(25)
        );
        assert_eq!(points(&"字".repeat(45), ""), Some(15));
    }

    #[test]
    fn a_long_upstream_text_asks_for_more() {
        let upstream = "word ".repeat(200);
        assert_eq!(points(&"word ".repeat(50), &upstream), Some(8));
    }

    #[test]
    fn the_reason_is_in_the_language_of_the_text() {
        let of = |text: &str| completeness(text, "", Language::of(text)).reason;
        assert_eq!(of("因为下雨"), "约4字（期望45字），有说明原因，没有举例。");
        assert_eq!(
            of("E.g. rain"),
            "About 3 of 30 words, with no reason and an example."
        );
    }
}
