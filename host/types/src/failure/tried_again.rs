//! When a task is tried again after a code, in words.

use super::{Blame, Code};

/// Rules and policies may say otherwise, and limits end it.
const IN_A_FRESH_SANDBOX: &str = "yes, in a fresh sandbox; once a request was sent, only if the plugin is idempotent, says that it may be sent twice, or it carried an idempotency key";
const IF_IT_CAN_DIFFER: &str = "yes, in a fresh sandbox, if the attempt asked for anything whose answer can differ; once a request was sent, only if the plugin is idempotent, says that it may be sent twice, or it carried an idempotency key";

impl Code {
    /// When a task is tried again after this code, in words: what the built-in policy
    /// does without rules of its own for the code.
    pub const fn tried_again(&self) -> &'static str {
        let row = self.row();
        match (self, row.retryable) {
            (Code::ShedBreaker, _) => {
                "yes, once the breaker lets it: until then it is held, for as long as `breaker.hold` says, and that costs no attempt"
            }
            (Code::ApiQuota | Code::ShedQuota, _) => {
                "yes, at the time from which it is of use; not if nobody knows one, or not in time"
            }
            (Code::HostJournal, _) => "yes, when the session is resumed: it is cancelled",
            (Code::HeldSent, _) => "no: it may have been carried out",
            (Code::Cancelled, _) => "no: it was told to end",
            (Code::Guest(_), _) => {
                "as the plugin says; if it does not say, if it is idempotent; not if the attempt asked for nothing whose answer can differ"
            }
            (_, Some(true)) if self.is_shed() => "yes, after a wait: it has cost no attempt",
            (_, Some(true)) if self.can_be_the_same_again() => IF_IT_CAN_DIFFER,
            (_, Some(true)) => IN_A_FRESH_SANDBOX,
            (_, Some(false)) if self.is_standing() => {
                "no: it ends the same way until a person changes something"
            }
            (_, Some(false)) => "no: it would end the same way",
            (_, None) => "if the plugin is idempotent: nobody knows whether it helps",
        }
    }

    /// Whether it is the guest's own doing that chance may have had a part in. Time
    /// passes differently each time.
    const fn can_be_the_same_again(&self) -> bool {
        matches!(self.row().blame, Blame::Guest) && !matches!(self, Code::LimitDeadline)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_say_what_the_column_says() {
        for code in Code::ALL {
            let words = code.tried_again();
            let begins = match code.row().retryable {
                Some(true) => "yes,",
                Some(false) => "no:",
                None => "if ",
            };
            assert!(words.starts_with(begins), "{code}: {words}");
        }
    }
}
