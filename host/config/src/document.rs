//! One text of the configuration: its value, its places, its own faults.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::fault::Fault;
use super::origin::Origin;
use fusebox_yaml::{KeyPath, Marks, Place, Step, from_checked, without_mark};

/// One text that was read.
#[derive(Debug)]
pub(super) struct Document {
    source: String,
    /// Where relative paths in it start.
    pub(super) base: PathBuf,
    /// What it says; none if it cannot be read at all.
    pub(super) value: Option<Value>,
    pub(super) marks: Marks,
    /// What is wrong with the text itself.
    pub(super) faults: Vec<Fault>,
}

impl Document {
    /// A document of a YAML text.
    pub(super) fn parse(source: String, base: PathBuf, text: &str) -> Self {
        let text = without_mark(text);
        let mut document = Self {
            source,
            base,
            value: None,
            marks: Marks::default(),
            faults: Vec::new(),
        };
        match fusebox_yaml::scan(text) {
            Ok(marks) => document.marks = marks,
            Err(error) => {
                document.say(None, error.place, error.message);
                return document;
            }
        }
        for (key, again, first) in std::mem::take(&mut document.marks.duplicates) {
            let message = format!(
                "this key is there already, in line {}; keep one of the two",
                first.line
            );
            document.say(Some(key), Some(again), message);
        }
        // A file with nothing in it, or only comments, is a whole configuration.
        match from_checked::<Option<Value>>(text) {
            Ok(value) => document.value = Some(value.unwrap_or_else(|| Value::Object(Map::new()))),
            Err(error) => document.say(None, error.place, error.message),
        }
        document
    }

    /// A document that sets one key. Relative paths start in the working folder.
    pub(super) fn set(source: String, path: Result<KeyPath, String>, text: &str) -> Self {
        let path = match path {
            Ok(path) => path,
            Err(message) => return Self::broken(source, None, format!("{message}; write KEY=VALUE")),
        };
        if path.steps().iter().any(|step| matches!(step, Step::Index(_))) {
            let message = "an item of a list cannot be set by itself; set the list";
            return Self::broken(source, Some(path), message.into());
        }
        if text.is_empty() {
            return Self::broken(source, Some(path), "has no value; give it one".into());
        }
        let mut document = Self::parse(source, PathBuf::new(), text);
        for fault in &mut document.faults {
            let below = fault.key.take().unwrap_or_default();
            fault.key = Some(path.steps().iter().chain(below.steps()).cloned().collect());
            fault.origin.place = None;
        }
        let nest = |value, key: &&str| Value::Object([((*key).to_owned(), value)].into_iter().collect());
        // As a file, "nothing" is a mapping without keys; as a value, it is nothing.
        let nothing = matches!(from_checked::<Value>(text), Ok(Value::Null));
        let value = document
            .value
            .map(|value| if nothing { Value::Null } else { value });
        document.value = value.map(|value| path.keys().iter().rev().fold(value, nest));
        // Places in an argument help nobody.
        document.marks = Marks::default();
        document
    }

    /// A document of which there is nothing but what is wrong with it.
    pub(super) fn broken(source: String, key: Option<KeyPath>, message: String) -> Self {
        let mut document = Self {
            source,
            base: PathBuf::new(),
            value: None,
            marks: Marks::default(),
            faults: Vec::new(),
        };
        document.say(key, None, message);
        document
    }

    fn say(&mut self, key: Option<KeyPath>, place: Option<Place>, message: String) {
        self.faults.push(Fault {
            origin: self.origin(place),
            key,
            message,
        });
    }

    /// Whether it says something of a key.
    pub(super) fn has(&self, path: &KeyPath) -> bool {
        self.value.as_ref().is_some_and(|value| path.get(value).is_some())
    }

    pub(super) fn base(&self) -> &Path {
        &self.base
    }

    pub(super) fn origin(&self, place: Option<Place>) -> Origin {
        Origin {
            source: self.source.clone(),
            place,
        }
    }
}
