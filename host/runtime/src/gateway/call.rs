//! One request of a guest, from its choice of an upstream to its end.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, Request, Response};
use http_body::Body;
use tokio::time::sleep;

use super::failures::{is_the_guests_patience, millis, of_end, of_refusal};
use super::in_flight::InFlightPermit;
use super::outages::Counted;
use super::seen::{CallObserver, RequestBegin, RequestEnd};
use super::sending::Sending;
use super::service::Service;
use super::silence::Silence;
use super::standing::{Approach, Entered};
use super::{Gateway, KeyedRequest, Ledgers, UpstreamState, tell};
use crate::attempt_clock::{CallClock, Holding};
use crate::breakers::{Ended, WayPermit};
use fusebox_events::{Event, EventSender};
use fusebox_resilience::breaker::Outcome;
use fusebox_types::TaskIndex;
use fusebox_types::failure::{Code, Failure};
use fusebox_upstream::answers::Verdict;
use fusebox_upstream::call::{
    AnswerBody, BoxError, CallFault, CallState, Count, End, Ending, GuestTimeouts, How, Terms,
};
use fusebox_upstream::limits::{Limit, Taken};

/// The longest that a rate makes a request wait in its attempt. What lets nothing pass
/// for longer is no queue: the task is told when to come again.
const LONGEST_PAUSE: Duration = Duration::from_secs(600);

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
    /// The clock of the attempt that it is of.
    pub(crate) clock: CallClock,
    /// Time limits of the guest's own.
    pub(crate) timeouts: GuestTimeouts,
    /// Most bytes of a body, in either direction.
    pub(crate) body: u64,
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
        let passed = {
            // Until it is let pass it stands in the host's own queues.
            let _queued = ask.clock.queued();
            loop {
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
        call.place.sent();
        let ending = Ending::watched(&state, move |end| call.end(end));
        let sent = self
            .caller
            .send(upstream, Request::from_parts(head, body), ask.terms(), ending)
            .await;
        sent.map_err(|failure| Unanswered::Call(failure.fault))
    }

    /// All that stands before a request: breaker, what is known to be in vain,
    /// in_flight, rate and quotas. None if it has to be looked at anew. It waits however
    /// long that takes: whoever runs the attempt ends it.
    async fn pass(
        &self,
        ask: &OutboundRequest,
        name: &str,
        service: &Arc<Service>,
        ledgers: &Ledgers,
        approach: &mut Approach,
    ) -> Result<Option<(InFlightCall, Arc<Service>)>, Failure> {
        // Nobody waits for a place at what is refused.
        if let Some(refusal) = self.refusal(&ask.agent, name, service) {
            return Err(refusal);
        }
        approach.to(name, service, ask);
        if !self.standing.settled(approach).await? {
            return Ok(None);
        }
        let place = InFlightPermit::take(self.upstream_state(name), &ask.agent).await?;
        let taken = self.take(ask, name, service, ledgers).await?;
        let admitted = match self.admit(ask, approach, name, service) {
            Ok(Some(admitted)) => admitted,
            not_now => {
                if taken.is_some() {
                    ledgers.settle(name, taken, None).await;
                }
                return not_now.map(|_| None);
            }
        };
        let call = InFlightCall {
            upstream: name.into(),
            service: service.clone(),
            permit: admitted.permit,
            taken,
            entered: admitted.entered,
            upstream_state: self.upstream_state(name),
            place,
            _holding: ask.clock.holding(),
            ledgers: ledgers.clone(),
            events: self.events.clone(),
            ask: ask.clone(),
            number: 0,
            is_safe: false,
        };
        Ok(Some((call, service.clone())))
    }

    /// The last look before a request is sent, so that what was learned during its
    /// waits counts, and no permit waits. None if all has to be looked at anew.
    fn admit(
        &self,
        ask: &OutboundRequest,
        approach: &Approach,
        name: &str,
        service: &Service,
    ) -> Result<Option<Admitted>, Failure> {
        let Some(entered) = self.standing.enter(approach, service)? else {
            return Ok(None);
        };
        let way = self.way(&ask.agent, name, service);
        let permit = way
            .acquire(service.breaker(), |event| self.tell(event))
            .map_err(|refusal| refusal.with("upstream", name))?;
        Ok(Some(Admitted { entered, permit }))
    }

    /// Takes a request out of rate and quotas. Waits for the rate; a quota that is
    /// used up is refused, as is a rate that lets nothing pass for very long.
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
            if !matches!(refused.limit, Limit::Rate { .. }) || wait > LONGEST_PAUSE {
                return Err(failure);
            }
            sleep(wait.max(Duration::from_millis(1))).await;
        }
    }
}

/// What a request has that may be sent now.
struct Admitted {
    entered: Entered,
    permit: WayPermit,
}

impl OutboundRequest {
    /// Within what it is sent now: from now on the attempt's clock goes.
    fn terms(&self) -> Terms {
        Terms {
            deadline: self.clock.ends_if_it_goes(),
            guest: self.timeouts,
            body: self.body,
        }
    }

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
    upstream_state: Arc<UpstreamState>,
    place: InFlightPermit,
    _holding: Holding,
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

    /// What its end is to the upstream's breaker.
    fn outcome(&self, end: &End) -> Outcome {
        let silence = Silence {
            limit: self.ask.clock.limit(),
            left: self.ask.clock.left(),
            first_byte: self.service.rules.timeouts.first_byte,
        };
        match end.count() {
            Count::Success => Outcome::Success,
            Count::Failure => Outcome::Failure,
            Count::Neutral if silence.is_telling(end) => Outcome::Failure,
            Count::Neutral => Outcome::Ignored,
        }
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
        let outcome = self.outcome(&end);
        self.place.ended(&end);
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
        let counted = Counted {
            outcome,
            was_probe: self.permit.is_probe(),
            failure: failure.as_ref(),
        };
        self.upstream_state
            .counted(&counted, &self.service, self.permit.now());
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
            let said = self.permit.finish(outcome, end.took, self.ask.random);
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
