//! One attempt in a sandbox: a fresh store that lives and dies here.
//!
//! | file | one idea |
//! |---|---|
//! | `limits`, `grants` | sections of the configuration: what an attempt may use and reach |
//! | `attempt` | the store's life: armed, run, measured, dropped |
//! | `state` | what a store holds |
//! | `limiter` | memories, tables and instances, summed |
//! | `meter` | the guest's processor time |
//! | `account` | calls to the host, and bytes that it holds for a guest |
//! | `charged` | the standard world's part of that |
//! | `stop` | why the host stopped a guest, as a type |
//! | `classify` | every end to one failure, by type |
//! | `attribute` | whose fault it is, by what the host saw |
//! | `lines` | what the guest says, bounded |
//! | `bounds` | time and cancellation, for the guest and for what the host does after it |
//! | `host_work` | what the host does on what a guest said |
//! | `pace` | the meter of that work: steps and bytes |
//! | `streams` | its standard output and error, bounded |
//! | `capabilities` | what is open to it, and what it is trusted with |
//! | `withheld` | what it hands over, without secrets |
//! | `files` | the folders that were granted, and no others |
//! | `network` | requests to upstreams, and to nothing else |
//! | `told` | what a guest is told when there is no answer |
//! | `wasi` | the standard world, closed |
//! | `inner_retries` | what a guest may try again inside an attempt |
//! | `budgets` | the retry budgets that this is charged to |
//! | `services` | the breakers of the services that it names |
//! | `policy` | one decision of a policy component |
//! | `bindings`, `linker`, `signature` | the contract as generated, linked, and compared with a component |
//! | `host_*` | one file per interface of the contract |

mod account;
mod attempt;
mod attribute;
pub mod bindings;
mod bounds;
mod budgets;
mod capabilities;
mod charged;
mod classify;
pub mod files;
mod grants;
mod host_attempt;
mod host_breaker;
mod host_degradation;
mod host_log;
mod host_progress;
mod host_retry;
mod host_work;
mod inner_retries;
mod limiter;
mod limits;
mod lines;
mod linker;
mod meter;
mod network;
pub mod pace;
mod policy;
mod services;
mod signature;
mod state;
mod stop;
mod streams;
mod told;
mod wasi;
mod withheld;

pub use attempt::{AttemptEnd, AttemptPlan, DESCRIBE_FUEL, describe, run};
pub use budgets::{Called, Payer, SessionBudgets};
pub use capabilities::{Capabilities, GrantError};
pub use grants::{FileGrant, Grants, ScratchGrant};
pub use host_attempt::{category_to_wire, severity_to_wire};
pub use host_work::HostWork;
pub use inner_retries::InnerRetries;
pub use limits::Limits;
// Public because the generated bindings export the types of their resources.
#[allow(unreachable_pub)]
pub use {host_breaker::Permit, host_retry::Operation};

pub use network::Identity;
pub use pace::Pace;
pub use services::Services;

pub use linker::linker;
pub use policy::{
    Breaker, Degradation, FUEL as POLICY_FUEL, Isolation, PolicyKind, PolicyState, Retry, ask,
    linker as policy_linker,
};
pub use signature::agent as prepare_agent;
pub use state::{AttemptContext, Mode, SessionContext, State};
pub use stop::Stop;
