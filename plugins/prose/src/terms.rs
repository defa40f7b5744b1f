//! Key phrases of a text in either language or both.

use crate::chinese_terms::chinese_terms;
use crate::english_terms::english_terms;
use crate::words::measure;

/// A key phrase.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// The phrase as it was first written.
    pub phrase: String,
    /// How much it matters, from 0 to 1; the first has 1.
    pub score: f64,
    /// How often it occurs.
    pub count: usize,
}

/// The key phrases of a text without marks, the most important first, at most
/// so many.
///
/// English and Chinese are rated each in its own way. Each rating is divided by
/// its best and weighed with the language's share of the text, so that the two
/// can stand in one list.
pub fn terms(text: &str, max: usize) -> Vec<Term> {
    let measure = measure(text);
    // Two thirds: a Chinese word has about one and a half characters.
    let (words, han) = (measure.words as f64, measure.han as f64 * 2.0 / 3.0);
    let most = words.max(han).max(1.0);
    let mut all = scaled(english_terms(text), words / most);
    all.extend(scaled(chinese_terms(text), han / most));
    all.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.phrase.cmp(&b.phrase)));
    select(all, max)
}

/// How much so many occurrences say. A phrase that occurs once may be there by
/// chance, so it has a quarter of its weight.
pub(crate) fn evidence(count: usize) -> f64 {
    if count == 1 { 0.25 } else { count as f64 }
}

fn scaled(mut terms: Vec<Term>, share: f64) -> Vec<Term> {
    let best = terms
        .iter()
        .map(|term| term.score)
        .fold(f64::MIN_POSITIVE, f64::max);
    for term in &mut terms {
        term.score = term.score / best * share;
    }
    terms
}

/// The first so many that say something new: not part of one that is taken
/// and occurs as often, nor around it.
fn select(ranked: Vec<Term>, max: usize) -> Vec<Term> {
    let mut taken: Vec<Term> = Vec::new();
    for term in ranked {
        if taken.len() >= max {
            break;
        }
        let told = taken.iter().any(|t| {
            let overlap = t.phrase.contains(&term.phrase) || term.phrase.contains(&t.phrase);
            overlap && term.count <= t.count
        });
        if !told {
            taken.push(term);
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phrases(text: &str, max: usize) -> Vec<String> {
        terms(text, max).into_iter().map(|t| t.phrase).collect()
    }

    #[test]
    fn the_real_board_has_the_terms_of_logic() {
        let text =
            "测试材料：逆否命题\n如果原命题是'若p则q'，则逆否命题是'若非q则非p'。逆否命题与原命题等价。";
        assert_eq!(phrases(text, 3), ["逆否命题", "命题", "测试材料"]);
    }

    #[test]
    fn both_languages_stand_in_one_list() {
        let found = phrases(
            "Transformer 模型使用注意力机制。注意力机制 (attention) 很重要。",
            9,
        );
        assert!(found.contains(&"注意力机制".to_owned()), "{found:?}");
        assert!(found.contains(&"attention".to_owned()), "{found:?}");
    }

    #[test]
    fn scores_fall_from_one() {
        let found = terms(
            "Cell walls protect cells. Cell walls are rigid. Rigid plants stand.",
            10,
        );
        assert!(found.first().is_some_and(|t| t.score == 1.0));
        assert!(found.is_sorted_by(|a, b| a.score >= b.score));
        assert!(found.len() > 1 && found.iter().all(|t| t.score > 0.0));
    }

    #[test]
    fn nothing_comes_of_nothing() {
        assert_eq!(phrases("", 5), [""; 0]);
        assert_eq!(phrases("the of and 的 了 1 2 3 🦀", 5), [""; 0]);
        assert_eq!(phrases("water", 0), [""; 0]);
    }

    #[test]
    fn huge_texts_are_rated_in_time() {
        let han: String = (0..100_000)
            .filter_map(|i| char::from_u32(0x4E00 + i * 7919 % 5000))
            .collect();
        assert_eq!(terms(&han, 10).len(), 10);
        assert!(!terms(&"线性代数与矩阵。".repeat(15_000), 10).is_empty());
        assert!(!terms(&"linear algebra of ".repeat(20_000), 10).is_empty());
    }
}
