//! The output directory: nothing is written outside of it, whatever the tasks
//! are called.

mod durable;
mod lines;
mod output_ref;

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use durable::Durable;
pub use output_ref::OutputRef;

use crate::journal::{self, JournalError, SessionLock};
use fusebox_system::regular_file::Folder;
use fusebox_types::Output;
use fusebox_types::digest::Digest;

/// Text of up to this many bytes stands in the report itself.
const INLINE_BYTES: usize = 256;
/// The largest file that is read back, in bytes: no agent can be configured to
/// give more than 64 MiB.
const MOST_BYTES: u64 = 65 << 20;
/// Longest part of a task's id in a file's name, in characters.
const SLUG_CHARS: usize = 40;

/// Why something could not be written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The directory holds the output of another session.
    #[error("{path} already holds a session; resume it (`fusebox resume {path}`), or choose another folder with --out", path = .0.display())]
    Occupied(PathBuf),
    /// The directory holds something that would be written over.
    #[error("{} already holds `{found}`, which no session that could be resumed has left; choose another folder with --out", path.display())]
    Foreign {
        /// The directory.
        path: PathBuf,
        /// What is there.
        found: &'static str,
    },
    /// Another process has the directory, or it cannot be locked.
    #[error(transparent)]
    Lock(#[from] JournalError),
    /// Something in it cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It cannot be written to.
    #[error("cannot write {}", path.display())]
    Write {
        /// Which file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// Where a session's files go.
#[derive(Debug)]
pub struct OutputDir {
    path: PathBuf,
    dir: Folder,
    files: durable::Files,
    /// Of a session that begins: nobody else may begin there.
    lock: Option<Arc<SessionLock>>,
}

/// What a session writes before its journal, `results/` first of all: without
/// that they are somebody else's.
const BEFORE_THE_JOURNAL: [&str; 2] = ["source.canvas", "tasks"];

impl OutputDir {
    /// Makes the directory, with `results/` in it. As long as this lives, no
    /// other process can begin a session there. What a session left that ended
    /// before it had begun is used again.
    ///
    /// # Errors
    /// If it cannot be made, holds another session, or another process has it.
    pub fn create(path: &Path) -> Result<Self, OutputError> {
        let write = |source| unwritable(path, source);
        std::fs::create_dir_all(path).map_err(write)?;
        // Before anything is looked at: of two that begin, one does.
        let lock = SessionLock::take(path)?;
        let out = Self {
            lock: Some(Arc::new(lock)),
            ..Self::open(path)?
        };
        out.refuse_what_is_there()?;
        out.make_results()?;
        Ok(out)
    }

    fn refuse_what_is_there(&self) -> Result<(), OutputError> {
        let path = self.path.clone();
        let of_others = || {
            let is_there = |name: &&str| self.dir.has(name);
            let is_new = !is_there(&"results");
            BEFORE_THE_JOURNAL
                .into_iter()
                .find(|name| is_new && is_there(name))
        };
        match journal::holds(&path).or_else(of_others) {
            None => Ok(()),
            Some(journal::FILE) => Err(OutputError::Occupied(path)),
            Some(found) => Err(OutputError::Foreign { path, found }),
        }
    }

    fn make_results(&self) -> Result<(), OutputError> {
        let made = self.dir.make_folder(Path::new("results"));
        made.map_err(|source| self.error("results", source))
    }

    /// Opens the directory of a session that is resumed.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn open(path: &Path) -> Result<Self, OutputError> {
        let dir = Folder::open(path);
        Ok(Self {
            path: path.to_owned(),
            dir: dir.map_err(|source| unreadable(path, source))?,
            files: durable::Files::default(),
            lock: None,
        })
    }

    /// The lock of the directory, taken if nobody has it yet.
    ///
    /// # Errors
    /// If another process has it, or it cannot be locked.
    pub fn lock(&self) -> Result<Arc<SessionLock>, JournalError> {
        match &self.lock {
            Some(lock) => Ok(lock.clone()),
            None => SessionLock::take(&self.path).map(Arc::new),
        }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps a result: in the report itself if it is small text, else as a file.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn keep(&self, task: &str, kind: &str, output: &Output) -> Result<OutputRef, OutputError> {
        let text = (output.bytes.len() <= INLINE_BYTES)
            .then(|| std::str::from_utf8(&output.bytes).ok())
            .flatten();
        let name = match text {
            Some(_) => None,
            None => Some(file_name(task, kind, output)),
        };
        let there = name.as_deref().and_then(|name| self.files.take(name));
        if let (Some(name), None) = (&name, there) {
            self.write(name, &output.bytes)?;
        }
        let digest = there.unwrap_or_else(|| Digest::of(&output.bytes));
        Ok(OutputRef {
            content_type: output.content_type.clone(),
            bytes: output.bytes.len() as u64,
            sha256: digest.to_string(),
            inline: text.map(str::to_owned),
            path: name,
        })
    }

    /// Puts out a result of a session whose tasks are not known any more, by the
    /// task's index.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn put_out(&self, task: u32, kind: &str, output: &Output) -> Result<(), OutputError> {
        self.make_results()?;
        let ending = ending(&output.content_type);
        self.write(&format!("results/task-{task}{kind}.{ending}"), &output.bytes)
    }

    /// The bytes of a result that was kept.
    ///
    /// # Errors
    /// If its file cannot be read.
    pub fn bytes(&self, kept: &OutputRef) -> Result<Vec<u8>, OutputError> {
        match (&kept.inline, &kept.path) {
            (Some(text), _) => Ok(text.clone().into_bytes()),
            (None, Some(name)) => self.read(name),
            (None, None) => Ok(Vec::new()),
        }
    }

    /// The bytes of a file of it, and of no other.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read(&self, name: &str) -> Result<Vec<u8>, OutputError> {
        let read = self.dir.read(name, MOST_BYTES);
        read.map_err(|source| unreadable(&self.path.join(name), source))
    }

    /// Writes a whole file.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), OutputError> {
        let mut file = self.file(name)?;
        file.write_all(bytes).map_err(|source| self.error(name, source))
    }

    /// Removes a file, if it is there.
    ///
    /// # Errors
    /// If it cannot be removed.
    pub fn remove(&self, name: &str) -> Result<(), OutputError> {
        self.files.take(name);
        self.dir.remove(name).map_err(|source| self.error(name, source))
    }

    /// Makes a file, and the folders above it.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn file(&self, name: &str) -> Result<File, OutputError> {
        let parent = Path::new(name)
            .parent()
            .filter(|parent| *parent != Path::new("") && *parent != Path::new("results"));
        parent
            .map_or(Ok(()), |parent| self.dir.make_folder(parent))
            .and_then(|()| self.dir.make(name))
            .map_err(|source| self.error(name, source))
    }

    /// Gives a file its final name.
    ///
    /// # Errors
    /// If that does not work.
    pub fn rename(&self, from: &str, to: &str) -> Result<(), OutputError> {
        self.dir.rename(from, to).map_err(|source| self.error(to, source))
    }

    /// An error with one of the files, as what could not be written.
    pub fn error(&self, name: &str, source: io::Error) -> OutputError {
        unwritable(&self.path.join(name), source)
    }
}

fn unreadable(path: &Path, source: io::Error) -> OutputError {
    OutputError::Read {
        path: path.to_owned(),
        source,
    }
}

fn unwritable(path: &Path, source: io::Error) -> OutputError {
    OutputError::Write {
        path: path.to_owned(),
        source,
    }
}

/// The name of a result's file.
fn file_name(task: &str, kind: &str, output: &Output) -> String {
    format!(
        "results/{}{kind}.{}",
        file_stem(task),
        ending(&output.content_type)
    )
}

/// A file's name for a task: what is harmless of its id, and a hash of all of
/// it, so that two tasks never share a file.
fn file_stem(task: &str) -> String {
    let hash = Digest::of(task.as_bytes()).to_string();
    let hash = hash.get(..12).unwrap_or("");
    match slug(task) {
        slug if slug.is_empty() => hash.to_owned(),
        slug => format!("{slug}-{hash}"),
    }
}

/// The letters and digits of a text, with single hyphens between them.
pub fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars().take(4 * SLUG_CHARS) {
        if slug.len() >= SLUG_CHARS {
            break;
        }
        match c.to_ascii_lowercase() {
            c if c.is_ascii_alphanumeric() => slug.push(c),
            _ if slug.is_empty() || slug.ends_with('-') => {}
            _ => slug.push('-'),
        }
    }
    slug.trim_end_matches('-').to_owned()
}

fn ending(content_type: &str) -> &'static str {
    match content_type.split(';').next().unwrap_or("").trim() {
        "text/markdown" => "md",
        "text/plain" => "txt",
        "text/html" => "html",
        "application/json" => "json",
        _ => "bin",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_ids_become_harmless_names() {
        let long = "x".repeat(4000);
        for id in [
            "../../x",
            "/etc/passwd",
            "a\0b\n",
            "CON",
            "",
            ".",
            "学习",
            long.as_str(),
            "a/../b",
        ] {
            let stem = file_stem(id);
            assert!(stem.len() <= SLUG_CHARS + 13, "{stem}");
            assert!(
                stem.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'),
                "{stem}"
            );
        }
        assert_ne!(file_stem("a/b"), file_stem("a b"));
        assert_eq!(slug("../../Höhe & Tiefe//"), "h-he-tiefe");
    }

    #[test]
    fn small_text_is_inline_and_the_rest_is_a_file() {
        let base = tempfile::tempdir().unwrap();
        let out = OutputDir::create(&base.path().join("out")).unwrap();
        let keep = |bytes: Vec<u8>| {
            out.keep(
                "t",
                "",
                &Output {
                    content_type: "text/plain".into(),
                    bytes,
                },
            )
            .unwrap()
        };
        assert_eq!(keep(b"short".to_vec()).inline.as_deref(), Some("short"));
        for bytes in [vec![b'x'; INLINE_BYTES + 1], vec![0xff]] {
            let kept = keep(bytes.clone());
            assert!(kept.inline.is_none());
            assert_eq!(out.bytes(&kept).unwrap(), bytes);
        }
    }

    #[test]
    fn a_folder_with_a_session_is_not_written_over() {
        let base = tempfile::tempdir().unwrap();
        for name in ["journal", "report.json", "results/a.txt"] {
            let folder = base.path().join(name.replace('/', "-"));
            drop(OutputDir::create(&folder).unwrap());
            std::fs::write(folder.join(name), "x").unwrap();
            let refused = OutputDir::create(&folder).unwrap_err();
            let is_occupied = matches!(refused, OutputError::Occupied(_));
            assert_eq!(is_occupied, name == "journal", "{refused}");
            assert_eq!(std::fs::read_to_string(folder.join(name)).unwrap(), "x");
        }
    }

    /// Every prefix of what a session makes before it has begun.
    #[test]
    fn what_an_unbegun_session_left_is_used_again() {
        let files = [
            "source.canvas.new",
            "source.canvas",
            "tasks.new",
            "tasks",
            "journal.new",
        ];
        for made in 0..=files.len() {
            let base = tempfile::tempdir().unwrap();
            std::fs::write(base.path().join("notes.txt"), "of a person").unwrap();
            drop(OutputDir::create(base.path()).unwrap());
            for name in files.iter().take(made) {
                std::fs::write(base.path().join(name), "part").unwrap();
            }
            drop(OutputDir::create(base.path()).unwrap());
            let notes = std::fs::read_to_string(base.path().join("notes.txt")).unwrap();
            assert_eq!(notes, "of a person");
        }
    }

    #[test]
    fn a_persons_files_are_not_taken_for_those_of_a_session() {
        let base = tempfile::tempdir().unwrap();
        let tasks = base.path().join("tasks");
        std::fs::write(&tasks, "to do").unwrap();
        for _ in 0..2 {
            let refused = OutputDir::create(base.path()).unwrap_err();
            assert!(matches!(refused, OutputError::Foreign { found: "tasks", .. }));
        }
        assert_eq!(std::fs::read_to_string(&tasks).unwrap(), "to do");
    }

    #[test]
    fn of_many_that_begin_at_once_one_does_and_the_others_are_told_who() {
        let base = tempfile::tempdir().unwrap();
        let path = base.path().join("out");
        let begun = std::thread::scope(|scope| {
            let begin = || OutputDir::create(&path);
            let all: Vec<_> = (0..8).map(|_| scope.spawn(begin)).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
        });
        assert_eq!(begun.iter().filter(|one| one.is_ok()).count(), 1);
        let busy = |one: &Result<OutputDir, OutputError>| {
            matches!(one, Err(OutputError::Lock(JournalError::Busy { .. })))
        };
        assert_eq!(begun.iter().filter(|one| busy(one)).count(), 7);
    }
}
