use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::name::file_name;
use super::*;

fn state() -> (tempfile::TempDir, State) {
    let base = tempfile::tempdir().unwrap();
    let state = State::open(&base.path().join("a/state")).unwrap();
    (base, state)
}

fn open_circuit(trips: u32) -> Circuit {
    Circuit {
        state: "open".into(),
        trips,
        ..Circuit::default()
    }
}

#[test]
fn a_value_is_there_until_it_is_removed() {
    let (_base, state) = state();
    let key = "agent:../../reviewer";
    assert_eq!(state.get(&CIRCUITS, key).unwrap(), None);
    let seen = state
        .update(&CIRCUITS, key, |old| (Some(open_circuit(1)), old))
        .unwrap();
    assert_eq!(seen, None);
    let again = State::open(&state.dir).unwrap();
    assert_eq!(again.get(&CIRCUITS, key).unwrap(), Some(open_circuit(1)));
    let listed: Vec<_> = again
        .list(&CIRCUITS)
        .unwrap()
        .into_iter()
        .map(Result::unwrap)
        .collect();
    assert_eq!(listed, [(key.to_owned(), open_circuit(1))]);
    assert!(state.remove(&CIRCUITS, key).unwrap());
    assert!(!state.remove(&CIRCUITS, key).unwrap());
    assert!(again.list(&CIRCUITS).unwrap().is_empty());
}

#[test]
fn a_change_to_nothing_removes_and_one_without_change_writes_nothing() {
    let (_base, state) = state();
    state
        .update(&CIRCUITS, "k", |_| (Some(open_circuit(1)), ()))
        .unwrap();
    let path = state.dir.join("circuits").join(file_name("k"));
    let written = fs::metadata(&path).unwrap();
    state.update(&CIRCUITS, "k", |old| (old, ())).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().ino(), written.ino());
    state.update(&CIRCUITS, "k", |_| (None, ())).unwrap();
    assert!(!path.exists());
}

#[test]
fn a_damaged_file_is_refused_by_name_and_its_neighbours_are_not() {
    let (_base, state) = state();
    for key in ["a", "b"] {
        state
            .update(&CIRCUITS, key, |_| (Some(open_circuit(3)), ()))
            .unwrap();
    }
    let path = state.dir.join("circuits").join(file_name("a"));
    let whole = fs::read(&path).unwrap();
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 1 << (at % 7);
        fs::write(&path, damaged).unwrap();
        let error = state.get(&CIRCUITS, "a").unwrap_err();
        assert!(
            error.to_string().contains(path.to_str().unwrap()),
            "byte {at}: {error}"
        );
        let refused = state.update(&CIRCUITS, "a", |old| (old, ()));
        assert!(refused.is_err(), "byte {at}");
    }
    fs::write(&path, "").unwrap();
    assert!(matches!(
        state.get(&CIRCUITS, "a"),
        Err(StateError::Damaged { .. })
    ));
    assert_eq!(state.get(&CIRCUITS, "b").unwrap(), Some(open_circuit(3)));
    let listed = state.list(&CIRCUITS).unwrap();
    assert_eq!(listed.iter().filter(|found| found.is_ok()).count(), 1);
    assert_eq!(listed.iter().filter(|found| found.is_err()).count(), 1);
    assert!(state.remove(&CIRCUITS, "a").unwrap());
}

#[test]
fn a_file_of_another_key_or_of_a_newer_version_is_refused() {
    let (_base, state) = state();
    state
        .update(&CIRCUITS, "a", |_| (Some(open_circuit(3)), ()))
        .unwrap();
    let folder = state.dir.join("circuits");
    fs::copy(folder.join(file_name("a")), folder.join(file_name("b"))).unwrap();
    let other = state.get(&CIRCUITS, "b").unwrap_err();
    assert!(other.to_string().contains("it holds another key"));
    fs::write(folder.join(file_name("b")), "fusebox-state 2 whatever\n{}").unwrap();
    assert!(matches!(
        state.get(&CIRCUITS, "b").unwrap_err(),
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
    state
        .update(&CIRCUITS, "a", |_| (Some(open_circuit(1)), ()))
        .unwrap();
    // Where the draft would be there is a folder: the same as any failed write.
    fs::create_dir(state.dir.join("circuits/draft")).unwrap();
    let failed = state.update(&CIRCUITS, "a", |_| (Some(open_circuit(2)), ()));
    assert!(matches!(failed, Err(StateError::Io { .. })));
    assert_eq!(state.get(&CIRCUITS, "a").unwrap(), Some(open_circuit(1)));
}

#[test]
fn last_good_outputs_stay_within_their_bounds_and_the_oldest_go() {
    let (_base, state) = state();
    let limits = LastGoodLimits {
        each: 1000,
        all: 3000,
    };
    let output = |byte| LastGood {
        content_type: "text/plain".into(),
        at: 5,
        bytes: vec![byte; 900],
    };
    for byte in 0..6 {
        state
            .keep_last_good(&format!("task-{byte}"), &output(byte), limits)
            .unwrap();
    }
    let kept: Vec<u8> = (0..6)
        .filter(|byte| state.last_good(&format!("task-{byte}")).unwrap().is_some())
        .collect();
    assert_eq!(kept, [3, 4, 5]);
    assert_eq!(state.last_good("task-5").unwrap(), Some(output(5)));
    let large = LastGood {
        bytes: vec![0; 1001],
        ..output(0)
    };
    let refused = state.keep_last_good("large", &large, limits).unwrap_err();
    assert!(matches!(refused, StateError::TooLarge { limit: 1000, .. }));
}
