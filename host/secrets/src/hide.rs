//! What is said, field by field.
//!
//! Every field is named, whether or not it can hold somebody's words: a new one
//! does not compile before somebody has thought about it.

use std::sync::Arc;

use super::Redactor;
use fusebox_types::failure::{Code, Failure};
use fusebox_types::{Line, Lines, Output};

/// Something that is said, in which a secret may stand.
pub trait Hide {
    /// Takes all secrets out.
    fn hide(&mut self, redactor: &Redactor);
}

impl Hide for Output {
    fn hide(&mut self, redactor: &Redactor) {
        let Self { content_type, bytes } = self;
        content_type.hide(redactor);
        bytes.hide(redactor);
    }
}

/// Most results hold none, and are shared: they are copied only if they do.
impl Hide for Arc<Output> {
    fn hide(&mut self, redactor: &Redactor) {
        let Output { content_type, bytes } = &**self;
        if !redactor.is_clean(content_type.as_bytes()) || !redactor.is_clean(bytes) {
            Arc::make_mut(self).hide(redactor);
        }
    }
}

impl Hide for Failure {
    fn hide(&mut self, redactor: &Redactor) {
        let Self {
            code,
            category: _,
            severity: _,
            blame: _,
            retryable: _,
            retry_after_ms: _,
            message,
            context,
        } = self;
        code.hide(redactor);
        message.hide(redactor);
        context.hide(redactor);
    }
}

/// The same as with results.
impl Hide for Arc<Failure> {
    fn hide(&mut self, redactor: &Redactor) {
        let clean = |text: &str| redactor.is_clean(text.as_bytes());
        let code = match &self.code {
            Code::Guest(code) => clean(code),
            _ => true,
        };
        let mut context = self.context.iter();
        let is_clean = code && clean(&self.message) && context.all(|(key, value)| clean(key) && clean(value));
        if !is_clean {
            Arc::make_mut(self).hide(redactor);
        }
    }
}

impl Hide for Code {
    fn hide(&mut self, redactor: &Redactor) {
        if let Self::Guest(code) = self {
            code.hide(redactor);
        }
    }
}

impl Hide for Lines {
    fn hide(&mut self, redactor: &Redactor) {
        let Self { kept, dropped: _ } = self;
        kept.hide(redactor);
    }
}

impl Hide for Line {
    fn hide(&mut self, redactor: &Redactor) {
        let Self {
            level: _,
            message,
            fields,
        } = self;
        message.hide(redactor);
        fields.hide(redactor);
    }
}
