//! Redirects (RFC 9110, 15.4): that what was asked for is elsewhere, and where.
//!
//! The host follows none. A guest may, to what it was granted.

use http::header::LOCATION;
use http::{HeaderMap, StatusCode};

use super::MAX_LOCATION;
use crate::rules::AnswerCode;

/// What stands for a query, in which there may be what only its reader should have.
const QUERY: &str = "?..";

/// That it is a redirect; none if it is not. Of several choices only one that is
/// named is a place to go.
pub(super) fn meaning(status: StatusCode, headers: &HeaderMap) -> Option<AnswerCode> {
    let is_redirect = match status.as_u16() {
        301 | 302 | 303 | 307 | 308 => true,
        300 => headers.contains_key(LOCATION),
        _ => false,
    };
    is_redirect.then_some(AnswerCode::Redirect)
}

/// Where a redirect leads, as it may be shown: without credentials and query, cut.
pub(super) fn location(status: StatusCode, headers: &HeaderMap) -> Option<String> {
    meaning(status, headers)?;
    let location = String::from_utf8_lossy(headers.get(LOCATION)?.as_bytes());
    let mut shown = shown(location.trim());
    shown.truncate(shown.floor_char_boundary(MAX_LOCATION));
    (!shown.is_empty()).then_some(shown)
}

fn shown(location: &str) -> String {
    let end = location.find(['?', '#']).unwrap_or(location.len());
    let (place, rest) = location.split_at(end);
    let query = if rest.starts_with('?') { QUERY } else { "" };
    let authority = place.find("//").map(|at| place.split_at(at + 2));
    let authority = authority.filter(|(scheme, _)| *scheme == "//" || scheme.ends_with("://"));
    let Some((scheme, behind)) = authority else {
        return format!("{place}{query}");
    };
    let path = behind.find(['/', '\\']).unwrap_or(behind.len());
    let (host, path) = behind.split_at(path);
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    format!("{scheme}{host}{path}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, location: Option<&str>) -> (Option<AnswerCode>, Option<String>) {
        let headers = location.map(|location| (LOCATION, location.parse().unwrap()));
        let headers = headers.into_iter().collect();
        let status = StatusCode::from_u16(status).unwrap();
        (meaning(status, &headers), super::location(status, &headers))
    }

    #[test]
    fn statuses_that_send_elsewhere_are_redirects() {
        for status in [301, 302, 303, 307, 308] {
            let moved = Some(AnswerCode::Redirect);
            assert_eq!(of(status, Some("/v2")), (moved, Some("/v2".into())));
            assert_eq!(of(status, None), (moved, None));
            assert_eq!(of(status, Some(" ")), (moved, None));
        }
        assert_eq!(of(300, Some("/b")).0, Some(AnswerCode::Redirect));
        assert_eq!(of(300, None), (None, None));
        for status in [200, 201, 304, 305, 306, 400] {
            assert_eq!(of(status, Some("/v2")), (None, None));
        }
    }

    #[test]
    fn a_location_is_shown_without_what_only_its_reader_should_have() {
        let rows = [
            ("https://api.example/v2/chat", "https://api.example/v2/chat"),
            ("/v2/chat?key=abc#top", "/v2/chat?.."),
            ("chat#top", "chat"),
            (
                "https://me:pass@api.example:8443/a@b",
                "https://api.example:8443/a@b",
            ),
            ("//me@api.example", "//api.example"),
            ("https://a@b@c?x=https://d@e/", "https://c?.."),
            ("/a//b@c", "/a//b@c"),
        ];
        for (location, shown) in rows {
            assert_eq!(of(307, Some(location)).1.as_deref(), Some(shown));
        }
        let long = of(307, Some(&format!("/{}", "x".repeat(2000)))).1.unwrap();
        assert_eq!(long.len(), MAX_LOCATION);
        let headers = [(LOCATION, http::HeaderValue::from_bytes(b"/\xff\xe7").unwrap())];
        let shown = super::location(StatusCode::FOUND, &headers.into_iter().collect());
        assert_eq!(shown.as_deref(), Some("/\u{fffd}\u{fffd}"));
    }
}
