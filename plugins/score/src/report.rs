//! The whole score.

use prose::{Language, blocks, is_placeholder, plain_text};
use serde::Serialize;

use crate::completeness::completeness;
use crate::coverage::coverage;
use crate::part::{FULL, Part};
use crate::readability::readability;
use crate::structure::structure;

/// The result.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Report {
    /// From 0 to 100.
    pub(crate) total: u32,
    /// Whether there was no explanation at all.
    pub(crate) empty: bool,
    pub(crate) parts: Parts,
    /// The key terms of the upstream text that are not mentioned.
    pub(crate) missing: Vec<String>,
}

/// The four parts.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Parts {
    pub(crate) coverage: Part,
    pub(crate) structure: Part,
    pub(crate) readability: Part,
    pub(crate) completeness: Part,
}

/// Rates a text, held against so many key terms of the texts before it.
pub(crate) fn report(text: &str, upstream: &str, terms: usize) -> Report {
    if is_placeholder(text) {
        return nothing(text, upstream, terms);
    }
    let language = Language::of(text);
    let blocks = blocks(text);
    let plain = plain_text(text);
    let (coverage, missing) = coverage(&plain, upstream, terms, language);
    let parts = Parts {
        coverage,
        structure: structure(&blocks, &plain, language),
        readability: readability(&blocks, language),
        completeness: completeness(&plain, &plain_text(upstream), language),
    };
    Report {
        total: parts.total(),
        empty: false,
        parts,
        missing,
    }
}

/// The score of a text that is not written yet: 0, with every term missing.
fn nothing(text: &str, upstream: &str, terms: usize) -> Report {
    let language = Language::of(&format!("{text}\n{upstream}"));
    let reason = language.pick("There is no text yet.", "尚未填写内容。");
    let part = || Part::reached(0.0, reason.to_owned());
    let parts = Parts {
        coverage: part(),
        structure: part(),
        readability: part(),
        completeness: part(),
    };
    let missing = coverage("", upstream, terms, language).1;
    Report {
        total: 0,
        empty: true,
        parts,
        missing,
    }
}

impl Parts {
    /// The points of the parts that could be measured, scaled to 100.
    fn total(&self) -> u32 {
        let parts = [
            &self.coverage,
            &self.structure,
            &self.readability,
            &self.completeness,
        ];
        let points = || parts.into_iter().filter_map(|part| part.points).map(f64::from);
        (points().sum::<f64>() / (points().count() as f64 * FULL) * 100.0).round() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "逆否命题就是把原命题的条件和结论都取反，然后交换位置。比如'若下雨则地湿'的逆否命题是'若地不湿则没下雨'。这两个命题的真假性是完全一样的。";

    #[test]
    fn the_answer_of_the_real_board_is_good() {
        let report = report(ANSWER, "什么是逆否命题？", 10);
        let points = [
            &report.parts.coverage,
            &report.parts.structure,
            &report.parts.readability,
            &report.parts.completeness,
        ]
        .map(|p| p.points);
        assert_eq!(points, [Some(25), Some(25), Some(25), Some(20)]);
        assert_eq!(report.total, 95);
    }

    #[test]
    fn placeholders_score_nothing() {
        for text in ["", "[请在此填写你对该问题的个人理解]", "None", " \r\n"] {
            let report = report(text, "什么是逆否命题？", 10);
            assert!(report.empty && report.total == 0, "{text}");
            assert_eq!(report.missing, ["逆否命题"]);
        }
    }

    #[test]
    fn without_an_upstream_text_three_parts_make_the_total() {
        let report = report(ANSWER, "", 10);
        assert_eq!(report.parts.coverage.points, None);
        assert_eq!(report.total, 93);
    }

    #[test]
    fn another_subject_scores_less() {
        let good = report(ANSWER, "什么是逆否命题？", 10).total;
        assert!(report("我今天吃了饭。", "什么是逆否命题？", 10).total < good / 2);
    }

    #[test]
    fn code_alone_and_odd_text_are_rated() {
        assert_eq!(report("```\nx\n```", "", 10).parts.readability.points, Some(0));
        assert!(report("é\u{200d}🦀 ok", "", 10).total <= 100);
    }

    #[test]
    fn a_huge_text_is_rated_in_time() {
        assert!(report(&ANSWER.repeat(1_000), &ANSWER.repeat(1_000), 10).total > 50);
    }

    #[test]
    fn the_readme_shows_what_comes_out() {
        let (text, _) = ANSWER.split_at(ANSWER.find("这两个").unwrap_or_default());
        let json = serde_json::to_string(&report(text, "什么是逆否命题？", 10)).unwrap_or_default();
        let readme = include_str!("../README.md");
        assert!(readme.contains(text) && readme.contains(&json), "{json}");
    }
}
