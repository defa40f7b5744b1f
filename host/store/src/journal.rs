//! The journal of a session: what happened, on the disk before anybody is
//! told, so that a host killed at any moment loses no completed result.
//!
//! One file, `journal`, only ever appended to, by one process. Its format:
//!
//! ```text
//! header   magic "FUSEBOXJ" | version u16 | 0 u16 | id [16] | crc u32
//! frame    crc u32 | length u32 | kind u16 | sequence u64 | payload [length]
//! ```
//!
//! All numbers are little-endian. Each checksum is a CRC-32 over what follows
//! it, begun with the journal's random id: no guest knows the id, so no result
//! that is kept here can be made to look like a frame.
//!
//! Each group of frames that is synced together begins with a *mark*, which
//! says up to where the file was on the disk before. By the marks a reader
//! tells a torn tail, which nobody was told about and which is cut off, from
//! damage to what was durable, which is refused.
//!
//! | file | what it does |
//! |---|---|
//! | `frame` | bytes of headers and frames |
//! | `record` | what is kept, as types |
//! | `lock`, `holds` | one process for each session's directory; whether there is one |
//! | `queue`, `commit`, `ticket` | records wait, go to the disk in groups, and are told of |
//! | `end` | how long the journal has been, beside it |
//! | `reader`, `tail` | records from the disk; torn or damaged |
//! | `recover`, `doubt`, `plan` | records to a state; what is still to be run |
//! | `scan`, `salvage` | what is intact of a damaged journal |

mod commit;
mod doubt;
mod end;
mod error;
mod frame;
mod holds;
mod lock;
mod open;
mod plan;
mod queue;
mod ran;
mod reader;
pub mod record;
mod recover;
mod salvage;
mod scan;
mod tail;
mod ticket;

pub use commit::Grouping;
pub use error::{CommitError, JournalError};
pub use holds::holds;
pub use lock::SessionLock;
pub use open::{FILE, Journal};
pub use plan::{Fate, RunAgain, plan};
pub use reader::{Reader, Torn};
pub use record::Record;
pub use recover::{Gone, Recovered, recover};
pub use salvage::{Damage, Salvage};
pub use ticket::{Appender, Ticket};

#[cfg(test)]
mod kills;
#[cfg(test)]
mod tests;
