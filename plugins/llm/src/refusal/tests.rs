use std::time::Duration;

use super::*;

const DATE: (&str, &str) = ("date", "Mon, 24 Aug 2026 23:40:44 GMT");

macro_rules! recorded {
    ($name:literal) => {
        include_str!(concat!("../../../../tests/api/", $name))
    };
}

fn refused(status: u16, headers: &[(&str, &str)], body: &str) -> TaskError {
    let response = Response::new(status, headers, body);
    read(&response, &serde_json::from_str(body).unwrap()).unwrap()
}

#[test]
fn each_recorded_error_has_its_class_its_code_and_its_hint() {
    use Category::{ApiLimit, Network, Validation};
    for (status, body, category, code, retryable) in [
        (429, recorded!("glm-1302.json"), ApiLimit, "glm.1302", Some(true)),
        (429, recorded!("glm-1308.json"), ApiLimit, "glm.1308", Some(false)),
        (429, recorded!("glm-1113.json"), ApiLimit, "glm.1113", Some(false)),
        (
            200,
            recorded!("glm-gateway-500.json"),
            Network,
            "glm.500",
            Some(true),
        ),
        (
            429,
            recorded!("openai-rate-limit.json"),
            ApiLimit,
            "openai.rate_limit_exceeded",
            Some(true),
        ),
        (
            429,
            recorded!("openai-insufficient-quota.json"),
            ApiLimit,
            "openai.insufficient_quota",
            Some(false),
        ),
        (
            401,
            recorded!("openai-invalid-key.json"),
            Validation,
            "openai.invalid_api_key",
            Some(false),
        ),
        (
            500,
            recorded!("openai-server-error.json"),
            Network,
            "openai.server_error",
            Some(true),
        ),
        (
            404,
            recorded!("ollama-no-model.json"),
            Validation,
            "openai.not_found_error",
            Some(false),
        ),
        (
            500,
            recorded!("ollama-text-error.json"),
            Network,
            "ollama.500",
            None,
        ),
        (
            200,
            recorded!("ollama-text-error.json"),
            Network,
            "ollama.error",
            None,
        ),
    ] {
        let error = refused(status, &[], body);
        assert_eq!(
            (error.category(), error.code(), error.retryable()),
            (category, code, retryable)
        );
        assert!(!error.message().is_empty());
    }
}

#[test]
fn every_number_of_glm_has_its_fate() {
    use Category::{ApiLimit, Network, Validation};
    let numbers = [
        (ApiLimit, Some(true), vec![1302, 1303, 1305, 1312]),
        (
            ApiLimit,
            Some(false),
            vec![1304, 1308, 1310, 1113, 1309, 1311, 1313],
        ),
        (Network, Some(true), vec![500, 1120, 1230, 1234]),
        (
            Validation,
            Some(false),
            vec![1001, 1112, 1121, 1211, 1214, 1261, 1300, 1301],
        ),
        // What the documentation does not know goes by its status.
        (Network, None, vec![1999]),
    ];
    for (category, retryable, numbers) in numbers {
        for number in numbers {
            let error = refused(
                500,
                &[],
                &format!(r#"{{"error": {{"code": "{number}", "message": "x"}}}}"#),
            );
            let code = format!("glm.{number}");
            assert_eq!(
                (error.category(), error.code(), error.retryable()),
                (category, code.as_str(), retryable)
            );
        }
    }
}

#[test]
fn a_spent_quota_waits_for_the_time_that_its_message_names() {
    // 07:41:44 in Beijing is 23:41:44 UTC the day before.
    let error = refused(429, &[DATE], recorded!("glm-1308.json"));
    assert_eq!(error.least_wait(), Some(Duration::from_secs(60)));
    assert_eq!(error.retryable(), Some(true));
    let asked = refused(429, &[("retry-after", "3600")], recorded!("glm-1308.json"));
    assert_eq!(asked.least_wait(), Some(Duration::from_secs(3600)));
}

#[test]
fn a_wait_that_was_asked_for_is_kept_where_trying_again_helps() {
    let after = [("Retry-After", "2")];
    let wait = |body: &str| refused(429, &after, body).least_wait();
    assert_eq!(wait(recorded!("glm-1302.json")), Some(Duration::from_secs(2)));
    assert_eq!(
        wait(recorded!("openai-rate-limit.json")),
        Some(Duration::from_secs(2))
    );
    assert_eq!(wait(recorded!("openai-insufficient-quota.json")), None);
    assert_eq!(wait(recorded!("glm-1113.json")), None);
}

#[test]
fn odd_shapes_are_errors_too() {
    for (body, code) in [
        (r#"{"error": {}}"#, "openai.503"),
        (r#"{"error": {"code": 429, "message": "slow"}}"#, "openai.429"),
        (
            r#"{"error": {"code": "A B\u001b", "type": "Bad-Thing"}}"#,
            "openai.bad-thing",
        ),
        (
            r#"{"object": "error", "message": "x", "type": "server_error", "code": 500}"#,
            "openai.server_error",
        ),
        (r#"{"error": {"message": "x"}, "choices": []}"#, "openai.503"),
    ] {
        assert_eq!(refused(503, &[], body).code(), code, "{body}");
    }
}

#[test]
fn an_answer_is_no_error() {
    for body in [
        r#"{"choices": [], "error": null}"#,
        "[]",
        "7",
        r#"{"success": true}"#,
    ] {
        let response = Response::new(200, &[], body);
        assert!(
            read(&response, &serde_json::from_str(body).unwrap()).is_none(),
            "{body}"
        );
    }
}
