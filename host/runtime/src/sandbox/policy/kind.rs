//! The kinds of policies: what each is told and what it answers.

use std::future::Future;

use wasmtime::Store;
use wasmtime::component::InstancePre;

use super::PolicyState;
use crate::sandbox::bindings::wire::Context;
use crate::sandbox::bindings::{breaker_policy, degradation_policy, isolation_policy, retry_policy};
use crate::sandbox::signature::check;

/// A kind of policy: one function of the contract.
pub trait PolicyKind: Sized + Send + Sync + 'static {
    /// Its key in `policy`, and the name of the interface that a component of
    /// this kind exports.
    const NAME: &'static str;
    /// A component that is ready to be asked.
    type Pre: Clone + Send + Sync + 'static;
    /// What it is told.
    type Snapshot: Send + Sync;
    /// What it answers.
    type Verdict: std::fmt::Debug + Send;

    /// Makes a linked component ready.
    ///
    /// # Errors
    /// If its function is not that of the contract.
    fn prepare(pre: InstancePre<PolicyState>) -> wasmtime::Result<Self::Pre>;

    /// The engine that it was compiled by.
    fn engine(pre: &Self::Pre) -> &wasmtime::Engine;

    /// The part of a snapshot that all kinds have.
    fn context(snapshot: &Self::Snapshot) -> &Context;

    /// What it asks to keep for the next decision.
    fn take_memory(verdict: &mut Self::Verdict) -> Option<Vec<u8>>;

    /// Asks it, in a fresh instance.
    fn call(
        pre: &Self::Pre,
        store: &mut Store<PolicyState>,
        snapshot: &Self::Snapshot,
    ) -> impl Future<Output = wasmtime::Result<Self::Verdict>> + Send;
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal, $module:ident :: $pre:ident, $interface:ident, $guest:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub enum $kind {}

        impl PolicyKind for $kind {
            const NAME: &'static str = $name;
            type Pre = $module::$pre<PolicyState>;
            type Snapshot = $module::exports::fusebox::policy::$interface::Snapshot;
            type Verdict = $module::exports::fusebox::policy::$interface::Verdict;

            fn prepare(pre: InstancePre<PolicyState>) -> wasmtime::Result<Self::Pre> {
                let interface = concat!("fusebox:policy/", $name, "@0.1.0");
                check::<_, (&Self::Snapshot,), (Self::Verdict,)>(&pre, interface, "decide")?;
                $module::$pre::new(pre)
            }

            /// The engine that it was compiled by.
            fn engine(pre: &Self::Pre) -> &wasmtime::Engine {
                pre.engine()
            }

            /// The part of a snapshot that all kinds have.
            fn context(snapshot: &Self::Snapshot) -> &Context {
                &snapshot.context
            }

            fn take_memory(verdict: &mut Self::Verdict) -> Option<Vec<u8>> {
                verdict.memory.take()
            }

            async fn call(
                pre: &Self::Pre,
                store: &mut Store<PolicyState>,
                snapshot: &Self::Snapshot,
            ) -> wasmtime::Result<Self::Verdict> {
                let policy = pre.instantiate_async(&mut *store).await?;
                policy.$guest().call_decide(store, snapshot).await
            }
        }
    )*};
}

kinds! {
    /// Whether and when a failed task runs again.
    Retry = "retry", retry_policy::RetryPolicyPre, retry, fusebox_policy_retry;
    /// Whether a breaker opens or closes.
    Breaker = "breaker", breaker_policy::BreakerPolicyPre, breaker, fusebox_policy_breaker;
    /// Whether an instance leaves its pool.
    Isolation = "isolation", isolation_policy::IsolationPolicyPre, isolation, fusebox_policy_isolation;
    /// What a task without a result comes to.
    Degradation = "degradation", degradation_policy::DegradationPolicyPre, degradation, fusebox_policy_degradation;
}
