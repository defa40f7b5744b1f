//! Cards of bold terms: their sentence with a gap.

use prose::{Block, find_phrase, sentences, without_end};

use crate::card::{Card, Kind};

const GAP: &str = "____";
/// Bold sentences are emphasis, not terms.
const MOST_TERM_CHARACTERS: usize = 40;

/// A longer sentence has no place on a card.
const MOST_SENTENCE_BYTES: usize = 600;
/// How many sentences ahead of the last card's a bold term is looked for: terms
/// stand in the order of the text, so one that is further off was cut in two.
const SENTENCES_AHEAD: usize = 8;

/// A card for each bold term of a block that stands in a sentence with more in
/// it than the term.
pub(crate) fn cloze_cards(block: &Block) -> Vec<Card> {
    if block.strong.is_empty() {
        return Vec::new();
    }
    let all = block.lines.iter().flat_map(|line| sentences(line));
    let sentences: Vec<&str> = all.filter(|s| s.len() <= MOST_SENTENCE_BYTES).collect();
    let mut cards = Vec::new();
    let mut from = 0;
    for term in block
        .strong
        .iter()
        .map(|term| without_end(term))
        .filter(|term| is_term(term))
    {
        let ahead = sentences.iter().enumerate().skip(from).take(SENTENCES_AHEAD);
        let mut holders = ahead.filter(|(_, sentence)| find_phrase(sentence, term).is_some());
        if let Some((at, sentence)) = holders.next() {
            from = at;
            cards.extend(card(term, sentence));
        }
    }
    cards
}

fn is_term(term: &str) -> bool {
    term.chars().any(char::is_alphanumeric) && term.chars().count() <= MOST_TERM_CHARACTERS
}

fn card(term: &str, sentence: &str) -> Option<Card> {
    let front = with_gaps(sentence, term);
    let has_more = front.replace(GAP, "").chars().any(char::is_alphanumeric);
    has_more.then(|| Card {
        kind: Kind::Cloze,
        front,
        back: term.to_owned(),
        source: sentence.to_owned(),
    })
}

/// The sentence with a gap at each place where the term stands.
fn with_gaps(sentence: &str, term: &str) -> String {
    let mut front = String::new();
    let mut rest = sentence;
    while let Some((before, from)) = find_phrase(rest, term).and_then(|at| rest.split_at_checked(at)) {
        front.push_str(before);
        front.push_str(GAP);
        rest = from.strip_prefix(term).unwrap_or_default();
    }
    front + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fronts(text: &str) -> Vec<String> {
        prose::blocks(text)
            .iter()
            .flat_map(cloze_cards)
            .map(|card| card.front)
            .collect()
    }

    #[test]
    fn the_term_is_left_out_wherever_it_stands() {
        assert_eq!(
            fronts("A **cat** sat. The cat, not the catfish."),
            ["A ____ sat."]
        );
        assert_eq!(fronts("**水**加水得水。"), ["____加____得____。"]);
    }

    #[test]
    fn endless_bold_terms_take_linear_time() {
        assert_eq!(fronts(&"**a ".repeat(50_000)), [""; 0]);
        assert_eq!(fronts(&"A **b** c. ".repeat(2_000)).len(), 2_000);
    }

    #[test]
    fn bold_alone_is_no_card() {
        assert_eq!(fronts("**Note:**"), [""; 0]);
        assert_eq!(fronts("**!!!** yes"), [""; 0]);
        assert_eq!(fronts(&format!("**{}** x", "long ".repeat(20))), [""; 0]);
    }
}
