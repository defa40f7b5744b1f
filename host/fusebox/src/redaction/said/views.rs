//! What is shown of circuits and instances to whoever asks a session.

use crate::circuits::CircuitView;
use crate::pools::{CheckView, InstanceView, LastFailure, QuarantineView};
use crate::redaction::{Hide, Redactor};

impl Hide for CircuitView {
    fn hide(&mut self, redactor: &Redactor) {
        let Self {
            key,
            state: _,
            cause: _,
            reason,
            since: _,
            until: _,
            counts: _,
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
