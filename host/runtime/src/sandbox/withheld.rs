//! What a guest hands over, without the secrets that it shows.
//!
//! Done here, before anything of it is cut, kept or handed to another guest: what
//! is left of a secret that was cut would not be known again.

use std::borrow::Cow;

use super::capabilities::Capabilities;
use crate::sandbox::bindings::{Content, TaskError};
use fusebox_secrets::{Hide, Redactor};
use fusebox_types::failure::{Code, Failure};
use fusebox_types::{Level, Line, Lines};

/// What must not be shown by an instance, and what it knows.
pub(super) struct Withheld<'a> {
    pub(super) redactor: Option<&'a Redactor>,
    pub(super) granted: Option<&'a Capabilities>,
}

impl Withheld<'_> {
    /// Takes secrets out of what is said.
    pub(super) fn hide<T: Hide>(&self, mut said: T) -> T {
        if let Some(redactor) = self.redactor {
            said.hide(redactor);
        }
        said
    }

    /// A result in which no secret stands. One that the guest was handed is its
    /// own to keep, so the result is refused; one that a service or another guest
    /// told it is taken out, if that leaves a text, and the log says so.
    pub(super) fn content(&self, content: Content, lines: &mut Lines) -> Result<Content, Failure> {
        let Some(redactor) = self.redactor else {
            return Ok(content);
        };
        let places = [content.content_type.as_bytes(), &content.bytes];
        if places.iter().all(|bytes| redactor.is_clean(bytes)) {
            return Ok(content);
        }
        let mut shown = places.iter().flat_map(|bytes| redactor.shown_in(bytes));
        let own = self
            .granted
            .and_then(|granted| shown.find_map(|secret| granted.name_of(secret)));
        if let Some(name) = own {
            let message = format!("the result holds the secret `{name}`, so it was not kept");
            return Err(Failure::new(Code::DeniedSecret, message));
        }
        clean(redactor, &content, lines)
    }
}

/// A text without the secrets of others.
fn clean(redactor: &Redactor, content: &Content, lines: &mut Lines) -> Result<Content, Failure> {
    let Ok(text) = std::str::from_utf8(&content.bytes) else {
        let message = "the result holds a secret of the configuration, so it was not kept";
        return Err(Failure::new(Code::DeniedSecret, message));
    };
    lines.kept.push(Line {
        level: Level::Warn,
        message: "the result held a secret of the configuration, which was taken out".into(),
        fields: Vec::new(),
    });
    Ok(Content {
        content_type: redactor.text(&content.content_type).into_owned(),
        bytes: match redactor.text(text) {
            Cow::Owned(text) => text.into_bytes(),
            Cow::Borrowed(text) => text.as_bytes().to_vec(),
        },
    })
}

impl Hide for TaskError {
    fn hide(&mut self, redactor: &Redactor) {
        let Self {
            category: _,
            code,
            message,
            severity: _,
            retryable: _,
            retry_after_ms: _,
            context,
        } = self;
        code.hide(redactor);
        message.hide(redactor);
        context.hide(redactor);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::Grants;
    use fusebox_secrets::Secret;

    fn content(bytes: &[u8]) -> Content {
        Content {
            content_type: "text/plain".into(),
            bytes: bytes.to_vec(),
        }
    }

    #[test]
    fn an_own_secret_refuses_a_result_and_anothers_is_taken_out_of_a_text() {
        let secrets = [("mine", "hunter22"), ("theirs", "hunter33")];
        let secrets = secrets.map(|(name, text)| (name.to_owned(), Secret::of(text)));
        let redactor = Redactor::new(&secrets).unwrap().unwrap();
        let own = secrets.into_iter().take(1).collect();
        let granted = Capabilities::new(&Grants::default(), own).unwrap().unwrap();
        let withheld = Withheld {
            redactor: Some(&redactor),
            granted: Some(&granted),
        };
        let mut lines = Lines::default();
        let mut ask = |bytes: &[u8]| withheld.content(content(bytes), &mut lines);
        let kept = ask(b"it is hunter33").unwrap();
        assert_eq!(kept.bytes, b"it is [secret theirs]");
        for refused in [&b"hunter33 hunter22"[..], b"\xff hunter33"] {
            assert_eq!(ask(refused).unwrap_err().code, Code::DeniedSecret);
        }
        assert_eq!(ask(b"\xff").unwrap().bytes, b"\xff");
        assert_eq!(lines.kept.len(), 1);
    }
}
