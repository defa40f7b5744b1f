//! Sentences of a line.

/// Abbreviations after which a full stop ends no sentence, in lower case.
const ABBREVIATIONS: [&str; 18] = [
    "al", "approx", "cf", "dr", "e.g", "eq", "etc", "fig", "i.e", "mr", "mrs", "ms", "no", "prof", "sec",
    "st", "vol", "vs",
];

/// The sentences of a line, trimmed, with their punctuation. A line that ends
/// without any is a sentence as well.
pub fn sentences(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut characters = line.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let before = line.get(start..at).unwrap_or_default();
        let next = characters.peek().map(|(_, next)| *next);
        if !ends_sentence(c, before, next) {
            continue;
        }
        let mut end = at + c.len_utf8();
        while let Some((at, c)) = characters.next_if(|(_, c)| is_closing(*c)) {
            end = at + c.len_utf8();
        }
        push(&mut found, line.get(start..end));
        start = end;
    }
    push(&mut found, line.get(start..));
    found
}

fn push<'a>(found: &mut Vec<&'a str>, piece: Option<&'a str>) {
    let piece = piece.unwrap_or_default().trim();
    if piece.chars().any(char::is_alphanumeric) {
        found.push(piece);
    }
}

fn ends_sentence(c: char, before: &str, next: Option<char>) -> bool {
    match c {
        '。' | '！' | '？' | '\n' => true,
        '.' | '!' | '?' | '…' => {
            let at_gap = next.is_none_or(|n| n.is_whitespace() || is_closing(n));
            at_gap && !(c == '.' && is_abbreviated(before))
        }
        _ => false,
    }
}

/// Whether the last word before a full stop is an abbreviation, an initial or
/// the number of a list.
fn is_abbreviated(before: &str) -> bool {
    let word = before.rsplit(|c: char| c.is_whitespace() || "([（“\"".contains(c));
    let word = word.into_iter().next().unwrap_or_default();
    let initial = word.len() == 1 && word.starts_with(|c: char| c.is_ascii_uppercase());
    let numbering = word == before.trim() && word.chars().all(|c| c.is_ascii_digit());
    let known = word.len() <= 6 && ABBREVIATIONS.contains(&word.to_lowercase().as_str());
    initial || numbering || known
}

/// What belongs to the sentence that ends before it.
fn is_closing(c: char) -> bool {
    "”’』」）】》)]\"'。！？.!?…".contains(c)
}

/// Whether a sentence asks something.
pub fn is_question(sentence: &str) -> bool {
    sentence.trim_end_matches(['”', '"', ' ']).ends_with(['?', '？'])
}

/// A sentence without the punctuation at its end.
pub fn without_end(sentence: &str) -> &str {
    sentence.trim().trim_end_matches([
        '.', '!', '?', '。', '！', '？', ';', '；', ',', '，', ':', '：', '…',
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_end_their_sentences() {
        let line = "One. Two? 三。四！“五。”Six";
        assert_eq!(sentences(line), ["One.", "Two?", "三。", "四！", "“五。”", "Six"]);
    }

    #[test]
    fn not_every_full_stop_is_an_end() {
        for line in [
            "Use e.g. Rust 1.95 here.",
            "Dr. J. Smith vs. Bob.",
            "See fig. 3 (cf. Eq. 2).",
            "1. Boil water",
        ] {
            assert_eq!(sentences(line), [line]);
        }
    }

    #[test]
    fn nothing_comes_of_nothing() {
        for line in ["", "   ", "。。。", "?!", "🦀"] {
            assert!(sentences(line).is_empty(), "{line}");
        }
    }

    #[test]
    fn dots_in_a_row_are_one_end() {
        assert_eq!(sentences("Wait... What?! Yes"), ["Wait...", "What?!", "Yes"]);
    }

    #[test]
    fn a_long_text_is_cut_in_time() {
        assert_eq!(sentences(&"水是液体。".repeat(60_000)).len(), 60_000);
        assert_eq!(sentences(&"a".repeat(300_000)).len(), 1);
    }

    #[test]
    fn questions_are_known_by_their_mark() {
        assert!(is_question("什么？") && is_question("Why?") && is_question("“Why?”"));
        assert!(!is_question("Why."));
        assert_eq!(without_end("什么？！"), "什么");
    }
}
