//! The JSON Schema of the configuration, asked about one key at a time: what
//! it means, what it takes, what its default is.

use std::sync::LazyLock;

use serde_json::Value;

use super::schema::ConfigFile;
use fusebox_types::units::Unit;
use fusebox_yaml::{KeyPath, Step};

/// Every key that there is.
pub(super) struct Vocabulary {
    root: Value,
}

static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| Vocabulary {
    root: schemars::schema_for!(ConfigFile).to_value(),
});

/// What the schema says of one key.
#[derive(Clone, Copy)]
pub(super) struct Word<'s> {
    /// What is said where the key is declared.
    own: &'s Value,
    /// What is said of its type.
    of_type: &'s Value,
}

impl Vocabulary {
    pub(super) fn get() -> &'static Vocabulary {
        &VOCABULARY
    }

    /// The schema itself.
    pub(super) fn schema(&self) -> &Value {
        &self.root
    }

    /// What is said of the key at a path; none if there is no such key.
    pub(super) fn word(&self, path: &KeyPath) -> Option<Word<'_>> {
        path.steps()
            .iter()
            .try_fold(self.to_word(&self.root), |word, step| self.below(word, step))
    }

    fn below<'s>(&'s self, word: Word<'s>, step: &Step) -> Option<Word<'s>> {
        let schema = match step {
            // What a plugin is told is nobody's business but the plugin's.
            _ if *word.of_type == true => word.of_type,
            Step::Index(_) => word.of_type.get("items")?,
            Step::Key(key) => match word.of_type.get("properties").and_then(|known| known.get(key)) {
                Some(schema) => schema,
                None => word
                    .of_type
                    .get("additionalProperties")
                    .filter(|schema| **schema != false)?,
            },
        };
        Some(self.to_word(schema))
    }

    fn to_word<'s>(&'s self, schema: &'s Value) -> Word<'s> {
        let target = schema
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|to| self.root.pointer(to.strip_prefix('#')?));
        Word {
            own: schema,
            of_type: target.unwrap_or(schema),
        }
    }

    /// The paths of all keys below one that stand for a single value: what can
    /// be set by itself.
    pub(super) fn leaves(&self, path: &KeyPath) -> Vec<KeyPath> {
        let Some(word) = self.word(path) else {
            return Vec::new();
        };
        match word.keys() {
            keys if keys.is_empty() => vec![path.clone()],
            keys => keys
                .into_iter()
                .flat_map(|key| self.leaves(&path.key(key)))
                .collect(),
        }
    }
}

impl<'s> Word<'s> {
    fn attribute(&self, name: &str) -> Option<&'s Value> {
        self.own.get(name).or_else(|| self.of_type.get(name))
    }

    fn text(&self, name: &str) -> Option<&'s str> {
        self.attribute(name).and_then(Value::as_str)
    }

    /// What the key means and why its default is what it is, in one line.
    pub(super) fn meaning(&self) -> String {
        let text = self.text("description").unwrap_or_default();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// What it is when nothing is written.
    pub(super) fn default(&self) -> Option<&'s Value> {
        self.own.get("default")
    }

    /// The keys that a mapping takes; none if it takes any, or is no mapping.
    pub(super) fn keys(&self) -> Vec<&'s str> {
        let known = self.of_type.get("properties").and_then(Value::as_object);
        known.into_iter().flatten().map(|(key, _)| key.as_str()).collect()
    }

    /// Whether the mapping is of no use without a key.
    pub(super) fn requires(&self, key: &str) -> bool {
        let required = self.of_type.get("required").and_then(Value::as_array);
        required.is_some_and(|required| required.iter().any(|one| one == key))
    }

    /// Whether what is written there must not be shown.
    pub(super) fn is_sensitive(&self) -> bool {
        self.attribute("x-sensitive").is_some()
    }

    /// Whether text is written there, quantities and choices included.
    pub(super) fn is_text(&self) -> bool {
        self.text("type") == Some("string") || !self.choices().is_empty()
    }

    /// Whether a whole number is written there.
    pub(super) fn is_whole_number(&self) -> bool {
        self.text("type") == Some("integer")
    }

    /// The words of which one is to be written.
    pub(super) fn choices(&self) -> Vec<&'s str> {
        // What is one word or a list of them says of which after `then`.
        let listed = self
            .attribute("enum")
            .or_else(|| self.attribute("then")?.get("enum"))
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        // What is one word or a mapping has a list of each.
        let lists = self.attribute("anyOf").and_then(Value::as_array);
        let lists = lists.into_iter().flatten().filter_map(|list| list.get("oneOf"));
        let described = self.attribute("oneOf").into_iter().chain(lists);
        let described = described.filter_map(Value::as_array).flatten();
        let described = described.filter_map(|one| one.get("const"));
        listed.chain(described).filter_map(Value::as_str).collect()
    }

    /// The unit of the quantity, and the least and the most that it may be.
    pub(super) fn range(&self) -> Option<(&'static Unit, &'s str, &'s str)> {
        let unit = Unit::named(self.text("x-unit")?)?;
        Some((unit, self.text("x-least")?, self.text("x-most")?))
    }

    /// What is to be written there, for a person.
    pub(super) fn expected(&self) -> String {
        if let Some(text) = self.text("x-expected") {
            return text.to_owned();
        }
        if let Some((unit, least, most)) = self.range() {
            return format!("{}, from {least} to {most}", unit.example);
        }
        let choices = self.choices();
        if !choices.is_empty() {
            return format!("one of {}", choices.join(", "));
        }
        match self.text("type") {
            Some("integer") => match (self.attribute("minimum"), self.attribute("maximum")) {
                (Some(least), Some(most)) => format!("a whole number from {least} to {most}"),
                _ => "a whole number".into(),
            },
            Some("string") => "text (in quotes, if it looks like something else)".into(),
            Some("boolean") => "`true` or `false`".into(),
            Some("array") => "a list".into(),
            Some("object") => "a mapping of keys".into(),
            _ => "something else".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(path: &str) -> Word<'static> {
        Vocabulary::get().word(&path.parse().unwrap()).unwrap()
    }

    #[test]
    fn each_key_says_what_it_is() {
        assert!(
            word("defaults.limits.memory")
                .meaning()
                .starts_with("All memories together.")
        );
        assert_eq!(word("defaults.limits.memory").default(), Some(&"64MiB".into()));
        assert_eq!(
            word("session.max_parallel").expected(),
            "a whole number from 1 to 1000"
        );
        assert_eq!(
            word("agents.x.retry.jitter").expected(),
            "one of none, full, equal"
        );
        assert!(word("agents.x.secrets.key").is_sensitive());
        assert!(
            Vocabulary::get()
                .word(&"defaults.limit".parse().unwrap())
                .is_none()
        );
        assert!(
            Vocabulary::get()
                .word(&"agents.x.settings.any.thing".parse().unwrap())
                .is_some()
        );
    }

    /// A key without a reason for its default could not be explained.
    #[test]
    fn every_key_has_a_meaning_and_every_default_is_known() {
        let vocabulary = Vocabulary::get();
        for section in ["session", "log", "notify", "defaults", "boards"] {
            for path in vocabulary.leaves(&KeyPath::of([section])) {
                let word = vocabulary.word(&path).unwrap();
                assert!(word.meaning().len() > 10, "{path}");
            }
        }
        for path in vocabulary.leaves(&KeyPath::of(["defaults"])) {
            assert!(vocabulary.word(&path).unwrap().default().is_some(), "{path}");
        }
    }
}
