//! Texts are JSON exactly where `serde_json` says so, and mean the same.

use std::borrow::Cow;

use serde_json::Value;

use super::{MEMORY, Misfit, Pace, alone};
use crate::plugin::schema::json::{self, Kind};
use crate::plugin::schema::{Schema, check_json};

/// What is read, as the other reader has it.
fn as_value(value: json::Value<'_>) -> Value {
    match value.kind() {
        Kind::Null => Value::Null,
        Kind::Bool => value.bool().into(),
        Kind::Number => match value.number().unwrap() {
            json::Number::Int(int) => serde_json::from_str(&int.to_string()).unwrap(),
            json::Number::Float(float) => float.into(),
        },
        Kind::Text => String::from_utf8(value.text().unwrap().to_vec()).unwrap().into(),
        Kind::Array => value.items().map(as_value).collect(),
        Kind::Object => {
            let member =
                |key: json::Value<'_>| (as_value(key).as_str().unwrap().to_owned(), as_value(key.after()));
            Value::Object(value.keys().map(member).collect())
        }
    }
}

fn agree(text: &[u8]) {
    let shown = String::from_utf8_lossy(text);
    let ours = alone(async {
        let mut pace = Pace::new(&|| Ok(()), MEMORY);
        json::read(Cow::Borrowed(text), &mut pace).await
    });
    let skimmed = alone(async { check_json(text, &mut Pace::new(&|| Ok(()), 0)).await });
    assert_eq!(ours.is_ok(), skimmed.is_ok(), "{shown}");
    match (ours, serde_json::from_slice::<Value>(text)) {
        (Ok(ours), Ok(theirs)) => assert_eq!(as_value(ours.root()), theirs, "{shown}"),
        (Err(_), Err(_)) => {}
        (ours, theirs) => panic!("{shown}: {:?} {:?}", ours.err(), theirs.err()),
    }
}

#[test]
fn odd_texts_are_read_as_another_reader_does() {
    let nested = |count: usize| format!("{}{}", "[".repeat(count), "]".repeat(count));
    let (deepest, deeper) = (nested(127), nested(128));
    let texts = [
        "",
        " ",
        "1 2",
        "01",
        "-",
        "-0.0",
        "1.",
        ".5",
        "1e",
        "1e+",
        "1E5",
        "1e999",
        "-1e999",
        "1e-999",
        "nul",
        "nulls",
        "\"a",
        "\"\\x\"",
        "\"\\ud800\"",
        "\"\\ud83d\\ude00\"",
        "\"\\udc00\"",
        "\"\\u00e9\\n\"",
        "\"a\nb\"",
        "[1,]",
        "[,1]",
        "{\"a\"}",
        "{\"a\":1,}",
        "{a:1}",
        "{\"a\":1,\"a\":2,\"b\":{\"a\":1}}",
        "[}",
        "{]",
        " [ ] ",
        "\u{feff}1",
        "18446744073709551616",
        "-9223372036854775808",
        "-9223372036854775809",
        "\"\\u12\"",
        "[[],[[]],{}]",
        &deepest,
        &deeper,
    ];
    for text in texts {
        agree(text.as_bytes());
    }
    for text in [&b"\"\xff\""[..], b"\"\xc3", b"\xc3\xa9", b"[1\xff]"] {
        agree(text);
    }
}

#[test]
fn damaged_texts_are_read_as_another_reader_does() {
    let text =
        r#"{"a":[1,-2.5e3,true,null,{"é\u00e9":"x\\y\"z","":[]}],"b":{"c":false,"c":"😀\ud83d\ude00"}}"#
            .as_bytes();
    const PUT: &[u8] = b"\"\\,:[]{}0-eu \xff\n";
    for place in 0..text.len() {
        for byte in PUT {
            let mut damaged = text.to_vec();
            damaged[place] = *byte;
            agree(&damaged);
            damaged.remove(place);
            agree(&damaged);
            agree(text.get(..place).unwrap());
        }
    }
}

#[test]
fn long_texts_and_many_keys_are_read_as_another_reader_does() {
    let long: String = (0..5000)
        .map(|n| if n % 700 == 0 { "\\n" } else { "é😀x" })
        .collect();
    let keys: Vec<_> = (0..3000)
        .map(|n| format!("\"{}k{}\":{n}", "p".repeat(n % 50), n * 7919 % 1000))
        .collect();
    agree(format!("[\"{long}\"{}]", " ".repeat(10_000)).as_bytes());
    agree(format!("{{{}}}", keys.join(",")).as_bytes());
}

#[test]
fn what_a_text_takes_is_held_before_it_is_built() {
    let any = Schema::parse("true").unwrap();
    let bombs = ["[],", "{\"\":0},", "0,", "\"\\n\","];
    for bomb in bombs {
        let text = format!("[{}0]", bomb.repeat((1 << 20) / bomb.len()));
        let within = |memory| {
            alone(async {
                any.check(text.as_bytes(), &mut Pace::new(&|| Ok(()), memory))
                    .await
            })
        };
        assert!(matches!(within(1 << 20), Err(Misfit::Stopped(_))), "{bomb}");
        // Of a byte at most 16 are made, and 24 are held while they move.
        assert_eq!(within(25 << 20), Ok(()), "{bomb}");
    }
    let plain = format!("\"{}\"", "x".repeat(1 << 20));
    let held = alone(async {
        any.check(plain.as_bytes(), &mut Pace::new(&|| Ok(()), 4096))
            .await
    });
    assert_eq!(held, Ok(()));
}
