//! The same verdict as another validator, for schemas and values at random.

use serde_json::{Map, Value, json};

use super::{MEMORY, Pace, Schema};
use crate::plugin::schema::Misfit;

/// Values for each schema.
const VALUES: u64 = 25;

#[test]
fn another_validator_agrees() {
    assert_eq!(compared(0..1_000), 25_000);
}

#[test]
#[ignore = "a million pairs take half a minute"]
fn another_validator_agrees_a_million_times() {
    assert_eq!(compared(10_000..50_000), 1_000_000);
}

/// Compares verdicts; the number of pairs. Refused schemas are drawn again.
fn compared(seeds: std::ops::Range<u64>) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (mut pairs, mut fitting) = (0, 0);
    for seed in seeds {
        let mut random = Random {
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            is_large: seed % 2 == 0,
        };
        let (text, ours, theirs) = drawn(&mut random);
        for _ in 0..VALUES {
            let value = random.value(3);
            let bytes = value.to_string();
            let ours = runtime.block_on(ours.check(bytes.as_bytes(), &mut Pace::new(&|| Ok(()), MEMORY)));
            if let Err(Misfit::Stopped(stop)) = &ours {
                panic!("{text}\n{bytes}\n{stop}");
            }
            let theirs = theirs.is_valid(&value);
            assert_eq!(ours.is_ok(), theirs, "seed {seed}\n{text}\n{bytes}\n{ours:?}");
            pairs += 1;
            fitting += u64::from(theirs);
        }
    }
    assert!(
        fitting > pairs / 10 && fitting < pairs * 9 / 10,
        "{fitting} of {pairs} fit"
    );
    pairs
}

fn drawn(random: &mut Random) -> (String, Schema, jsonschema::Validator) {
    loop {
        let whole = random.whole();
        let text = whole.to_string();
        let theirs = jsonschema::options()
            .with_pattern_options(jsonschema::PatternOptions::regex())
            .build(&whole);
        match (Schema::parse(&text), theirs) {
            (Ok(ours), Ok(theirs)) => return (text, ours, theirs),
            (Err(error), _) if error.contains("without an end") => {}
            (ours, theirs) => panic!("{text}\n{:?}\n{:?}", ours.err(), theirs.err()),
        }
    }
}

struct Random {
    state: u64,
    /// Whether numbers that no float has are drawn. The oracle divides floats,
    /// so there only small units are compared.
    is_large: bool,
}

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 11) % limit
    }

    fn one_of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize].clone()
    }

    fn name(&mut self) -> String {
        self.one_of(&["a", "b", "ab", "c1", "é"]).to_owned()
    }

    fn number(&mut self) -> Value {
        const NUMBERS: [&str; 17] = [
            "0", "1", "2", "3", "5", "-1", "1.0", "1.5", "0.1", "0.3", "-0.5", "1e2", "100", "2.5", "10",
            "6", "-0.0",
        ];
        const LARGE: [&str; 4] = [
            "18446744073709551615",
            "9007199254740993",
            "9007199254740992.0",
            "1e300",
        ];
        let text = if self.is_large && self.below(4) == 0 {
            self.one_of(&LARGE)
        } else {
            self.one_of(&NUMBERS)
        };
        serde_json::from_str(text).unwrap()
    }

    fn text(&mut self) -> String {
        self.one_of(&[
            "",
            "a",
            "b",
            "ab",
            "é",
            "abc1",
            "2024-01-01",
            "a b",
            "aab\n",
            "\u{1f600}",
            "bb-a",
        ])
        .to_owned()
    }

    fn value(&mut self, depth: u64) -> Value {
        match self.below(if depth == 0 { 6 } else { 10 }) {
            0 => Value::Null,
            1 => json!(self.below(2) == 0),
            2 | 3 => self.number(),
            4 | 5 => self.text().into(),
            6 | 7 => (0..self.below(5)).map(|_| self.value(depth - 1)).collect(),
            _ => (0..self.below(5))
                .map(|_| (self.name(), self.value(depth - 1)))
                .collect::<Map<_, _>>()
                .into(),
        }
    }

    /// A schema with definitions, of this draft or of an older one.
    fn whole(&mut self) -> Value {
        let old = self.below(4) == 0;
        let mut schema = match self.schema(3, old) {
            Value::Object(schema) => schema,
            _ => Map::new(),
        };
        if old {
            schema.insert("$schema".into(), "http://json-schema.org/draft-07/schema#".into());
            // What stands beside a reference did not count then.
            schema.remove("$ref");
        }
        let names = ["a", "b", "c~d", "e%f"];
        let definitions: Map<_, _> = names
            .iter()
            .map(|name| (name.to_string(), self.schema(2, old)))
            .collect();
        schema.insert("$defs".into(), definitions.into());
        schema.into()
    }

    fn schema(&mut self, depth: u64, old: bool) -> Value {
        match self.below(12) {
            0 => return json!(self.below(4) > 0),
            1 => return json!({"$ref": self.reference()}),
            _ => {}
        }
        let mut schema = Map::new();
        for _ in 0..=self.below(3) {
            let kinds = if depth == 0 { 12 } else { 26 };
            let kind = self.below(kinds);
            self.keyword(kind, depth, old, &mut schema);
        }
        schema.into()
    }

    fn reference(&mut self) -> String {
        self.one_of(&["#", "#/$defs/a", "#/$defs/b", "#/$defs/c~0d", "#/$defs/e%25f"])
            .to_owned()
    }

    fn pattern(&mut self) -> String {
        const PATTERNS: [&str; 14] = [
            "^a",
            "b$",
            "^[a-z]+$",
            r"\d",
            r"^\w+$",
            "^.$",
            r"a\b",
            "a|é",
            r"^\S*$",
            "^a?b{1,2}",
            r"\s",
            r"\D\W",
            "[^a]",
            r"^\d{4}-\d{2}-\d{2}$",
        ];
        self.one_of(&PATTERNS).to_owned()
    }

    fn schemas(&mut self, depth: u64, old: bool) -> Value {
        (0..=self.below(3)).map(|_| self.schema(depth - 1, old)).collect()
    }

    fn named(&mut self, depth: u64, old: bool) -> Value {
        (0..self.below(4))
            .map(|_| (self.name(), self.schema(depth - 1, old)))
            .collect::<Map<_, _>>()
            .into()
    }

    fn names(&mut self) -> Value {
        let mut names: Vec<_> = (0..self.below(3)).map(|_| self.name()).collect();
        names.sort();
        names.dedup();
        json!(names)
    }

    fn keyword(&mut self, kind: u64, depth: u64, old: bool, schema: &mut Map<String, Value>) {
        const TYPES: [&str; 7] = [
            "null", "boolean", "number", "integer", "string", "array", "object",
        ];
        let mut put = |key: &str, value: Value| schema.insert(key.to_owned(), value);
        match kind {
            0 => put("type", self.one_of(&TYPES).into()),
            1 => {
                let first = self.below(6) as usize;
                put("type", json!([TYPES[first], TYPES[first + 1]]))
            }
            2 => put("enum", (0..=self.below(12)).map(|_| self.value(1)).collect()),
            3 => put("const", self.value(2)),
            4 if self.is_large => put("multipleOf", self.one_of(&[1, 2]).into()),
            4 => put(
                "multipleOf",
                self.one_of(&[json!(0.1), json!(1), json!(2), json!(2.5), json!(1.5)]),
            ),
            5 => put(self.one_of(&["minimum", "exclusiveMinimum"]), self.number()),
            6 => put(self.one_of(&["maximum", "exclusiveMaximum"]), self.number()),
            7 => put("minLength", self.below(4).into()),
            8 => put(
                "maxLength",
                self.one_of(&[json!(0), json!(1), json!(2.0), json!(4)]),
            ),
            9 => put("pattern", self.pattern().into()),
            10 => put("required", self.names()),
            11 => put("uniqueItems", true.into()),
            12 => put(self.one_of(&["minItems", "minProperties"]), self.below(4).into()),
            13 => put(self.one_of(&["maxItems", "maxProperties"]), self.below(4).into()),
            14 if old => {
                put("items", self.schemas(depth, old));
                put("additionalItems", self.schema(depth - 1, old))
            }
            14 => put("prefixItems", self.schemas(depth, old)),
            15 => put("items", self.schema(depth - 1, old)),
            16 if old => put("contains", self.schema(depth - 1, old)),
            16 => {
                put("contains", self.schema(depth - 1, old));
                put(
                    self.one_of(&["minContains", "maxContains", "maxItems"]),
                    self.below(4).into(),
                )
            }
            17 | 18 => put("properties", self.named(depth, old)),
            19 => {
                let pattern = self.pattern();
                put("patternProperties", json!({pattern: self.schema(depth - 1, old)}))
            }
            20 => put("additionalProperties", self.schema(depth - 1, old)),
            21 => put("propertyNames", self.schema(depth - 1, old)),
            22 if old => put(
                "dependencies",
                json!({self.name(): self.names(), "b": self.schema(depth - 1, old)}),
            ),
            22 => {
                put("dependentRequired", json!({self.name(): self.names()}));
                put("dependentSchemas", self.named(depth, old))
            }
            23 => put(
                self.one_of(&["allOf", "anyOf", "oneOf"]),
                self.schemas(depth, old),
            ),
            24 => put("not", self.schema(depth - 1, old)),
            _ => {
                put("if", self.schema(depth - 1, old));
                put("then", self.schema(depth - 1, old));
                put("else", self.schema(depth - 1, old))
            }
        };
    }
}
