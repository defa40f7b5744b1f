//! The circuit breakers of a session's agents, and the clock they go by.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::config::BreakerRules;
use crate::event::{Event, Outbox};
use crate::failure::{Code, Failure};
use crate::resilience::breaker::{Outcome, Permit, SharedBreaker, Transition};

/// One circuit for each agent. What they have counted stays, whatever a reload
/// changes: rules are handed in at each call.
pub(super) struct Circuits {
    agents: Vec<(String, SharedBreaker)>,
    /// Where the clock of the circuits starts, on both clocks.
    started: (Instant, Timestamp),
}

impl Circuits {
    pub(super) fn new(agents: &[String]) -> Self {
        let circuit = |name: &String| (format!("agent:{name}"), SharedBreaker::new(Duration::ZERO));
        Self {
            agents: agents.iter().map(circuit).collect(),
            started: (Instant::now(), Timestamp::now()),
        }
    }

    /// Asks an agent's circuit for the right to make an attempt.
    ///
    /// # Errors
    /// If the circuit is open.
    pub(super) fn acquire(
        &self,
        agent: u16,
        rules: &BreakerRules,
        outbox: &mut Outbox,
    ) -> Result<Option<Permit>, Failure> {
        let Some((key, circuit)) = self.agents.get(usize::from(agent)) else {
            return Ok(None);
        };
        match circuit.try_acquire(rules, self.now()) {
            Ok(grant) => {
                self.tell(key, grant.transition, outbox);
                Ok(Some(grant.permit))
            }
            Err(refusal) => {
                let until = match refusal.until {
                    Some(until) => format!("until {:.3}", self.timestamp(until)),
                    None => "until somebody closes it".into(),
                };
                let message = format!("the circuit `{key}` is {} {until}", refusal.state);
                Err(Failure::new(Code::ShedBreaker, message))
            }
        }
    }

    /// Tells the circuit what an attempt came to.
    pub(super) fn finish(
        &self,
        agent: u16,
        permit: Option<Permit>,
        ended: (Outcome, Duration),
        rules: &BreakerRules,
        random: u64,
        outbox: &mut Outbox,
    ) {
        let (Some((key, circuit)), Some(permit)) = (self.agents.get(usize::from(agent)), permit) else {
            return;
        };
        let (outcome, duration) = ended;
        let transition = circuit.finish(permit, outcome, duration, rules, self.now(), random);
        self.tell(key, transition, outbox);
    }

    fn tell(&self, key: &str, transition: Option<Transition>, outbox: &mut Outbox) {
        if let Some(transition) = transition {
            outbox.say(Event::Circuit {
                key: key.into(),
                at: self.timestamp(transition.at),
                until: transition.until.map(|until| self.timestamp(until)),
                transition,
            });
        }
    }

    fn now(&self) -> Duration {
        self.started.0.elapsed()
    }

    fn timestamp(&self, at: Duration) -> Timestamp {
        self.started.1.checked_add(at).unwrap_or(Timestamp::MAX)
    }
}

/// What an attempt's end is to the circuit of its agent.
pub(super) fn outcome(failure: Option<&Failure>) -> Outcome {
    match failure {
        None => Outcome::Success,
        Some(failure) if failure.code.row().agent_breaker => Outcome::Failure,
        Some(_) => Outcome::Ignored,
    }
}
