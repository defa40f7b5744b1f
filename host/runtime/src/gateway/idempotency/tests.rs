use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn source(session: &'static str, task: &'static str) -> KeySource<'static> {
    KeySource {
        session,
        seed: 7,
        task,
        agent: "notify",
        handed: Digest::of(b"input"),
        round: 0,
    }
}

fn keys() -> IdempotencyKeys {
    IdempotencyKeys::new(&source("s", "t"), true)
}

fn header() -> HeaderName {
    HeaderName::from_static("idempotency-key")
}

fn hook(name: &str) -> Digest {
    let uri = format!("http://chat.example/{name}").parse().unwrap();
    place("chat", &Method::POST, &uri)
}

/// Sends a request with a key of the guest's own, if it has one: what it is sent
/// with, and whether it may be sent again.
fn sent(keys: &IdempotencyKeys, own: Option<&str>) -> (String, bool) {
    let mut head = HeaderMap::new();
    if let Some(own) = own {
        head.insert(header(), own.parse().unwrap());
    }
    let keyed = keys.put("chat", hook("a"), header(), &mut head);
    let value = head[header()].to_str().unwrap().to_owned();
    (value, keyed.repeatable_at("chat").is_some())
}

#[test]
fn a_key_stays_the_same_over_versions() {
    // A session may be resumed by a later one.
    assert_eq!(keys().key(&hook("a"), 1), "537dd6ed-efe5-85a3-be65-eb2c7f2eaf09");
}

#[test]
fn every_attempt_sends_the_same_keys_and_no_two_requests_the_same() {
    let attempt = || {
        let keys = keys();
        [(); 3].map(|()| sent(&keys, None))
    };
    assert_eq!(attempt(), attempt());
    let all = attempt();
    assert!(all.iter().all(|(_, may)| *may));
    assert_eq!(all.into_iter().collect::<BTreeSet<_>>().len(), 3);
}

#[test]
fn whatever_a_key_follows_from_makes_another_of_it() {
    let mut sources = vec![source("s", "t"), source("s", "u"), source("t", "t")];
    // Where one part ends and the next begins counts too.
    sources.extend([source("st", ""), source("", "st")]);
    sources.push(KeySource {
        seed: 8,
        ..source("s", "t")
    });
    sources.push(KeySource {
        round: 1,
        ..source("s", "t")
    });
    sources.push(KeySource {
        agent: "other",
        ..source("s", "t")
    });
    let handed = Digest::of(b"other");
    sources.push(KeySource {
        handed,
        ..source("s", "t")
    });
    let mut found: BTreeSet<_> = sources
        .iter()
        .map(|source| IdempotencyKeys::new(source, true).key(&hook("a"), 1))
        .collect();
    let uri: Uri = "http://chat.example/a".parse().unwrap();
    for place in [
        hook("b"),
        hook("a?b"),
        place("other", &Method::POST, &uri),
        place("chat", &Method::PUT, &uri),
    ] {
        found.insert(keys().key(&place, 1));
    }
    assert_eq!(found.len(), sources.len() + 4);
}

#[test]
fn a_key_of_the_guests_own_is_sent_as_it_is_and_its_request_not_again() {
    let own = "of-the-guest".to_owned();
    assert_eq!(sent(&keys(), Some(&own)), (own, false));
    let keys = keys();
    let mut head = HeaderMap::new();
    let expected = keys.key(&hook("a"), 1);
    head.append(header(), expected.parse().unwrap());
    head.append(header(), expected.parse().unwrap());
    let twice = keys.put("chat", hook("a"), header(), &mut head);
    assert_eq!((head.len(), twice.repeatable_at("chat")), (2, None));
}

#[test]
fn a_guest_that_sends_the_hosts_key_itself_may_repeat_the_request() {
    let keys = keys();
    let key = keys.key(&hook("a"), 1);
    let mut head = HeaderMap::from_iter([(header(), key.parse().unwrap())]);
    let first = keys.put("chat", hook("a"), header(), &mut head);
    first.failed();
    assert_eq!(
        sent(&keys, Some(&key)),
        (key.clone(), true),
        "in a loop of its own"
    );
    assert_eq!(
        sent(&keys, None),
        (keys.key(&hook("a"), 2), false),
        "a repetition maybe"
    );
}

#[test]
fn what_differs_between_instances_is_not_sent_again() {
    let keys = IdempotencyKeys::new(&source("s", "t"), false);
    let (key, may) = sent(&keys, None);
    assert_eq!((key, may), (self::keys().key(&hook("a"), 1), false));
}

#[test]
fn a_request_that_a_reload_sends_elsewhere_is_not_sent_again() {
    let keyed = keys().put("chat", hook("a"), header(), &mut HeaderMap::new());
    assert!(keyed.repeatable_at("chat").is_some());
    assert_eq!(keyed.repeatable_at("other"), None);
}

proptest! {
    #[test]
    fn every_key_is_a_uuid_of_version_8(name in "[a-z]{0,8}", number: u32) {
        let key = keys().key(&hook(&name), number);
        let is_dash = |at| matches!(at, 8 | 13 | 18 | 23);
        prop_assert_eq!(key.len(), 36);
        for (at, byte) in key.bytes().enumerate() {
            let fits = if is_dash(at) { byte == b'-' } else { byte.is_ascii_hexdigit() };
            prop_assert!(fits);
        }
        prop_assert_eq!(key.as_bytes()[14], b'8');
        prop_assert!(b"89ab".contains(&key.as_bytes()[19]));
    }
}
