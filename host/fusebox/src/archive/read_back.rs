//! What a journal keeps of tasks, as the events once told it.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::failure::{self, named};
use crate::report::OutputDir;
use fusebox_events::{AttemptRecord, TaskRecord};
use fusebox_runtime::policies::PastAttempt;
use fusebox_store::journal::record::{self, Kept};
use fusebox_types::digest::Digest;
use fusebox_types::failure::Code;
use fusebox_types::{InstanceId, Output, Usage};

/// Why a result that was kept is not there any more.
#[derive(Debug, thiserror::Error)]
pub enum LostResult {
    /// Its file cannot be read.
    #[error(transparent)]
    Unread(#[from] crate::report::OutputError),
    /// It is not what was kept.
    #[error("{} is not what was kept there", .0)]
    Changed(String),
}

/// An attempt that was kept.
pub(super) fn attempt(kept: record::Attempt) -> AttemptRecord {
    AttemptRecord {
        number: kept.number,
        agent: kept.agent.map(Into::into),
        instance: InstanceId::new(&kept.instance),
        started: timestamp(kept.started),
        delay_before: Duration::from_micros(kept.delay_before),
        usage: Usage {
            fuel: kept.fuel,
            memory_peak: kept.memory_peak,
            cpu: Duration::from_micros(kept.cpu),
            wall: Duration::from_micros(kept.wall),
            queued: Duration::ZERO,
        },
        failure: kept.failure.map(failure::read).map(Arc::new),
        is_free: kept.is_free,
    }
}

/// Whether an attempt ended because somebody cancelled it.
fn was_cancelled(kept: &record::Attempt) -> bool {
    code(kept) == Some(Code::Cancelled)
}

/// Whether an attempt is none of those that may be made: it was cancelled, or a
/// breaker refused it, or it probed one.
pub(super) fn is_uncounted(kept: &record::Attempt) -> bool {
    kept.is_free || was_cancelled(kept)
}

/// Whether an attempt ended because the host itself let it do nothing.
pub(super) fn was_refused(kept: &record::Attempt) -> bool {
    code(kept).is_some_and(|code| code.is_shed())
}

fn code(kept: &record::Attempt) -> Option<Code> {
    kept.failure.as_ref()?.code.parse().ok()
}

/// An attempt that counts and failed, as policies are told of it. How long ago it was is not
/// known on this session's clock.
pub(super) fn past_attempt(kept: &record::Attempt) -> Option<PastAttempt> {
    let failure = kept
        .failure
        .clone()
        .filter(|_| !is_uncounted(kept))
        .map(failure::read)?;
    Some(PastAttempt {
        number: kept.number,
        failure: Arc::new(failure),
        at: Duration::ZERO,
        delay_before: Duration::from_micros(kept.delay_before),
    })
}

/// A task's end that was kept, with its results.
///
/// # Errors
/// If a result is not what was kept.
pub(super) fn ended(kept: &record::TaskEnded, out: &OutputDir) -> Result<TaskRecord, LostResult> {
    let load = |kept: &Option<record::Output>| {
        let kept = kept.as_ref();
        kept.map(|kept| output(kept, out).map(Arc::new)).transpose()
    };
    Ok(TaskRecord {
        output: load(&kept.output)?,
        partial: load(&kept.partial)?,
        ..without_results(kept)
    })
}

/// The same without its results.
pub(super) fn without_results(kept: &record::TaskEnded) -> TaskRecord {
    TaskRecord {
        status: kept.status,
        instance: kept.instance.as_deref().map(InstanceId::new),
        output: None,
        fallback: kept.fallback.as_deref().map(Into::into),
        partial: None,
        failure: kept.failure.clone().map(failure::read).map(Arc::new),
        reason: kept.reason.as_deref().and_then(named),
        not_before: kept.not_before.map(timestamp),
    }
}

/// The bytes of a result, if they are those that were kept. A file is one that
/// the report need not write again.
fn output(kept: &record::Output, out: &OutputDir) -> Result<Output, LostResult> {
    let read = handed_in(kept, out)?;
    if let Kept::File(name) = &kept.kept {
        out.is_durable(name, Digest(*kept.sha256));
    }
    Ok(read)
}

/// The bytes of what a guest handed in, if they are those that were kept. The
/// report has a file of its own for them.
///
/// # Errors
/// If they are not.
pub(super) fn handed_in(kept: &record::Output, out: &OutputDir) -> Result<Output, LostResult> {
    let bytes = match &kept.kept {
        Kept::Inline(bytes) => bytes.to_vec(),
        Kept::File(name) => out.read(name)?,
    };
    let digest = Digest(*kept.sha256);
    if Digest::of(&bytes) != digest {
        let name = match &kept.kept {
            Kept::Inline(_) => "a result in the journal".to_owned(),
            Kept::File(name) => out.path().join(name).display().to_string(),
        };
        return Err(LostResult::Changed(name));
    }
    Ok(Output {
        content_type: kept.content_type.clone(),
        bytes,
    })
}

/// A time that was kept.
pub(super) fn timestamp(microseconds: i64) -> Timestamp {
    Timestamp::from_microsecond(microseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(code: Code, is_free: bool) -> record::Attempt {
        record::Attempt {
            number: 1,
            failure: Some(record::Failure {
                code: code.to_string(),
                ..record::Failure::default()
            }),
            is_free,
            ..record::Attempt::default()
        }
    }

    #[test]
    fn attempts_that_are_free_or_cancelled_are_none_of_those_that_may_be_made() {
        for (code, is_free) in [
            (Code::ShedBreaker, true),
            (Code::ApiOverloaded, true),
            (Code::Cancelled, false),
        ] {
            let attempt = kept(code, is_free);
            assert!(is_uncounted(&attempt) && past_attempt(&attempt).is_none());
        }
        let counted = kept(Code::ShedBreaker, false);
        assert!(!is_uncounted(&counted) && past_attempt(&counted).is_some());
    }
}
