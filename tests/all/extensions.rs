//! What a plugin says of itself beside the fields of the contract: shown and
//! ignored, and held to what a descriptor is held to.

use serde_json::{Value, json};

use crate::guest::{Guest, words};
use crate::support::{Bench, Ended};

/// Where the guest keeps its extensions, and their texts.
const LIST: u32 = 16384;
const TEXTS: u32 = 20480;

/// A guest with these extensions.
fn saying(extensions: &[(&str, &str)]) -> Vec<u8> {
    let (mut list, mut texts) = (Vec::new(), String::new());
    for text in extensions.iter().flat_map(|(name, value)| [name, value]) {
        list.push(TEXTS + u32::try_from(texts.len()).unwrap());
        list.push(u32::try_from(text.len()).unwrap());
        texts.push_str(text);
    }
    let escaped: String = texts.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    let data = format!(
        "(data (i32.const {LIST}) \"{}\") (data (i32.const {TEXTS}) \"{escaped}\")",
        words(&list)
    );
    let count = u32::try_from(extensions.len()).unwrap();
    let guest = Guest {
        says: vec![(19, LIST), (20, count)],
        ..Guest::new("")
    };
    guest.with(data).component()
}

/// A bench with that guest as its agent `a`.
fn bench(extensions: &[(&str, &str)]) -> Bench {
    let bench = Bench::with_config("agents: { a: { plugin: a.wasm } }");
    bench.write("a.wasm", saying(extensions));
    bench
}

fn inspect(bench: &Bench, format: &str) -> Ended {
    bench.fusebox(&["plugin", "inspect", "a.wasm", "--format", format])
}

#[test]
fn extensions_that_the_host_does_not_know_are_shown_and_ignored() {
    let color = "{ \"text\": \"\u{202e}blue\" }";
    let bench = bench(&[("example.color", color), ("later", "7")]);
    let said = inspect(&bench, "human").expect(0).stdout;
    for line in [
        "extension  example.color, which this host does not know and ignores: { \"text\": \"\\u{202e}blue\" }",
        "extension  later, which this host does not know and ignores: 7",
    ] {
        assert!(said.contains(line), "no `{line}` in:\n{said}");
    }
    let said = inspect(&bench, "json").expect(0).stdout;
    let found: Value = serde_json::from_str(&said).unwrap();
    let expected = json!([
        { "name": "example.color", "value": color },
        { "name": "later", "value": "7" },
    ]);
    assert_eq!(found["about"]["extensions"], expected);
    assert!(!said.contains('\u{202e}'), "{said}");
    bench
        .session("- { id: one, agent: a, input: { text: x } }\n", "out")
        .expect(0);
}

#[test]
fn extensions_that_cannot_be_used_refuse_the_descriptor() {
    let long = format!("\"{}\"", "x".repeat(16 << 10));
    for (extensions, why) in [
        (
            vec![("color", "blue")],
            "the extension `color` is not JSON: expected value",
        ),
        (vec![("a", "1"), ("a", "2")], "the extension `a` twice"),
        (
            vec![("a b", "1")],
            "the name of an extension must have 1 to 64 of the characters",
        ),
        (vec![("a", "1"); 33], "33 extensions, 32 are the limit"),
        (
            vec![("a", &long)],
            "extensions of 16387 bytes together, 16384 are the limit",
        ),
    ] {
        let said = inspect(&bench(&extensions), "human").expect(78).stdout;
        let usable =
            said.contains("plugin.descriptor") && said.contains("what it says of itself cannot be used");
        assert!(usable && said.contains(why), "no `{why}` in:\n{said}");
    }
}
