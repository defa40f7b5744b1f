//! Whether the configuration's files have changed.
//!
//! Looks at the files by name, a few times a second, instead of asking the
//! system for notices: a notice follows the file that was there, and editors,
//! package managers and container platforms put another in its place by
//! renaming, often through links. A look costs microseconds.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::Loaded;
use super::fault::ConfigError;
use super::sources::Sources;
use fusebox::config::Config;

/// How often to look. A change counts once it has been the same for two looks,
/// so that a file that is being written is not read in the middle; it is in
/// force well within a second all the same.
pub const LOOK_EVERY: Duration = Duration::from_millis(200);

/// What tells one content of a file from another, without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    length: u64,
    modified: Option<SystemTime>,
}

/// Watches the files of a configuration, and those that it names as policies.
#[derive(Debug)]
pub struct Watch {
    sources: Sources,
    policies: Vec<PathBuf>,
    /// What was there when they were last read; none for a file that was not.
    read: Vec<Option<Stamp>>,
    /// What was there at the last look.
    seen: Vec<Option<Stamp>>,
}

impl Watch {
    /// Watches from now on. Begin before the first reading, so that no change
    /// falls between the two.
    pub fn new(sources: Sources) -> Self {
        let now = stamps(&sources.files);
        Self {
            sources,
            policies: Vec::new(),
            read: now.clone(),
            seen: now,
        }
    }

    /// Watches the policies of a configuration as well, from what is there now.
    pub fn policies_of(&mut self, config: &Config) {
        let paths = config.policy_files();
        let files = self.sources.files.len();
        for stamps in [&mut self.read, &mut self.seen] {
            let known = stamps.split_off(files);
            // What is watched already keeps its stamp, or a change would be lost.
            let of = |path: &PathBuf| match self.policies.iter().position(|watched| watched == path) {
                Some(at) => known.get(at).cloned().flatten(),
                None => stamp(path),
            };
            stamps.extend(paths.iter().map(of));
        }
        self.policies = paths;
    }

    /// What is watched.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Looks. None if nothing has changed since the last reading, or something
    /// is changing right now; else what is there now is read.
    pub fn look(&mut self) -> Option<Result<Loaded, ConfigError>> {
        let now = [stamps(&self.sources.files), stamps(&self.policies)].concat();
        let quiet = now == self.seen;
        self.seen.clone_from(&now);
        if !quiet || now == self.read {
            return None;
        }
        self.read = now;
        Some(self.sources.load())
    }
}

fn stamps(files: &[PathBuf]) -> Vec<Option<Stamp>> {
    files.iter().map(|path| stamp(path)).collect()
}

fn stamp(path: &Path) -> Option<Stamp> {
    let found = std::fs::metadata(path).ok()?;
    Some(Stamp {
        device: found.dev(),
        inode: found.ino(),
        length: found.len(),
        modified: found.modified().ok(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folder(tempfile::TempDir);

    impl Folder {
        fn with(text: &str) -> (Self, Watch) {
            let folder = Self(tempfile::tempdir().unwrap());
            folder.write("fusebox.yaml", text);
            let files = vec![folder.0.path().join("fusebox.yaml")];
            (folder, Watch::new(Sources::of_files(files)))
        }

        fn write(&self, name: &str, text: &str) {
            std::fs::write(self.0.path().join(name), text).unwrap();
        }

        /// As editors save: another file takes the name.
        fn replace(&self, text: &str) {
            self.write("fusebox.yaml.new", text);
            let at = |name: &str| self.0.path().join(name);
            std::fs::rename(at("fusebox.yaml.new"), at("fusebox.yaml")).unwrap();
        }
    }

    fn max_parallel(read: Option<Result<Loaded, ConfigError>>) -> u32 {
        read.unwrap().unwrap().config.session.max_parallel
    }

    #[test]
    fn a_change_is_read_once_it_is_quiet_and_only_once() {
        let (folder, mut watch) = Folder::with("session: { max_parallel: 1 }");
        assert!(watch.look().is_none());
        folder.write("fusebox.yaml", "session: { max_parallel: 22 }");
        assert!(watch.look().is_none(), "it may still be under way");
        assert_eq!(max_parallel(watch.look()), 22);
        assert!(watch.look().is_none());
    }

    #[test]
    fn a_file_that_takes_the_name_is_seen_again_and_again() {
        let (folder, mut watch) = Folder::with("session: { max_parallel: 1 }");
        for count in [2, 3, 4] {
            folder.replace(&format!("session: {{ max_parallel: {count} }}"));
            assert!(watch.look().is_none());
            assert_eq!(max_parallel(watch.look()), count);
        }
    }

    #[test]
    fn what_is_invalid_or_gone_is_said_once() {
        let (folder, mut watch) = Folder::with("session: { max_parallel: 1 }");
        folder.replace("session: { max_paralel: 2 }");
        assert!(watch.look().is_none());
        let error = watch.look().unwrap().unwrap_err().to_string();
        assert!(error.contains("max_parallel"), "{error}");
        assert!(watch.look().is_none());
        std::fs::remove_file(folder.0.path().join("fusebox.yaml")).unwrap();
        assert!(watch.look().is_none());
        assert!(matches!(watch.look(), Some(Err(ConfigError::Read { .. }))));
        assert!(watch.look().is_none());
        folder.write("fusebox.yaml", "session: { max_parallel: 5 }");
        assert!(watch.look().is_none());
        assert_eq!(max_parallel(watch.look()), 5);
    }
}
