//! The granted folder that a path begins with.

use std::sync::OnceLock;

use crate::bindings::wasi::filesystem::preopens::get_directories;
use crate::bindings::wasi::filesystem::types::{Descriptor, ErrorCode};

/// Asked for once: each answer holds handles.
static FOLDERS: OnceLock<Vec<(Descriptor, String)>> = OnceLock::new();

/// A name in a granted folder.
pub(super) struct Place<'a> {
    pub(super) folder: &'static Descriptor,
    pub(super) name: &'a str,
}

/// Where a path leads: in the folder with the longest name of those that it
/// begins with.
pub(super) fn place(path: &str) -> Result<Place<'_>, ErrorCode> {
    let folders = FOLDERS.get_or_init(get_directories).iter();
    let inside = folders.filter_map(|(folder, mount)| Some((folder, below(mount, path)?)));
    let (folder, name) = inside
        .min_by_key(|(_, name)| name.len())
        .ok_or(ErrorCode::NoEntry)?;
    let name = if name.is_empty() { "." } else { name };
    Ok(Place { folder, name })
}

/// What is left of a path below a folder; none if it does not begin with it.
fn below<'a>(mount: &str, path: &'a str) -> Option<&'a str> {
    let mount = mount.trim_matches('/');
    let rest = path.trim_start_matches('/').strip_prefix(mount)?;
    (mount.is_empty() || rest.is_empty() || rest.starts_with('/')).then(|| rest.trim_start_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_below_a_folder_whose_name_it_begins_with_as_a_whole() {
        let rows = [
            ("/data", "/data/a/b", Some("a/b")),
            ("/data", "/data", Some("")),
            ("/data/", "data/a", Some("a")),
            ("/data", "/database", None),
            ("/", "/anything/at/all", Some("anything/at/all")),
            ("/data", "/other", None),
        ];
        for (mount, path, expected) in rows {
            assert_eq!(below(mount, path), expected, "{mount} {path}");
        }
    }
}
