//! Idempotency keys: a request that carries one may be sent again, because its
//! service carries it out once.
//!
//! A key follows from the session, the task, what the task was handed, and which
//! of the attempt's requests it is, counted by upstream, method and path. So every
//! attempt that does the same sends the same keys, in whichever process it runs,
//! and no two requests of one attempt have the same. What a key is not made of: the
//! body, which is not known when the head is sent, and may differ between attempts
//! though the request is the same (the words of a model).

mod order;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};

use self::order::Order;
use super::{Gateway, OutboundRequest, Services};
use fusebox_types::digest::Digest;

pub(crate) use self::order::Mark;

/// What the keys of a task's requests follow from, besides the requests.
#[derive(Debug, Clone, Copy)]
pub struct KeySource<'a> {
    /// The session's id.
    pub session: &'a str,
    /// The session's seed, which tells sessions of one id apart.
    pub seed: u64,
    /// The task's id.
    pub task: &'a str,
    /// The agent that makes the attempt.
    pub agent: &'a str,
    /// What the task was handed: its input and the results that it depends on.
    pub handed: Digest,
    /// How often a person asked for new keys.
    pub round: u32,
}

/// The keys of an attempt's requests; its clones count together.
#[derive(Debug, Clone)]
pub struct IdempotencyKeys(Arc<Keys>);

#[derive(Debug)]
struct Keys {
    source: Digest,
    /// Whether the next attempt is made with the same settings and grants,
    /// whichever instance makes it.
    is_repeatable: bool,
    notes: Mutex<Notes>,
}

#[derive(Debug, Default)]
struct Notes {
    order: Order,
    /// Whether a request was sent that may be repeated because of its key.
    is_sent: bool,
}

/// A request that carries a key.
#[derive(Debug, Clone)]
pub(crate) struct KeyedRequest {
    keys: IdempotencyKeys,
    id: u64,
    upstream: Box<str>,
    header: HeaderName,
    /// Whether every attempt sends this request with this key.
    is_repeatable: bool,
}

impl Services {
    /// Whether any of these upstreams takes keys.
    pub fn takes_keys(&self, granted: &[String]) -> bool {
        let taken = |name| self.by_name.get(name)?.rules.idempotency_header.as_ref();
        granted.iter().any(|name| taken(name).is_some())
    }

    /// The header in which an upstream takes keys, and the upstream's name; none if
    /// a request needs no key, or may not be sent.
    fn key_header(
        &self,
        (agent, granted): (&str, &[String]),
        method: &Method,
        uri: &Uri,
    ) -> Option<(&str, HeaderName)> {
        if method.is_safe() {
            return None;
        }
        let (name, service) = self.choose_for(agent, granted, uri, method).ok()?;
        let header = service.rules.idempotency_header.as_deref()?;
        Some((name, header.parse().ok()?))
    }
}

impl Gateway {
    /// Puts a key into the head of a request that is about to be made, unless the
    /// guest has put in one of its own; none if it carries none.
    pub(crate) fn put_key<B>(
        &self,
        keys: &IdempotencyKeys,
        ask: &OutboundRequest,
        request: &mut Request<B>,
    ) -> Option<KeyedRequest> {
        let services = self.services.load();
        let who = (&*ask.agent, &*ask.granted);
        let (upstream, header) = services.key_header(who, request.method(), request.uri())?;
        let place = place(upstream, request.method(), request.uri());
        Some(keys.put(upstream, place, header, request.headers_mut()))
    }

    /// The key that a guest's next request will be sent with; none if it would
    /// carry none.
    pub(crate) fn next_key(
        &self,
        keys: &IdempotencyKeys,
        who: (&str, &[String]),
        method: &Method,
        uri: &Uri,
    ) -> Option<String> {
        let services = self.services.load();
        let (upstream, _) = services.key_header(who, method, uri)?;
        let place = place(upstream, method, uri);
        let number = keys.notes().order.next(&place).number;
        Some(keys.key(&place, number))
    }
}

impl IdempotencyKeys {
    /// The keys of an attempt. `is_repeatable` is whether the next attempt is made
    /// with the same settings and grants, whichever instance makes it.
    pub fn new(source: &KeySource<'_>, is_repeatable: bool) -> Self {
        Self(Arc::new(Keys {
            source: source.digest(),
            is_repeatable,
            notes: Mutex::default(),
        }))
    }

    /// Whether a request was sent that may be repeated only because the service
    /// knows its key.
    pub(crate) fn is_sent(&self) -> bool {
        self.notes().is_sent
    }

    /// An operation of the guest begins.
    pub(crate) fn begin(&self) -> Mark {
        self.notes().order.begin()
    }

    /// An operation of the guest is tried again: with the same keys.
    pub(crate) fn again(&self, mark: &Mark) {
        self.notes().order.again(mark);
    }

    /// An operation of the guest has ended.
    pub(crate) fn end(&self, mark: &Mark) {
        self.notes().order.end(mark);
    }

    fn put(&self, upstream: &str, place: Digest, header: HeaderName, head: &mut HeaderMap) -> KeyedRequest {
        let mut notes = self.notes();
        let next = notes.order.next(&place);
        let mut own = head.get_all(&header).iter();
        let number = match (own.next(), own.next()) {
            (None, _) => Some(next.number),
            // One of the host's own, that of an earlier request included.
            (Some(own), None) => (1..=next.number).find(|number| own == self.key(&place, *number).as_str()),
            _ => None,
        };
        if let Ok(value) = HeaderValue::try_from(self.key(&place, next.number)) {
            head.entry(&header).or_insert(value);
        }
        let is_earlier = number.is_some_and(|number| number < next.number);
        let is_same = is_earlier || (number.is_some() && next.is_certain);
        // An earlier request once more takes no turn.
        let id = if is_earlier { 0 } else { notes.order.make(place) };
        KeyedRequest {
            keys: self.clone(),
            id,
            upstream: upstream.into(),
            header,
            is_repeatable: is_same && self.0.is_repeatable,
        }
    }

    /// The key of a place's request: a UUID of version 8 (RFC 9562), which every
    /// service takes that takes keys.
    fn key(&self, place: &Digest, number: u32) -> String {
        let digest = Digest::of_parts(&[&self.0.source.0, &place.0, &number.to_be_bytes()]);
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(digest.0).for_each(|(to, from)| *to = from);
        let number = u128::from_be_bytes(bytes);
        let number = number & !(0xf << 76) & !(0b11 << 62) | (8 << 76) | (0b10 << 62);
        let field = |from: u32, digits: u32| (number >> from) & ((1 << (digits * 4)) - 1);
        let (low, mid, high) = (field(96, 8), field(80, 4), field(64, 4));
        format!(
            "{low:08x}-{mid:04x}-{high:04x}-{:04x}-{:012x}",
            field(48, 4),
            field(0, 12)
        )
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.0.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeyedRequest {
    /// The header of its key, if it may be sent again to this upstream because of
    /// that: a reload may have put another in place meanwhile.
    pub(super) fn repeatable_at(&self, upstream: &str) -> Option<&HeaderName> {
        (self.is_repeatable && *self.upstream == *upstream).then_some(&self.header)
    }

    /// It is about to be sent, and may be sent again.
    pub(super) fn sent(&self) {
        self.keys.notes().is_sent = true;
    }

    /// It failed, or nobody knows how it ended.
    pub(super) fn failed(&self) {
        self.keys.notes().order.failed(self.id);
    }
}

impl KeySource<'_> {
    /// Parts of one length each, so that none runs into the next.
    fn digest(&self) -> Digest {
        let texts = ["fusebox idempotency key", self.session, self.task, self.agent];
        let [name, session, task, agent] = texts.map(|text| Digest::of(text.as_bytes()).0);
        let (seed, round) = (self.seed.to_be_bytes(), self.round.to_be_bytes());
        Digest::of_parts(&[&name, &session, &task, &agent, &self.handed.0, &seed, &round])
    }
}

/// Where a request goes, as far as its order is counted.
fn place(upstream: &str, method: &Method, uri: &Uri) -> Digest {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let parts = [upstream, method.as_str(), path].map(|part| Digest::of(part.as_bytes()).0);
    Digest::of_parts(&parts.each_ref().map(|part| &part[..]))
}

#[cfg(test)]
mod tests;
