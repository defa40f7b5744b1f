//! Every keyword, with values that fit and values that do not.

use super::{check, schema, wrong};

/// A schema, values that fit and values that do not.
type Row = (&'static str, &'static [&'static str], &'static [&'static str]);

fn all_hold(rows: &[Row]) {
    for (text, fitting, others) in rows {
        let schema = schema(text);
        for value in *fitting {
            assert_eq!(check(&schema, value.as_bytes()), Ok(()), "{text} {value}");
        }
        for value in *others {
            let message = wrong(&schema, value);
            assert!(
                message.chars().count() <= 400 && !message.contains("JSON"),
                "{text} {message}"
            );
        }
    }
}

#[test]
fn keywords_of_any_value() {
    all_hold(&[
        ("true", &["1"], &[]),
        ("{}", &["1"], &[]),
        ("false", &[], &["1"]),
        (
            r#"{"type":"integer"}"#,
            &["1", "1.0", "-3", "18446744073709551615", "1e300"],
            &["1.5", "\"1\"", "null"],
        ),
        (r#"{"type":["null","number"]}"#, &["null", "1.5"], &["\"\"", "[]"]),
        (
            r#"{"enum":[1,"a",{"b":[1,{}]},null]}"#,
            &["1.0", "\"a\"", r#"{"b":[1,{}]}"#],
            &["2", r#"{"b":[1]}"#],
        ),
        (
            r#"{"enum":[9,8,7,6,5,4,3,2,1,0,"x"]}"#,
            &["9", "0", "5", "\"x\""],
            &["10", "\"y\""],
        ),
        (
            r#"{"const":{"a":1,"b":2}}"#,
            &[r#"{"b":2.0,"a":1}"#],
            &[r#"{"a":1}"#],
        ),
        (
            r#"{"const":9007199254740993}"#,
            &["9007199254740993"],
            &["9007199254740992", "9007199254740992.0"],
        ),
    ]);
}

#[test]
fn keywords_of_numbers_and_strings() {
    all_hold(&[
        (
            r#"{"multipleOf":0.1}"#,
            &["0.3", "1.1", "7", "1e300", "\"\""],
            &["0.35"],
        ),
        (
            r#"{"multipleOf":1.5}"#,
            &["3", "-4.5", "18446744073709551615"],
            &["1e300", "2"],
        ),
        (r#"{"multipleOf":1e300}"#, &["0", "2e300"], &["1", "1e299"]),
        (
            r#"{"minimum":2,"maximum":3.5}"#,
            &["2", "3.5", "2.0"],
            &["1.9", "4"],
        ),
        (
            r#"{"exclusiveMinimum":2,"exclusiveMaximum":3}"#,
            &["2.5"],
            &["2", "3"],
        ),
        (r#"{"minimum":2,"exclusiveMinimum":true}"#, &["2.1"], &["2"]),
        (
            r#"{"minLength":2,"maxLength":3}"#,
            &["\"éé\"", "\"\u{1f600}ab\"", "7"],
            &["\"é\"", "\"abcd\""],
        ),
        (r#"{"pattern":"b"}"#, &["\"abc\"", "1"], &["\"\"", "\"ac\""]),
        (
            r#"{"pattern":"^\\d+$"}"#,
            &["\"123\""],
            &["\"1a\"", "\"\u{0661}\"", "\"1\\n\""],
        ),
        (
            r#"{"pattern":"^[\\w.-]{1,200}$"}"#,
            &["\"a.b-c_9\""],
            &["\"a b\"", "\"\""],
        ),
        (
            r#"{"pattern":"\\bcat\\b"}"#,
            &["\"a cat!\"", "\"\u{e9}cat\""],
            &["\"cats\""],
        ),
        (r#"{"pattern":"^\\p{L}+$"}"#, &["\"h\u{e9}\""], &["\"1\""]),
        (r#"{"pattern":"^\\/a\\u00e9$"}"#, &["\"/a\u{e9}\""], &["\"/ae\""]),
        (
            r#"{"format":"email","contentEncoding":"base64"}"#,
            &["\"!\""],
            &[],
        ),
    ]);
}

#[test]
fn keywords_of_arrays() {
    all_hold(&[
        (
            r#"{"items":{"type":"null"}}"#,
            &["[]", "[null,null]", "{}"],
            &["[null,1]"],
        ),
        (
            r#"{"prefixItems":[{"const":1}],"items":false}"#,
            &["[]", "[1]"],
            &["[2]", "[1,1]"],
        ),
        (
            r#"{"items":[{"const":1}],"additionalItems":{"const":2}}"#,
            &["[1,2,2]"],
            &["[1,1]"],
        ),
        (
            r#"{"minItems":1,"maxItems":2}"#,
            &["[1]", "[1,2]"],
            &["[]", "[1,2,3]"],
        ),
        (
            r#"{"uniqueItems":true}"#,
            &["[1,2,\"1\"]", "[[],{}]"],
            &["[1,2,1.0]", r#"[{"a":1,"b":2},3,{"b":2,"a":1}]"#],
        ),
        (r#"{"contains":{"const":1}}"#, &["[0,1]"], &["[]", "[0]"]),
        (r#"{"contains":{"const":1},"minContains":0}"#, &["[]", "[1]"], &[]),
        (
            r#"{"contains":{"const":1},"maxContains":1}"#,
            &["[1]"],
            &["[]", "[1,1]"],
        ),
        (
            r#"{"contains":{"const":1},"minContains":2}"#,
            &["[1,1]"],
            &["[1]"],
        ),
    ]);
}

#[test]
fn keywords_of_objects() {
    all_hold(&[
        (
            r#"{"required":["a","b"]}"#,
            &[r#"{"b":1,"a":1}"#, "[]"],
            &[r#"{"a":1}"#],
        ),
        (
            r#"{"minProperties":1,"maxProperties":1}"#,
            &[r#"{"a":1}"#, r#"{"a":1,"a":2}"#],
            &["{}", r#"{"a":1,"b":2}"#],
        ),
        (
            r#"{"properties":{"a":{"const":1}},"patternProperties":{"^x":{"const":2}},"additionalProperties":false}"#,
            &[r#"{"a":1,"x1":2}"#, r#"{"a":2,"a":1}"#],
            &[r#"{"a":2}"#, r#"{"x":1}"#, r#"{"b":1}"#, r#"{"a":1,"a":2}"#],
        ),
        (
            r#"{"propertyNames":{"maxLength":1}}"#,
            &[r#"{"a":1}"#],
            &[r#"{"ab":1}"#],
        ),
        (
            r#"{"dependentRequired":{"a":["b"]}}"#,
            &["{}", r#"{"a":1,"b":1}"#],
            &[r#"{"a":1}"#],
        ),
        (
            r#"{"dependentSchemas":{"a":{"maxProperties":1}}}"#,
            &[r#"{"a":1}"#],
            &[r#"{"a":1,"b":1}"#],
        ),
        (
            r#"{"dependencies":{"a":["b"],"c":false}}"#,
            &["{}"],
            &[r#"{"a":1}"#, r#"{"c":1}"#],
        ),
        (
            r#"{"properties":{"a\"\u00e9":false}}"#,
            &["{}"],
            &[r#"{"\u0061\"é":1}"#],
        ),
    ]);
}

#[test]
fn keywords_that_combine() {
    all_hold(&[
        (r#"{"allOf":[{"minimum":1},{"maximum":2}]}"#, &["1"], &["0", "3"]),
        (r#"{"anyOf":[{"const":1},{"const":2}]}"#, &["1", "2"], &["3"]),
        (r#"{"oneOf":[{"minimum":1},{"maximum":2}]}"#, &["0", "3"], &["1"]),
        (r#"{"not":{"const":1}}"#, &["2"], &["1"]),
        (
            r#"{"if":{"minimum":1},"then":{"maximum":2},"else":{"const":0}}"#,
            &["1", "0"],
            &["3", "-1"],
        ),
        (
            r##"{"$ref":"#/$defs/a","maximum":5,"$defs":{"a":{"minimum":1}}}"##,
            &["1"],
            &["0", "6"],
        ),
        (
            r##"{"$ref":"#a~b","$defs":{"x":{"$anchor":"a~b","const":1}}}"##,
            &["1"],
            &["0"],
        ),
        (
            r##"{"$ref":"#old","definitions":{"x":{"$id":"#old","const":1}}}"##,
            &["1"],
            &["0"],
        ),
        (
            r##"{"$ref":"#/x/1/a~1b%25","x":[0,{"a/b%":{"const":1}}]}"##,
            &["1"],
            &["0"],
        ),
        (
            r##"{"items":{"$ref":"#"},"type":"array"}"##,
            &["[[],[[]]]"],
            &["[[1]]"],
        ),
    ]);
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let rows = [
        (
            r#"{"items":{"properties":{"a":{"type":"string"}}}}"#,
            r#"[{},{"b":1,"a":1}]"#,
            "`/1/a`: must be string, is number",
        ),
        (
            r#"{"required":["a","b"]}"#,
            r#"{"a":1}"#,
            "the whole value: \"b\" is required",
        ),
        (
            r#"{"properties":{"a":{"anyOf":[{"minLength":3,"type":"string"},{"type":"null"}]}}}"#,
            r#"{"a":"x"}"#,
            "`/a`: \"x\" must have at least 3 characters",
        ),
        (
            r#"{"anyOf":[{"const":1},{"const":2}]}"#,
            "3",
            "the whole value: it fits none of 2 alternatives",
        ),
        (
            r#"{"additionalProperties":false}"#,
            r#"{"a\u001b[2J":1}"#,
            "[2J`: the schema allows nothing here",
        ),
        (
            r#"{"propertyNames":{"maxLength":1}}"#,
            r#"{"a":{"b":1},"bc":1}"#,
            "`/bc`: \"bc\" must have at most 1 characters",
        ),
    ];
    for (text, value, message) in rows {
        let told = wrong(&schema(text), value);
        assert!(told.ends_with(message) && !told.contains('\u{1b}'), "{told}");
    }
}
