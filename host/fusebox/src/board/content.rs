//! What a node hands to a task.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::Dir;

use super::error::BoardWarning;
use crate::session::{Input, content_of_file};
use fusebox_canvas::{Kind, Node};
use fusebox_system::regular_file;
use fusebox_types::Output;

/// The largest file that is read for a node, in bytes: no agent can be
/// configured to take more.
const MAX_FILE_BYTES: u64 = 64 << 20;

/// Turns nodes into inputs. What several tasks are handed is held once.
pub(super) struct Contents<'a> {
    folder: &'a Path,
    /// The folder, once it is open.
    dir: Option<Dir>,
    known: HashMap<(Kind, &'a str), Input>,
    pub(super) warnings: Vec<BoardWarning>,
}

impl<'a> Contents<'a> {
    pub(super) fn new(folder: &'a Path) -> Self {
        Self {
            folder,
            dir: None,
            known: HashMap::new(),
            warnings: Vec::new(),
        }
    }

    /// A node's text, the content of its file, or its address; a group's label.
    /// None for a node that has none of these.
    pub(super) fn of(&mut self, node: &'a Node) -> Option<Input> {
        let content = node.content.as_deref()?;
        if let Some(input) = self.known.get(&(node.kind, content)) {
            return Some(input.clone());
        }
        let input = match node.kind {
            Kind::Text => text("text/markdown", content),
            Kind::Link | Kind::Group => text("text/plain", content),
            Kind::File => self.file(node, content),
            Kind::Other => return None,
        };
        self.known.insert((node.kind, content), input.clone());
        Some(input)
    }

    /// The content of a file, or its path where it cannot be read: a board may
    /// name files that only its own program finds.
    fn file(&mut self, node: &Node, path: &str) -> Input {
        let why = match self.read(Path::new(path)) {
            Ok(content) => return Arc::new(content),
            Err(error) => error.to_string(),
        };
        self.warnings.push(BoardWarning::FileNotRead {
            node: node.id.as_deref().unwrap_or_default().to_owned(),
            file: path.to_owned(),
            why,
        });
        text("text/plain", path)
    }

    /// Through a capability: neither `..` nor a link leads out of the folder.
    fn read(&mut self, path: &Path) -> io::Result<Output> {
        let dir = match &mut self.dir {
            Some(dir) => dir,
            closed => closed.insert(Dir::open_ambient_dir(self.folder, ambient_authority())?),
        };
        content_of_file(path, regular_file::read_below(dir, path, MAX_FILE_BYTES)?)
    }
}

/// A text as an input.
pub(super) fn text(media_type: &str, text: &str) -> Input {
    Arc::new(Output {
        content_type: media_type.into(),
        bytes: text.as_bytes().to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str) -> Node {
        Node {
            id: Some("n".into()),
            kind: Kind::File,
            content: Some(path.into()),
            ..Node::default()
        }
    }

    #[test]
    fn only_regular_files_of_the_folder_are_read() {
        let outside = tempfile::tempdir().unwrap();
        let folder = outside.path().join("vault");
        std::fs::create_dir_all(folder.join("sub")).unwrap();
        std::fs::write(outside.path().join("secret.txt"), "secret").unwrap();
        std::fs::write(folder.join("sub/a.md"), "# A").unwrap();
        std::os::unix::fs::symlink("../secret.txt", folder.join("link.txt")).unwrap();
        let fifo = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(rustix::fs::CWD, folder.join("pipe"), fifo, 0o600.into(), 0).unwrap();

        let good = file("sub/a.md");
        let absolute = outside.path().join("secret.txt");
        let paths = [
            "../secret.txt",
            absolute.to_str().unwrap(),
            "link.txt",
            "pipe",
            "sub",
            "none",
            "a\0b",
        ];
        let bad = paths.map(file);
        let mut contents = Contents::new(&folder);
        let read = contents.of(&good).unwrap();
        assert_eq!(
            (read.content_type.as_str(), &read.bytes[..]),
            ("text/markdown", &b"# A"[..])
        );
        for (node, path) in bad.iter().zip(paths) {
            let input = contents.of(node).unwrap();
            assert_eq!(
                (input.content_type.as_str(), &input.bytes[..]),
                ("text/plain", path.as_bytes())
            );
        }
        assert_eq!(contents.warnings.len(), bad.len());
        assert!(Arc::ptr_eq(&contents.of(&good).unwrap(), &read));
    }

    #[test]
    fn a_folder_that_is_not_there_is_a_warning() {
        let node = file("a.md");
        let mut contents = Contents::new(Path::new("no/such/folder"));
        assert_eq!(contents.of(&node).unwrap().bytes, b"a.md");
        assert!(
            contents.warnings[0]
                .to_string()
                .contains("only its path is handed on")
        );
    }
}
