//! Backups of a board, beside it: `<name>.bak-<UTC time>`.
//!
//! The ending is no board's, so that no program lists them as boards; beside the
//! board, so that they are found by whoever looks for it and are on the same
//! disk; the time in the name, so that they sort by age whatever has touched the
//! files since.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt;

use fusebox_system::regular_file::Folder;
use fusebox_system::wall_clock;

/// How many are kept.
const KEPT: usize = 3;
/// Between the board's name and the time.
const INFIX: &str = ".bak-";
/// The time in UTC, to the microsecond.
const TIME: &str = "%Y%m%dT%H%M%S.%6fZ";

/// The name for a backup of a board that is made now.
pub(super) fn name(board: &OsStr) -> OsString {
    let mut name = prefix(board);
    name.push(wall_clock::now().strftime(TIME).to_string());
    name
}

/// Removes all backups of a board but the newest.
pub(super) fn prune(folder: &Folder, board: &OsStr) -> io::Result<()> {
    let prefix = prefix(board);
    let mut names = folder.names()?;
    names.retain(|name| {
        let end = name.as_bytes().strip_prefix(prefix.as_bytes());
        end.is_some_and(is_time)
    });
    names.sort_unstable();
    let old = names.len().saturating_sub(KEPT);
    names.iter().take(old).try_for_each(|name| folder.remove(name))
}

fn prefix(board: &OsStr) -> OsString {
    let mut name = board.to_owned();
    name.push(INFIX);
    name
}

/// Whether a name's end is one of ours: a person may keep copies that are
/// called nearly the same, and those are not for us to remove.
fn is_time(end: &[u8]) -> bool {
    let shape = b"00000000T000000.000000Z";
    let fits = |(found, shape): (&u8, &u8)| match shape {
        b'0' => found.is_ascii_digit(),
        other => found == other,
    };
    end.len() == shape.len() && end.iter().zip(shape).all(fits)
}
