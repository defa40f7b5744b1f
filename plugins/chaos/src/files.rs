//! Steps on files, each as raw as the interface allows: no library looks at the
//! paths before the host does.

use std::collections::BTreeMap;

use fusebox_sdk::bindings::wasi::filesystem::preopens::get_directories;
use fusebox_sdk::bindings::wasi::filesystem::types::{
    Descriptor, DescriptorFlags, ErrorCode, NewTimestamp, OpenFlags, PathFlags, filesystem_error_code,
};
use fusebox_sdk::bindings::wasi::io::streams::{OutputStream, StreamError};
use fusebox_sdk::{TaskError, files};
use serde::Deserialize;

/// One thing that is done with a file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Step {
    /// What is done: the name of a function of `wasi:filesystem`, or one of the
    /// words below.
    does: String,
    /// The granted folder that it begins at.
    at: String,
    /// The path, as it is handed over.
    path: String,
    /// The other path.
    to: String,
    /// The granted folder of the other path.
    to_at: String,
    /// Bytes that are written, or the size that is set.
    bytes: u64,
    /// Where they are written.
    offset: u64,
    /// How often it is done; a `%` in the path is the number of the turn.
    times: u64,
    /// Whether links are followed.
    follow: bool,
    /// Whether the task fails if this does.
    must: bool,
}

impl Default for Step {
    fn default() -> Self {
        Self {
            does: "read".into(),
            at: "/data".into(),
            path: String::new(),
            to: String::new(),
            to_at: "/data".into(),
            bytes: 1,
            offset: 0,
            times: 1,
            follow: true,
            must: false,
        }
    }
}

/// Carries out all steps; each line says what one came to: what was read, `ok`,
/// or the name of the error.
pub(crate) fn steps(steps: &[Step]) -> Result<String, TaskError> {
    let folders: BTreeMap<String, Descriptor> = get_directories()
        .into_iter()
        .map(|(folder, name)| (name, folder))
        .collect();
    let mut lines = Vec::new();
    for step in steps {
        lines.push(match step.does.as_str() {
            // As an author writes it, with what follows from an error.
            "get" => files::read_to_string(&step.path)?,
            "put" => files::write(&step.path, vec![b'x'; usize::try_from(step.bytes).unwrap_or(0)])
                .map(|()| "ok".to_owned())?,
            _ => {
                let mut came_to = Ok(String::new());
                for turn in 0..step.times {
                    came_to = carry_out(&folders, step, &step.path.replace('%', &turn.to_string()));
                    if came_to.is_err() {
                        break;
                    }
                }
                match came_to {
                    Err(code) if step.must => {
                        let code = format!("file.{}", code.name());
                        return Err(TaskError::validation(&code, step.does.as_str()));
                    }
                    came_to => came_to.unwrap_or_else(|code| code.name().to_owned()),
                }
            }
        });
    }
    Ok(lines.join("\n"))
}

fn carry_out(folders: &BTreeMap<String, Descriptor>, step: &Step, path: &str) -> Result<String, ErrorCode> {
    let folder = |name: &str| folders.get(name).ok_or(ErrorCode::BadDescriptor);
    let at = folder(&step.at)?;
    let flags = if step.follow {
        PathFlags::SYMLINK_FOLLOW
    } else {
        PathFlags::empty()
    };
    let open = |open: OpenFlags, access: DescriptorFlags| at.open_at(flags, path, open, access);
    let write = || open(OpenFlags::CREATE, DescriptorFlags::WRITE);
    let ok = |()| "ok".to_owned();
    match step.does.as_str() {
        "read" => {
            let file = open(OpenFlags::empty(), DescriptorFlags::READ)?;
            let (bytes, _) = file.read(64, step.offset)?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        }
        "list" => list(&open(OpenFlags::DIRECTORY, DescriptorFlags::READ)?),
        "write" => write()?
            .write(&vec![b'x'; usize::try_from(step.bytes).unwrap_or(0)], step.offset)
            .map(|written| format!("ok {written}")),
        "stream" => pour(&write()?.write_via_stream(step.offset)?, step.bytes).map(ok),
        "append" => pour(&write()?.append_via_stream()?, step.bytes).map(ok),
        "create" => open(OpenFlags::CREATE | OpenFlags::EXCLUSIVE, DescriptorFlags::WRITE).map(|_| ok(())),
        "truncate" => open(OpenFlags::TRUNCATE, DescriptorFlags::WRITE).map(|_| ok(())),
        "set-size" => write()?.set_size(step.bytes).map(ok),
        "stat" => at
            .stat_at(flags, path)
            .map(|stat| format!("{:?} {}", stat.type_, stat.size)),
        "hash" => at.metadata_hash_at(flags, path).map(|_| ok(())),
        "make-folder" => at.create_directory_at(path).map(ok),
        "nest" => nest(at, step.bytes).map(ok),
        "remove" => at.unlink_file_at(path).map(ok),
        "remove-folder" => at.remove_directory_at(path).map(ok),
        "rename" => at.rename_at(path, folder(&step.to_at)?, &step.to).map(ok),
        "link" => at
            .link_at(PathFlags::empty(), path, folder(&step.to_at)?, &step.to)
            .map(ok),
        "symlink" => at.symlink_at(path, &step.to).map(ok),
        "readlink" => at.readlink_at(path),
        "set-times" => at
            .set_times_at(flags, path, NewTimestamp::Now, NewTimestamp::Now)
            .map(ok),
        // Opened, read from so that something is held, and closed but for the stream.
        "hold" => {
            let file = open(OpenFlags::empty(), DescriptorFlags::READ)?;
            let stream = file.read_via_stream(0)?;
            let _ = stream.read(1 << 20);
            std::mem::forget(stream);
            Ok(ok(()))
        }
        _ => Err(ErrorCode::Unsupported),
    }
}

fn list(folder: &Descriptor) -> Result<String, ErrorCode> {
    let entries = folder.read_directory()?;
    let mut names = Vec::new();
    while let Some(entry) = entries.read_directory_entry()? {
        names.push(entry.name);
    }
    names.sort();
    Ok(names.join(" "))
}

/// Folders in each other, so many.
fn nest(folder: &Descriptor, deep: u64) -> Result<(), ErrorCode> {
    let mut inner: Option<Descriptor> = None;
    for _ in 0..deep {
        let at = inner.as_ref().unwrap_or(folder);
        at.create_directory_at("nested")?;
        inner = Some(at.open_at(
            PathFlags::empty(),
            "nested",
            OpenFlags::DIRECTORY,
            DescriptorFlags::READ,
        )?);
    }
    Ok(())
}

fn pour(stream: &OutputStream, bytes: u64) -> Result<(), ErrorCode> {
    let mut left = bytes;
    while left > 0 {
        let piece = left.min(4096);
        let poured = stream.blocking_write_and_flush(&vec![b'x'; usize::try_from(piece).unwrap_or(0)]);
        poured.map_err(|error| match error {
            StreamError::LastOperationFailed(error) => filesystem_error_code(&error).unwrap_or(ErrorCode::Io),
            StreamError::Closed => ErrorCode::Io,
        })?;
        left -= piece;
    }
    Ok(())
}
