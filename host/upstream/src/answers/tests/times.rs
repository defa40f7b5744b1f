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

/// What an answer asks for by these headers alone.
fn asked(status: u16, headers: &[(&str, &str)]) -> Option<Duration> {
    let mut head = http::Response::builder().status(status);
    for (name, value) in headers {
        head = head.header(*name, *value);
    }
    let (head, ()) = head.body(()).unwrap().into_parts();
    let answers = Answers::new(Dialect::Http, &[]);
    let late = now() + Duration::from_secs(3);
    answers.reader(&head).verdict(late).unwrap().retry_after
}

/// The table that the SDK is held to as well. Our clock is 3 s ahead of the
/// service's.
#[test]
fn every_form_of_an_asked_wait_is_read() {
    let table = include_str!("../../../../../tests/api/asked-waits.txt");
    let rows = table
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut count = 0;
    for row in rows {
        let cells: Vec<_> = row.split('|').collect();
        let [expected, status, headers @ ..] = &cells[..] else {
            panic!("{row}")
        };
        let headers = headers
            .iter()
            .map(|header| header.trim().split_once(':').unwrap());
        let date = ("date", "Tue, 25 Aug 2026 00:00:00 GMT");
        let headers: Vec<_> = headers.chain([date]).collect();
        let found = asked(status.trim().parse().unwrap(), &headers);
        let expected = expected.trim().parse().ok().map(Duration::from_millis);
        assert_eq!(found, expected, "{row}");
        count += 1;
    }
    assert!(count > 50);
}

#[test]
fn an_answer_without_a_date_is_measured_by_our_clock_and_no_wait_is_endless() {
    let minute = ("retry-after", "Tue, 25 Aug 2026 00:01:00 GMT");
    let most = Some(Duration::from_secs(62 * 24 * 3600));
    assert_eq!(asked(429, &[minute]), Some(Duration::from_secs(57)));
    for endless in [
        "99999999999999999999999",
        "9999999",
        "Fri, 31 Dec 9999 23:59:59 GMT",
    ] {
        assert_eq!(asked(429, &[("retry-after", endless)]), most, "{endless}");
    }
}

/// What is asked in the body and in a header: neither is undercut.
#[test]
fn the_longer_of_body_and_header_holds() {
    let answers = Answers::new(Dialect::Glm, &[]);
    let wait = |seconds: &str| {
        let headers = [(http::header::RETRY_AFTER, seconds.parse().unwrap())];
        let body = glm_error("1308", "reset at 2026-08-25T00:01:00Z");
        let headers = headers.into_iter().collect();
        self::seconds(answers.judge(StatusCode::TOO_MANY_REQUESTS, &headers, Some(&body), now()))
    };
    assert_eq!((wait("1"), wait("90")), (Some(60), Some(90)));
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
