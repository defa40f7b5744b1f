use serde_json::json;

use super::*;

fn schema(said: Value) -> Schema {
    serde_json::from_value(said).unwrap()
}

#[test]
fn each_keyword_lets_pass_and_refuses() {
    for (said, fits, does_not, words) in [
        (
            json!({"type": "integer"}),
            json!(3.0),
            json!(3.5),
            "not of type integer",
        ),
        (
            json!({"type": ["string", "null"]}),
            json!(null),
            json!(1),
            "type string or null",
        ),
        (
            json!({"enum": ["a", 1]}),
            json!(1),
            json!("b"),
            "none of the values",
        ),
        (json!({"const": null}), json!(null), json!(0), "the one value"),
        (
            json!({"anyOf": [{"type": "null"}, {"minimum": 2}]}),
            json!(2),
            json!(1),
            "`anyOf`",
        ),
        (
            json!({"required": ["a"]}),
            json!({"a": 1}),
            json!({}),
            "lacks `a`",
        ),
        (
            json!({"properties": {"a": {"maximum": 1}}}),
            json!({"a": 1}),
            json!({"a": 2}),
            "`/a` is too large",
        ),
        (
            json!({"additionalProperties": false}),
            json!({}),
            json!({"b": 1}),
            "must not have `b`",
        ),
        (
            json!({"additionalProperties": {"type": "null"}}),
            json!({"b": null}),
            json!({"b": 1}),
            "`/b` is not",
        ),
        (
            json!({"items": {"minLength": 2}}),
            json!(["汉字"]),
            json!(["ab", "汉"]),
            "`/1` has 1 characters",
        ),
        (
            json!({"maxLength": 2}),
            json!("汉字"),
            json!("abc"),
            "more than 2",
        ),
        (json!({"minItems": 1}), json!([0]), json!([]), "fewer than 1"),
        (json!({"maxItems": 1}), json!([0]), json!([0, 0]), "more than 1"),
        (json!({"exclusiveMinimum": 0}), json!(0.1), json!(0), "too small"),
        (json!({"exclusiveMaximum": 1}), json!(0.9), json!(1), "too large"),
    ] {
        let schema = schema(said.clone());
        assert_eq!(schema.check(&fits), Ok(()), "{said}");
        let refused = schema.check(&does_not).unwrap_err();
        assert!(refused.contains(words), "{said}: {refused}");
    }
}

#[test]
fn keywords_ask_nothing_of_other_types() {
    let schema =
        schema(json!({"minLength": 5, "minItems": 5, "minimum": 5, "required": ["a"], "title": "x"}));
    for value in [json!(null), json!(true)] {
        assert_eq!(schema.check(&value), Ok(()));
    }
}

#[test]
fn a_place_deep_inside_is_a_json_pointer() {
    let schema = schema(json!({"items": {"properties": {"a/b": {"type": "string"}}}}));
    let refused = schema.check(&json!([{}, {"a/b": 1}])).unwrap_err();
    assert_eq!(refused, "`/1/a~1b` is not of type string");
}

#[test]
fn a_keyword_that_is_not_checked_is_refused_and_not_passed_over() {
    for said in [
        json!({"pattern": "^a"}),
        json!({"items": {"$ref": "#/$defs/a"}}),
        json!({"type": "text"}),
    ] {
        let refused = serde_json::from_value::<Schema>(said.clone()).unwrap_err();
        assert!(
            refused.to_string().starts_with("the schema: "),
            "{said}: {refused}"
        );
    }
}
