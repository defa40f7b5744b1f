//! Where a value is, for a message.

use super::json::{Kind, Value};
use crate::sandbox::Stop;
use crate::sandbox::pace::Pace;
use fusebox_types::failure::printable;

/// Longest part of a place, in bytes.
const SHOWN: usize = 40;

/// The place of a value in its document: found by going down from the root,
/// only where it is asked for.
pub(super) async fn of(value: Value<'_>, pace: &mut Pace<'_>) -> Result<String, Stop> {
    let mut place = String::new();
    let mut outer = value.root();
    while outer.at < value.at {
        pace.step(1).await?;
        let (name, inner) = match outer.kind() {
            Kind::Array => {
                let mut item = 0_u32;
                let mut inner = outer.first();
                while inner.end() <= value.at {
                    pace.step(1).await?;
                    (item, inner) = (item.saturating_add(1), inner.after());
                }
                (item.to_string(), inner)
            }
            _ => {
                let mut key = outer.first();
                while key.after().end() <= value.at {
                    pace.step(1).await?;
                    key = key.after().after();
                }
                let inner = if key.at == value.at { key } else { key.after() };
                (excerpt(key.text().unwrap_or_default(), SHOWN), inner)
            }
        };
        place.push('/');
        place.push_str(&name);
        outer = inner;
    }
    Ok(if place.is_empty() {
        "the whole value".to_owned()
    } else {
        format!("`{place}`")
    })
}

/// The beginning of a text, without anything that a terminal obeys.
pub(super) fn excerpt(text: &[u8], length: usize) -> String {
    let shown = text.get(..length).unwrap_or(text);
    let shown = String::from_utf8_lossy(shown);
    let more = if text.len() > length { "…" } else { "" };
    format!("{}{more}", printable(shown.trim_end_matches('\u{fffd}')))
}
