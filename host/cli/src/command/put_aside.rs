//! Files of an output directory that are kept though they are not up to date.

use fusebox::report::{OutputDir, OutputError};

/// Gives a file of the directory a name of its own, `<name>.before-<n>`, so that
/// nothing is written over it, and says so. Nothing happens if there is none.
///
/// # Errors
/// If that does not work.
pub(super) fn put_aside(out: &OutputDir, name: &str) -> Result<(), OutputError> {
    let is_there = |name: &str| out.path().join(name).exists();
    if !is_there(name) {
        return Ok(());
    }
    let names = (1_u32..).map(|number| format!("{name}.before-{number}"));
    for kept in names {
        if !is_there(&kept) {
            out.rename(name, &kept)?;
            say!("{name} as it was is kept in {}", out.path().join(&kept).display());
            break;
        }
    }
    Ok(())
}
