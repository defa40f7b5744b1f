//! What is said in events, field by field.
//!
//! Every field is named, whether or not it can hold somebody's words: a new one
//! does not compile before somebody has thought about it.

mod texts;
mod views;

use std::sync::Arc;

use super::Redactor;
use crate::event::{AttemptRecord, Event, Reload, TaskRecord};
use fusebox_resilience::isolation::{Kind, PastFailure, Quarantined, Reason};
use fusebox_types::Line;
use fusebox_types::Lines;
use fusebox_types::Output;
use fusebox_types::failure::{Code, Failure};

/// Something that is said, in which a secret may stand.
pub(crate) trait Hide {
    /// Takes all secrets out.
    fn hide(&mut self, redactor: &Redactor);
}

impl Hide for Event {
    fn hide(&mut self, redactor: &Redactor) {
        match self {
            // The host's own words, and those of the configuration.
            Self::SessionStarted {
                at: _,
                seed: _,
                ran: _,
            }
            | Self::AttemptStarted {
                task: _,
                number: _,
                maximum: _,
                at: _,
            }
            | Self::RetryScheduled {
                task: _,
                number: _,
                maximum: _,
                at: _,
            }
            | Self::QuotaWarning {
                upstream: _,
                warning: _,
            }
            | Self::SessionEnded {
                at: _,
                ran: _,
                status: _,
            } => {}
            Self::Progress {
                task: _,
                fraction: _,
                message,
            } => message.hide(redactor),
            Self::AttemptEnded {
                task: _,
                attempt,
                lines,
            } => {
                attempt.hide(redactor);
                lines.hide(redactor);
            }
            Self::TaskEnded { task: _, record } => record.hide(redactor),
            Self::Circuit {
                key,
                at: _,
                until: _,
                transition: _,
                reason,
            } => {
                key.hide(redactor);
                reason.hide(redactor);
            }
            Self::Instance {
                agent: _,
                instance: _,
                at: _,
                until: _,
                change,
            } => change.hide(redactor),
            Self::Instances(views) => views.hide(redactor),
            Self::PolicyStrike {
                policy: _,
                about,
                message,
                put_aside: _,
            } => {
                about.hide(redactor);
                message.hide(redactor);
            }
            Self::Reload { at: _, outcome } => match outcome {
                Reload::Applied(lines) => lines.hide(redactor),
                Reload::Refused(why) => why.hide(redactor),
            },
        }
    }
}

impl Hide for AttemptRecord {
    fn hide(&mut self, redactor: &Redactor) {
        let Self {
            number: _,
            agent: _,
            instance: _,
            started: _,
            delay_before: _,
            usage: _,
            failure,
        } = self;
        failure.hide(redactor);
    }
}

impl Hide for TaskRecord {
    fn hide(&mut self, redactor: &Redactor) {
        let Self {
            status: _,
            instance: _,
            output,
            fallback,
            partial,
            failure,
            reason: _,
        } = self;
        output.hide(redactor);
        fallback.hide(redactor);
        partial.hide(redactor);
        failure.hide(redactor);
    }
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

impl Hide for Kind {
    fn hide(&mut self, redactor: &Redactor) {
        match self {
            Self::Quarantined(out) => out.hide(redactor),
            Self::Held {
                reason,
                quarantined: _,
                allowed: _,
            } => reason.hide(redactor),
            Self::Released {
                why: _,
                lasted: _,
                times: _,
            } => {}
        }
    }
}

impl Hide for Quarantined {
    fn hide(&mut self, redactor: &Redactor) {
        let Self {
            instance: _,
            reason,
            counts: _,
            failures,
            lasted: _,
            remaining: _,
            probing: _,
            times: _,
        } = self;
        reason.hide(redactor);
        failures.hide(redactor);
    }
}

impl Hide for Reason {
    fn hide(&mut self, redactor: &Redactor) {
        match self {
            Self::Strikes | Self::Outlier | Self::ProbeFailed => {}
            Self::Policy(words) | Self::Operator(words) => words.hide(redactor),
        }
    }
}

impl Hide for PastFailure {
    fn hide(&mut self, redactor: &Redactor) {
        let Self {
            code,
            message,
            ago: _,
        } = self;
        code.hide(redactor);
        message.hide(redactor);
    }
}
