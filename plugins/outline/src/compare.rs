//! Questions about differences.

use prose::Language;

const MOST_CHARACTERS: usize = 40;

/// Asks how two things differ, if a sentence compares two that it names.
pub(crate) fn comparison_question(sentence: &str, language: Language) -> Option<String> {
    let (left, right) = chinese_pair(sentence).or_else(|| english_pair(sentence))?;
    let (left, right) = (named(left)?, named(right)?);
    Some(match language {
        Language::English => format!("How do {left} and {right} differ?"),
        Language::Chinese => format!("{left}和{right}有什么区别？"),
    })
}

/// `X与Y的区别`, `X和Y不同`, `X不同于Y`.
fn chinese_pair(sentence: &str) -> Option<(&str, &str)> {
    if let Some((left, right)) = sentence.split_once("不同于") {
        return Some((last_clause(left), first_clause(right)));
    }
    let ends = [
        "的区别",
        "的不同",
        "的差别",
        "的差异",
        "有区别",
        "有所不同",
        "不同",
        "区别在于",
    ];
    let pair = ends.iter().find_map(|end| sentence.split_once(end))?.0;
    ["与", "和", "跟", "同"]
        .iter()
        .find_map(|and| last_clause(pair).split_once(and))
}

/// `X differs from Y`, `the difference between X and Y`, `X versus Y`,
/// `Unlike X, Y …`.
fn english_pair(sentence: &str) -> Option<(&str, &str)> {
    let between = |text: &str| text.find(" between ").map(|at| at + " between ".len());
    if let Some(at) = sentence
        .find("ifference")
        .and_then(|from| Some(from + between(sentence.get(from..)?)?))
    {
        return first_clause(sentence.get(at..)?).split_once(" and ");
    }
    let joins = [
        " differs from ",
        " differ from ",
        " versus ",
        " vs. ",
        " in contrast to ",
    ];
    if let Some((left, right)) = joins.iter().find_map(|join| sentence.split_once(join)) {
        return Some((last_clause(left), first_clause(right)));
    }
    let (left, right) = sentence.strip_prefix("Unlike ")?.split_once(", ")?;
    let verb = right.find([' ']).filter(|_| !right.starts_with("the "));
    Some((left, right.get(..verb?)?))
}

fn last_clause(text: &str) -> &str {
    text.rsplit(['，', ',', '：', ':', '；', ';'])
        .next()
        .unwrap_or(text)
}

/// What is compared ends where the sentence says in what.
fn first_clause(text: &str) -> &str {
    let text = text
        .split(['，', ',', '。', '.', '：', ':', '；', ';', '?', '？'])
        .next()
        .unwrap_or(text);
    let ends = [" in ", " is ", " are ", " because ", " by "];
    ends.iter()
        .fold(text, |text, end| text.split(end).next().unwrap_or(text))
}

fn named(text: &str) -> Option<&str> {
    let text = text.trim();
    let short = (1..=MOST_CHARACTERS).contains(&text.chars().count());
    let points = ["it", "this", "that", "they", "它", "这", "那", "二者", "两者"];
    (short && !points.contains(&text.to_lowercase().as_str())).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(sentence: &str) -> Option<String> {
        comparison_question(sentence, Language::of(sentence))
    }

    #[test]
    fn the_two_are_named() {
        for (sentence, question) in [
            ("RNA differs from DNA in its sugar.", "How do RNA and DNA differ?"),
            (
                "The main difference between speed and velocity is direction.",
                "How do speed and velocity differ?",
            ),
            (
                "Unlike mitosis, meiosis halves.",
                "How do mitosis and meiosis differ?",
            ),
            ("逆否命题与否命题的区别在于顺序。", "逆否命题和否命题有什么区别？"),
            ("速度不同于速率，它有方向。", "速度和速率有什么区别？"),
        ] {
            assert_eq!(asked(sentence).as_deref(), Some(question), "{sentence}");
        }
    }

    #[test]
    fn without_two_names_nothing_is_asked() {
        for sentence in [
            "Things differ.",
            "这与那不同",
            "It differs from that.",
            "情况不同",
            "",
        ] {
            assert_eq!(asked(sentence), None, "{sentence}");
        }
    }
}
