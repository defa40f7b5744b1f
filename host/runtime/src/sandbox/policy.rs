//! One decision of a policy component: a fresh instance, small limits, nothing
//! in reach. Equal input gives equal output.

mod kind;

pub use kind::{Breaker, Degradation, Isolation, PolicyKind, Retry};

use std::time::{Duration, Instant};

use wasmtime::component::{Linker, ResourceTable};
use wasmtime::{Store, UpdateDeadline};
use wasmtime_wasi::random::Deterministic;
use wasmtime_wasi::{HostMonotonicClock, HostWallClock, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

use super::classify::classify;
use super::limiter::Limiter;
use super::stop::Stop;
use crate::engine::EPOCH_TICK;
use crate::sandbox::Limits;
use fusebox_types::failure::{Code, Failure};

/// Instructions, roughly: some ten milliseconds. A decision of an honest policy
/// takes thousands.
pub const FUEL: u64 = 20_000_000;
/// Memory of a policy, in bytes: it holds a snapshot of a few kilobytes.
const MEMORY: u64 = 16 << 20;
/// Bytes that a verdict may bring out, with all that is around them.
const VERDICT_BYTES: usize = 64 << 10;
/// After so many ticks of a millisecond, and after so long, it is ended: what
/// fuel does not see.
const TICKS: u64 = 50;
const DEADLINE: Duration = Duration::from_millis(200);

/// What a policy's store holds. The standard world that a language's library
/// drags in is inert: time stands still, randomness comes from the seed.
pub struct PolicyState {
    limiter: Limiter,
    table: ResourceTable,
    now: Duration,
    seed: u64,
    /// Made when it is first asked for.
    wasi: Option<WasiCtx>,
}

/// The linker of all policies.
pub fn linker(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<PolicyState>> {
    let mut linker = Linker::new(engine);
    // Of the contract a policy imports types alone, and those need no linking.
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    Ok(linker)
}

/// Asks a policy about one matter. Gives the fuel that it took as well.
///
/// # Errors
/// How it failed to answer.
pub async fn ask<K: PolicyKind>(pre: &K::Pre, snapshot: &K::Snapshot) -> Result<(K::Verdict, u64), Failure> {
    let context = K::context(snapshot);
    let limits = Limits {
        memory: MEMORY,
        handles: 100,
        ..Limits::default()
    };
    let mut store = Store::new(
        K::engine(pre),
        PolicyState {
            limiter: Limiter::new(&limits),
            table: ResourceTable::new(),
            now: Duration::from_millis(context.now_ms),
            seed: context.seed,
            wasi: None,
        },
    );
    let decided = async {
        arm(&mut store)?;
        K::call(pre, &mut store, snapshot).await
    };
    let decided = tokio::time::timeout(DEADLINE, decided).await;
    let verdict = decided
        .map_err(|_| Failure::new(Code::LimitDeadline, "it was not done in time"))?
        .map_err(|error| classify(&error))?;
    Ok((verdict, FUEL.saturating_sub(store.get_fuel().unwrap_or(0))))
}

/// Sets every limit, before anything of the policy runs.
fn arm(store: &mut Store<PolicyState>) -> wasmtime::Result<()> {
    store.set_fuel(FUEL)?;
    store.limiter(|state| &mut state.limiter);
    store.set_hostcall_fuel(VERDICT_BYTES);
    store.set_max_component_handles(100);
    store.set_epoch_deadline(1);
    let (mut ticks, mut last) = (0, Instant::now());
    store.epoch_deadline_callback(move |_| {
        // A turn that was ended before its time is no tick.
        if last.elapsed() >= EPOCH_TICK {
            (ticks, last) = (ticks + 1, Instant::now());
        }
        if ticks > TICKS {
            return Err(Stop::Deadline { limit: TICKS }.into());
        }
        Ok(UpdateDeadline::Yield(1))
    });
    Ok(())
}

/// A clock that stands.
#[derive(Clone, Copy)]
struct FixedClock(Duration);

impl HostWallClock for FixedClock {
    fn resolution(&self) -> Duration {
        Duration::from_millis(1)
    }

    fn now(&self) -> Duration {
        self.0
    }
}

impl HostMonotonicClock for FixedClock {
    fn resolution(&self) -> u64 {
        1_000_000
    }

    fn now(&self) -> u64 {
        u64::try_from(self.0.as_nanos()).unwrap_or(u64::MAX)
    }
}

impl WasiView for PolicyState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let (now, seed) = (FixedClock(self.now), self.seed);
        WasiCtxView {
            ctx: self.wasi.get_or_insert_with(|| inert(now, seed)),
            table: &mut self.table,
        }
    }
}

/// A standard world that does nothing and is the same every time.
fn inert(now: FixedClock, seed: u64) -> WasiCtx {
    let random = || Deterministic::new(seed.to_le_bytes().to_vec());
    WasiCtxBuilder::new()
        .wall_clock(now)
        .monotonic_clock(now)
        .secure_random(random())
        .insecure_random(random())
        .insecure_random_seed(u128::from(seed))
        .max_random_size(64 << 10)
        .allow_tcp(false)
        .allow_udp(false)
        .allow_ip_name_lookup(false)
        .build()
}
