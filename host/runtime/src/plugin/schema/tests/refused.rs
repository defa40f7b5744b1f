//! Schemas that are not taken, and what is said of them.

use super::Schema;
use crate::plugin::schema::MAX_BYTES;

#[test]
fn a_schema_that_cannot_be_checked_is_refused_with_the_reason() {
    let rows = [
        ("{", "not JSON"),
        ("7", "must be an object or a boolean"),
        (r#"{"type":7}"#, "`/type`: `type` must be the name of a type"),
        (r#"{"type":"text"}"#, "`type` must be"),
        (r#"{"type":[]}"#, "`type` must be"),
        (r#"{"properties":{"a":7}}"#, "`/properties/a`: a schema must be"),
        (
            r#"{"$defs":{"a":{"minLength":-1}}}"#,
            "`minLength` must be a whole number",
        ),
        (r#"{"multipleOf":0}"#, "more than 0"),
        (r#"{"allOf":[]}"#, "a list of one schema or more"),
        (r#"{"required":[1]}"#, "a list of strings"),
        (
            r#"{"unevaluatedProperties":false}"#,
            "`unevaluatedProperties` is not supported; write `additionalProperties`",
        ),
        (r##"{"$dynamicRef":"#a"}"##, "write `$ref`"),
        (r#"{"$ref":"http://127.0.0.1/x"}"#, "refers to the outside"),
        (
            r#"{"properties":{"a":{"$ref":"file:///etc/passwd"}}}"#,
            "refers to the outside",
        ),
        (r##"{"$ref":"#/$defs/a"}"##, "not there"),
        (r##"{"$ref":"#/title","title":"x"}"##, "no schema"),
        (r##"{"$ref":"#"}"##, "refers to itself"),
        (
            r##"{"$defs":{"a":{"anyOf":[{"not":{"$ref":"#/$defs/a"}}]}}}"##,
            "refers to itself",
        ),
        (
            r##"{"$defs":{"a":{"$id":"x","items":{"$ref":"#"}}}}"##,
            "inner `$id`",
        ),
        (r#"{"pattern":"(?=a)"}"#, "not supported"),
        (r#"{"pattern":"(a)\\1"}"#, "not supported"),
        (r#"{"pattern":"("}"#, "a pattern that is none"),
        (r#"{"pattern":"^\\p{L}{1,4000}$"}"#, "too large; use `maxLength`"),
        (r#"{"patternProperties":{"[":true}}"#, "a pattern that is none"),
    ];
    for (text, reason) in rows {
        let error = Schema::parse(text).unwrap_err();
        assert!(error.contains(reason), "{text}: {error}");
    }
}

#[test]
fn large_and_deep_schemas_are_refused() {
    let chain = |count: usize| {
        let links: Vec<_> = (0..count)
            .map(|n| format!(r##""d{n}":{{"$ref":"#/$defs/d{}"}}"##, n + 1))
            .collect();
        format!(
            r##"{{"$ref":"#/$defs/d0","$defs":{{{},"d{count}":true}}}}"##,
            links.join(",")
        )
    };
    assert!(Schema::parse(&chain(120)).is_ok());
    let many: Vec<_> = (0..3000)
        .map(|n| format!(r#"{{"pattern":"\\p{{L}}{n}"}}"#))
        .collect();
    let refused = [
        format!(r#"{{"title":"{}"}}"#, "x".repeat(MAX_BYTES)),
        format!("{}{}", r#"{"not":"#.repeat(40) + "{}", "}".repeat(40)),
        chain(200),
        format!(r#"{{"pattern":"{}"}}"#, "a".repeat(5000)),
        format!(r#"{{"anyOf":[{}]}}"#, many.join(",")),
    ];
    for text in refused {
        assert!(
            Schema::parse(&text).is_err(),
            "{}",
            text.chars().take(60).collect::<String>()
        );
    }
}

#[test]
fn what_is_only_said_is_no_reason() {
    let text = r#"{"$schema":"x","$id":"https://x","$comment":1,"title":1,"default":1,"examples":[],"format":"uri",
        "contentMediaType":"a","deprecated":true,"x-own":{"type":7},"properties":{"unevaluatedItems":true,"$ref":{}}}"#;
    assert!(Schema::parse(text).is_ok());
}
