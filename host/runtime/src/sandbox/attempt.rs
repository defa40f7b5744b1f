//! One attempt: a fresh store, armed before anything of the guest runs, and
//! gone when this returns, whatever happened.

use std::sync::Arc;

use wasmtime::component::ResourceTable;
use wasmtime::{Store, UpdateDeadline};

use super::account::Account;
use super::attribute::attribute;
use super::budgets::Called;
use super::capabilities::Capabilities;
use super::classify::{classify_with_words, guest_error};
use super::host_work::HostWork;
use super::inner_retries::InnerRetries;
use super::limiter::Limiter;
use super::lines::Collector;
use super::meter::Meter;
use super::network::Identity;
use super::services::Services;
use super::state::{AttemptContext, Mode, SessionContext, State};
use super::withheld::Withheld;
use crate::gateway::{IdempotencyKeys, Seen};
use crate::sandbox::Limits;
use crate::sandbox::bindings::{AgentHost, AgentHostPre, Content, Descriptor, Request};
use fusebox_events::{Event, ProgressGate};
use fusebox_types::failure::{Code, Failure};
use fusebox_types::{Lines, TaskIndex, Usage};

/// What an attempt is given.
pub struct AttemptPlan<'a> {
    /// What the attempt may use.
    pub limits: &'a Limits,
    /// What it can reach and is trusted with; none if that is nothing.
    pub granted: Option<&'a Arc<Capabilities>>,
    /// What the plugin can know of it.
    pub context: AttemptContext,
    /// The retries that the guest may ask for inside the attempt.
    pub retries: InnerRetries,
    /// Who it is to upstreams.
    pub identity: Identity,
    /// The breakers of what it calls.
    pub services: Services,
    /// The idempotency keys of its requests; none if no upstream takes any.
    pub keys: Option<IdempotencyKeys>,
    /// What it shares with its session.
    pub outside: &'a Arc<SessionContext>,
    /// The task that it is of.
    pub task: TaskIndex,
}

impl<'a> AttemptPlan<'a> {
    /// A first and only attempt in which nothing is missing.
    pub fn first(limits: &'a Limits, outside: &'a Arc<SessionContext>) -> Self {
        let context = AttemptContext {
            number: 1,
            maximum: 1,
            mode: Mode::Normal,
            previous: None,
            idempotent: true,
        };
        Self {
            limits,
            granted: None,
            context,
            retries: InnerRetries::NONE,
            identity: Identity::nobody(),
            services: Services::none(),
            keys: None,
            outside,
            task: 0,
        }
    }
}

/// What an attempt came to.
#[derive(Debug)]
pub struct AttemptEnd<'a> {
    /// The result, or what went wrong.
    pub result: Result<Content, Failure>,
    /// What the guest handed in of a result, or why it cannot be kept. It counts
    /// where the result turns out to be none, too.
    pub partial: Option<Result<Content, Failure>>,
    /// What the guest handed in to stand in for a result, or why it cannot be
    /// kept.
    pub fallback: Option<Result<Content, Failure>>,
    /// Tries of the task, those of operations inside the attempt included.
    pub tries: u32,
    /// The upstream that it called last; none if it sent nothing.
    pub upstream: Option<Arc<str>>,
    /// The upstreams that the task has called so far.
    pub called: Called,
    /// How many requests it sent to upstreams, those that failed on the way among
    /// them. With none, nothing of the attempt was seen outside.
    pub sent: u32,
    /// The upstream whose breaker was probed by the request that the attempt failed
    /// with, if that counted as a failure there.
    pub failed_probe: Option<Arc<str>>,
    /// Whether the guest learned something that may be another next time. If not, the
    /// same instance ends the same way again.
    pub may_differ: bool,
    /// Whether it sent a request that may be repeated only with the same key.
    pub is_bound_to_keys: bool,
    /// What became of the breakers of the services that it called.
    pub breakers: Vec<Event>,
    /// What it said.
    pub lines: Lines,
    /// The time and the limits that are left for what it handed in.
    pub work: HostWork<'a>,
}

impl AttemptEnd<'_> {
    /// The upstream whose breaker refused what the attempt ended with.
    pub fn refused_by(&self) -> Option<&str> {
        let failure = self.result.as_ref().err()?;
        let is_refusal = failure.code == Code::ShedBreaker;
        let named = failure.context.iter().find(|(name, _)| &**name == "upstream");
        named.map(|(_, upstream)| &**upstream).filter(|_| is_refusal)
    }

    /// Whether there was no room for it, so that nothing of the guest ran.
    pub fn is_shed(&self) -> bool {
        let code = self.result.as_ref().err().map(|failure| &failure.code);
        code == Some(&Code::ShedPool)
    }
}

/// Runs a task once.
pub async fn run<'a>(pre: &AgentHostPre<State>, request: &Request, plan: AttemptPlan<'a>) -> AttemptEnd<'a> {
    let (limit, granted) = (plan.limits.output, plan.granted);
    let redactor = plan.outside.events.redactor();
    let mut may_repeat = plan.context.idempotent;
    let keys = plan.keys.clone();
    let end = enter(pre, plan, async |agent, store| {
        agent.fusebox_agent_plugin().call_run(store, request).await
    })
    .await;
    let withheld = Withheld {
        redactor: redactor.as_deref(),
        granted: granted.map(|granted| &**granted),
    };
    let mut lines = end.lines;
    let result = match end.result {
        Ok(Ok(content)) if content.bytes.len() as u64 > limit => {
            let message = format!(
                "an output of {} bytes, {limit} are the limit",
                content.bytes.len()
            );
            Err(Failure::new(Code::LimitOutput, message))
        }
        Ok(Ok(content)) => withheld.content(content, &mut lines),
        Ok(Err(error)) => {
            may_repeat |= error.retryable == Some(true);
            Err(guest_error(withheld.hide(error)))
        }
        Err(failure) => Err(failure),
    };
    let mut kept =
        |handed_in: Option<Content>| handed_in.map(|content| withheld.content(content, &mut lines));
    let (partial, fallback) = (kept(end.partial), kept(end.fallback));
    let result = result.map_err(|failure| attribute(failure, may_repeat, &end.seen));
    AttemptEnd {
        sent: end.seen.sent,
        failed_probe: result
            .as_ref()
            .err()
            .and_then(|failure| end.seen.failed_probe_of(failure)),
        result: result.map_err(|failure| withheld.hide(failure)),
        partial,
        fallback,
        tries: end.tries,
        is_bound_to_keys: !may_repeat && keys.is_some_and(|keys| keys.is_sent()),
        upstream: end.seen.upstream().cloned(),
        called: end.called,
        may_differ: end.seen.may_differ,
        breakers: end.breakers,
        lines,
        work: end.work,
    }
}

/// Fuel to say what one is: plenty even for an interpreter that starts up.
pub const DESCRIBE_FUEL: u64 = 1_000_000_000;

/// Asks a plugin what it is; also says what the answer took.
pub async fn describe(
    pre: &AgentHostPre<State>,
    plan: AttemptPlan<'_>,
) -> (Result<Descriptor, Failure>, Usage) {
    let end = enter(pre, plan, async |agent, store| {
        agent.fusebox_agent_plugin().call_describe(store).await
    })
    .await;
    (end.result, end.work.usage())
}

/// What a call came to, before anybody looked at what it means.
struct End<'a, T> {
    result: Result<T, Failure>,
    partial: Option<Content>,
    fallback: Option<Content>,
    work: HostWork<'a>,
    tries: u32,
    called: Called,
    breakers: Vec<Event>,
    seen: Seen,
    lines: Lines,
}

/// Makes a store, calls into it under all limits, measures, and drops it.
async fn enter<'a, T>(
    pre: &AgentHostPre<State>,
    plan: AttemptPlan<'a>,
    call: impl AsyncFnOnce(AgentHost, &mut Store<State>) -> wasmtime::Result<T>,
) -> End<'a, T> {
    let work = HostWork::new(plan.limits, plan.outside, plan.task);
    let limits = plan.limits;
    let mut store = Store::new(pre.engine(), state(plan, &work));
    let called = match arm(&mut store, limits) {
        Err(error) => Ok(Err(error)),
        Ok(()) => {
            let bounds = work.bounds();
            let called = async {
                // A start function is the guest's code too: all is armed.
                let agent = pre.instantiate_async(&mut store).await?;
                call(agent, &mut store).await
            };
            bounds.within(work.meter().guest(called)).await
        }
    };
    let fuel_left = store.get_fuel().unwrap_or(0);
    let mut state = store.into_data();
    let seen = seen(&mut state, work.meter());
    state.retries.count_calls(&seen, &state.outside);
    if let Some(files) = state.files.take() {
        files.close(std::mem::take(&mut state.table)).await;
    }
    if let Some((_, streams)) = state.wasi.take() {
        streams.drain(&mut state.lines);
    }
    let result = called.and_then(|done| done.map_err(|error| classify_with_words(&error, &state.lines)));
    End {
        result,
        partial: state.partial,
        fallback: state.fallback,
        work: work.after(limits.fuel.saturating_sub(fuel_left), state.limiter.memory_peak()),
        tries: state.retries.tries(),
        called: state.retries.called(),
        breakers: state.services.events,
        seen,
        lines: state.lines.into_lines(),
    }
}

pub(super) fn state(plan: AttemptPlan<'_>, work: &HostWork<'_>) -> State {
    let limits = *plan.limits;
    let redactor = plan.outside.events.redactor();
    let mut table = ResourceTable::new();
    table.set_max_capacity(limits.handles as usize);
    State {
        limiter: Limiter::new(&limits),
        account: Account::new(&limits),
        lines: Collector::new(limits.log, redactor.clone()),
        redactor,
        granted: plan.granted.cloned(),
        outside: plan.outside.clone(),
        task: plan.task,
        context: plan.context,
        retries: plan.retries,
        services: plan.services,
        keys: plan.keys,
        identity: plan.identity,
        network: None,
        files: None,
        observer: None,
        learned: false,
        progress: ProgressGate::new(plan.task),
        partial: None,
        fallback: None,
        wasi: None,
        meter: work.meter().clone(),
        table,
        limits,
    }
}

/// What was seen of an attempt that has just ended.
fn seen(state: &mut State, meter: &Meter) -> Seen {
    let seen = state.observer.take().map(|observer| observer.seen());
    let seen = seen.unwrap_or_default();
    Seen {
        // A guest that computes waits for nobody, whatever it has asked for.
        awaits_upstream: seen.awaits_upstream && !meter.was_interrupted(),
        may_differ: seen.may_differ || state.learned,
        ..seen
    }
}

/// Sets every limit of a store. No single one is enough: the clock does not
/// see one bulk fill of gigabytes, fuel does not see what the host does, and a
/// timer cannot reach a guest that never yields.
fn arm(store: &mut Store<State>, limits: &Limits) -> wasmtime::Result<()> {
    store.set_fuel(limits.fuel)?;
    store.limiter(|state| &mut state.limiter);
    // Bounds what is copied out of the guest in one call, its result included.
    // The runtime has no type for this refusal, so an output that is moderately
    // too large is let through to be refused by name.
    let largest = limits
        .output
        .max(limits.log)
        .saturating_mul(4)
        .saturating_add(64 << 10);
    store.set_hostcall_fuel(usize::try_from(largest).unwrap_or(usize::MAX));
    store.set_max_component_handles(limits.handles as usize);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|store| {
        store.data().may_go_on()?;
        // Hands the core on, once a tick.
        Ok(UpdateDeadline::Yield(1))
    });
    Ok(())
}
