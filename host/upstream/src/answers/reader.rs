//! An answer read as it comes.

use std::time::SystemTime;

use fusebox_system::text::behind_mark;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::{Answers, MAX_LOOKED_AT, Verdict};

/// Keeps the beginning of a body, if that can matter, and says at the end what
/// the answer means.
#[derive(Debug)]
pub struct Reader {
    answers: Answers,
    status: StatusCode,
    headers: HeaderMap,
    /// None if it does not matter, or is too long to be an error.
    kept: Option<Vec<u8>>,
}

impl Reader {
    pub(super) fn new(answers: &Answers, status: StatusCode, headers: &HeaderMap) -> Self {
        Self {
            kept: answers.ask_for_body(status).then(Vec::new),
            answers: answers.clone(),
            status,
            headers: super::headers::of_meaning(headers),
        }
    }

    /// Reads more of the body.
    pub fn read(&mut self, data: &[u8]) {
        if let Some(kept) = &mut self.kept {
            kept.extend_from_slice(data);
            let first = behind_mark(kept).iter().find(|byte| !byte.is_ascii_whitespace());
            // The first byte of a mark may be all that has come.
            if kept.len() > MAX_LOOKED_AT || first.is_some_and(|first| !matches!(*first, b'{' | 0xef)) {
                self.kept = None;
            }
        }
    }

    /// What the answer means, by what was read of it. None if nothing is wrong.
    pub fn verdict(&self, now: SystemTime) -> Option<Verdict> {
        let body = self
            .kept
            .as_deref()
            .map(behind_mark)
            .filter(|kept| !kept.is_empty());
        let body = body.and_then(|kept| serde_json::from_slice::<Value>(kept).ok());
        self.answers.judge(self.status, &self.headers, body.as_ref(), now)
    }
}
