//! All cards of a text.

use std::collections::HashSet;

use prose::blocks;
use serde::Serialize;

use crate::card::Card;
use crate::cloze::cloze_cards;
use crate::explained::definition_cards;
use crate::question::question_cards;

/// The result.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Deck {
    pub(crate) cards: Vec<Card>,
}

/// The cards of a text, at most so many: first its own questions, then its
/// definitions, then its bold terms, each in the order of the text.
pub(crate) fn deck(text: &str, max: usize) -> Deck {
    let blocks = blocks(text);
    let questions = question_cards(&blocks);
    let definitions = blocks.iter().flat_map(definition_cards);
    let clozes = blocks.iter().flat_map(cloze_cards);
    let mut seen = HashSet::new();
    let cards = questions.into_iter().chain(definitions).chain(clozes);
    Deck {
        cards: cards.filter(|card| seen.insert(key(card))).take(max).collect(),
    }
}

/// Two cards with the same front are one, however it is written.
fn key(card: &Card) -> String {
    let letters = card.front.chars().filter(|c| c.is_alphanumeric() || *c == '_');
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::Kind;

    fn kinds(text: &str) -> Vec<Kind> {
        deck(text, 50).cards.into_iter().map(|card| card.kind).collect()
    }

    #[test]
    fn a_front_appears_once_and_questions_come_first() {
        let text = "群是一种结构。\n\n# 什么是群？\n\n**群**有运算。\n\n群是一种结构。";
        assert_eq!(kinds(text), [Kind::Question, Kind::Cloze]);
    }

    #[test]
    fn the_board_of_logic_gives_its_definition() {
        let text = "逆否命题就是把原命题的条件和结论都取反，然后交换位置。这两个命题的真假性是完全一样的。";
        assert_eq!(kinds(text), [Kind::Definition]);
    }

    #[test]
    fn texts_without_anything_give_no_cards() {
        for text in [
            "",
            "\r\n",
            "[请在此填写你对该问题的个人理解]",
            "测试问题",
            "Node 7",
            "🦀🦀",
        ] {
            assert_eq!(kinds(text), [], "{text}");
        }
    }

    #[test]
    fn there_are_no_more_cards_than_asked_even_of_a_huge_text() {
        let text: String = (0..20_000).map(|n| format!("T{n} is a **thing**.\n\n")).collect();
        assert_eq!(deck(&text, 7).cards.len(), 7);
    }

    #[test]
    fn the_result_is_as_documented() {
        let json = serde_json::to_string(&deck("Osmosis: flow", 1)).unwrap_or_default();
        let expected = r#"{"cards":[{"kind":"definition","front":"What is Osmosis?","back":"flow","source":"Osmosis: flow"}]}"#;
        assert_eq!(json, expected);
    }

    #[test]
    fn the_readme_shows_what_comes_out() {
        let text =
            "**Osmosis** is the movement of water.\n\n问：什么是逆否命题？答：把条件和结论都取反并交换。";
        let json = serde_json::to_string(&deck(text, 50)).unwrap_or_default();
        let readme = include_str!("../README.md");
        assert!(readme.contains(text) && readme.contains(&json), "{json}");
    }
}
