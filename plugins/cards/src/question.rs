//! Cards of questions that the text answers itself.

use prose::{Block, Kind as BlockKind, is_placeholder, is_question};

use crate::card::{Card, Kind};

const ASKING: [&str; 8] = ["Q: ", "Q:", "Question:", "Q：", "问：", "问:", "问题：", "提问："];
const ANSWERING: [&str; 8] = ["A: ", "A:", "Answer:", "A：", "答：", "答:", "答案：", "回答："];

/// A card for each `Q:` with its `A:`, and for each heading that asks and is
/// followed by a text.
pub(crate) fn question_cards(blocks: &[Block]) -> Vec<Card> {
    let marked = marked_cards(blocks);
    let headings = blocks.windows(2).filter_map(|pair| match pair {
        [heading, answer] => heading_card(heading, answer),
        _ => None,
    });
    marked.into_iter().chain(headings).collect()
}

/// Goes through the lines with the question that waits for its answer.
fn marked_cards(blocks: &[Block]) -> Vec<Card> {
    let mut cards = Vec::new();
    let mut waiting: Option<&str> = None;
    for line in blocks.iter().flat_map(|block| &block.lines) {
        if let Some(after) = after_mark(line, &ASKING) {
            let (question, answer) = split_at_answer(after);
            cards.extend(answer.and_then(|answer| card(question, answer)));
            waiting = answer.is_none().then_some(question);
        } else if let (Some(question), Some(answer)) = (waiting, after_mark(line, &ANSWERING)) {
            cards.extend(card(question, answer));
            waiting = None;
        }
    }
    cards
}

fn after_mark<'a>(line: &'a str, marks: &[&str]) -> Option<&'a str> {
    marks
        .iter()
        .find_map(|mark| line.strip_prefix(mark))
        .map(str::trim)
}

/// The answer may stand on the same line, after a gap or the question's mark.
fn split_at_answer(line: &str) -> (&str, Option<&str>) {
    let places = ANSWERING.iter().filter_map(|mark| {
        let at = line.find(mark)?;
        let (question, answer) = line.split_at_checked(at)?;
        let apart = question.ends_with([' ', '?', '？', '。', '\t', '\u{3000}']);
        apart.then(|| (question.trim(), answer.strip_prefix(mark).map(str::trim)))
    });
    places
        .min_by_key(|(question, _)| question.len())
        .unwrap_or((line, None))
}

fn heading_card(heading: &Block, answer: &Block) -> Option<Card> {
    let question = heading.lines.first()?;
    let asks = matches!(heading.kind, BlockKind::Heading(_)) && is_question(question);
    let answers = matches!(answer.kind, BlockKind::Paragraph);
    if asks && answers {
        card(question, &answer.lines.join("\n"))
    } else {
        None
    }
}

fn card(question: &str, answer: &str) -> Option<Card> {
    if is_placeholder(question) || is_placeholder(answer) {
        return None;
    }
    Some(Card {
        kind: Kind::Question,
        front: question.to_owned(),
        back: answer.to_owned(),
        source: format!("{question}\n{answer}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cards(text: &str) -> Vec<(String, String)> {
        question_cards(&prose::blocks(text))
            .into_iter()
            .map(|c| (c.front, c.back))
            .collect()
    }

    #[test]
    fn marked_pairs_on_one_line_or_two() {
        let expected = [("Why?".to_owned(), "So.".to_owned())];
        for text in [
            "Q: Why? A: So.",
            "Q: Why?\r\nA: So.",
            "- Q: Why?\n- A: So.",
            "Question: Why?\n\nAnswer: So.",
        ] {
            assert_eq!(cards(text), expected, "{text}");
        }
        assert_eq!(
            cards("问：为何？答：如此。"),
            [("为何？".to_owned(), "如此。".to_owned())]
        );
    }

    #[test]
    fn a_heading_that_asks_is_answered_below() {
        let found = cards("## 什么是群？\n一种代数结构。\n\n## What?\n## Next\n");
        assert_eq!(found, [("什么是群？".to_owned(), "一种代数结构。".to_owned())]);
    }

    #[test]
    fn unanswered_questions_are_no_cards() {
        for text in [
            "Q: Why?",
            "A: So.",
            "Q: Why?\nA: [请填写]",
            "# Why?\n[fill in]",
            "Q: A:",
        ] {
            assert_eq!(cards(text), [], "{text}");
        }
    }
}
