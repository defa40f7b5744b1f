//! How many requests may be in flight at once, and whose is next.
//!
//! ```text
//! an agent asks -> Places: waits for its turn -> a place -> sent -> ended: gives it back
//!                     ^                                               |
//!                     |  so many places                               | how it ended
//!                     +---------------- AdaptiveLimit <---------------+
//! ```
//!
//! [`Places`] is the queue. A place goes to the agent that waits and has the fewest, and
//! among equals to the one that was served the longest ago; within an agent, to whoever
//! asked first. So nothing is kept free while anybody waits, an agent that is alone may
//! have all, and one that waits is not passed by one that has more.
//!
//! [`AdaptiveLimit`] is how many places there are: all that the rules allow, until the
//! service says that this is too much.

mod limit;
mod places;

pub use limit::{AdaptiveLimit, Outcome, Sent};
pub use places::{Places, STALL, Ticket};
