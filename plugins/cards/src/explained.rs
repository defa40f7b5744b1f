//! Cards of definitions.

use prose::{Block, Definition, Kind as BlockKind, Language, definition, entry, sentences};

use crate::card::{Card, Kind};

/// A card for each entry and each defining sentence of a block. Headings
/// explain nothing.
pub(crate) fn definition_cards(block: &Block) -> Vec<Card> {
    if matches!(block.kind, BlockKind::Heading(_)) {
        return Vec::new();
    }
    block.lines.iter().flat_map(|line| line_cards(line)).collect()
}

fn line_cards(line: &str) -> Vec<Card> {
    let in_sentences = || {
        sentences(line)
            .into_iter()
            .filter_map(|s| Some(card(&definition(s)?, s)))
            .collect()
    };
    // A colon that comes after a defining verb introduces a list, so the
    // sentence has the first word unless the entry's term comes before.
    match (entry(line), definition(line)) {
        (Some(entry), Some(sentence)) if entry.term.len() > sentence.term.len() => in_sentences(),
        (Some(entry), _) => vec![card(&entry, line)],
        (None, _) => in_sentences(),
    }
}

fn card(found: &Definition<'_>, source: &str) -> Card {
    // The language of the whole line: a term may be in the other one.
    let front = found.question(Language::of(source));
    Card {
        kind: Kind::Definition,
        front,
        back: found.meaning.to_owned(),
        source: source.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cards(text: &str) -> Vec<(String, String)> {
        let cards = prose::blocks(text);
        cards
            .iter()
            .flat_map(definition_cards)
            .map(|c| (c.front, c.back))
            .collect()
    }

    fn pair(front: &str, back: &str) -> (String, String) {
        (front.to_owned(), back.to_owned())
    }

    #[test]
    fn sentences_and_entries_of_both_languages() {
        assert_eq!(
            cards("A set is a collection."),
            [pair("What is a set?", "a collection")]
        );
        assert_eq!(
            cards("- Osmosis: flow of water"),
            [pair("What is Osmosis?", "flow of water")]
        );
        assert_eq!(cards("渗透：水的移动。"), [pair("什么是渗透？", "水的移动。")]);
        assert_eq!(
            cards("群是一种代数结构。环也是。"),
            [pair("什么是群？", "一种代数结构")]
        );
    }

    #[test]
    fn a_colon_inside_a_definition_is_no_entry() {
        let found = cards("Matter is the stuff of things: solid or liquid");
        assert_eq!(
            found,
            [pair("What is Matter?", "the stuff of things: solid or liquid")]
        );
    }

    #[test]
    fn headings_explain_nothing() {
        assert_eq!(cards("# Osmosis: an overview"), []);
    }
}
