//! Saving beside editors, links and other runs.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;

struct Bench(tempfile::TempDir);

impl Bench {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        fs::write(folder.board(), "old").unwrap();
        folder
    }

    fn board(&self) -> PathBuf {
        self.0.path().join("plan.canvas")
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

fn digest(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

#[test]
fn the_mode_stays_and_the_backup_is_what_was_read() {
    let folder = Bench::new();
    fs::set_permissions(folder.board(), Permissions::from_mode(0o640)).unwrap();
    let backup = save(&folder.board(), digest("old"), "new").unwrap().unwrap();
    assert_eq!(fs::read_to_string(folder.board()).unwrap(), "new");
    assert_eq!(fs::read_to_string(&backup).unwrap(), "old");
    for path in [folder.board(), backup] {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o640);
    }
    assert_eq!(folder.names().len(), 2);
}

#[test]
fn what_changed_meanwhile_is_left_alone() {
    let folder = Bench::new();
    let error = save(&folder.board(), digest("older"), "new").unwrap_err();
    assert!(matches!(error, SaveError::Changed(_)), "{error}");
    assert_eq!(fs::read_to_string(folder.board()).unwrap(), "old");
    assert_eq!(folder.names(), ["plan.canvas"]);
}

#[test]
fn what_may_not_or_cannot_be_written_leaves_nothing_behind() {
    let folder = Bench::new();
    let held = File::open(folder.board()).unwrap();
    held.lock().unwrap();
    let error = save(&folder.board(), digest("old"), "new").unwrap_err();
    assert!(matches!(error, SaveError::Busy(_)), "{error}");
    held.unlock().unwrap();
    fs::set_permissions(folder.board(), Permissions::from_mode(0o400)).unwrap();
    let error = save(&folder.board(), digest("old"), "new").unwrap_err();
    assert!(matches!(error, SaveError::ReadOnly(_)), "{error}");
    let missing = folder.0.path().join("none.canvas");
    let error = save(&missing, digest("old"), "new").unwrap_err();
    assert!(matches!(error, SaveError::Io { .. }), "{error}");
    assert_eq!(folder.names(), ["plan.canvas"]);
}

/// The name of the backup is longer than names can be, which shows only after
/// the new text has been written to its temporary file.
#[test]
fn a_failure_half_way_leaves_nothing_behind() {
    let folder = Bench::new();
    let name = format!("{}.canvas", "n".repeat(240));
    let board = folder.0.path().join(&name);
    fs::write(&board, "old").unwrap();
    let error = save(&board, digest("old"), "new").unwrap_err();
    assert!(matches!(error, SaveError::Io { .. }), "{error}");
    assert_eq!(fs::read_to_string(&board).unwrap(), "old");
    assert_eq!(folder.names(), [name.as_str(), "plan.canvas"]);
}

#[test]
fn a_change_at_the_last_moment_is_seen_and_leaves_nothing_behind() {
    let folder = Bench::new();
    let board = folder.board();
    let permissions = fs::metadata(&board).unwrap().permissions();
    let place = Place::of(&board).unwrap();
    let new = Draft::make(&place.folder, b"new", &permissions).unwrap();
    let backup = place.keep(b"old", &permissions).unwrap();
    fs::write(&board, "theirs").unwrap();
    let error = place.replace(digest("old"), new, &backup).unwrap_err();
    assert!(matches!(error, SaveError::Changed(_)), "{error}");
    assert_eq!(fs::read_to_string(&board).unwrap(), "theirs");
    assert_eq!(folder.names(), ["plan.canvas"]);
}

#[test]
fn the_three_newest_backups_stay_and_only_ours_go() {
    let folder = Bench::new();
    let kept = [
        "plan.canvas.bak-mine",
        "plan.canvas.bak-20260101",
        "other.canvas.bak-20260101T000000.000000Z",
    ];
    for name in kept {
        fs::write(folder.0.path().join(name), "").unwrap();
    }
    let texts = ["old", "1", "2", "3", "4", "5"];
    for [before, after] in texts.array_windows() {
        save(&folder.board(), digest(before), after).unwrap().unwrap();
    }
    let names = folder.names();
    assert_eq!(names.len(), 1 + 3 + kept.len(), "{names:?}");
    assert!(kept.iter().all(|name| names.iter().any(|n| n == name)));
    let is_backup = |name: &&String| name.starts_with("plan.canvas.bak-") && !kept.contains(&name.as_str());
    let backups = names.iter().filter(is_backup);
    let texts: Vec<_> = backups
        .map(|name| fs::read_to_string(folder.0.path().join(name)).unwrap())
        .collect();
    assert_eq!(texts, ["2", "3", "4"]);
}

#[test]
fn the_same_text_is_nothing_to_save() {
    let folder = Bench::new();
    assert_eq!(save(&folder.board(), digest("old"), "old").unwrap(), None);
    assert_eq!(folder.names(), ["plan.canvas"]);
}

#[test]
fn what_a_link_points_to_is_saved_and_the_link_stays() {
    let folder = Bench::new();
    let link = folder.0.path().join("link.canvas");
    std::os::unix::fs::symlink("plan.canvas", &link).unwrap();
    save(&link, digest("old"), "new").unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(folder.board()).unwrap(), "new");
}

#[test]
fn two_at_once_do_not_lose_a_word() {
    let folder = Bench::new();
    let board = folder.board();
    let results: Vec<_> = std::thread::scope(|scope| {
        let saver = |n: usize| {
            let board = &board;
            scope.spawn(move || save(board, digest("old"), &format!("new {n}")))
        };
        let savers: Vec<_> = (0..8).map(saver).collect();
        savers.into_iter().map(|saver| saver.join().unwrap()).collect()
    });
    assert_eq!(
        results.iter().filter(|result| result.is_ok()).count(),
        1,
        "{results:?}"
    );
    assert_eq!(folder.names().len(), 2);
}

/// Whoever may write to the folder puts links in the places of what is made there,
/// or another folder in its place.
#[test]
fn no_link_in_the_place_of_a_draft_or_of_the_folder_is_followed() {
    let (folder, others) = (Bench::new(), Bench::new());
    let victim = others.0.path().join("victim");
    fs::write(&victim, "victim").unwrap();
    let place = Place::of(&folder.board()).unwrap();
    let permissions = fs::metadata(folder.board()).unwrap().permissions();
    let next = || {
        let draft = Draft::make(&place.folder, b"x", &permissions).unwrap();
        let (_, number) = draft.name.rsplit_once('-').unwrap();
        number.parse::<u64>().unwrap()
    };
    // Other tests draw numbers as well.
    for number in next()..next() + 40 {
        let name = format!(".fusebox-{}-{number}", std::process::id());
        std::os::unix::fs::symlink(&victim, folder.0.path().join(name)).unwrap();
    }
    save(&folder.board(), digest("old"), "new").unwrap().unwrap();
    // The folder that was opened is the one that is written to.
    let moved = folder.0.path().with_extension("moved");
    fs::rename(folder.0.path(), &moved).unwrap();
    std::os::unix::fs::symlink(others.0.path(), folder.0.path()).unwrap();
    let new = Draft::make(&place.folder, b"newer", &permissions).unwrap();
    let backup = place.keep(b"new", &permissions).unwrap();
    place.replace(digest("new"), new, &backup).unwrap();
    assert!(place.is_written("newer"));
    assert_eq!(fs::read_to_string(moved.join("plan.canvas")).unwrap(), "newer");
    assert_eq!(fs::read_to_string(&victim).unwrap(), "victim");
    assert_eq!(others.names(), ["plan.canvas", "victim"]);
    assert_eq!(fs::read_to_string(others.board()).unwrap(), "old");
    fs::remove_file(folder.0.path()).unwrap();
    fs::rename(&moved, folder.0.path()).unwrap();
}
