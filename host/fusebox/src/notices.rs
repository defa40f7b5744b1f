//! What needs a person, told once and in time: a breaker that opened, an instance
//! that is out, a quota that is used up, a session that will fail.
//!
//! ```text
//! events -> reading: what began, what ended -> dispatcher, on a thread of its own
//!                                                |  dedup: is it news
//!                                                v
//!        a bounded queue for each channel: terminal, log, webhooks, commands
//! ```
//!
//! Nothing here can hold up or fail a session. The reader hands on what it reads
//! without waiting; where a queue is full, or somebody cannot be reached, that is
//! counted and said once at the end, which comes after [`FLUSH`] at the latest.
//!
//! [`Notifier`] is a [`Reader`](crate::report::Reader) like the report:
//!
//! ```no_run
//! # fn example(recorder: fusebox::recorder::Recorder, running: fusebox::Running,
//! #     graph: std::sync::Arc<fusebox::session::Graph>, config: fusebox::config::Config)
//! #     -> Result<(), Box<dyn std::error::Error>> {
//! use fusebox::notices::{About, Ending, Notifier, Outlets};
//!
//! let about = About { session: "essay".into(), folder: None };
//! let outlets = Outlets { print: Some(Box::new(|line| eprintln!("{line}"))), ..Outlets::default() };
//! let mut notifier = Notifier::start(&config.notify, about, graph, outlets)?;
//! let recorded = recorder.follow(running, &mut notifier)?;
//! for undelivered in notifier.finish(Ending::of(&recorded)) {
//!     eprintln!("{undelivered}");
//! }
//! # Ok(())
//! # }
//! ```

mod alert;
mod channels;
mod dedup;
mod dispatcher;
mod ending;
mod notice;
mod notifier;
mod outlet;
mod reading;

pub use alert::{Alert, AlertChange, Lasts};
pub use channels::Print;
pub use dedup::{Dedup, Notification};
pub use dispatcher::FLUSH;
pub use ending::Ending;
pub use notice::{About, Notice};
pub use notifier::{Notifier, Outlets};
pub use outlet::Undelivered;
