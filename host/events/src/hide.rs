//! Secrets taken out of events, field by field.
//!
//! Every field is named, whether or not it can hold somebody's words: a new one
//! does not compile before somebody has thought about it.

use fusebox_resilience::isolation::{Kind, PastFailure, Quarantined, Reason};
use fusebox_secrets::{Hide, Redactor};

use super::{
    AttemptRecord, BreakerView, CheckView, Event, HandedIn, InstanceView, LastFailure, QuarantineView,
    Reload, TaskRecord,
};

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
            | Self::TaskHeld {
                task: _,
                by: _,
                until: _,
                number: _,
                maximum: _,
            }
            | Self::Hold {
                by: _,
                at: _,
                until: _,
                tasks: _,
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
            Self::HandedIn { task: _, handed_in } => {
                let HandedIn { partial, fallback } = handed_in;
                partial.hide(redactor);
                fallback.hide(redactor);
            }
            Self::TaskEnded { task: _, record } => record.hide(redactor),
            Self::Breaker {
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
            } => hide_change(change, redactor),
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
            Self::Standing {
                at: _,
                about: _,
                failure,
                tasks: _,
            } => failure.hide(redactor),
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
            is_free: _,
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
            not_before: _,
        } = self;
        output.hide(redactor);
        fallback.hide(redactor);
        partial.hide(redactor);
        failure.hide(redactor);
    }
}

/// Of the instances of a pool, whose types know nothing of secrets.
fn hide_change(change: &mut Kind, redactor: &Redactor) {
    match change {
        Kind::Quarantined(out) => hide_quarantined(out, redactor),
        Kind::Held {
            reason,
            quarantined: _,
            allowed: _,
        } => hide_reason(reason, redactor),
        Kind::Released {
            why: _,
            lasted: _,
            times: _,
        } => {}
    }
}

fn hide_quarantined(out: &mut Quarantined, redactor: &Redactor) {
    let Quarantined {
        instance: _,
        reason,
        counts: _,
        failures,
        lasted: _,
        remaining: _,
        probing: _,
        times: _,
    } = out;
    hide_reason(reason, redactor);
    failures
        .iter_mut()
        .for_each(|failure| hide_failure(failure, redactor));
}

fn hide_reason(reason: &mut Reason, redactor: &Redactor) {
    match reason {
        Reason::Strikes | Reason::Outlier | Reason::ProbeFailed => {}
        Reason::Policy(words) | Reason::Operator(words) => words.hide(redactor),
    }
}

fn hide_failure(failure: &mut PastFailure, redactor: &Redactor) {
    let PastFailure {
        code,
        message,
        ago: _,
    } = failure;
    code.hide(redactor);
    message.hide(redactor);
}

impl Hide for BreakerView {
    fn hide(&mut self, redactor: &Redactor) {
        let Self {
            key,
            state: _,
            cause: _,
            reason,
            since: _,
            until: _,
            counts: _,
            held: _,
        } = self;
        key.hide(redactor);
        reason.hide(redactor);
    }
}

impl Hide for InstanceView {
    fn hide(&mut self, redactor: &Redactor) {
        let Self {
            agent: _,
            instance: _,
            state: _,
            healthy: _,
            in_flight: _,
            succeeded: _,
            strikes: _,
            neutral: _,
            error_rate: _,
            median_ms: _,
            last_ms: _,
            memory_peak_bytes: _,
            cpu_ms: _,
            last_failure,
            check,
            quarantine,
        } = self;
        last_failure.hide(redactor);
        check.hide(redactor);
        quarantine.hide(redactor);
    }
}

impl Hide for CheckView {
    fn hide(&mut self, redactor: &Redactor) {
        let Self {
            at: _,
            response_ms: _,
            memory_peak_bytes: _,
            cpu_ms: _,
            failure,
        } = self;
        failure.hide(redactor);
    }
}

impl Hide for LastFailure {
    fn hide(&mut self, redactor: &Redactor) {
        let Self { at: _, code, message } = self;
        code.hide(redactor);
        message.hide(redactor);
    }
}

impl Hide for QuarantineView {
    fn hide(&mut self, redactor: &Redactor) {
        let Self {
            agent: _,
            instance: _,
            state: _,
            reason,
            evidence,
            since: _,
            until: _,
            times: _,
            released_by: _,
        } = self;
        reason.hide(redactor);
        evidence.hide(redactor);
    }
}
