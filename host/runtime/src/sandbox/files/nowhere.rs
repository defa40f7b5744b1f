//! A folder in which nothing is and nothing can be made: one that was removed.

use std::sync::LazyLock;

use wasmtime_wasi::filesystem::{Dir, FsPerms, OpenMode};

use super::disk::ON_THIS_THREAD;

static REMOVED: LazyLock<Option<Dir>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().ok()?;
    let dir = cap_std::fs::Dir::open_ambient_dir(folder.path(), cap_std::ambient_authority());
    let file = dir.ok()?.into_std_file();
    Some(Dir::new(file, FsPerms::ReadOnly, OpenMode::READ, ON_THIS_THREAD))
});

/// A handle to it; none if the system has no room for temporary folders.
pub(super) fn nowhere() -> Option<Dir> {
    REMOVED.clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_there_and_nothing_can_be_made() {
        let dir = nowhere().unwrap();
        let dir = cap_std::fs::Dir::from_std_file(dir.dir.try_clone().unwrap());
        assert_eq!(dir.entries().unwrap().count(), 0);
        assert!(dir.create_dir("a").is_err() && dir.metadata("..").is_err());
    }
}
