//! All documents of the configuration, laid over each other.

use std::path::Path;

use serde_json::Value;

use super::document::Document;
use super::fault::Fault;
use super::origin::Origin;
use fusebox::config::settings_under;
use fusebox_yaml::KeyPath;

/// All documents, and what they come to together.
#[derive(Debug)]
pub(super) struct Written {
    documents: Vec<Document>,
    pub(super) value: Value,
}

impl Written {
    pub(super) fn new(documents: Vec<Document>) -> Self {
        let mut value = Value::Object(serde_json::Map::new());
        for document in &documents {
            if let Some(top) = &document.value {
                lay_over(&mut value, top);
            }
        }
        Self { documents, value }
    }

    /// What is wrong with the texts themselves.
    pub(super) fn faults(&self) -> impl Iterator<Item = &Fault> {
        self.documents.iter().flat_map(|document| &document.faults)
    }

    /// Whether every text could be read, so that what is missing is missing.
    pub(super) fn is_whole(&self) -> bool {
        self.documents.iter().all(|document| document.value.is_some())
    }

    /// Where a key's value is said; none if it is nowhere.
    pub(super) fn origin(&self, path: &KeyPath) -> Option<Origin> {
        let document = self.document(path)?;
        Some(document.origin(document.marks.value(path)))
    }

    /// Where a key stands, or what would hold it.
    pub(super) fn origin_of_key(&self, path: &KeyPath) -> Origin {
        let mut at = path.clone();
        loop {
            if let Some(document) = self.document(&at) {
                return document.origin(document.marks.key(&at));
            }
            match at.parent() {
                Some(above) => at = above,
                None => break,
            }
        }
        Origin {
            source: "the configuration".into(),
            place: None,
        }
    }

    /// Where relative paths in the value of a key start.
    pub(super) fn base(&self, path: &KeyPath) -> &Path {
        self.document(path).map_or(Path::new(""), Document::base)
    }

    /// The last document that says something of a key.
    fn document(&self, path: &KeyPath) -> Option<&Document> {
        self.documents.iter().rev().find(|document| document.has(path))
    }
}

/// Lays a value over another: mappings key by key, all else as a whole. A
/// secret is somewhere or somewhere else: its place is replaced as a whole.
pub(super) fn lay_over(base: &mut Value, top: &Value) {
    match (base, top) {
        (Value::Object(base), Value::Object(top)) => {
            for (key, value) in top {
                let below = base.entry(key.clone()).or_insert(Value::Null);
                match (key.as_str(), below.as_object_mut(), value.as_object()) {
                    ("secrets", Some(below), Some(top)) => *below = settings_under(below, top),
                    _ => lay_over(below, value),
                }
            }
        }
        (base, top) => *base = top.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn document(source: &str, text: &str) -> Document {
        Document::parse(source.into(), PathBuf::new(), text)
    }

    #[test]
    fn what_comes_later_is_laid_over_what_was_before() {
        let set = Document::set("--set a.b".into(), "a.b".parse(), "3");
        let written = Written::new(vec![
            document("one", "a: {b: 1, c: 1}\n"),
            document("two", "a:\n  c: 2\n"),
            set,
        ]);
        assert_eq!(written.value, serde_json::json!({"a": {"b": 3, "c": 2}}));
        let origin = |path: &str| {
            written
                .origin(&path.parse().unwrap())
                .map(|origin| origin.to_string())
        };
        assert_eq!(origin("a.b").as_deref(), Some("--set a.b"));
        assert_eq!(origin("a.c").as_deref(), Some("two:2:6"));
        assert_eq!(origin("a.d"), None);
    }

    #[test]
    fn the_place_of_a_secret_is_replaced_as_a_whole() {
        let written = Written::new(vec![
            document("one", "agents: {a: {secrets: {k: {env: DEV}, l: {env: L}}}}\n"),
            document("two", "agents: {a: {secrets: {k: {file: k.txt}}}}\n"),
        ]);
        let secrets = serde_json::json!({"k": {"file": "k.txt"}, "l": {"env": "L"}});
        assert_eq!(written.value["agents"]["a"]["secrets"], secrets);
    }

    #[test]
    fn nothing_as_a_value_takes_the_place_of_what_was_there() {
        for nothing in ["null", "~"] {
            let set = Document::set("--set a".into(), "a".parse(), nothing);
            let written = Written::new(vec![document("one", "a: {b: 1}\n"), set]);
            assert_eq!(written.value, serde_json::json!({"a": null}));
        }
    }

    #[test]
    fn a_key_that_is_there_twice_in_an_argument_is_a_fault() {
        let set = Document::set("--set s".into(), "s".parse(), "{a: 1, a: 2}");
        let faults: Vec<_> = set.faults.iter().map(ToString::to_string).collect();
        assert_eq!(
            faults,
            ["--set s: `s.a`: this key is there already, in line 1; keep one of the two"]
        );
    }
}
