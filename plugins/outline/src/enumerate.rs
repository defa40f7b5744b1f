//! Which-questions.

use prose::Language;

const MOST_CHARACTERS: usize = 60;

/// Asks for the parts or the kinds that a sentence names.
pub(crate) fn enumeration_question(sentence: &str, language: Language) -> Option<String> {
    match language {
        Language::English => english_question(sentence),
        Language::Chinese => chinese_question(sentence),
    }
}

/// `X include …`, `X consists of …`, `There are three X: …`, with a list after
/// them.
fn english_question(sentence: &str) -> Option<String> {
    if let Some(counted) = counted_things(sentence) {
        return Some(format!("Which {counted} are there?"));
    }
    for (verb, question) in [
        (" consists of ", "What does {} consist of?"),
        (" consist of ", "What do {} consist of?"),
        (" includes ", "What does {} include?"),
        (" include ", "What do {} include?"),
    ] {
        if let Some((whole, parts)) = sentence.split_once(verb) {
            let listed = parts.contains([',']) || parts.contains(" and ");
            return named(whole)
                .filter(|_| listed)
                .map(|whole| question.replace("{}", whole));
        }
    }
    None
}

fn counted_things(sentence: &str) -> Option<&str> {
    let (counted, list) = sentence.strip_prefix("There are ")?.split_once(':')?;
    named(counted).filter(|_| list.contains([',', ';']) || list.contains(" and "))
}

/// `X包括A、B`, `X分为A和B`, `X由A和B组成`.
fn chinese_question(sentence: &str) -> Option<String> {
    for (verb, question) in [
        ("包括", "{}包括什么？"),
        ("包含", "{}包含什么？"),
        ("分为", "{}分为哪几种？"),
        ("分成", "{}分成哪几种？"),
    ] {
        if let Some((whole, parts)) = sentence.split_once(verb) {
            let listed = parts.contains(['、', '和', '与', '，']);
            let whole = whole.trim_end_matches(['主', '要', '可', '以', '被', '通', '常']);
            return named(whole)
                .filter(|_| listed)
                .map(|whole| question.replace("{}", whole));
        }
    }
    let (whole, parts) = sentence.split_once('由')?;
    (parts.contains("组成") || parts.contains("构成"))
        .then(|| named(whole).map(|whole| format!("{whole}由什么组成？")))?
}

fn named(text: &str) -> Option<&str> {
    let text = text.rsplit(['，', ',']).next()?.trim();
    let points = ["it", "this", "that", "these", "they", "它", "这", "其", "其中"];
    let short = (1..=MOST_CHARACTERS).contains(&text.chars().count());
    (short && !points.contains(&text.to_lowercase().as_str())).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(sentence: &str) -> Option<String> {
        enumeration_question(sentence, Language::of(sentence))
    }

    #[test]
    fn lists_are_asked_for() {
        for (sentence, question) in [
            (
                "There are three states: solid, liquid, gas.",
                "Which three states are there?",
            ),
            (
                "Noble gases include neon and argon.",
                "What do Noble gases include?",
            ),
            ("植物细胞主要包括细胞壁、细胞膜。", "植物细胞包括什么？"),
            ("反应分为光反应和暗反应。", "反应分为哪几种？"),
            ("水由氢和氧组成。", "水由什么组成？"),
        ] {
            assert_eq!(asked(sentence).as_deref(), Some(question), "{sentence}");
        }
    }

    #[test]
    fn without_a_list_or_a_name_nothing_is_asked() {
        for sentence in [
            "There are cats.",
            "They include neon and argon.",
            "它包括水和火。",
            "由此可见。",
            "",
        ] {
            assert_eq!(asked(sentence), None, "{sentence}");
        }
    }
}
