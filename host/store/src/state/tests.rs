use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::name::file_name;
use super::*;

fn state() -> (tempfile::TempDir, State) {
    let base = tempfile::tempdir().unwrap();
    let state = State::open(&base.path().join("a/state")).unwrap();
    (base, state)
}

/// A table of these tests' own.
const COUNTS: Table<u32> = Table::new("counts");

#[test]
fn a_value_is_there_until_it_is_removed() {
    let (_base, state) = state();
    let key = "agent:../../reviewer";
    assert_eq!(state.get(&COUNTS, key).unwrap(), None);
    let seen = state.update(&COUNTS, key, |old| (Some(1), old)).unwrap();
    assert_eq!(seen, None);
    let again = State::open(&state.dir).unwrap();
    assert_eq!(again.get(&COUNTS, key).unwrap(), Some(1));
    again.update(&COUNTS, key, |_| (None, ())).unwrap();
    assert_eq!(state.get(&COUNTS, key).unwrap(), None);
}

#[test]
fn a_change_to_nothing_removes_and_one_without_change_writes_nothing() {
    let (_base, state) = state();
    state.update(&COUNTS, "k", |_| (Some(1), ())).unwrap();
    let path = state.dir.join("counts").join(file_name("k"));
    let written = fs::metadata(&path).unwrap();
    state.update(&COUNTS, "k", |old| (old, ())).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().ino(), written.ino());
    state.update(&COUNTS, "k", |_| (None, ())).unwrap();
    assert!(!path.exists());
}

#[test]
fn a_damaged_file_is_refused_by_name_and_its_neighbours_are_not() {
    let (_base, state) = state();
    for key in ["a", "b"] {
        state.update(&COUNTS, key, |_| (Some(3), ())).unwrap();
    }
    let path = state.dir.join("counts").join(file_name("a"));
    let whole = fs::read(&path).unwrap();
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 1 << (at % 7);
        fs::write(&path, damaged).unwrap();
        let error = state.get(&COUNTS, "a").unwrap_err();
        assert!(
            error.to_string().contains(path.to_str().unwrap()),
            "byte {at}: {error}"
        );
        let refused = state.update(&COUNTS, "a", |old| (old, ()));
        assert!(refused.is_err(), "byte {at}");
    }
    fs::write(&path, "").unwrap();
    assert!(matches!(state.get(&COUNTS, "a"), Err(StateError::Damaged { .. })));
    assert_eq!(state.get(&COUNTS, "b").unwrap(), Some(3));
}

#[test]
fn a_file_of_another_key_or_of_a_newer_version_is_refused() {
    let (_base, state) = state();
    state.update(&COUNTS, "a", |_| (Some(3), ())).unwrap();
    let folder = state.dir.join("counts");
    fs::copy(folder.join(file_name("a")), folder.join(file_name("b"))).unwrap();
    let other = state.get(&COUNTS, "b").unwrap_err();
    assert!(other.to_string().contains("it holds another key"));
    fs::write(folder.join(file_name("b")), "fusebox-state 2 whatever\n{}").unwrap();
    assert!(matches!(
        state.get(&COUNTS, "b").unwrap_err(),
        StateError::Newer { found: 2, .. }
    ));
}

#[test]
fn only_the_owner_may_enter() {
    let (_base, state) = state();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&state.dir), 0o700);
    fs::set_permissions(&state.dir, fs::Permissions::from_mode(0o750)).unwrap();
    let refused = State::open(&state.dir).unwrap_err();
    assert!(matches!(refused, StateError::Open { mode: 0o750, .. }));
}

#[test]
fn a_directory_that_cannot_be_written_leaves_the_old_value() {
    let (_base, state) = state();
    state.update(&COUNTS, "a", |_| (Some(1), ())).unwrap();
    // Where the draft would be there is a folder: the same as any failed write.
    fs::create_dir(state.dir.join("counts/draft")).unwrap();
    let failed = state.update(&COUNTS, "a", |_| (Some(2), ()));
    assert!(matches!(failed, Err(StateError::Io { .. })));
    assert_eq!(state.get(&COUNTS, "a").unwrap(), Some(1));
}
