use fusebox_sdk::Category;

use super::*;

fn answered(status: u16, body: &str) -> Result<Answer, TaskError> {
    let response = Response::new(status, &[], body);
    read(&response, &parse(&response)?)
}

fn failure(body: &str) -> (Category, String, Option<bool>) {
    let error = answered(200, body).unwrap_err();
    (error.category(), error.code().into(), error.retryable())
}

macro_rules! recorded {
    ($name:literal) => {
        include_str!(concat!("../../../../tests/api/", $name))
    };
}

#[test]
fn the_answers_of_all_upstreams_are_read() {
    for (body, text) in [
        (recorded!("glm-answer.json"), "逆否命题与原命题等价。"),
        (
            recorded!("openai-answer.json"),
            "The contrapositive is logically equivalent.",
        ),
        (
            recorded!("ollama-answer.json"),
            "It holds exactly when the statement holds.",
        ),
    ] {
        let answer = answered(200, body).unwrap();
        assert_eq!((answer.text.as_str(), answer.finish), (text, Finish::Whole));
    }
}

#[test]
fn an_answer_that_was_cut_off_keeps_its_words() {
    let answer = answered(200, recorded!("openai-length.json")).unwrap();
    assert_eq!(
        (answer.text.as_str(), answer.finish),
        ("The contrapositive is", Finish::CutOff)
    );
}

#[test]
fn parts_of_a_content_are_put_together_and_other_parts_are_left_out() {
    let body = r#"{"choices": [{"message": {"content": [{"type": "text", "text": "a"}, {"type": "image_url"}, {"text": "b"}]}}]}"#;
    assert_eq!(answered(200, body).unwrap().text, "ab");
}

#[test]
fn answers_that_are_none_say_why() {
    for (body, code, category, retryable) in [
        (
            recorded!("glm-sensitive.json"),
            "llm.content-filter",
            Category::Validation,
            Some(false),
        ),
        (
            recorded!("openai-content-filter.json"),
            "llm.content-filter",
            Category::Validation,
            Some(false),
        ),
        (
            recorded!("openai-refusal.json"),
            "llm.refused",
            Category::Validation,
            Some(false),
        ),
        (
            recorded!("openai-tool-calls.json"),
            "llm.tool-calls",
            Category::Validation,
            Some(false),
        ),
        (
            recorded!("glm-network-error.json"),
            "llm.network-error",
            Category::Network,
            Some(true),
        ),
        (
            recorded!("proxy-502.html"),
            "llm.web-page",
            Category::Network,
            Some(true),
        ),
        (" \n", "llm.no-answer", Category::Network, Some(true)),
        ("data: {}", "llm.not-json", Category::Network, Some(true)),
        ("{}", "llm.no-completion", Category::Validation, None),
        (
            r#"{"choices": []}"#,
            "llm.no-completion",
            Category::Validation,
            None,
        ),
        (
            r#"{"choices": null}"#,
            "llm.no-completion",
            Category::Validation,
            None,
        ),
        (
            r#"{"choices": [{"message": 7}]}"#,
            "llm.no-completion",
            Category::Validation,
            None,
        ),
        (
            r#"{"choices": [{"message": {"content": " "}, "finish_reason": "stop"}]}"#,
            "llm.empty",
            Category::Validation,
            Some(true),
        ),
        (
            r#"{"choices": [{}]}"#,
            "llm.empty",
            Category::Validation,
            Some(true),
        ),
    ] {
        assert_eq!(failure(body), (category, code.into(), retryable), "{body}");
    }
}

#[test]
fn an_answer_that_ends_anywhere_is_told_as_such() {
    let whole = recorded!("glm-answer.json").trim();
    for (end, _) in whole.char_indices().skip(1) {
        assert_eq!(failure(&whole[..end]).1, "llm.incomplete", "{end}");
    }
}

#[test]
fn a_status_counts_where_there_is_no_json() {
    let error = answered(502, recorded!("proxy-502.html")).unwrap_err();
    assert_eq!((error.category(), error.code()), (Category::Network, "http.502"));
    let error = answered(404, r#"{"detail": "Not Found"}"#).unwrap_err();
    assert_eq!((error.code(), error.retryable()), ("http.404", Some(false)));
}
