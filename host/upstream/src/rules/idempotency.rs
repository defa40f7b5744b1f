//! The header that carries idempotency keys.

use super::UpstreamRules;
use super::header::{is_credential, is_of_the_host};

/// Headers that say what a request is, which the plugin writes.
const OF_THE_REQUEST: [&str; 4] = ["accept", "content-encoding", "content-type", "user-agent"];

/// What makes no sense about the header of an upstream's keys.
pub(super) fn contradiction(rules: &UpstreamRules) -> Option<String> {
    let name = rules.idempotency_header.as_deref()?;
    let is_it = |other: &str| other.eq_ignore_ascii_case(name);
    if is_of_the_host(name) {
        return Some("is set by the host itself; use the header that the service names for keys".into());
    }
    if is_credential(name) || OF_THE_REQUEST.iter().any(|other| is_it(other)) {
        return Some("means something else; use the header that the service names for keys".into());
    }
    let same = rules.headers.keys().find(|other| is_it(other))?;
    Some(format!(
        "is the same header as `headers.{same}`, which has a value of its own"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(header: &str, more: &str) -> Option<String> {
        let text = format!("{{\"address\": \"http://a\", \"idempotency_header\": \"{header}\"{more}}}");
        contradiction(&serde_json::from_str(&text).unwrap())
    }

    #[test]
    fn the_header_of_keys_is_no_other_header() {
        assert_eq!(said("Idempotency-Key", ""), None);
        for (header, why) in [
            ("Content-Length", "by the host itself"),
            ("authorization", "means something else"),
            ("Content-Type", "means something else"),
        ] {
            assert!(said(header, "").unwrap().contains(why), "{header}");
        }
        let more = ", \"headers\": {\"x-request-id\": {\"value\": \"1\"}}";
        assert!(
            said("X-Request-Id", more)
                .unwrap()
                .contains("`headers.x-request-id`")
        );
    }
}
