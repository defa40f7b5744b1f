//! The part of a session that is kept on the disk, so that another process can
//! continue it.
//!
//! ```text
//! Record -> Appender -> queue -> commit: one write and one sync for a group
//!              |                    |-> file `journal`
//!              |                    +-> file `journal.end`: its durable length
//!              +-> Ticket: done when the record is durable
//!
//! `journal` -> Reader -> recover: the state -> plan: keep, run, reopen or hold each task
//!                |
//!                +-> torn at the end: cut off
//!                +-> damaged: refused, or Salvage: a new journal of the intact records
//! ```
//!
//! | module | contents |
//! |---|---|
//! | [`journal`] | the events of a session, durable before any reader sees them |

#![warn(missing_docs)]
// Tests make files of all kinds.
#![cfg_attr(test, allow(clippy::disallowed_methods))]

pub mod journal;
