//! Whether a directory holds something of a session that a person could lose.
//! What a session leaves that ended before it had begun is nothing of that kind.

use std::fs;
use std::path::Path;

/// What there is, by its name; none where no session has begun. The journal
/// comes first: with it a session can be resumed.
pub fn holds(folder: &Path) -> Option<&'static str> {
    let is_there = |name: &&&str| fs::symlink_metadata(folder.join(name)).is_ok();
    if let Some(found) = [super::FILE, "report.json"].iter().find(is_there) {
        return Some(found);
    }
    // What a report that is being written holds is a result, too.
    let begun = fs::metadata(folder.join("report.json.part")).is_ok_and(|file| file.len() > 0);
    if begun {
        return Some("report.json.part");
    }
    let results = folder.join("results");
    let is_empty = fs::read_dir(&results).is_ok_and(|mut found| found.next().is_none());
    (fs::symlink_metadata(&results).is_ok() && !is_empty).then_some("results")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_before_the_journal_is_no_session() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::create_dir(at("results")).unwrap();
        for name in [
            "journal.lock",
            "journal.new",
            "tasks",
            "source.canvas",
            "report.json.part",
        ] {
            fs::write(at(name), "").unwrap();
        }
        assert_eq!(holds(dir.path()), None);
        for name in ["results/a.txt", "report.json.part", "report.json", "journal"] {
            fs::write(at(name), "x").unwrap();
            let found = holds(dir.path()).unwrap();
            assert!(name.starts_with(found), "{name}: {found}");
        }
        let other = tempfile::tempdir().unwrap();
        fs::write(other.path().join("results"), "of somebody").unwrap();
        assert_eq!(holds(other.path()), Some("results"));
    }
}
