//! The output directory: nothing is written outside of it, whatever the tasks
//! are called.

mod durable;
mod lines;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, File};

pub(crate) use durable::Durable;

use super::model::OutputRef;
use crate::digest::Digest;
use crate::event::Output;

/// Text of up to this many bytes stands in the report itself.
const INLINE_BYTES: usize = 256;
/// Longest part of a task's id in a file's name, in characters.
const SLUG_CHARS: usize = 40;

/// Why something could not be written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The directory holds the output of another session.
    #[error("{path} already holds a session; go on with it (`fusebox resume {path}`), or choose another folder with --out", path = .0.display())]
    Occupied(PathBuf),
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
    dir: Dir,
    files: durable::Files,
}

impl OutputDir {
    /// Makes the directory, with `results/` in it.
    ///
    /// # Errors
    /// If it cannot be made, or holds another session.
    pub fn create(path: &Path) -> Result<Self, OutputError> {
        let write = |source| unwritable(path, source);
        std::fs::create_dir_all(path).map_err(write)?;
        let out = Self::open(path)?;
        if out.dir.exists("report.json") || out.dir.exists("results") {
            return Err(OutputError::Occupied(path.to_owned()));
        }
        out.dir.create_dir("results").map_err(write)?;
        Ok(out)
    }

    /// Opens the directory of a session that is gone on with.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn open(path: &Path) -> Result<Self, OutputError> {
        let dir = Dir::open_ambient_dir(path, ambient_authority());
        Ok(Self {
            path: path.to_owned(),
            dir: dir.map_err(|source| unwritable(path, source))?,
            files: durable::Files::default(),
        })
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
        self.dir.read(name).map_err(|source| self.error(name, source))
    }

    /// Writes a whole file.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), OutputError> {
        let mut file = self.file(name)?;
        file.write_all(bytes).map_err(|source| self.error(name, source))
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
            .map_or(Ok(()), |parent| self.dir.create_dir_all(parent))
            .and_then(|()| self.dir.create(name))
            .map_err(|source| self.error(name, source))
    }

    /// Gives a file its final name.
    ///
    /// # Errors
    /// If that does not work.
    pub fn rename(&self, from: &str, to: &str) -> Result<(), OutputError> {
        self.dir
            .rename(from, &self.dir, to)
            .map_err(|source| self.error(to, source))
    }

    pub(super) fn error(&self, name: &str, source: io::Error) -> OutputError {
        unwritable(&self.path.join(name), source)
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
pub(crate) fn slug(text: &str) -> String {
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
        OutputDir::create(base.path()).unwrap();
        assert!(matches!(
            OutputDir::create(base.path()),
            Err(OutputError::Occupied(_))
        ));
    }
}
