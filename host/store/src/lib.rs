//! What is kept on the disk: a session's journal and output, and what outlives sessions.
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
//! | [`journal`] | what happened in a session, on the disk before anybody is told |
//! | [`output_dir`] | the results of a session, as files that never leave its directory |
//! | [`state`] | quotas, breakers, quarantines and last good results, shared by processes |

#![warn(missing_docs)]
// Tests make files of all kinds.
#![cfg_attr(test, allow(clippy::disallowed_methods))]

pub mod journal;
pub mod output_dir;
pub mod state;
