//! What an ordinary check costs, beside another validator.

use std::time::Instant;

use serde_json::Value;

use super::{MEMORY, Pace, alone, schema};

/// As pydantic writes it for a small model.
const SCHEMA: &str = r##"{"$defs":{"Author":{"properties":{"name":{"title":"Name","type":"string","maxLength":200},
  "email":{"anyOf":[{"type":"string","pattern":"^[\\w.+-]+@[\\w-]+\\.[\\w.]+$"},{"type":"null"}],"default":null}},
  "required":["name"],"title":"Author","type":"object"},
  "Kind":{"enum":["note","task","idea"],"type":"string"}},
  "properties":{"id":{"type":"string","pattern":"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"},
  "title":{"type":"string"},"items":{"type":"array","maxItems":1000,"items":{"type":"object","additionalProperties":false,
   "required":["text","score","kind"],"properties":{"text":{"type":"string","minLength":1},"score":{"type":"number","minimum":0,"maximum":1},
   "kind":{"$ref":"#/$defs/Kind"},"author":{"$ref":"#/$defs/Author"},"tags":{"type":"array","items":{"type":"string"},"uniqueItems":true}}}}},
  "required":["id","items"],"title":"Result","type":"object"}"##;

#[test]
#[ignore = "a measurement, by hand"]
fn an_ordinary_check_takes_microseconds() {
    for items in [1, 20, 200, 5000] {
        let item = r#"{"text":"An ordinary sentence of a few words, as they are.","score":0.75,"kind":"task",
            "author":{"name":"Ada","email":"ada@example.org"},"tags":["one","two","three"]}"#;
        let list = vec![item; items].join(",");
        let text = format!(r#"{{"id":"123e4567-e89b-42d3-a456-426614174000","title":"x","items":[{list}]}}"#);
        let other: Value = serde_json::from_str(SCHEMA).unwrap();
        let other = jsonschema::options()
            .with_pattern_options(jsonschema::PatternOptions::regex())
            .build(&other)
            .unwrap();
        let ours = schema(&SCHEMA.replace("maxItems\":1000", "maxItems\":9999"));
        let theirs = fastest(|| {
            assert!(items > 1000 || other.is_valid(&serde_json::from_str::<Value>(&text).unwrap()))
        });
        let ours = fastest(|| {
            alone_in(async {
                ours.check(text.as_bytes(), &mut Pace::new(&|| Ok(()), MEMORY))
                    .await
                    .unwrap()
            });
        });
        let any = schema("true");
        let our_read = fastest(|| {
            alone_in(async {
                any.check(text.as_bytes(), &mut Pace::new(&|| Ok(()), MEMORY))
                    .await
                    .unwrap()
            });
        });
        let read = fastest(|| drop(serde_json::from_str::<Value>(&text).unwrap()));
        println!(
            "{} bytes: {ours} ns, of which reading {our_read} ns, the other {theirs} ns, of which reading {read} ns",
            text.len()
        );
    }
    let parse = fastest(|| drop(schema(SCHEMA)));
    println!("reading the schema: {parse} ns");
    alone(async {});
}

thread_local! {
    static RUNTIME: tokio::runtime::Runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
}

fn alone_in(work: impl Future<Output = ()>) {
    RUNTIME.with(|runtime| runtime.block_on(work));
}

fn fastest(mut work: impl FnMut()) -> u128 {
    let once = |_| {
        let begun = Instant::now();
        work();
        begun.elapsed().as_nanos()
    };
    (0..300).map(once).min().unwrap()
}
