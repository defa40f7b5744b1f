//! Why-questions.

use prose::{Language, clip, find_phrase, without_end};

const CLAUSE_COLUMNS: usize = 90;
/// What stands before an effect.
const SO: [&str; 9] = [
    "therefore",
    "consequently",
    "hence",
    "as a result",
    "所以",
    "因此",
    "因而",
    "从而",
    "故而",
];
/// What stands before a cause.
const FOR: [&str; 4] = ["because", "due to", "因为", "由于"];

/// Asks why, if a sentence gives a reason: the effect is asked for, the cause
/// left out.
pub(crate) fn reason_question(sentence: &str, language: Language) -> Option<String> {
    let effect = after_word(sentence, &SO).or_else(|| effect_of_cause(sentence))?;
    let effect = without_end(effect).trim_start_matches([',', '，', ' ']);
    if effect.chars().count() < 2 || points_elsewhere(effect) {
        return None;
    }
    let effect = clip(effect, CLAUSE_COLUMNS);
    Some(match language {
        Language::English => format!("Why is it that {}?", uncapitalized(&effect)),
        Language::Chinese => format!("为什么{effect}？"),
    })
}

/// The effect stands before its cause, or after the comma that ends a cause at
/// the beginning.
fn effect_of_cause(sentence: &str) -> Option<&str> {
    let (before, after) = split_at_word(sentence, &FOR)?;
    if before.trim().is_empty() {
        return Some(after.split_once([',', '，'])?.1);
    }
    // `X. This is because Y` has its effect in another sentence.
    let ends = [" is", " are", " was", "是", "只是", "正是", "就是"];
    let before = before.trim_end_matches(|c: char| c.is_whitespace() || ",，".contains(c));
    (!ends.iter().any(|end| before.ends_with(end))).then_some(before)
}

fn after_word<'a>(sentence: &'a str, words: &[&str]) -> Option<&'a str> {
    split_at_word(sentence, words).map(|(_, after)| after)
}

fn split_at_word<'a>(sentence: &'a str, words: &[&str]) -> Option<(&'a str, &'a str)> {
    let lower = sentence.to_ascii_lowercase();
    let found = words
        .iter()
        .filter_map(|word| Some((find_phrase(&lower, word)?, word.len())));
    let (at, length) = found.min()?;
    let (before, from) = sentence.split_at_checked(at)?;
    Some((before, from.get(length..)?))
}

fn points_elsewhere(effect: &str) -> bool {
    ["this ", "that ", "of ", "这", "此", "的"]
        .iter()
        .any(|start| effect.to_lowercase().starts_with(start))
}

/// The first letter small, unless the word is an abbreviation or a name that
/// the second letter gives away, or `I`.
fn uncapitalized(text: &str) -> String {
    let mut characters = text.chars();
    let Some(first) = characters.next() else {
        return String::new();
    };
    let rest = characters.as_str();
    if rest.starts_with(|c: char| c.is_lowercase()) || first == 'A' && rest.starts_with(' ') {
        return first.to_lowercase().chain(rest.chars()).collect();
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(sentence: &str) -> Option<String> {
        reason_question(sentence, Language::of(sentence))
    }

    #[test]
    fn effects_are_asked_for() {
        for (sentence, question) in [
            ("Ice floats because it is light.", "Why is it that ice floats?"),
            ("Because it is light, ice floats.", "Why is it that ice floats?"),
            (
                "It is light; therefore, ice floats.",
                "Why is it that ice floats?",
            ),
            (
                "DNA is stable because of its form.",
                "Why is it that DNA is stable?",
            ),
            ("因为冰轻，所以冰浮在水上。", "为什么冰浮在水上？"),
            ("冰浮在水上，因为冰轻。", "为什么冰浮在水上？"),
            ("由于冰轻，它浮着。", "为什么它浮着？"),
        ] {
            assert_eq!(asked(sentence).as_deref(), Some(question), "{sentence}");
        }
    }

    #[test]
    fn a_reason_without_its_effect_asks_nothing() {
        for sentence in [
            "This is because of ice.",
            "因为冰轻",
            "原因是因为冰轻",
            "Ice floats.",
            "",
        ] {
            assert_eq!(asked(sentence), None, "{sentence}");
        }
    }
}
