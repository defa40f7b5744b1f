use proptest::prelude::*;

use super::*;

fn redactor(secrets: &[(&str, &str)]) -> Redactor {
    let secrets: Vec<_> = secrets
        .iter()
        .map(|(name, text)| ((*name).to_owned(), Secret::of(text)))
        .collect();
    Redactor::new(&secrets).unwrap().unwrap()
}

fn hidden(secret: &str, text: &str) -> String {
    redactor(&[("key", secret)]).text(text).into_owned()
}

#[test]
fn a_secret_is_hidden_wherever_it_stands() {
    let redactor = redactor(&[("key", "hunter22")]);
    assert_eq!(
        redactor.text("the key is hunter22, hunter22"),
        "the key is [secret key], [secret key]"
    );
    assert!(matches!(redactor.text("hunter2"), Cow::Borrowed("hunter2")));
    assert_eq!(redactor.shown_in(b"\x00hunter22\xff").count(), 1);
    assert!(!format!("{redactor:?}").contains("hunter22"));
}

#[test]
fn where_everything_is_a_secret_nothing_is_left() {
    let redactor = Redactor::of_everything().unwrap();
    assert_eq!(redactor.text("any text, 逆否命题 \u{0}"), "");
    assert_eq!(redactor.bytes(b"\xff\x00"), &b""[..]);
    assert_eq!(redactor.text(""), "");
    assert!(!redactor.is_clean(b"x") && redactor.open_end(b"x") == 1);
}

/// As serde_json and Debug write it, which is how it gets into messages.
#[test]
fn a_secret_is_hidden_in_quotes_too() {
    let secret = "pass\"word\\tail\u{e9}\t99";
    for written in [
        format!("{secret:?}"),
        r#""pass\"word\\tail\u00e9\t99""#.to_owned(),
    ] {
        assert_eq!(hidden(secret, &written), "\"[secret key]\"", "{written}");
    }
}

#[test]
fn the_longer_of_two_secrets_is_hidden_whole() {
    let redactor = redactor(&[("a", "abcdefgh"), ("b", "abcdefghXYZ12345")]);
    assert_eq!(redactor.text("abcdefghXYZ12345"), "[secret b]");
}

#[test]
fn what_was_cut_in_the_middle_of_a_secret_shows_nothing_of_it() {
    let mut bytes = b"the key is hunter".to_vec();
    redactor(&[("key", "hunter22")]).trim_cut(&mut bytes);
    assert_eq!(bytes, b"the key is ");
}

#[test]
fn a_line_of_a_long_secret_is_hidden_too() {
    let secret = "-----BEGIN-----\nMIIEowIBAAKC\nab\n-----END-----";
    assert_eq!(hidden(secret, "MIIEowIBAAKC and ab"), "[secret key] and ab");
}

#[test]
fn a_long_secret_is_hidden_piece_by_piece_and_named_once() {
    let secret: String = (0..3000).map(|n| char::from(b'a' + (n * n % 23) as u8)).collect();
    let packed: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hidden(&secret, &format!("<{packed}>")), "<[secret key]>");
    assert_eq!(hidden(&secret, &format!("<{secret}>")), "<[secret key]>");
}

/// Names that are secrets themselves.
#[test]
fn what_is_put_in_shows_no_secret() {
    for (name, secret) in [
        ("key", "[secret key]"),
        ("hunter22", "hunter22"),
        ("a", "[secret]x"),
    ] {
        let redactor = redactor(&[(name, secret), ("other", "[secret]")]);
        let said = redactor.text(&format!("{secret}x and {secret}")).into_owned();
        assert!(redactor.is_clean(said.as_bytes()), "{said}");
    }
}

proptest! {
    /// Of an alphabet so small that secrets overlap each other and themselves.
    #[test]
    fn no_spelling_is_left_whatever_is_said(
        secrets in prop::collection::vec("[ab\"/é]{8,12}", 1..4),
        text in "[ab\"/é]{0,40}",
        places in prop::collection::vec((0usize..40, 0usize..4, 0usize..64), 0..4),
    ) {
        let named: Vec<_> = secrets.iter().map(|secret| ("name".to_owned(), Secret::of(secret))).collect();
        let redactor = Redactor::new(&named).unwrap().unwrap();
        let mut text = text;
        for (at, secret, spelling) in places {
            let all: Vec<_> = of_secret(&secrets[secret % secrets.len()]).into_iter().collect();
            let at = text.floor_char_boundary(at.min(text.len()));
            text.insert_str(at, &all[spelling % all.len()]);
        }
        let said = redactor.text(&text).into_owned();
        for spelling in secrets.iter().flat_map(|secret| of_secret(secret)) {
            prop_assert!(!said.contains(&spelling), "{spelling} in {said}");
        }
    }
}
