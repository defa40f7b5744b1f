//! What needs a person, told once and in time: a breaker that opened, an instance
//! that is out, a quota that is used up, a session that will fail.
//!
//! ```text
//! events -> reading: what began, what ended -> desk, on a thread of its own
//!                                                |  once: is it news
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

mod channels;
mod desk;
mod ending;
mod matter;
mod notice;
mod notifier;
mod once;
mod outlet;
mod reading;

pub use channels::Print;
pub use desk::FLUSH;
pub use ending::Ending;
pub use matter::{Lasts, Matter, Said};
pub use notice::{About, Notice};
pub use notifier::{Notifier, Outlets};
pub use once::{Once, Telling};
pub use outlet::Undelivered;
