//! No secret of the configuration leaves the host, whoever says it, wherever, and
//! in whichever of the usual encodings.

mod echoes;
mod places;

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// A secret that no encoding leaves as it is, and that a header can carry.
pub(crate) fn secret(owner: &str) -> String {
    format!("{owner}-\"/<&>+?~~hunter22")
}

/// A text in which a secret stands, in all encodings that are to be known. Made
/// with other means than the host's.
pub(crate) fn encodings(secret: &str) -> Vec<String> {
    let percent = |hex: fn(u8) -> String| secret.bytes().map(hex).collect::<String>();
    let json = serde_json::to_string(secret).unwrap();
    let json = json.trim_matches('"').to_owned();
    let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let mut url = url::Url::parse("http://localhost/").unwrap();
    url.set_path(secret);
    let mut all = vec![
        secret.to_owned(),
        json.replace('/', "\\/"),
        json,
        form,
        percent(|byte| format!("%{byte:02X}")),
        percent(|byte| format!("%{byte:02x}")),
        percent(|byte| format!("{byte:02X}")),
        percent(|byte| format!("{byte:02x}")),
        secret
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;"),
    ];
    for before in ["", "u", "u:"] {
        for behind in ["", "x", "xy"] {
            let text = format!("{before}{secret}{behind}");
            all.extend([STANDARD.encode(&text), URL_SAFE_NO_PAD.encode(&text)]);
        }
    }
    all
}

/// What must be found nowhere: each encoding, less what stands at the ends of
/// base64 and says nothing.
fn traces(secret: &str) -> Vec<String> {
    let inside = |text: String| text[4..text.len() - 4].to_owned();
    let mut all: Vec<_> = encodings(secret).into_iter().map(inside).collect();
    all.push("hunter22".into());
    all
}

#[track_caller]
pub(crate) fn shows_none(secrets: &[String], place: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for trace in secrets.iter().flat_map(|secret| traces(secret)) {
        let at = text.find(&trace);
        let around = at.map(|at| {
            let (from, to) = (at.saturating_sub(200), (at + 200).min(text.len()));
            text[text.floor_char_boundary(from)..text.ceil_char_boundary(to)].to_owned()
        });
        assert_eq!(around, None, "{trace} in {place}");
    }
}

/// No file below a folder shows a secret, nor its name.
#[track_caller]
pub(crate) fn folder_shows_none(secrets: &[String], folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        shows_none(secrets, "a name", path.as_os_str().as_encoded_bytes());
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            folder_shows_none(secrets, &path);
        } else if kind.is_file() {
            shows_none(
                secrets,
                &path.display().to_string(),
                &std::fs::read(&path).unwrap(),
            );
        }
    }
}
