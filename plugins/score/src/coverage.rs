//! Coverage: the share of the upstream text's key terms that are mentioned.

use prose::{FoldedText, Language, plain_text, terms};

use crate::part::Part;

/// The part, and the terms that are missing, the most important first.
pub(crate) fn coverage(text: &str, upstream: &str, most: usize, language: Language) -> (Part, Vec<String>) {
    let wanted = terms(&plain_text(upstream), most);
    if wanted.is_empty() {
        let reason = language.pick(
            "There is no upstream text with key terms to hold it against.",
            "没有含关键词的上游文本可供对照。",
        );
        return (Part::unknown(reason.to_owned()), Vec::new());
    }
    let folded = FoldedText::of(text);
    let all = wanted.len();
    let missing: Vec<String> = wanted
        .into_iter()
        .map(|term| term.phrase)
        .filter(|phrase| !folded.mentions(phrase))
        .collect();
    let found = all - missing.len();
    let reason = match language {
        Language::English => {
            format!("{found} of {all} key terms of the upstream text are mentioned.")
        }
        Language::Chinese => format!("提到了上游文本{all}个关键词中的{found}个。"),
    };
    (Part::reached(found as f64 / all as f64, reason), missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(text: &str, upstream: &str) -> (Option<u32>, Vec<String>) {
        let (part, missing) = coverage(text, upstream, 10, Language::of(text));
        (part.points, missing)
    }

    #[test]
    fn mentions_count_in_both_languages() {
        assert_eq!(points("逆否命题就是取反", "什么是逆否命题？"), (Some(25), vec![]));
        assert_eq!(
            points("取反", "什么是逆否命题？"),
            (Some(0), vec!["逆否命题".to_owned()])
        );
        let (half, missing) = points("Plants have cell walls.", "Cell wall, chlorophyll");
        assert_eq!((half, missing), (Some(13), vec!["chlorophyll".to_owned()]));
    }

    #[test]
    fn without_terms_there_is_nothing_to_cover() {
        assert_eq!(points("x", ""), (None, vec![]));
        assert_eq!(points("x", "the of 的"), (None, vec![]));
    }
}
