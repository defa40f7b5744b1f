//! YAML that means one thing only: read with the place of everything in it, and refused
//! where two readers could differ (tags, doubled keys, control characters, numbers that no
//! reader of JSON keeps).
//!
//! ```text
//! text -> scanner: is it one document, shallow, without bombs?  -> refused: tags, numbers, ..
//!            |                                                        |
//!          Marks: the place of every key and value                 YamlError, with its place
//!            |
//!          from_yaml: any type that serde can read
//! ```

#![warn(missing_docs)]

mod error;
mod key;
mod marks;
mod refused;
mod scanner;
mod yaml;

pub use error::YamlError;
pub use key::{KeyPath, Step};
pub use marks::{Marked, Marks, Place};
pub use scanner::scan;
pub use yaml::{from_checked, from_yaml, without_mark};
