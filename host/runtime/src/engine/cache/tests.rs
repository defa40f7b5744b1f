use std::time::SystemTime;

use super::*;

fn cache_of(dir: &Path, rules: LoadingRules) -> Result<ArtefactCache, CacheError> {
    let engine = wasmtime::Engine::new(&super::super::settings::common()).unwrap();
    ArtefactCache::open(Some(dir.join("cache")), &engine, rules)
}

fn cache(dir: &Path) -> ArtefactCache {
    cache_of(dir, LoadingRules::default()).unwrap()
}

fn write(cache: &ArtefactCache, key: &ArtefactKey, artefact: &[u8]) {
    let draft = cache.draft().unwrap();
    let mut file = draft.file();
    file.write_all(artefact).unwrap();
    file.write_all(TRAILER).unwrap();
    cache.keep(key, draft).unwrap();
}

fn is_there(cache: &ArtefactCache, key: &ArtefactKey) -> bool {
    cache.read(key).is_some()
}

#[test]
fn what_was_written_is_read_and_what_was_changed_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let cache = cache(dir.path());
    let key = cache.key(b"component");
    assert!(!is_there(&cache, &key));
    write(&cache, &key, b"artefact");
    assert!(is_there(&cache, &key));
    let path = cache.path(&key);
    let whole = fs::read(&path).unwrap();
    assert!(whole.starts_with(b"artefact"));
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        fs::write(&path, changed).unwrap();
        assert!(!is_there(&cache, &key), "byte {at}");
    }
    fs::write(&path, b"short").unwrap();
    assert!(!is_there(&cache, &key));
}

#[test]
fn an_artefact_put_under_another_name_is_not_taken() {
    let dir = tempfile::tempdir().unwrap();
    let cache = cache(dir.path());
    let (mine, other) = (cache.key(b"mine"), cache.key(b"other"));
    write(&cache, &other, b"artefact");
    fs::rename(cache.path(&other), cache.path(&mine)).unwrap();
    assert!(!is_there(&cache, &mine));
}

#[test]
fn a_folder_that_others_can_enter_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    drop(cache(dir.path()));
    let path = dir.path().join("cache");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    let error = cache_of(dir.path(), LoadingRules::default())
        .err()
        .map(|e| e.to_string());
    assert!(error.is_some_and(|e| e.contains("chmod 700")));
}

/// What a draft holds that no child has finished is no artefact.
#[test]
fn an_artefact_without_its_end_is_not_kept() {
    let dir = tempfile::tempdir().unwrap();
    let cache = cache(dir.path());
    let draft = cache.draft().unwrap();
    draft
        .file()
        .write_all(b"some other program's words, not an artefact")
        .unwrap();
    assert!(cache.keep(&cache.key(b"x"), draft).is_err());
    assert!(!is_there(&cache, &cache.key(b"x")));
}

/// Puts something else in the place of a file.
type Put = fn(&Path, &Path);

fn in_place_of_a_file() -> Vec<Put> {
    vec![
        |path, _| {
            assert!(
                std::process::Command::new("mkfifo")
                    .arg(path)
                    .status()
                    .unwrap()
                    .success()
            );
        },
        |path, victim| std::os::unix::fs::symlink(victim, path).unwrap(),
        |path, _| std::os::unix::fs::symlink("/dev/zero", path).unwrap(),
        |path, _| fs::create_dir(path).unwrap(),
        |path, _| File::create(path).unwrap().set_len(1 << 40).unwrap(),
    ]
}

fn remove(path: &Path) {
    if fs::remove_file(path).is_err() {
        fs::remove_dir(path).unwrap();
    }
}

#[test]
fn an_entry_that_is_no_small_regular_file_is_not_read_and_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    let cache = cache(dir.path());
    let key = cache.key(b"component");
    write(&cache, &key, b"artefact");
    let (path, victim) = (cache.path(&key), dir.path().join("victim"));
    fs::rename(&path, &victim).unwrap();
    let before = fs::read(&victim).unwrap();
    for put in in_place_of_a_file() {
        put(&path, &victim);
        let begun = std::time::Instant::now();
        assert!(!is_there(&cache, &key));
        assert!(begun.elapsed().as_secs() < 2);
        // Keeping one replaces the name, and nothing that it leads to.
        write(&cache, &key, b"another");
        assert_eq!(fs::read(&victim).unwrap(), before);
        remove(&path);
    }
}

#[test]
fn a_key_that_is_no_regular_file_of_its_size_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    drop(cache(dir.path()));
    let (path, victim) = (dir.path().join("cache/key"), dir.path().join("victim"));
    fs::rename(&path, &victim).unwrap();
    for put in in_place_of_a_file() {
        put(&path, &victim);
        let error = cache_of(dir.path(), LoadingRules::default()).err().unwrap();
        let said = fusebox_types::failure::causes(&error);
        assert!(said.contains("its file `key` is damaged; remove it"), "{said}");
        remove(&path);
    }
}

#[test]
fn the_least_used_goes_first_and_a_file_in_use_stays_readable() {
    let dir = tempfile::tempdir().unwrap();
    let rules = LoadingRules {
        cache: 3000,
        ..LoadingRules::default()
    };
    let cache = cache_of(dir.path(), rules).unwrap();
    let keys: Vec<_> = (0..4_u8).map(|n| cache.key(&[n])).collect();
    let long_ago = |n: u64| SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(n);
    for (n, key) in keys[..3].iter().enumerate() {
        write(&cache, key, &[n as u8; 900]);
        File::open(cache.path(key))
            .unwrap()
            .set_modified(long_ago(n as u64))
            .unwrap();
    }
    let in_use = cache.read(&keys[1]).unwrap();
    File::open(cache.path(&keys[1]))
        .unwrap()
        .set_modified(long_ago(1))
        .unwrap();
    // Used again: no longer the oldest.
    assert!(is_there(&cache, &keys[0]));
    write(&cache, &keys[3], &[3; 900]);
    let left: Vec<_> = keys.iter().map(|key| cache.path(key).exists()).collect();
    assert_eq!(left, [true, false, true, true]);
    let mut bytes = [0; 900];
    in_use.read_exact_at(&mut bytes, 0).unwrap();
    assert_eq!(bytes, [1; 900]);
}

#[test]
fn what_was_compiled_under_other_bounds_is_compiled_again() {
    let dir = tempfile::tempdir().unwrap();
    let usual = cache(dir.path());
    let narrow = LoadingRules {
        function: 1000,
        ..LoadingRules::default()
    };
    let narrow = cache_of(dir.path(), narrow).unwrap();
    assert_ne!(usual.key(b"x"), narrow.key(b"x"));
}
