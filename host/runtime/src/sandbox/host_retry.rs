//! `fusebox:agent/retry`: inner operations under the host's retry policy.

use tokio::time::Instant;
use wasmtime::component::Resource;

use super::account::pairs_cost;
use super::attribute::attribute;
use super::classify::guest_error;
use super::inner_retries::Failed;
use super::state::State;
use super::stop::Stop;
use crate::gateway::{CallObserver, IdempotencyKeys, Mark, Seen};
use crate::sandbox::bindings::{TaskError, retry};
use fusebox_resilience::{GiveUp, RetryState, Verdict};
use fusebox_types::failure::Failure;

/// One operation of a guest.
#[allow(unreachable_pub)] // the generated bindings export it
pub struct Operation {
    name: String,
    /// The number of the try that is under way, from 1.
    number: u32,
    /// The same with all other tries of the task.
    state: RetryState,
    /// Where it began among the requests that carry keys.
    mark: Option<Mark>,
}

impl retry::Host for State {}

impl retry::HostOperation for State {
    fn new(&mut self, name: String) -> wasmtime::Result<Resource<Operation>> {
        self.charge(name.len())?;
        let limit = u64::from(self.limits.handles);
        let operation = Operation {
            name: self.hidden(name),
            number: 1,
            state: RetryState::begun(self.outside.breakers.now()),
            mark: self.keys.as_ref().map(IdempotencyKeys::begin),
        };
        Ok(self.table.push(operation).map_err(|_| Stop::Handles { limit })?)
    }

    /// Waits as the policy says. Whoever runs the attempt ends the wait at the
    /// deadline and on cancellation.
    async fn failed(
        &mut self,
        operation: Resource<Operation>,
        error: TaskError,
    ) -> wasmtime::Result<retry::Verdict> {
        self.learns()
            .charge(error.message.len() + error.code.len() + pairs_cost(&error.context))?;
        let seen = self.observer.as_ref().map(CallObserver::seen).unwrap_or_default();
        let failure = as_seen(guest_error(self.hidden(error)), &seen);
        let running = self.table.get_mut(&operation)?;
        let failed = Failed {
            failure: &failure,
            seen: &seen,
            remaining: self.deadline.saturating_duration_since(Instant::now()),
        };
        match self.retries.after(&mut running.state, failed, &self.outside) {
            Verdict::Again(wait) => {
                running.number = running.number.saturating_add(1);
                if let (Some(keys), Some(mark)) = (&self.keys, &running.mark) {
                    keys.again(mark);
                }
                let number = running.number;
                tracing::debug!("operation {}: {failure}; try {number} in {wait:?}", running.name);
                tokio::time::sleep(wait).await;
                Ok(retry::Verdict::Again(number))
            }
            Verdict::GiveUp(reason) => Ok(retry::Verdict::GiveUp(refusal(reason))),
        }
    }

    fn succeeded(&mut self, operation: Resource<Operation>) -> wasmtime::Result<()> {
        self.charge(0)?;
        self.table.get(&operation)?;
        Ok(())
    }

    fn drop(&mut self, operation: Resource<Operation>) -> wasmtime::Result<()> {
        let ended = self.table.delete(operation)?;
        if let (Some(keys), Some(mark)) = (&self.keys, &ended.mark) {
            keys.end(mark);
        }
        Ok(())
    }
}

/// What the host saw, if an operation of the guest's failed with it. Whether
/// it is tried again inside the attempt stays the guest's to ask for.
fn as_seen(failure: Failure, seen: &Seen) -> Failure {
    let said = failure.retryable;
    let failure = attribute(failure, true, seen);
    Failure {
        retryable: said.filter(|said| !said).or(failure.retryable),
        ..failure
    }
}

fn refusal(reason: GiveUp) -> retry::Refusal {
    let message = match reason {
        GiveUp::NonRetryable => "trying again cannot help",
        GiveUp::Attempts => "the task has had all its tries, those of earlier attempts included",
        GiveUp::Budget => "the agent has no retries left for now",
        GiveUp::Elapsed => "the time for tries is over",
        GiveUp::Deadline => "the wait would reach the attempt's deadline",
        GiveUp::NotBefore => "the wait that was asked for is longer than the time that is left",
        _ => "the host does not want another try",
    };
    retry::Refusal {
        reason: reason.name().into(),
        message: message.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::breakers::BreakerRegistry;
    use crate::cancellation::Cancellation;
    use crate::gateway::{Gateway, RequestBegin, RequestEnd};
    use crate::sandbox::attempt::state;
    use crate::sandbox::bindings::retry::HostOperation as _;
    use crate::sandbox::bindings::types;
    use crate::sandbox::{
        AttemptPlan, Called, HostWork, InnerRetries, Limits, Payer, SessionBudgets, SessionContext,
    };
    use fusebox_resilience::{BudgetRules, RetryRules};
    use fusebox_types::failure::Code;
    use fusebox_upstream::answers::SaidBy;
    use fusebox_upstream::call::CallState;

    const BUDGET: BudgetRules = BudgetRules {
        reserve: 2,
        ..BudgetRules::NONE
    };
    const PAYER: Payer<'static> = Payer {
        agent: 0,
        upstream: Some("api"),
        rules: BUDGET,
    };

    fn outside() -> Arc<SessionContext> {
        let (events, _) = fusebox_events::channel(Arc::default());
        let breakers = Arc::new(BreakerRegistry::new(&["a".into()]));
        Arc::new(SessionContext {
            cancel: Arc::new(Cancellation::new(CancellationToken::new())),
            budgets: SessionBudgets::new(1),
            gateway: Arc::new(Gateway::new(Arc::default(), breakers.clone(), events.clone())),
            breakers,
            events,
        })
    }

    /// What the agent, and its part of the upstream, have left.
    fn left(outside: &SessionContext) -> (u64, u64) {
        let now = outside.breakers.now();
        outside.budgets(PAYER, |budgets| {
            let upstream = budgets.upstream.map_or(0, |upstream| upstream.left(now));
            (budgets.own.left(now), upstream)
        })
    }

    /// An operation of an attempt that called `api`, which answered with this;
    /// none if nothing was wrong. What the policy says, time after time.
    async fn verdicts(outside: &Arc<SessionContext>, answered: Option<Code>) -> Vec<retry::Verdict> {
        let (limits, rules) = (Limits::default(), RetryRules::default());
        let rules = RetryRules {
            max_attempts: 9,
            ..rules
        };
        let plan = AttemptPlan {
            retries: InnerRetries::new(rules, PAYER, Called::NONE, 1, 7),
            ..AttemptPlan::first(&limits, outside)
        };
        let mut state = state(plan, &HostWork::new(&limits, outside, 0));
        let operation = state.new("fetch".into()).unwrap();
        let mut verdicts = Vec::new();
        loop {
            let observer = state.observer.get_or_insert_default();
            let number = observer.begins(
                &"api".into(),
                RequestBegin {
                    state: CallState::default(),
                    may_act: false,
                },
            );
            let failure = answered.clone().map(|code| Failure::new(code, "seen"));
            observer.ends(RequestEnd {
                number,
                failure,
                said_by: SaidBy::Host,
                has_effect: false,
                says_nothing: false,
                failed_probe: None,
            });
            let error = TaskError {
                category: types::Category::Network,
                code: "fetch".into(),
                message: "no page".into(),
                severity: None,
                retryable: Some(true),
                retry_after_ms: None,
                context: Vec::new(),
            };
            let borrowed = Resource::new_borrow(operation.rep());
            verdicts.push(state.failed(borrowed, error).await.unwrap());
            if let Some(retry::Verdict::GiveUp(_)) = verdicts.last() {
                return verdicts;
            }
        }
    }

    /// As a whole attempt is charged: its upstream pays for what is its fault.
    #[tokio::test(start_paused = true)]
    async fn a_retry_after_an_upstreams_failure_is_charged_to_the_upstream_too() {
        for (answered, left_at_last) in [(Some(Code::HttpServerError), (0, 0)), (None, (0, 2))] {
            let outside = outside();
            let verdicts = verdicts(&outside, answered).await;
            assert_eq!(verdicts.len(), 3);
            assert_eq!(left(&outside), left_at_last);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_upstream_without_retries_left_is_not_called_again() {
        let outside = outside();
        let now = outside.breakers.now();
        outside.budgets(PAYER, |budgets| {
            let upstream = budgets.upstream.unwrap();
            (0..2).for_each(|_| drop(upstream.charge(now).unwrap()));
        });
        let verdicts = verdicts(&outside, Some(Code::HttpServerError)).await;
        let [retry::Verdict::GiveUp(refusal)] = &verdicts[..] else {
            panic!("{verdicts:?}");
        };
        assert_eq!(refusal.reason, "budget");
        assert_eq!(left(&outside), (2, 0), "what is not made costs the agent nothing");
    }
}
