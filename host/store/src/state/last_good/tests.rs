use super::*;

fn state() -> (tempfile::TempDir, State) {
    let base = tempfile::tempdir().unwrap();
    let state = State::open(&base.path().join("state")).unwrap();
    (base, state)
}

fn output(at: u64, bytes: Vec<u8>) -> LastGood {
    let content_type = "text/plain".to_owned();
    let output = Arc::new(Output { content_type, bytes });
    LastGood { at, output }
}

fn keep(state: &State, key: &str, kept: &LastGood, limits: &CachedRules) {
    state.keep_last_good([(key, kept)], limits).unwrap();
}

fn read_as_it_is(state: &State, key: &str) -> Option<LastGood> {
    read(&state.dir.join(TABLE), key).unwrap()
}

fn kept(state: &State, keys: &[String]) -> Vec<u64> {
    let found = keys.iter().filter_map(|key| read_as_it_is(state, key));
    found.map(|found| found.at).collect()
}

/// As another start of the machine may leave it, whose clock was ahead.
#[test]
fn an_output_of_the_future_counts_as_given_now_and_grows_old() {
    let (_base, state) = state();
    let now = state.time().now();
    let limits = CachedRules::default();
    keep(&state, "k", &output(now + 86_400_000, vec![1]), &limits);
    assert_eq!(state.last_good("k").unwrap().unwrap().age, Duration::ZERO);
    let kept = read_as_it_is(&state, "k").unwrap();
    assert!((now..now + 10_000).contains(&kept.at));
    assert_eq!(kept.output.bytes, [1]);
    std::thread::sleep(Duration::from_millis(5));
    assert!(state.last_good("k").unwrap().unwrap().age >= Duration::from_millis(4));
}

#[test]
fn an_age_is_by_the_time_of_the_state() {
    let (_base, state) = state();
    let given = output(state.time().now() - 5_000, vec![1]);
    keep(&state, "k", &given, &CachedRules::default());
    let found = state.last_good("k").unwrap().unwrap();
    assert_eq!(found.output, given.output);
    assert!((5..10).contains(&found.age.as_secs()), "{:?}", found.age);
}

#[test]
fn an_output_is_read_as_it_was_and_the_newer_takes_its_place() {
    let (_base, state) = state();
    let limits = CachedRules::default();
    for (at, bytes) in [
        (1, b"\n{}\n\xff\0".to_vec()),
        (2, Vec::new()),
        (3, vec![7; 100_000]),
    ] {
        let output = output(at, bytes);
        state.keep_last_good([("agent/../x", &output)], &limits).unwrap();
        assert_eq!(read_as_it_is(&state, "agent/../x"), Some(output));
    }
    assert_eq!(state.last_good("agent").unwrap(), None);
}

#[test]
fn the_oldest_go_first_whichever_bound_is_met() {
    let keys: Vec<String> = (0..6).map(|n| format!("k{n}")).collect();
    let bounds = [
        CachedRules {
            max_outputs: 3,
            ..CachedRules::default()
        },
        CachedRules {
            max_total: 3700,
            ..CachedRules::default()
        },
    ];
    for limits in bounds {
        let (_base, state) = state();
        for (at, key) in (1..).zip(&keys) {
            keep(&state, key, &output(at, vec![0; 1000]), &limits);
        }
        assert_eq!(kept(&state, &keys), [4, 5, 6]);
        // What is written anew is the newest.
        keep(&state, "k3", &output(7, vec![0; 1000]), &limits);
        keep(&state, "k0", &output(8, vec![0; 1000]), &limits);
        assert_eq!(kept(&state, &keys), [8, 7, 6]);
    }
}

#[test]
fn several_at_once_keep_the_bounds() {
    let (_base, state) = state();
    let limits = CachedRules {
        max_outputs: 2,
        ..CachedRules::default()
    };
    let all: Vec<_> = (0..9)
        .map(|n| (format!("k{n}"), output(n, vec![0; 10])))
        .collect();
    let pairs = all.iter().map(|(key, output)| (key.as_str(), output));
    state.keep_last_good(pairs, &limits).unwrap();
    let keys: Vec<_> = all.into_iter().map(|(key, _)| key).collect();
    assert_eq!(kept(&state, &keys).len(), 2);
}

#[test]
fn every_damaged_byte_is_found() {
    let (_base, state) = state();
    keep(&state, "k", &output(1, b"text".to_vec()), &CachedRules::default());
    let path = state.dir.join(TABLE).join(file_name("k"));
    let whole = fs::read(&path).unwrap();
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 1 << (at % 7);
        fs::write(&path, damaged).unwrap();
        assert!(state.last_good("k").is_err(), "byte {at}");
        fs::write(&path, &whole[..at]).unwrap();
        assert!(state.last_good("k").is_err(), "cut at {at}");
    }
    keep(&state, "k", &output(2, b"text".to_vec()), &CachedRules::default());
    assert_eq!(kept(&state, &["k".to_owned()]), [2]);
}
