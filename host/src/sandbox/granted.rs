//! What an instance can reach, and what it must not show.

use std::collections::BTreeMap;
use std::sync::Arc;

use memchr::memmem;

use crate::bindings::TaskError;
use crate::config::{Grants, Secret};
use crate::digest::Digest;
use crate::failure::Failure;

/// Shortest line of a secret that is looked for by itself, in bytes. What a
/// guest prints line by line still shows nothing.
const MIN_LINE: usize = 8;

/// What one instance was granted beyond the closed world.
///
/// A secret is kept out of all that is written: log lines, errors, progress,
/// results. That catches what a plugin prints without thinking. It is no wall
/// against one that hides it on purpose: who is given a secret knows it.
#[derive(Debug)]
pub(crate) struct Granted {
    pub(super) environment: Vec<(String, String)>,
    hidden: Vec<Hidden>,
}

/// A text that is not to be seen, and whose it is.
#[derive(Debug)]
struct Hidden {
    name: String,
    text: Secret,
}

impl Granted {
    /// What there is, if there is anything.
    pub(crate) fn new(grants: &Grants, secrets: BTreeMap<String, Secret>) -> Option<Arc<Self>> {
        if grants.environment.is_empty() && secrets.is_empty() {
            return None;
        }
        Some(Arc::new(Self {
            environment: grants.environment.clone().into_iter().collect(),
            hidden: all_hidden(secrets),
        }))
    }

    /// Tells these secrets from others without showing them; none if there are
    /// none.
    pub(crate) fn fingerprint(&self) -> Option<Digest> {
        let texts: Vec<_> = self
            .hidden
            .iter()
            .map(|hidden| hidden.text.reveal().as_bytes())
            .collect();
        (!texts.is_empty()).then(|| Digest::of_parts(&texts))
    }

    /// What is told as environment variables.
    pub(crate) fn environment(&self) -> &[(String, String)] {
        &self.environment
    }

    /// Whether there is a secret of a name.
    pub(crate) fn is_secret(&self, name: &str) -> bool {
        self.hidden.iter().any(|hidden| hidden.name == name)
    }

    /// Puts the name of a secret wherever the secret stands.
    pub(super) fn hide(&self, text: &mut String) {
        for hidden in &self.hidden {
            if text.contains(hidden.text.reveal()) {
                *text = text.replace(hidden.text.reveal(), &format!("[secret {}]", hidden.name));
            }
        }
    }

    /// The same in all that a failure says.
    pub(super) fn hide_in(&self, failure: &mut Failure) {
        self.hide(&mut failure.message);
        self.hide_pairs(&mut failure.context);
    }

    /// The same in all that a guest's error says, before any of it is cut.
    pub(super) fn hide_in_error(&self, error: &mut TaskError) {
        self.hide(&mut error.code);
        self.hide(&mut error.message);
        self.hide_pairs(&mut error.context);
    }

    pub(super) fn hide_pairs(&self, pairs: &mut [(String, String)]) {
        for (key, value) in pairs {
            self.hide(key);
            self.hide(value);
        }
    }

    /// Cuts off the beginning of a secret at the end of something that was cut.
    pub(super) fn trim_cut(&self, bytes: &mut Vec<u8>) {
        let longest = |hidden: &Hidden| {
            let text = hidden.text.reveal().as_bytes();
            (1..text.len())
                .rev()
                .find(|length| bytes.ends_with(text.get(..*length).unwrap_or_default()))
        };
        let cut = self.hidden.iter().filter_map(longest).max().unwrap_or(0);
        bytes.truncate(bytes.len() - cut);
    }

    /// The name of a secret that stands in some bytes.
    pub(super) fn shown_in(&self, bytes: &[u8]) -> Option<&str> {
        let shown = |hidden: &&Hidden| memmem::find(bytes, hidden.text.reveal().as_bytes()).is_some();
        self.hidden.iter().find(shown).map(|hidden| hidden.name.as_str())
    }
}

/// All texts that are not to be seen, the longest first: one may be a part of
/// another.
fn all_hidden(secrets: BTreeMap<String, Secret>) -> Vec<Hidden> {
    let mut all: Vec<_> = secrets
        .into_iter()
        .flat_map(|(name, secret)| hidden(name, secret))
        .collect();
    all.sort_by_key(|hidden| std::cmp::Reverse(hidden.text.reveal().len()));
    all
}

/// A secret as a whole and its longer lines, each as it is and as JSON and Rust
/// write it in quotes.
fn hidden(name: String, secret: Secret) -> Vec<Hidden> {
    let lines: Vec<Secret> = secret
        .lines()
        .filter(|line| line.reveal().len() >= MIN_LINE)
        .collect();
    let lines = if lines.len() > 1 { lines } else { Vec::new() };
    std::iter::once(secret)
        .chain(lines)
        .flat_map(|text| text.spellings())
        .map(|text| Hidden {
            name: name.clone(),
            text,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn granted(text: &str) -> Arc<Granted> {
        let secrets = [("key".to_owned(), Secret::of(text))].into_iter().collect();
        Granted::new(&Grants::default(), secrets).unwrap()
    }

    #[test]
    fn nothing_granted_is_nothing() {
        assert!(Granted::new(&Grants::default(), BTreeMap::new()).is_none());
    }

    #[test]
    fn a_secret_is_hidden_wherever_it_stands() {
        let granted = granted("hunter22");
        let mut text = "the key is hunter22, hunter22".to_owned();
        granted.hide(&mut text);
        assert_eq!(text, "the key is [secret key], [secret key]");
        assert_eq!(granted.shown_in(b"\x00hunter22\xff"), Some("key"));
        assert_eq!(granted.shown_in(b"hunter2"), None);
        assert!(!format!("{granted:?}").contains("hunter22"));
    }

    /// As serde_json and Debug write it, which is how it gets into messages.
    #[test]
    fn a_secret_is_hidden_in_quotes_too() {
        let granted = granted("pass\"word\\tail\u{e9}\t99");
        for written in [
            format!("{:?}", "pass\"word\\tail\u{e9}\t99"),
            r#""pass\"word\\tail\u00e9\t99""#.to_owned(),
        ] {
            let mut text = written.clone();
            granted.hide(&mut text);
            assert_eq!(text, "\"[secret key]\"", "{written}");
        }
    }

    #[test]
    fn the_longer_of_two_secrets_is_hidden_whole() {
        let secrets = [("a", "abcdefgh"), ("b", "abcdefghXYZ12345")];
        let secrets = secrets.map(|(name, text)| (name.to_owned(), Secret::of(text)));
        let granted = Granted::new(&Grants::default(), secrets.into()).unwrap();
        let mut text = "abcdefghXYZ12345".to_owned();
        granted.hide(&mut text);
        assert_eq!(text, "[secret b]");
    }

    #[test]
    fn what_was_cut_in_the_middle_of_a_secret_shows_nothing_of_it() {
        let mut bytes = b"the key is hunter".to_vec();
        granted("hunter22").trim_cut(&mut bytes);
        assert_eq!(bytes, b"the key is ");
    }

    #[test]
    fn a_line_of_a_long_secret_is_hidden_too() {
        let granted = granted("-----BEGIN-----\nMIIEowIBAAKC\nab\n-----END-----");
        let mut text = "MIIEowIBAAKC and ab".to_owned();
        granted.hide(&mut text);
        assert_eq!(text, "[secret key] and ab");
    }
}
