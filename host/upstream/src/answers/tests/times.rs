//! When to come back.

use super::*;

#[test]
fn a_quota_of_glm_lasts_until_the_time_in_its_message() {
    let glm = Answers::new(Dialect::Glm, &[]);
    let cases = [
        // 13:00 in Beijing is 05:00 UTC.
        (
            "已达到 5 小时的使用上限。您的限额将在 2026-08-25 13:00:00 重置。",
            Some(5 * 3600),
        ),
        (
            "Usage limit reached for 5 hour. Your limit will reset at 2026-08-25 08:00:30",
            Some(30),
        ),
        ("reset at 2026-08-25T05:00:00Z.", Some(5 * 3600)),
        ("reset at 2026-08-25T05:00:00.250Z", Some(5 * 3600)),
        ("reset at 2026-08-25T05:00:00-01:00", Some(6 * 3600)),
        ("over since 2026-08-24 08:00:30", Some(0)),
        ("in 5 hours, or 2026-99-99 99:99:99", None),
        ("never 9999-12-31 00:00:00", Some(62 * 24 * 3600)),
        ("tomorrow", None),
        ("", None),
    ];
    for (message, wait) in cases {
        let verdict = judge(&glm, 429, Some(glm_error("1308", message)));
        assert_eq!(seconds(verdict), wait, "{message}");
    }
}

#[test]
fn retry_after_is_seconds_or_a_date() {
    let cases = [
        ("0", Some(0)),
        ("120", Some(120)),
        (" 7 ", Some(7)),
        ("99999999999999999999999", Some(62 * 24 * 3600)),
        ("Tue, 25 Aug 2026 00:01:00 GMT", Some(60)),
        ("Tuesday, 25-Aug-26 00:01:00 GMT", Some(60)),
        ("Tue Aug 25 00:01:00 2026", Some(60)),
        ("Mon, 24 Aug 2026 00:00:00 GMT", Some(0)),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
    ];
    for (text, wait) in cases {
        assert_eq!(after(text), wait, "{text:?}");
    }
}

#[test]
fn a_field_says_when_in_seconds_or_as_a_time() {
    let rule = ErrorRule {
        when: ErrorWhen {
            status: Some(429),
            ..ErrorWhen::default()
        },
        code: AnswerCode::Quota,
        retry_at: Some(RetryAt {
            field: "/reset".into(),
            utc_offset_minutes: 0,
        }),
    };
    let answers = Answers::new(Dialect::Http, &[rule]);
    let cases = [
        (json!(30), Some(30)),
        (json!(1.2), Some(2)),
        (json!("30"), Some(30)),
        (json!(NOW + 90), Some(90)),
        (json!((NOW + 90) * 1000), Some(90)),
        (json!("2026-08-25 00:01:00"), Some(60)),
        (json!(-5), None),
        (json!(u64::MAX), Some(62 * 24 * 3600)),
        (json!(null), None),
        (json!([1]), None),
    ];
    for (field, wait) in cases {
        let verdict = judge(&answers, 429, Some(json!({"reset": field})));
        assert_eq!(seconds(verdict), wait, "{field}");
    }
}
