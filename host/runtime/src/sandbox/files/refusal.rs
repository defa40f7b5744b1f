//! Why the host does not do what a guest asks of the file system: what the guest
//! is told, and what the person is.

use std::sync::Arc;

use wasmtime_wasi::p2::FsError;
use wasmtime_wasi::p2::bindings::filesystem::types::ErrorCode;

use super::mount::Mount;
use super::room::Full;
use crate::gateway::CallObserver;
use fusebox_types::failure::{Code, Failure, printable};

/// What was refused. Each message names what to add, if that would help.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    /// It lies in no folder that was granted.
    #[error(
        "`{}` is in no folder that was granted (there are: {mounts}); to allow it, add \
         `{{ path: FOLDER, mount: {} }}` to `agents.{agent}.grants.files`{}",
        printable(path),
        printable(beginning(path)),
        or_scratch(path)
    )]
    NotGranted {
        path: String,
        agent: Arc<str>,
        mounts: String,
    },
    /// The folder was granted for reading.
    #[error(
        "`{mount}` can only be read; to allow changes, add `write: true` to the grant of `{mount}` in `agents.{agent}.grants.files`"
    )]
    ReadOnly { mount: String, agent: Arc<str> },
    /// It leads out of the folder.
    #[error(
        "`{}` in `{mount}` leads out of the folder: by `..`, or by a link (only relative links that stay inside are followed); \
         grant the folder that it leads to by itself, or put a copy in",
        printable(path)
    )]
    SessionContext { mount: String, path: String },
    /// The system does not allow it to the host.
    #[error(
        "the user that this host runs as may not do that with `{}` in `{mount}`; look at its owner and mode",
        printable(path)
    )]
    Access { mount: String, path: String },
    /// It is a pipe, a device, a socket, or a file that the system makes up.
    #[error("`{}` in `{mount}` is neither a regular file nor a folder", printable(path))]
    NoFile { mount: String, path: String },
    /// It is a file with other names, of which some may be outside.
    #[error(
        "`{}` in `{mount}` has other names (hard links), and a change might reach one outside; write to a copy",
        printable(path)
    )]
    Linked { mount: String, path: String },
    /// Links are not made.
    #[error(
        "`{}` in `{mount}` would be a link, and no links are made for a plugin",
        printable(path)
    )]
    Link { mount: String, path: String },
    /// No more bytes.
    #[error("`{mount}` takes no more than {bytes} bytes; `quota` in `agents.{agent}.grants` says how many")]
    Bytes {
        mount: String,
        agent: Arc<str>,
        bytes: u64,
    },
    /// No more files.
    #[error(
        "`{mount}` takes no more than {files} files; `max_files` in `agents.{agent}.grants` says how many"
    )]
    Files {
        mount: String,
        agent: Arc<str>,
        files: u32,
    },
}

impl Refusal {
    const fn code(&self) -> Code {
        match self {
            Self::NotGranted { .. }
            | Self::ReadOnly { .. }
            | Self::SessionContext { .. }
            | Self::Access { .. }
            | Self::NoFile { .. }
            | Self::Linked { .. }
            | Self::Link { .. } => Code::DeniedFile,
            Self::Bytes { .. } => Code::LimitFileBytes,
            Self::Files { .. } => Code::LimitFileCount,
        }
    }

    /// What the guest named.
    fn path(&self) -> Option<&str> {
        match self {
            Self::NotGranted { path, .. }
            | Self::SessionContext { path, .. }
            | Self::Access { path, .. }
            | Self::NoFile { path, .. }
            | Self::Linked { path, .. }
            | Self::Link { path, .. } => Some(path),
            Self::ReadOnly { .. } | Self::Bytes { .. } | Self::Files { .. } => None,
        }
    }

    /// What the guest is told, as any file system tells it.
    const fn told(&self) -> ErrorCode {
        match self {
            Self::NotGranted { .. } => ErrorCode::NoEntry,
            Self::ReadOnly { .. } => ErrorCode::ReadOnly,
            Self::Access { .. } => ErrorCode::Access,
            Self::SessionContext { .. } | Self::NoFile { .. } | Self::Linked { .. } | Self::Link { .. } => {
                ErrorCode::NotPermitted
            }
            Self::Bytes { .. } | Self::Files { .. } => ErrorCode::Quota,
        }
    }
}

/// The first folder of a path: what most people call a mount.
fn beginning(path: &str) -> &str {
    let name = path.trim_start_matches('/');
    let end = name.find('/').unwrap_or(name.len());
    path.get(..path.len() - name.len() + end).unwrap_or(path)
}

/// What is most often meant by the usual place for temporary files.
fn or_scratch(path: &str) -> &'static str {
    match beginning(path) {
        "/tmp" => ", or set `grants.scratch.quota` for a folder of each attempt's own",
        _ => "",
    }
}

/// Notes what is refused, for whoever asks why the attempt failed.
#[derive(Debug, Clone)]
pub(super) struct Refusals {
    pub(super) observer: CallObserver,
    pub(super) agent: Arc<str>,
}

impl Refusals {
    /// Notes it; what the guest is told.
    pub(super) fn refuse(&self, refusal: &Refusal) -> FsError {
        self.note(refusal);
        refusal.told().into()
    }

    pub(super) fn note(&self, refusal: &Refusal) {
        let mut failure = Failure::new(refusal.code(), refusal.to_string());
        if let Some(path) = refusal.path() {
            failure = failure.with("path", printable(path));
        }
        self.observer.refused(&failure);
    }

    /// `mounts` are those that there are.
    pub(super) fn not_granted<'a>(&self, path: &str, mounts: impl Iterator<Item = &'a str>) -> Refusal {
        let names: Vec<_> = mounts.map(|mount| format!("`{mount}`")).collect();
        let path = path.trim_start_matches("./").trim_start_matches('/');
        Refusal::NotGranted {
            path: format!("/{path}"),
            agent: self.agent.clone(),
            mounts: match names.is_empty() {
                true => "none".into(),
                false => names.join(", "),
            },
        }
    }

    pub(super) fn read_only(&self, mount: &Mount) -> Refusal {
        Refusal::ReadOnly {
            mount: mount.at.clone(),
            agent: self.agent.clone(),
        }
    }

    pub(super) fn full(&self, mount: &Mount, full: Full) -> Refusal {
        let (mount, agent) = (mount.at.clone(), self.agent.clone());
        match full {
            Full::Bytes(bytes) => Refusal::Bytes { mount, agent, bytes },
            Full::Files(files) => Refusal::Files { mount, agent, files },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_names_the_grant_to_add() {
        let refusals = Refusals {
            observer: CallObserver::default(),
            agent: "writer".into(),
        };
        refusals.note(&refusals.not_granted("data/in/a.csv", ["/out"].into_iter()));
        let noted = refusals.observer.seen().failure.unwrap();
        assert_eq!(noted.code, Code::DeniedFile);
        for part in ["`/data/in/a.csv`", "mount: /data }", "agents.writer.grants.files"] {
            assert!(noted.message.contains(part), "{}", noted.message);
        }
        assert_eq!(
            (beginning("/a"), beginning("/a/b/"), beginning("/")),
            ("/a", "/a", "/")
        );
    }
}
