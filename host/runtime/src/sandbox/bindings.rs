//! The only calls of `bindgen!`: the host's side of `wit/agent` and
//! `wit/policy`.

/// The agent world without `wasi:http`, which is linked apart from the rest.
pub mod agent {
    #![allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]

    wasmtime::component::bindgen!({
        path: "../../wit/agent",
        inline: "
            package fusebox:host;

            world agent-host {
                import fusebox:agent/attempt@0.1.0;
                import fusebox:agent/retry@0.1.0;
                import fusebox:agent/breaker@0.1.0;
                import fusebox:agent/degradation@0.1.0;
                import fusebox:agent/log@0.1.0;
                import fusebox:agent/progress@0.1.0;
                export fusebox:agent/plugin@0.1.0;
            }
        ",
        world: "fusebox:host/agent-host",
        imports: {
            // The host waits in it.
            "fusebox:agent/retry.[method]operation.failed": async | trappable,
            default: trappable,
        },
        exports: { default: async },
        with: {
            "fusebox:agent/retry.operation": crate::sandbox::Operation,
            "fusebox:agent/breaker.permit": crate::sandbox::Permit,
        },
    });
}

/// The worlds of policies, each with one function. What they share is bound
/// once.
macro_rules! policy_worlds {
    ($($(#[$doc:meta])* $module:ident: $world:literal $(with $with:tt)?;)*) => {$(
        $(#[$doc])*
        pub(crate) mod $module {
            #![allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]

            wasmtime::component::bindgen!({
                path: ["../../wit/agent", "../../wit/policy"],
                world: $world,
                imports: { default: trappable },
                exports: { default: async },
                with: {
                    "fusebox:agent/types": super::agent::fusebox::agent::types,
                    $("fusebox:policy/types": super::$with::fusebox::policy::types,)?
                },
            });
        }
    )*};
}

policy_worlds! {
    /// Whether and when a failed task runs again.
    retry_policy: "fusebox:policy/retry-policy";
    /// Whether a breaker opens or closes.
    breaker_policy: "fusebox:policy/breaker-policy" with retry_policy;
    /// Whether an instance leaves its pool.
    isolation_policy: "fusebox:policy/isolation-policy" with retry_policy;
    /// What a task without a result comes to.
    degradation_policy: "fusebox:policy/degradation-policy" with retry_policy;
}

/// What policies are told and what they answer.
pub mod wire {
    pub use super::breaker_policy::exports::fusebox::policy::breaker;
    pub use super::degradation_policy::exports::fusebox::policy::degradation;
    pub use super::isolation_policy::exports::fusebox::policy::isolation;
    pub use super::retry_policy::exports::fusebox::policy::retry;
    pub use super::retry_policy::fusebox::policy::types::{Blame, Context, Failure};
}

pub use agent::exports::fusebox::agent::plugin::{Content, Descriptor, Request};
pub use agent::fusebox::agent::types::{Completeness, Dependency, Extension, TaskError};
pub use agent::fusebox::agent::{attempt, breaker, degradation, log, progress, retry, types};
pub use agent::{AgentHost, AgentHostPre};
