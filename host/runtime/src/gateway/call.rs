//! One request of a guest, from its choice of an upstream to its end.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, Request, Response};
use http_body::Body;
use tokio::time::{Instant, sleep, timeout_at};

use super::failures::{is_the_guests_patience, millis, no_place, of_end, of_refusal};
use super::in_flight::InFlightPermit;
use super::seen::{CallObserver, RequestBegin, RequestEnd};
use super::sending::Sending;
use super::service::Service;
use super::standing::{Approach, Entered};
use super::{Gateway, KeyedRequest, Ledgers, tell};
use crate::breakers::{Ended, WayPermit};
use fusebox_events::{Event, EventSender};
use fusebox_resilience::breaker::Outcome;
use fusebox_types::TaskIndex;
use fusebox_types::failure::{Code, Failure};
use fusebox_upstream::answers::Verdict;
use fusebox_upstream::call::{AnswerBody, BoxError, CallFault, CallState, Count, End, Ending, How, Terms};
use fusebox_upstream::limits::{Limit, Party, Taken};

/// Who asks, and within what.
#[derive(Debug, Clone)]
pub struct OutboundRequest {
    pub(crate) agent: Arc<str>,
    pub(crate) instance: Arc<str>,
    /// The upstreams that the instance was granted.
    pub(crate) granted: Arc<[String]>,
    /// The task that it is for.
    pub(crate) task: TaskIndex,
    /// Whether the instance was handed secrets, which it may ask with.
    pub(crate) has_secrets: bool,
    pub(crate) terms: Terms,
    pub(crate) observer: CallObserver,
    /// Set if what it does must not be done twice unasked, and a journal is
    /// there to know.
    pub(crate) sending: Option<Sending>,
    /// The idempotency key that it carries, if it does.
    pub(crate) key: Option<KeyedRequest>,
    /// Spreads what is spread.
    pub(crate) random: u64,
}

/// Why there is no answer to a request.
#[derive(Debug)]
pub(crate) enum Unanswered {
    /// The host did not send it.
    Refused(Failure),
    /// The call failed.
    Call(CallFault),
}

impl From<Failure> for Unanswered {
    fn from(refused: Failure) -> Self {
        Self::Refused(refused)
    }
}

impl Gateway {
    /// Sends a request, if it may be sent.
    ///
    /// # Errors
    /// Why it was not sent, or why there is no answer.
    pub(crate) async fn send<B>(
        &self,
        ask: OutboundRequest,
        request: Request<B>,
    ) -> Result<Response<AnswerBody>, Unanswered>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let (head, body) = request.into_parts();
        let mut approach = Approach::new(&ask);
        let passed = loop {
            let services = self.services.load_full();
            let passed = match services.choose(&ask.agent, &ask.granted, &head) {
                Ok((name, service)) => {
                    self.pass(&ask, name, service, &services.ledgers, &mut approach)
                        .await
                }
                Err(denied) => Err(denied),
            };
            if let Some(passed) = passed.transpose() {
                break passed;
            }
        };
        let refused = |failure: &Failure| ask.refused(failure);
        let (mut call, service) = passed.inspect_err(refused)?;
        call.is_safe = head.method.is_safe();
        let name = call.upstream.clone();
        let Some(upstream) = &service.upstream else {
            // Granted ones are ready.
            return Err(Failure::new(Code::DeniedUpstream, &*name).into());
        };
        if let Some(sending) = ask.sending.as_ref().filter(|_| !call.is_safe) {
            sending
                .durable(&name, call.repeatable())
                .await
                .inspect_err(refused)?;
        }
        if call.repeatable().is_some() {
            ask.key.iter().for_each(KeyedRequest::sent);
        }
        let state = CallState::default();
        let begin = RequestBegin {
            state: state.clone(),
            may_act: call.may_act(),
        };
        call.number = ask.observer.begins(&name, begin);
        let ending = Ending::watched(&state, move |end| call.end(end));
        let sent = self
            .caller
            .send(upstream, Request::from_parts(head, body), ask.terms, ending)
            .await;
        sent.map_err(|failure| Unanswered::Call(failure.fault))
    }

    /// All that stands before a request: breaker, what is known to be in vain,
    /// in_flight, rate and quotas. None if it has to be looked at anew.
    async fn pass(
        &self,
        ask: &OutboundRequest,
        name: &str,
        service: &Arc<Service>,
        ledgers: &Ledgers,
        approach: &mut Approach,
    ) -> Result<Option<(InFlightCall, Arc<Service>)>, Failure> {
        let (way, limits) = (self.way(&ask.agent, name, service), service.limits());
        let refused = |refusal: Failure| refusal.with("upstream", name);
        // Nobody waits for a place at what is refused.
        way.refusal(service.breaker())
            .map_or(Ok(()), |refusal| Err(refused(refusal)))?;
        approach.to(name, service, ask);
        if !self.standing.settled(approach).await? {
            return Ok(None);
        }
        let party = Party {
            who: &ask.agent,
            all: &service.parties,
        };
        let part = u32::try_from(party.part(limits.in_flight.into())).unwrap_or(u32::MAX);
        let place = InFlightPermit::take(self.upstream_state(name), &ask.agent, limits.in_flight, part);
        let place = timeout_at(ask.terms.deadline, place).await;
        let place = place.map_err(|_| no_place(name, limits.in_flight))?;
        // Asked for last: what was learned during the wait counts.
        let Some(entered) = self.standing.enter(approach, service)? else {
            return Ok(None);
        };
        let acquired = way.acquire(service.breaker(), |event| self.tell(event));
        let permit = acquired.map_err(refused)?;
        let taken = self.take(ask, name, service, ledgers).await?;
        let call = InFlightCall {
            upstream: name.into(),
            service: service.clone(),
            permit,
            taken,
            entered,
            _place: place,
            ledgers: ledgers.clone(),
            events: self.events.clone(),
            ask: ask.clone(),
            number: 0,
            is_safe: false,
        };
        Ok(Some((call, service.clone())))
    }

    /// Takes a request out of rate and quotas. Waits for the rate as long as the
    /// attempt may; a quota that is used up is refused.
    async fn take(
        &self,
        ask: &OutboundRequest,
        name: &str,
        service: &Service,
        ledgers: &Ledgers,
    ) -> Result<Option<Taken>, Failure> {
        let limits = service.limits();
        loop {
            let taken = ledgers.take(name, limits, &service.parties, &ask.agent).await?;
            let refused = match taken {
                Ok(taken) => {
                    let warnings = taken.iter().flat_map(|taken| &taken.warnings);
                    warnings.for_each(|warning| {
                        self.tell(Event::QuotaWarning {
                            upstream: name.into(),
                            warning: warning.clone(),
                        });
                    });
                    return Ok(taken);
                }
                Err(refused) => refused,
            };
            let failure = of_refusal(&refused, name, ledgers.time());
            let wait = Duration::from_millis(failure.retry_after_ms.unwrap_or(u64::MAX));
            let in_time = Instant::now()
                .checked_add(wait)
                .is_some_and(|at| at < ask.terms.deadline);
            if !matches!(refused.limit, Limit::Rate { .. }) || !in_time {
                return Err(failure);
            }
            sleep(wait.max(Duration::from_millis(1))).await;
        }
    }
}

impl OutboundRequest {
    /// Notes that it was refused before anything was sent.
    fn refused(&self, failure: &Failure) {
        self.observer.refused(failure);
        self.key.iter().for_each(KeyedRequest::failed);
    }
}

/// A request on its way: what is settled when it ends.
struct InFlightCall {
    upstream: Arc<str>,
    service: Arc<Service>,
    permit: WayPermit,
    taken: Option<Taken>,
    entered: Entered,
    _place: InFlightPermit,
    ledgers: Ledgers,
    events: EventSender,
    ask: OutboundRequest,
    /// Which of the attempt's requests it is.
    number: u32,
    /// Whether its method changes nothing (RFC 9110, 9.2.1).
    is_safe: bool,
}

impl InFlightCall {
    /// The header of the key because of which it may be sent again, if it may.
    fn repeatable(&self) -> Option<&HeaderName> {
        self.ask.key.as_ref()?.repeatable_at(&self.upstream)
    }

    /// Whether it may do something that must not be done twice.
    fn may_act(&self) -> bool {
        !self.is_safe && self.repeatable().is_none()
    }

    /// The request has ended. Called wherever that happens, so it waits for
    /// nothing.
    fn end(self, end: End) {
        let redactor = self.events.redactor();
        let failure = of_end(&end, &self.upstream, redactor.as_deref());
        let says_nothing = match &end.how {
            How::Dropped => failure.is_none(),
            How::Failed(fault) => is_the_guests_patience(fault),
            How::Complete => false,
        };
        let has_effect = end.sent && self.may_act() && !end.is_declined();
        if failure.is_some() || !matches!(end.how, How::Complete) {
            self.ask.key.iter().for_each(KeyedRequest::failed);
        }
        self.entered.ends(&end, failure.as_ref());
        let outcome = match end.count() {
            Count::Success => Outcome::Success,
            Count::Failure => Outcome::Failure,
            Count::Neutral => Outcome::Ignored,
        };
        let failed_probe = outcome == Outcome::Failure && self.permit.is_probe();
        let observer = &self.ask.observer;
        observer.ends(RequestEnd {
            number: self.number,
            failure: failure.clone(),
            said_by: end.said_by(),
            has_effect,
            says_nothing,
            failed_probe: failed_probe.then(|| self.upstream.clone()),
        });
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        let held = held(end.verdict.as_ref()).map(|for_ms| (self.ask.agent.to_string(), for_ms));
        let given_back = self.taken.filter(|_| !end.sent);
        if given_back.is_some() || held.is_some() {
            let (ledgers, upstream) = (self.ledgers, self.upstream.clone());
            runtime.spawn(async move { ledgers.settle(&upstream, given_back, held).await });
        }
        let Some(policy) = self.service.policy.clone() else {
            let said = self.permit.finish(outcome, self.ask.random);
            return said.into_iter().for_each(|event| tell(&self.events, event));
        };
        let (permit, events, ask) = (self.permit, self.events, self.ask);
        runtime.spawn(async move {
            let ended = Ended {
                agent: &ask.agent,
                instance: &ask.instance,
                outcome,
                duration: end.took,
                failure: failure.as_ref(),
            };
            let said = permit.finish_judged(ended, &*policy, ask.random).await;
            said.into_iter().for_each(|event| tell(&events, event));
        });
    }
}

/// For how many milliseconds the upstream gives no more, if it says so.
fn held(verdict: Option<&Verdict>) -> Option<u64> {
    let verdict = verdict.filter(|verdict| verdict.code.failure() == Some(Code::ApiQuota))?;
    verdict.retry_after.map(millis)
}
