mod times;

use super::*;
use crate::rules::{ErrorWhen, RetryAt};
use serde_json::json;
use std::time::UNIX_EPOCH;

/// 2026-08-25 00:00:00 UTC.
const NOW: u64 = 1_787_616_000;

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(NOW)
}

fn seconds(verdict: Option<Verdict>) -> Option<u64> {
    verdict
        .and_then(|verdict| verdict.retry_after)
        .map(|wait| wait.as_secs())
}

fn judge(answers: &Answers, status: u16, body: Option<Value>) -> Option<Verdict> {
    let status = StatusCode::from_u16(status).unwrap();
    answers.judge(status, &HeaderMap::new(), body.as_ref(), now())
}

fn glm_error(code: &str, message: &str) -> Value {
    json!({"error": {"code": code, "message": message}})
}

fn read(status: u16, body: &[u8]) -> Option<Verdict> {
    let answers = Answers::new(Dialect::Glm, &[]);
    let (head, ()) = http::Response::builder()
        .status(status)
        .body(())
        .unwrap()
        .into_parts();
    let mut reader = answers.reader(&head);
    body.chunks(7).for_each(|chunk| reader.read(chunk));
    reader.verdict(now())
}

#[test]
fn a_status_alone_has_a_meaning() {
    use AnswerCode as A;
    let answers = Answers::new(Dialect::Http, &[]);
    let table = [
        (200, None),
        (204, None),
        (302, Some(A::Redirect)),
        (308, Some(A::Redirect)),
        (304, None),
        (400, Some(A::ClientError)),
        (401, Some(A::Auth)),
        (402, Some(A::Billing)),
        (403, Some(A::Auth)),
        (404, Some(A::ClientError)),
        (408, Some(A::ServerError)),
        (429, Some(A::Throttled)),
        (500, Some(A::ServerError)),
        (501, Some(A::ClientError)),
        (502, Some(A::ServerError)),
        (503, Some(A::Overloaded)),
        (504, Some(A::ServerError)),
        (529, Some(A::Overloaded)),
        (599, Some(A::ServerError)),
    ];
    for (status, meaning) in table {
        assert_eq!(
            judge(&answers, status, None).map(|verdict| verdict.code),
            meaning,
            "{status}"
        );
    }
}

/// The codes of the requirements, row by row, under whatever status.
#[test]
fn the_codes_of_glm_are_known() {
    let glm = Answers::new(Dialect::Glm, &[]);
    let table = [
        ("1302", Code::ApiThrottled, Some(true), false),
        ("1303", Code::ApiThrottled, Some(true), false),
        ("1304", Code::ApiQuota, Some(true), false),
        ("1305", Code::ApiOverloaded, Some(true), true),
        ("1308", Code::ApiQuota, Some(true), false),
        ("1310", Code::ApiQuota, Some(true), false),
        ("1312", Code::ApiOverloaded, Some(true), true),
        ("1113", Code::ApiBilling, Some(false), false),
    ];
    for (own, code, retryable, upstream_breaker) in table {
        for status in [429, 400, 200] {
            let verdict = judge(&glm, status, Some(glm_error(own, "x"))).unwrap();
            assert_eq!(verdict.code.failure(), Some(code.clone()), "{own}");
            assert_eq!(verdict.upstream_code.as_deref(), Some(own));
            let row = code.row();
            assert_eq!(
                (row.retryable, row.upstream_breaker),
                (retryable, upstream_breaker),
                "{own}"
            );
        }
    }
    let number = json!({"error": {"code": 1302}});
    assert_eq!(
        judge(&glm, 429, Some(number)).unwrap().code,
        AnswerCode::Throttled
    );
    assert_eq!(judge(&glm, 200, Some(json!({"choices": []}))), None);
    assert_eq!(
        judge(&glm, 429, Some(glm_error("9999", "x"))).unwrap().code,
        AnswerCode::Throttled
    );
}

/// What a rule of the configuration writes is the name of the failure that it makes.
#[test]
fn what_an_answer_means_is_named_as_its_failure() {
    for code in Code::ALL.iter().filter(|code| code.is_answer()) {
        let name = code.to_string();
        let meaning: AnswerCode = serde_json::from_value(name.into()).unwrap();
        assert_eq!(meaning.failure().as_ref(), Some(code));
    }
}

#[test]
fn own_rules_come_before_the_dialect_and_the_first_holds() {
    let rule = |status, field: Option<&str>, equals: &[&str], code| ErrorRule {
        when: ErrorWhen {
            status,
            field: field.map(Into::into),
            equals: equals.iter().map(ToString::to_string).collect(),
        },
        code,
        retry_at: None,
    };
    let own = [
        rule(Some(404), None, &[], AnswerCode::None),
        rule(None, Some("/error/code"), &["1302"], AnswerCode::Overloaded),
        rule(Some(200), Some("/error"), &[], AnswerCode::ServerError),
    ];
    let answers = Answers::new(Dialect::Glm, &own);
    let code = |status, body| judge(&answers, status, Some(body)).map(|verdict| verdict.code);
    assert_eq!(code(404, json!({})), None);
    assert_eq!(code(429, glm_error("1302", "")), Some(AnswerCode::Overloaded));
    assert_eq!(code(200, glm_error("5", "")), Some(AnswerCode::ServerError));
    assert_eq!(code(200, json!({"error": null})), None);
}

#[test]
fn an_answer_says_whether_the_operators_own_rule_decided() {
    let when = ErrorWhen {
        status: Some(404),
        ..ErrorWhen::default()
    };
    let own = ErrorRule {
        when,
        code: AnswerCode::Overloaded,
        retry_at: None,
    };
    let answers = Answers::new(Dialect::Glm, &[own]);
    let said_by = |status, body| judge(&answers, status, Some(body)).unwrap().said_by;
    assert_eq!(said_by(404, json!({})), SaidBy::Operator);
    assert_eq!(said_by(500, json!({})), SaidBy::Host);
    assert_eq!(said_by(429, glm_error("1302", "")), SaidBy::Host);
}

#[test]
fn a_byte_order_mark_before_a_body_hides_nothing_however_it_comes() {
    let body = format!("\u{feff}{}", glm_error("1308", "x"));
    assert_eq!(read(429, body.as_bytes()).unwrap().code, AnswerCode::Quota);
    let (head, ()) = http::Response::builder()
        .status(429)
        .body(())
        .unwrap()
        .into_parts();
    let mut reader = Answers::new(Dialect::Glm, &[]).reader(&head);
    body.as_bytes().chunks(1).for_each(|chunk| reader.read(chunk));
    assert_eq!(reader.verdict(now()).unwrap().code, AnswerCode::Quota);
}

#[test]
fn openais_words_are_known() {
    let answers = Answers::new(Dialect::Openai, &[]);
    let code = |word| {
        judge(&answers, 429, Some(json!({"error": {"code": word}})))
            .unwrap()
            .code
    };
    assert_eq!(code("insufficient_quota"), AnswerCode::Billing);
    assert_eq!(code("rate_limit_exceeded"), AnswerCode::Throttled);
}

#[test]
fn a_body_is_read_in_pieces_and_only_its_beginning() {
    let body = glm_error("1308", "x").to_string();
    assert_eq!(read(429, body.as_bytes()).unwrap().code, AnswerCode::Quota);
    let long = glm_error("1308", &"x".repeat(MAX_LOOKED_AT)).to_string();
    assert_eq!(read(429, long.as_bytes()).unwrap().code, AnswerCode::Throttled);
    assert_eq!(read(200, long.as_bytes()), None);
}

#[test]
fn a_hostile_body_is_by_its_status_only() {
    let nested = [b"{\"a\":".repeat(10_000), b"1".to_vec()].concat();
    for body in [
        &b"\xff\xfe"[..],
        b"{",
        b"[]",
        b"<html>",
        b"",
        b"{\"error\":{\"code\":[1302]}}",
        &nested,
    ] {
        let verdict = read(429, body).unwrap();
        assert_eq!(
            (verdict.code, verdict.upstream_code),
            (AnswerCode::Throttled, None)
        );
    }
}

#[test]
fn an_upstreams_words_are_cut_at_a_character() {
    let verdict = read(
        400,
        glm_error(&"界".repeat(100), &"界".repeat(2000))
            .to_string()
            .as_bytes(),
    )
    .unwrap();
    assert_eq!(verdict.upstream_code.unwrap().len(), 63);
    assert_eq!(verdict.message.unwrap().len(), 1023);
}
