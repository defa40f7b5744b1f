//! Lines that put a term before its meaning, as a glossary does.

use crate::definition::Definition;
use crate::language::Language;
use crate::words::measure;

const SEPARATORS: [&str; 7] = ["：", ": ", "——", " — ", " – ", " - ", "—"];
/// What stands before a colon without being a term.
const LABELS: [&str; 29] = [
    "q", "a", "question", "answer", "note", "notes", "example", "examples", "e.g", "warning", "tip", "todo",
    "source", "see", "hint", "问", "答", "问题", "答案", "注", "注意", "例", "例如", "比如", "提示", "如下",
    "来源", "参考", "说明",
];
const MOST_WORDS: usize = 6;
const MOST_HAN: usize = 15;

/// What a line explains, if it is an entry: `X: …`, `X — …`, `X：…`, `X——…`.
pub fn entry(line: &str) -> Option<Definition<'_>> {
    let found = SEPARATORS
        .iter()
        .filter_map(|mark| Some((line.find(mark)?, *mark)));
    let (at, mark) = found.min_by_key(|(at, mark)| (*at, usize::MAX - mark.len()))?;
    let (term, from) = line.split_at_checked(at)?;
    let (term, meaning) = (term.trim(), from.strip_prefix(mark)?.trim());
    (is_term(term) && is_meaning(meaning)).then_some(Definition {
        article: "",
        term,
        meaning,
        is_plural: false,
    })
}

fn is_term(term: &str) -> bool {
    let size = measure(term);
    let short = size.words <= MOST_WORDS && size.han <= MOST_HAN && size.words + size.han > 0;
    let within = term.contains(['，', ',', '。', '；', ';', '?', '？', '!', '！', '、', '|']);
    let announces = ["包括", "如下", "分为", "有"]
        .iter()
        .any(|end| term.ends_with(end));
    short && !within && !announces && !LABELS.contains(&term.to_lowercase().as_str())
}

fn is_meaning(meaning: &str) -> bool {
    let size = measure(meaning);
    let fewest = Language::of(meaning).pick(1, 2);
    size.words + size.han >= fewest && !meaning.starts_with("//")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(line: &str) -> Option<(&str, &str)> {
        entry(line).map(|d| (d.term, d.meaning))
    }

    #[test]
    fn entries_are_seen() {
        assert_eq!(
            parts("Osmosis: movement of water"),
            Some(("Osmosis", "movement of water"))
        );
        assert_eq!(parts("渗透：水的移动"), Some(("渗透", "水的移动")));
        assert_eq!(
            parts("质数——只有两个因数的数：如 7"),
            Some(("质数", "只有两个因数的数：如 7"))
        );
        assert_eq!(
            parts("well-known term - a meaning"),
            Some(("well-known term", "a meaning"))
        );
    }

    #[test]
    fn labels_and_sentences_are_not() {
        for line in [
            "Q: What?",
            "注意：小心火",
            "see http://example.org",
            "There are three, as we know: one",
            "主要包括：水和火",
            "12:30 begins",
            "Term:",
            "：",
            "",
        ] {
            assert_eq!(parts(line), None, "{line}");
        }
    }
}
