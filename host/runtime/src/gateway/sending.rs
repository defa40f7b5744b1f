//! Requests that must not be sent twice.

use http::HeaderName;

use fusebox_store::journal::record::RequestSent;
use fusebox_store::journal::{Appender, CommitError, Record};
use fusebox_types::TaskIndex;
use fusebox_types::failure::{Code, Failure, causes};

/// An attempt of a task that is not idempotent: that it sends a request is on
/// the disk before the request is sent, so that no other process sends it again.
#[derive(Debug, Clone)]
pub(crate) struct Sending {
    pub(crate) journal: Appender,
    pub(crate) task: TaskIndex,
    /// The number of the attempt.
    pub(crate) attempt: u32,
}

impl Sending {
    /// Returns once it is on the disk that a request is about to be sent, and in
    /// which header it carries the key because of which it may be sent again.
    ///
    /// # Errors
    /// If that cannot be written. The request must not be sent then.
    pub(crate) async fn durable(&self, upstream: &str, key: Option<&HeaderName>) -> Result<(), Failure> {
        let record = Record::RequestSent(RequestSent {
            task: self.task,
            attempt: self.attempt,
            upstream: upstream.to_owned(),
            key_header: key.map(ToString::to_string),
        });
        let failed = |error: CommitError| Failure::new(Code::HostJournal, causes(&error));
        let ticket = self.journal.append_urgent(&record).map_err(failed)?;
        ticket.durable().await.map_err(failed)
    }
}
