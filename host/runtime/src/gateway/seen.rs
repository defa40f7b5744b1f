//! What the host saw of an attempt's requests and files: whose fault a failure is does not
//! follow from what a guest says.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fusebox_types::failure::{Code, Failure};
use fusebox_upstream::answers::SaidBy;
use fusebox_upstream::call::CallState;

/// What was seen of an attempt's requests.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// What went wrong last, if nothing went right after it.
    pub(crate) failure: Option<Failure>,
    /// Who says that it did.
    pub(crate) said_by: SaidBy,
    /// Requests that were sent, or were about to be when they failed.
    pub(crate) sent: u32,
    /// The upstream whose breaker was probed by the request that failed last, if
    /// nothing went right after it and it counted as a failure there.
    pub(crate) failed_probe: Option<Arc<str>>,
    /// The upstreams that requests were sent to, the one that was called last at
    /// the end.
    pub(crate) called: Vec<Arc<str>>,
    /// Requests that may have had an effect.
    pub(crate) effects: u32,
    /// Whether an upstream is waited for.
    pub(crate) awaits_upstream: bool,
    /// Whether the guest has done something since then that does not come of the
    /// failure: another request, a part of a result, a file.
    pub(crate) went_on: bool,
    /// Whether the guest learned something that may be another next time.
    pub(crate) may_differ: bool,
}

impl Seen {
    /// The upstream that was called last; none if nothing was sent.
    pub(crate) fn upstream(&self) -> Option<&Arc<str>> {
        self.called.last()
    }

    /// The upstream whose breaker was probed by the request that an attempt is said to
    /// have failed with.
    pub(crate) fn failed_probe_of(&self, failure: &Failure) -> Option<Arc<str>> {
        let seen = self.failure.as_ref()?;
        self.failed_probe.clone().filter(|_| seen.code == failure.code)
    }

    fn calls(&mut self, upstream: &Arc<str>) {
        self.called.retain(|called| called != upstream);
        self.called.push(upstream.clone());
    }
}

/// A request that begins.
#[derive(Debug)]
pub(crate) struct RequestBegin {
    /// How far it is.
    pub(crate) state: CallState,
    /// Whether it may have an effect once it is sent.
    pub(crate) may_act: bool,
}

/// A request that has ended.
#[derive(Debug)]
pub(crate) struct RequestEnd {
    /// Which of the attempt's requests it is.
    pub(crate) number: u32,
    /// What it failed with; none if nothing is wrong.
    pub(crate) failure: Option<Failure>,
    /// Who says so.
    pub(crate) said_by: SaidBy,
    /// Whether it may have had an effect.
    pub(crate) has_effect: bool,
    /// Whether the guest broke it off, so that what was seen before stays.
    pub(crate) says_nothing: bool,
    /// The upstream, if it was a probe of its breaker and counted as a failure there.
    pub(crate) failed_probe: Option<Arc<str>>,
}

/// A request that is under way.
#[derive(Debug)]
struct UnderWay {
    number: u32,
    begin: RequestBegin,
}

impl UnderWay {
    /// Whether it may have had an effect already.
    fn may_have_acted(&self) -> bool {
        self.begin.may_act && self.begin.state.is_sent()
    }
}

/// Notes what is seen; its clones write to the same place.
#[derive(Debug, Clone, Default)]
pub struct CallObserver(Arc<Mutex<Notes>>);

/// What one request came to.
struct Note {
    number: u32,
    failure: Option<Failure>,
    said_by: SaidBy,
    failed_probe: Option<Arc<str>>,
}

/// What was seen, and in which order.
#[derive(Debug, Default)]
struct Notes {
    seen: Seen,
    /// The requests that are under way, by number.
    under_way: Vec<UnderWay>,
    /// Requests that have begun.
    begun: u32,
    /// How many of them had begun when the failure was seen.
    begun_by_then: u32,
}

impl CallObserver {
    /// What was seen so far.
    pub(crate) fn seen(&self) -> Seen {
        let notes = self.lock();
        let acted = notes.under_way.iter().filter(|one| one.may_have_acted());
        let acted = u32::try_from(acted.count()).unwrap_or(u32::MAX);
        Seen {
            effects: notes.seen.effects.saturating_add(acted),
            awaits_upstream: notes
                .under_way
                .iter()
                .any(|one| one.begin.state.awaits_upstream()),
            ..notes.seen.clone()
        }
    }

    /// A request to an upstream begins; its number.
    pub(crate) fn begins(&self, upstream: &Arc<str>, begin: RequestBegin) -> u32 {
        let mut notes = self.lock();
        notes.seen.calls(upstream);
        notes.seen.sent += 1;
        notes.seen.went_on = true;
        notes.seen.may_differ = true;
        notes.begun += 1;
        let number = notes.begun;
        notes.under_way.push(UnderWay { number, begin });
        number
    }

    /// A request ended.
    pub(crate) fn ends(&self, end: RequestEnd) {
        let mut notes = self.lock();
        notes.under_way.retain(|one| one.number != end.number);
        notes.seen.effects += u32::from(end.has_effect);
        if !end.says_nothing {
            notes.note(Note {
                number: end.number,
                failure: end.failure,
                said_by: end.said_by,
                failed_probe: end.failed_probe,
            });
        }
    }

    /// A request was refused before anything was sent.
    pub(crate) fn refused(&self, failure: &Failure) {
        let mut notes = self.lock();
        // What is denied is denied again; other refusals pass.
        notes.seen.may_differ |= !failure.code.is_denied();
        notes.note(Note {
            number: u32::MAX,
            failure: Some(failure.clone()),
            said_by: SaidBy::Host,
            failed_probe: None,
        });
    }

    /// A file was opened: what was refused of files before was not the end.
    pub(crate) fn opened(&self) {
        let seen = &mut self.lock().seen;
        seen.failure.take_if(|failure| failure.code.is_of_files());
        (seen.went_on, seen.may_differ) = (true, true);
    }

    /// The guest did something that does not come of a failure.
    pub(crate) fn went_on(&self) {
        self.lock().seen.went_on = true;
    }

    /// The guest learned something that may be another next time.
    pub(crate) fn learned(&self) {
        self.lock().seen.may_differ = true;
    }

    fn lock(&self) -> MutexGuard<'_, Notes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Notes {
    /// What a request came to. A transport failure stands until one that began
    /// after it came to something else: what was under way meanwhile does not
    /// undo it, nor does what may not be sent at all.
    fn note(&mut self, note: Note) {
        let code = note.failure.as_ref().map(|failure| &failure.code);
        let is_later = note.number > self.begun_by_then && !code.is_some_and(Code::is_denied);
        let last = self.seen.failure.as_ref();
        let stands = last.is_some_and(|failure| failure.code.is_transport());
        if stands && !is_later && !code.is_some_and(Code::is_transport) {
            return;
        }
        self.seen.failure = note.failure;
        self.seen.failed_probe = note.failed_probe;
        self.seen.went_on = false;
        self.seen.said_by = note.said_by;
        self.begun_by_then = self.begun;
    }
}

#[cfg(test)]
mod tests;
