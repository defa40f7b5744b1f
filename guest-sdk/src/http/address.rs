//! A URL, cut into the parts that the host wants.
//!
//! It is only cut here. What the parts may hold and where they may lead is for
//! the host to check.

use crate::bindings::wasi::http::types::Scheme;

/// Where a request goes.
#[derive(Debug)]
pub(super) struct Address<'a> {
    pub(super) scheme: Scheme,
    pub(super) authority: &'a str,
    pub(super) path_with_query: String,
}

impl<'a> Address<'a> {
    /// Cuts an absolute `http` or `https` URL. The part after `#` stays with
    /// the client, as RFC 9110, section 7.1, has it.
    pub(super) fn of(url: &'a str) -> Result<Self, &'static str> {
        let (scheme, rest) = url.split_once("://").ok_or("it has no `https://`")?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "https" => Scheme::Https,
            "http" => Scheme::Http,
            _ => return Err("only `https` and `http` can be called"),
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.is_empty() {
            return Err("it names no host");
        }
        if authority.contains('@') {
            return Err("a name or password does not belong in it");
        }
        let slash = if path.starts_with('/') { "" } else { "/" };
        Ok(Self {
            scheme,
            authority,
            path_with_query: format!("{slash}{path}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(url: &str) -> (bool, &str, String) {
        let address = Address::of(url).unwrap();
        (
            matches!(address.scheme, Scheme::Https),
            address.authority,
            address.path_with_query,
        )
    }

    #[test]
    fn a_url_is_cut_at_its_marks() {
        assert_eq!(
            parts("https://a.b/c?d=e://f#g"),
            (true, "a.b", "/c?d=e://f".into())
        );
        assert_eq!(parts("HTTP://[::1]:8080"), (false, "[::1]:8080", "/".into()));
        assert_eq!(parts("http://a?b"), (false, "a", "/?b".into()));
        assert_eq!(parts("http://a#b/c"), (false, "a", "/".into()));
    }

    #[test]
    fn what_cannot_be_called_is_refused_with_the_reason() {
        for (url, reason) in [
            ("a.b/c", "`https://`"),
            ("ftp://a/b", "only"),
            ("https:///b", "no host"),
            ("https://me:secret@a/b", "password"),
        ] {
            let refused = Address::of(url).map(|a| a.authority).unwrap_err();
            assert!(refused.contains(reason), "{url}: {refused}");
        }
    }
}
