//! English sentences that say what something is.

use crate::definition::{Definition, last_clause};
use crate::sentences::without_end;

/// Verbs that define whatever follows them.
const DEFINING: [&str; 6] = [
    " is defined as ",
    " are defined as ",
    " refers to ",
    " refer to ",
    " denotes ",
    " means ",
];
/// What follows `is` in a definition, and not in a remark such as `is red`.
const AFTER_IS: [&str; 9] = ["a", "an", "the", "any", "one", "when", "where", "what", "how"];
/// What follows `are` in a remark, beside participles.
const REMARKS: [&str; 10] = [
    "not", "also", "often", "usually", "very", "always", "never", "all", "both", "more",
];
/// What stands for something else, or for nothing.
const POINTERS: [&str; 37] = [
    "each",
    "every",
    "everything",
    "nothing",
    "something",
    "some",
    "most",
    "many",
    "all",
    "both",
    "it",
    "this",
    "that",
    "these",
    "those",
    "there",
    "here",
    "he",
    "she",
    "they",
    "we",
    "you",
    "i",
    "what",
    "which",
    "who",
    "where",
    "when",
    "if",
    "because",
    "one",
    "such",
    "so",
    "but",
    "and",
    "his",
    "their",
];
const MOST_TERM_WORDS: usize = 6;
const FEWEST_MEANING_WORDS: usize = 2;

pub(crate) fn english_definition(sentence: &str) -> Option<Definition<'_>> {
    let verb = first_verb(sentence)?;
    let (before, from) = sentence.split_at_checked(verb.at)?;
    let (article, term) = split_article(last_clause(before, &[',', ';', ':', '(']))?;
    let meaning = without_end(from.get(verb.length..)?);
    let long_enough = meaning.split_whitespace().count() >= FEWEST_MEANING_WORDS;
    long_enough.then_some(Definition {
        article,
        term,
        meaning,
        is_plural: verb.is_plural,
    })
}

struct Verb {
    at: usize,
    length: usize,
    is_plural: bool,
}

/// The first verb, if it is one that defines.
fn first_verb(sentence: &str) -> Option<Verb> {
    let find = |text: &str| sentence.find(text).map(|at| (at, text.len()));
    let defining = DEFINING
        .iter()
        .filter_map(|verb| Some((find(verb)?, verb.contains(" are ") || *verb == " refer to ")));
    let (is, are) = (find(" is "), find(" are "));
    let plain = [is.map(|found| (found, false)), are.map(|found| (found, true))];
    let all = defining.chain(plain.into_iter().flatten());
    // The longest of those at one place: `is defined as` before `is`.
    let ((at, length), is_plural) = all.min_by_key(|((at, length), _)| (*at, usize::MAX - length))?;
    let next = sentence.get(at + length..)?.split_whitespace().next()?;
    let defines = match length {
        4 => AFTER_IS.contains(&next),
        5 => !REMARKS.contains(&next) && !["ed", "en", "ing"].iter().any(|end| next.ends_with(end)),
        _ => true,
    };
    defines.then_some(Verb {
        at,
        length,
        is_plural,
    })
}

/// The article and the term, if that is short and names something.
fn split_article(text: &str) -> Option<(&str, &str)> {
    let (first, after) = text.split_once(' ').unwrap_or((text, ""));
    let is_article = ["a", "an", "the"].contains(&first.to_lowercase().as_str());
    let (article, term) = if is_article { (first, after) } else { ("", text) };
    let head = term.split_whitespace().next()?.to_lowercase();
    let short = term.split_whitespace().count() <= MOST_TERM_WORDS;
    (short && !POINTERS.contains(&head.as_str())).then_some((article, term))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(sentence: &str) -> Option<(&str, &str)> {
        english_definition(sentence).map(|d| (d.term, d.meaning))
    }

    #[test]
    fn definitions_are_seen() {
        assert_eq!(
            parts("Osmosis is the movement of water."),
            Some(("Osmosis", "the movement of water"))
        );
        assert_eq!(
            parts("In algebra, a group is a set with an operation."),
            Some(("group", "a set with an operation"))
        );
        assert_eq!(
            parts("A prime is defined as a number with two divisors"),
            Some(("prime", "a number with two divisors"))
        );
        assert_eq!(
            parts("Enzymes are proteins that speed up reactions."),
            Some(("Enzymes", "proteins that speed up reactions"))
        );
        assert_eq!(
            parts("RNA 聚合酶 is an enzyme"),
            Some(("RNA 聚合酶", "an enzyme"))
        );
    }

    #[test]
    fn remarks_are_not() {
        for sentence in [
            "The sky is blue.",
            "It is a set.",
            "There are three kinds.",
            "Plants are eaten by cows.",
            "Cells are growing fast.",
            "This means a lot.",
            "If x is a number, stop.",
            "is a",
            "",
        ] {
            assert_eq!(parts(sentence), None, "{sentence}");
        }
    }
}
