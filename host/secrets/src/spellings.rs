//! How a text can be written: as it is, and in the encodings that texts commonly
//! go through.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::parts::{LONGEST, SHORTEST, parts};

/// Characters besides letters and digits that are left as they are: by those who
/// escape all they may (RFC 3986, older rules, forms, all but slashes), and by
/// those who escape a part of a URL, a whole one, its path, its query.
const KEPT: [&str; 8] = [
    "-._~",
    "-._",
    "*-._",
    "-._~/",
    "-._~!'()*",
    "-._~!'()*;/?:@&=+$,#",
    "-._~!'()*;/:@&=+$,%[]\\^|",
    "-._~!()*;/?:@&=+$,%[]\\^|`{}",
];
/// What HTML writes for quotes, which differs.
const QUOTES: [(&str, &str); 4] = [
    ("&quot;", "&#39;"),
    ("&quot;", "&#x27;"),
    ("&#34;", "&#39;"),
    ("&quot;", "'"),
];

/// All texts in which a secret shows itself.
pub(super) fn of_secret(secret: &str) -> BTreeSet<String> {
    let mut all: BTreeSet<String> = quoted(secret).into();
    all.insert(secret.to_owned());
    for part in parts(secret) {
        all.extend(quoted(&part));
        all.extend(in_url(&part));
        all.extend(in_html(&part));
        all.extend(in_hex(&part));
        for packed in in_base64(&part) {
            all.extend(KEPT.iter().flat_map(|kept| percent(&packed, kept)));
            all.insert(packed.replace('/', "\\/"));
            all.insert(packed);
        }
        all.insert(part);
    }
    all.retain(|text| text.len() >= SHORTEST);
    debug_assert!(secret.len() > LONGEST || all.contains(secret));
    all
}

/// As JSON (with and without escapes for what is not ASCII, for slashes, and
/// twice) and Rust write it between quotes.
fn quoted(text: &str) -> [String; 7] {
    let inside = |text: String| text.get(1..text.len() - 1).unwrap_or_default().to_owned();
    let json = |text: &str| inside(serde_json::Value::from(text).to_string());
    let once = json(text);
    let ascii: String = once.chars().map(escaped).collect();
    [
        json(&once),
        json(&ascii),
        ascii.replace('/', "\\/"),
        once.replace('/', "\\/"),
        inside(format!("{text:?}")),
        ascii,
        once,
    ]
}

/// A character as JSON escapes it, if it is not ASCII.
fn escaped(c: char) -> String {
    let mut units = [0; 2];
    match c.is_ascii() {
        true => c.to_string(),
        false => c
            .encode_utf16(&mut units)
            .iter()
            .map(|unit| format!("\\u{unit:04x}"))
            .collect(),
    }
}

/// As URLs and forms write it.
fn in_url(text: &str) -> Vec<String> {
    let mut all: Vec<String> = KEPT.iter().flat_map(|kept| percent(text, kept)).collect();
    let form: Vec<_> = all.iter().map(|text| text.replace("%20", "+")).collect();
    all.extend(form);
    let whole = |hex: String| {
        hex.as_bytes()
            .chunks(2)
            .map(|two| format!("%{}", text_of(two)))
            .collect()
    };
    all.extend(in_hex(text).map(whole));
    all
}

/// With everything escaped but letters, digits and what is kept, in lower and
/// upper case.
fn percent(text: &str, kept: &str) -> [String; 2] {
    let is_kept = |byte: u8| byte.is_ascii_alphanumeric() || kept.as_bytes().contains(&byte);
    let with = |hex: fn(u8) -> String| {
        let one = |byte| match is_kept(byte) {
            true => char::from(byte).to_string(),
            false => format!("%{}", hex(byte)),
        };
        text.bytes().map(one).collect()
    };
    [
        with(|byte| format!("{byte:02x}")),
        with(|byte| format!("{byte:02X}")),
    ]
}

/// As HTML and XML write it.
fn in_html(text: &str) -> impl Iterator<Item = String> {
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    QUOTES
        .into_iter()
        .map(move |(double, single)| text.replace('"', double).replace('\'', single))
}

/// In hexadecimal digits, lower and upper case.
fn in_hex(text: &str) -> [String; 2] {
    [
        text.bytes().map(|byte| format!("{byte:02x}")).collect(),
        text.bytes().map(|byte| format!("{byte:02X}")).collect(),
    ]
}

/// In base64 of both alphabets, wherever it stands in a longer text: those
/// characters that say nothing of what is beside it.
fn in_base64(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    for before in [&b""[..], b"-", b"--"] {
        let bytes = [before, text.as_bytes()].concat();
        let (first, end) = ((before.len() * 8).div_ceil(6), bytes.len() * 8 / 6);
        for packed in [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)] {
            all.extend(packed.get(first..end).map(str::to_owned));
        }
    }
    all
}

/// Of bytes that are ASCII.
fn text_of(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;

    fn is_found(secret: &str, text: &str) -> bool {
        of_secret(secret)
            .iter()
            .any(|spelling| text.contains(spelling.as_str()))
    }

    #[test]
    fn a_secret_is_known_in_base64_wherever_it_stands() {
        for before in ["", "a", "ab", "abc", "user:"] {
            for behind in ["", "x", "xy", "\r\n"] {
                let text = format!("{before}sk-~~>?/key{behind}");
                assert!(is_found("sk-~~>?/key", &STANDARD.encode(&text)), "{text}");
                assert!(is_found("sk-~~>?/key", &URL_SAFE_NO_PAD.encode(&text)), "{text}");
            }
        }
    }

    #[test]
    fn a_secret_is_known_in_the_encodings_of_the_web() {
        let secret = "p&s <w>\"rd'/\u{e9}+";
        for text in [
            "p%26s%20%3Cw%3E%22rd%27%2F%C3%A9%2B",
            "p%26s%20%3cw%3e%22rd%27%2f%c3%a9%2b",
            "p%26s+%3Cw%3E%22rd'%2F%C3%A9%2B",
            "p&amp;s &lt;w&gt;&quot;rd&#39;/\u{e9}+",
            r#"p&s <w>\"rd'\/\u00e9+"#,
            r#"p&s <w>\\\"rd'/\u{e9}+"#.replace("\\u{e9}", "\u{e9}").as_str(),
            "70267320 3c".replace(' ', "").as_str(),
        ] {
            let known = is_found(secret, text) || in_hex(secret).iter().any(|hex| hex.starts_with(text));
            assert!(known, "{text}");
        }
    }
}
