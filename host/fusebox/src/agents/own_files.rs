//! What decides what plugins may do, and what they are judged by: no plugin may
//! write to it. A folder that is granted for writing holds none of it, or a plugin
//! could grant itself the rest.

use std::io;
use std::path::{Path, PathBuf};

use crate::config::Config;
use fusebox_runtime::engine::Engine;
use fusebox_runtime::sandbox::GrantError;
use fusebox_runtime::sandbox::files::SCRATCH_PREFIX;
use fusebox_store::state;

/// Files and folders, as the system knows them.
#[derive(Debug, Clone, Default)]
pub(super) struct OwnFiles(Vec<PathBuf>);

impl OwnFiles {
    /// Those of a configuration and of an engine.
    pub(super) fn of(config: &Config, engine: &Engine) -> Self {
        let mut own = Self::default();
        own.add(config.own_files());
        own.add([engine.cache_dir().to_owned()]);
        // Others' scratch folders, of this program or another: they are trusted to be
        // what their hosts have made.
        own.add([std::env::temp_dir().join(SCRATCH_PREFIX)]);
        own.add(config.state.folder.clone().or_else(|| state::default_dir().ok()));
        own
    }

    pub(super) fn add(&mut self, paths: impl IntoIterator<Item = PathBuf>) {
        self.0.extend(paths.into_iter().map(|path| real(&path)));
    }

    /// Whether a folder may be written to by a plugin.
    ///
    /// # Errors
    /// If it holds something of these, or lies in one of them.
    pub(super) fn check(&self, folder: &Path) -> Result<(), GrantError> {
        let granted = real(folder);
        match self
            .0
            .iter()
            .find(|own| own.starts_with(&granted) || granted.starts_with(own))
        {
            None => Ok(()),
            Some(own) => Err(GrantError {
                folder: folder.to_owned(),
                source: io::Error::other(format!(
                    "a plugin that writes there could change {}, which is the host's own; grant a folder beside it",
                    own.display()
                )),
            }),
        }
    }
}

/// A path without links and ways up, as far as there is something; what is not
/// there yet is named as it will be.
fn real(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    for there in whole.ancestors() {
        if let Ok(found) = there.canonicalize() {
            let rest = whole.strip_prefix(there).unwrap_or(Path::new(""));
            return found.join(rest);
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_above_in_or_at_what_is_the_hosts_own_is_not_granted() {
        let base = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(base.path().join("beside")).unwrap();
        std::fs::create_dir_all(base.path().join("state/circuits")).unwrap();
        std::fs::write(base.path().join("fusebox.yaml"), "").unwrap();
        std::os::unix::fs::symlink(".", base.path().join("link")).unwrap();
        let mut own = OwnFiles::default();
        own.add(["fusebox.yaml", "state", "out/not-there-yet"].map(|name| base.path().join(name)));
        for refused in ["", "link", "state", "state/circuits", "out", "beside/.."] {
            assert!(own.check(&base.path().join(refused)).is_err(), "{refused}");
        }
        own.check(&base.path().join("beside")).unwrap();
        own.check(&base.path().join("out-of-them")).unwrap();
    }
}
