//! Texts that only hold the place of a text.

/// What people and programs write where nothing is written yet, in lower case.
const EMPTY_WORDS: [&str; 12] = [
    "none",
    "null",
    "nil",
    "n/a",
    "na",
    "tbd",
    "todo",
    "undefined",
    "无",
    "暂无",
    "待填写",
    "待补充",
];

/// Whether a text says nothing of its own: it is blank, has no word at all, is
/// one bracketed instruction such as `[请在此填写…]`, or a word for nothing.
pub fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    let silent = !text.chars().any(char::is_alphanumeric);
    silent || is_bracketed(text) || EMPTY_WORDS.contains(&text.to_lowercase().as_str())
}

fn is_bracketed(text: &str) -> bool {
    const PAIRS: [(char, char); 5] = [('[', ']'), ('【', '】'), ('<', '>'), ('（', '）'), ('［', '］')];
    PAIRS.iter().any(|(open, close)| {
        let inner = text.strip_prefix(*open).and_then(|t| t.strip_suffix(*close));
        inner.is_some_and(|inner| !inner.contains(*open) && !inner.contains('\n'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_and_blanks_are_empty() {
        for text in [
            "",
            " \r\n",
            "[请在此填写你对该问题的个人理解]",
            "【待填写】",
            "None",
            "TODO",
            "...",
            "🦀",
            "<your answer>",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
    }

    #[test]
    fn answers_are_not() {
        for text in ["无限", "[a] and [b]", "[x](y)", "没有", "no", "因为[1]"] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
