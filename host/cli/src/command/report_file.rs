//! The report of a session that is over.

use std::io::BufReader;
use std::path::Path;

use serde::de::DeserializeOwned;

use super::{Exit, Fault};

/// Some of the fields of a report.
///
/// # Errors
/// If it cannot be read, or is no report.
pub(super) fn read<T: DeserializeOwned>(report: &Path) -> Result<T, Fault> {
    let unreadable = |error: anyhow::Error| {
        Fault::new(
            Exit::NoInput,
            error.context(format!("cannot read {}", report.display())),
        )
    };
    let file = fusebox_system::regular_file::open_own(report).map_err(|error| unreadable(error.into()))?;
    serde_json::from_reader(BufReader::new(file)).map_err(|error| unreadable(error.into()))
}
