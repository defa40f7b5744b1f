//! Schemas and values that would take for ever, or all memory.

use std::fmt::Write;
use std::time::{Duration, Instant};

use super::{MEMORY, Misfit, Schema, alone, check, check_for, schema};
use crate::sandbox::{Pace, Stop};

/// A quarter less than what the threads that poll have.
const STACK: usize = 3 << 19;
/// Memory that is enough for schemas that only take time.
const LITTLE: u64 = 64 << 10;

fn is_stopped(checked: &Result<(), Misfit>) -> bool {
    matches!(checked, Err(Misfit::Stopped(Stop::Cancelled)))
}

/// Definitions that each refer to the next one twice.
fn doubling(levels: usize, link: &str, last: &str) -> Schema {
    let mut text = r##"{"$ref":"#/$defs/d0","$defs":{"##.to_owned();
    for level in 0..levels {
        let next = format!(r##"{{"$ref":"#/$defs/d{}"}}"##, level + 1);
        write!(text, r#""d{level}":{},"#, link.replace('@', &next)).unwrap();
    }
    schema(&format!(r#"{text}"d{levels}":{last}}}}}"#))
}

#[test]
fn definitions_that_double_are_stopped() {
    let links = [
        (r#"{"anyOf":[@,@]}"#, "false"),
        (r#"{"allOf":[@,@]}"#, "true"),
        (r#"{"oneOf":[@,@]}"#, "false"),
        (r#"{"allOf":[{"not":@},{"not":@}]}"#, "true"),
        (r#"{"if":@,"then":@,"else":@}"#, "true"),
        (r#"{"dependentSchemas":{"a":@,"b":@}}"#, "true"),
    ];
    for (link, last) in links {
        for levels in [24, 40] {
            let (checked, asked) = check_for(&doubling(levels, link, last), br#"{"a":1,"b":1}"#, 100, LITTLE);
            // `not` beside `not` ends early every second level.
            assert!(
                is_stopped(&checked) && asked == 101 || levels == 24 && link.contains("not"),
                "{link} {checked:?}"
            );
        }
    }
    let (checked, asked) = check_for(&doubling(60, r#"{"anyOf":[@,@]}"#, "false"), b"1", 100, LITTLE);
    assert!(is_stopped(&checked) && asked == 101);
}

#[test]
fn recursion_that_doubles_with_the_value_is_stopped() {
    let schema = schema(r##"{"allOf":[{"items":{"$ref":"#"}},{"items":{"$ref":"#"}}]}"##);
    let deep = format!("{}{}", "[".repeat(40), "]".repeat(40));
    let (checked, _) = check_for(&schema, deep.as_bytes(), 100, LITTLE);
    assert!(is_stopped(&checked), "{checked:?}");
}

#[test]
fn a_check_that_goes_too_deep_says_so_and_fits_the_stack() {
    let hop = r##"{"$ref":"#/$defs/a","$defs":{"a":{"allOf":[{"$ref":"#/$defs/b"}]},"b":{"anyOf":[{"$ref":"#/$defs/c"},false]},
        "c":{"properties":{"x":{"items":{"$ref":"#"}}},"items":{"$ref":"#"}}}}"##;
    let schema = schema(hop);
    let deep = format!("{}{}", "[".repeat(127), "]".repeat(127));
    let thread = std::thread::Builder::new().stack_size(STACK);
    let checked = thread
        .spawn(move || check(&schema, deep.as_bytes()))
        .unwrap()
        .join()
        .unwrap();
    let Err(Misfit::Value(message)) = checked else {
        panic!("{checked:?}");
    };
    assert!(message.contains("inside of each other"), "{message}");
}

#[test]
fn patterns_are_stopped_at_any_byte() {
    // Without a period, so that there are always new states.
    let letter = |n: u64| {
        if n.wrapping_mul(n).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 63 == 0 {
            'a'
        } else {
            'b'
        }
    };
    let text = format!("\"{}\"", (0..1 << 20).map(letter).collect::<String>());
    for pattern in [
        "(a|b|ab)*c",
        "(.*a){20}$c",
        "[ab]*a[ab]{20}c",
        "[ab]*a[ab]{900}c",
        "(a?){100}a{100}c",
        r"(\\w{1,60}\\d){20}",
    ] {
        let schema = schema(&format!(r#"{{"pattern":"{pattern}"}}"#));
        let (checked, _) = check_for(&schema, text.as_bytes(), 3, 4 << 20);
        assert!(is_stopped(&checked), "{pattern} {checked:?}");
        let begun = Instant::now();
        let (_, asked) = check_for(&schema, text.as_bytes(), 500, 4 << 20);
        let each = begun.elapsed() / u32::try_from(asked).unwrap();
        assert!(each < Duration::from_millis(5), "{pattern}: {each:?}");
    }
}

#[test]
fn many_patterns_and_many_keys_are_stopped() {
    let patterns: Vec<_> = (0..2000).map(|n| format!(r#""^k{n}[a-z]*$":true"#)).collect();
    let schema = schema(&format!(r#"{{"patternProperties":{{{}}}}}"#, patterns.join(",")));
    let keys: Vec<_> = (0..5000).map(|n| format!(r#""k{n}x":0"#)).collect();
    let value = format!("{{{}}}", keys.join(","));
    let (checked, asked) = check_for(&schema, value.as_bytes(), 50, 1 << 30);
    assert!(is_stopped(&checked) && asked == 51, "{checked:?}");
    let (checked, _) = check_for(&schema, value.as_bytes(), u64::MAX, MEMORY);
    assert!(
        matches!(checked, Err(Misfit::Stopped(Stop::Memory { .. }))),
        "{checked:?}"
    );
}

#[test]
fn comparing_is_counted() {
    let long = "x".repeat(30_000);
    let rows = [
        (
            format!(r#"{{"items":{{"enum":["{long}1","{long}2"]}}}}"#),
            format!("[{}1]", format!("\"{long}1\",").repeat(200)),
        ),
        (
            format!(r#"{{"items":{{"const":[{}0]}}}}"#, "0,".repeat(20_000)),
            format!("[{}1]", format!("[{}0],", "0,".repeat(20_000)).repeat(50)),
        ),
        (
            r#"{"uniqueItems":true}"#.to_owned(),
            (0..100_000)
                .map(|n| (n * 7919 % 1_000_003).to_string())
                .collect::<Vec<_>>()
                .join(","),
        ),
        (
            r#"{"uniqueItems":true}"#.to_owned(),
            (0..200)
                .map(|n| format!("\"{long}{n}\""))
                .collect::<Vec<_>>()
                .join(","),
        ),
    ];
    for (text, value) in rows {
        let value = if value.starts_with("[[") || value.ends_with(']') {
            value
        } else {
            format!("[{value}]")
        };
        let schema = schema(&text);
        let (checked, asked) = check_for(&schema, value.as_bytes(), u64::MAX, MEMORY);
        assert!(
            asked > 20 && !is_stopped(&checked),
            "{} {asked} {checked:?}",
            &text[..20]
        );
        assert!(is_stopped(
            &check_for(&schema, value.as_bytes(), asked / 2, MEMORY).0
        ));
    }
}

#[test]
fn no_question_is_too_long_for_the_meter() {
    let many: Vec<_> = (0..3000)
        .map(|n| format!(r#"{{"type":"null","title":"{n}"}}"#))
        .collect();
    let rows = [
        (
            format!(r#"{{"items":{{"anyOf":[{}]}}}}"#, &many[..1500].join(",")),
            "1",
        ),
        (r#"{"items":{"multipleOf":1e-300}}"#.to_owned(), "1e300"),
        (
            r#"{"items":{"enum":["a","b","c","d","e","f","g","h","i",null,7]}}"#.to_owned(),
            "7",
        ),
        (
            r#"{"items":{"required":["a","b","c","d"]}}"#.to_owned(),
            r#"{"a":1,"b":1,"c":1,"d":1}"#,
        ),
    ];
    for (text, item) in rows {
        let value = format!("[{}]", vec![item; 50_000].join(","));
        let begun = Instant::now();
        let (_, asked) = check_for(&schema(&text), value.as_bytes(), 300, MEMORY);
        let each = begun.elapsed() / u32::try_from(asked).unwrap();
        assert!(
            each < Duration::from_millis(10),
            "{} {asked} {each:?}",
            &text[..20]
        );
    }
}

#[test]
fn others_run_while_a_check_does() {
    let schema = doubling(60, r#"{"anyOf":[@,@]}"#, "false");
    let begun = Instant::now();
    let may_go_on = || match begun.elapsed() {
        past if past < Duration::from_millis(300) => Ok(()),
        _ => Err(Stop::Deadline { limit: 300 }),
    };
    let (checked, turns) = alone(async {
        let mut turns = 0_u32;
        let mut pace = Pace::new(&may_go_on, LITTLE);
        let check = schema.check(b"1", &mut pace);
        tokio::pin!(check);
        let checked = loop {
            tokio::select! {
                biased;
                checked = &mut check => break checked,
                () = tokio::task::yield_now() => turns += 1,
            }
        };
        (checked, turns)
    });
    assert_eq!(checked, Err(Misfit::Stopped(Stop::Deadline { limit: 300 })));
    assert!(
        begun.elapsed() < Duration::from_millis(400) && turns > 50,
        "{turns} {:?}",
        begun.elapsed()
    );
}

#[test]
fn reading_a_hostile_schema_takes_a_moment() {
    let class = |of: &str, count| format!(r#"{{"pattern":"{}"}}"#, of.repeat(count));
    let cases = [
        format!(
            r#"{{"allOf":[{}true]}}"#,
            format!("{},", class(r"[\\p{L}\\p{N}]", 250)).repeat(15)
        ),
        format!(
            r#"{{"allOf":[{}true]}}"#,
            format!("{},", class(r"(?i)[\\pL]", 300)).repeat(15)
        ),
        format!(r#"{{"pattern":"[{}]"}}"#, r"\\pL\\PN".repeat(400)),
        format!(r#"{{"pattern":"(?i)[{}]"}}"#, r"\\pL\\PN".repeat(400)),
        class(r"\\d", 2000),
        class(r"\\b", 2000),
        r#"{"pattern":"((((a{50}){50}){50}){50})"}"#.to_owned(),
        format!(
            r##"{{"x":[{}{{}}],"allOf":[{}true]}}"##,
            "0,".repeat(15_000),
            r##"{"$ref":"#/x/15000"},"##.repeat(1000)
        ),
        format!(r#"{{"enum":[{}0]}}"#, "[[],{}],".repeat(7000)),
    ];
    for text in cases {
        let begun = Instant::now();
        drop(Schema::parse(&text));
        assert!(begun.elapsed() < Duration::from_secs(2), "{}", &text[..60]);
    }
}
