//! The study questions of a section.

use prose::{Language, definition, is_question};

use crate::compare::comparison_question;
use crate::enumerate::enumeration_question;
use crate::reason::reason_question;
use crate::sections::Section;

/// Makes a question of a sentence, if the sentence answers one of its kind.
type Rule = fn(&str, Language) -> Option<String>;

const RULES: [Rule; 5] = [
    asked_question,
    definition_question,
    comparison_question,
    reason_question,
    enumeration_question,
];

/// What a question may be marked with.
const MARKS: [&str; 6] = ["Q:", "Q：", "Question:", "问：", "问:", "问题："];

/// The questions that a section answers, at most so many, without doubles. The
/// first of each kind comes before the second of any.
pub(crate) fn questions(section: &Section, max: usize) -> Vec<String> {
    let mut by_round: Vec<(usize, String)> = Vec::new();
    let mut rounds = [0_usize; RULES.len()];
    for sentence in &section.sentences {
        let language = Language::of(sentence);
        let found = RULES.iter().zip(&mut rounds).find_map(|(rule, round)| {
            let question = rule(sentence, language)?;
            *round += 1;
            Some((*round, question))
        });
        by_round.extend(found.filter(|(round, _)| *round <= max));
    }
    by_round.sort_by_key(|(round, _)| *round);
    let of_sentences = by_round.into_iter().map(|(_, question)| question);
    let mut questions = without_doubles(list_question(section).into_iter().chain(of_sentences));
    if questions.is_empty() {
        questions.push(main_question(section));
    }
    questions.truncate(max);
    questions
}

fn without_doubles(questions: impl Iterator<Item = String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for question in questions {
        if !kept.contains(&question) {
            kept.push(question);
        }
    }
    kept
}

fn asked_question(sentence: &str, _: Language) -> Option<String> {
    let bare = MARKS.iter().find_map(|mark| sentence.strip_prefix(mark));
    is_question(sentence).then(|| bare.unwrap_or(sentence).trim().to_owned())
}

fn definition_question(sentence: &str, language: Language) -> Option<String> {
    definition(sentence).map(|found| found.question(language))
}

fn list_question(section: &Section) -> Option<String> {
    let title = &section.title;
    if section.items < 2 || is_question(title) {
        return None;
    }
    Some(match Language::of(title) {
        Language::English => format!("Which points belong to “{title}”?"),
        Language::Chinese => format!("“{title}”包括哪几点？"),
    })
}

/// What can be asked of anything.
fn main_question(section: &Section) -> String {
    let title = &section.title;
    if is_question(title) {
        return title.clone();
    }
    match Language::of(title) {
        Language::English => format!("What is the main point of “{title}”?"),
        Language::Chinese => format!("“{title}”的要点是什么？"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(sentences: &[&str], max: usize) -> Vec<String> {
        let sentences = sentences.iter().map(|s| (*s).to_owned()).collect();
        questions(
            &Section {
                level: 1,
                title: "T".to_owned(),
                sentences,
                items: 0,
            },
            max,
        )
    }

    #[test]
    fn every_kind_comes_before_any_second() {
        let sentences = [
            "A cat is an animal.",
            "A dog is an animal.",
            "It rains because clouds are full.",
        ];
        let expected = ["What is a cat?", "Why is it that it rains?", "What is a dog?"];
        assert_eq!(asked(&sentences, 3), expected);
        assert_eq!(asked(&sentences, 1), ["What is a cat?"]);
        assert_eq!(asked(&sentences, 0), [""; 0]);
    }

    #[test]
    fn each_sentence_is_asked_in_its_language() {
        let sentences = ["A cat is an animal.", "因为下雨，所以地湿。"];
        assert_eq!(asked(&sentences, 3), ["What is a cat?", "为什么地湿？"]);
    }

    #[test]
    fn doubles_go_and_the_default_stays() {
        assert_eq!(
            asked(&["A cat is an animal.", "A cat is a pet."], 3),
            ["What is a cat?"]
        );
        assert_eq!(asked(&["Q: Why?"], 3), ["Why?"]);
        assert_eq!(asked(&[], 3), ["What is the main point of “T”?"]);
    }
}
