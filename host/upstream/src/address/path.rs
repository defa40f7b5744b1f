//! Paths that mean the same to every reader.

/// Why a path is not looked at any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathFault {
    /// It does not begin with a slash.
    #[error("the path does not begin with `/`")]
    Relative,
    /// It has a segment `.` or `..`, written out or encoded.
    #[error("the path has a segment `.` or `..`")]
    Dots,
    /// It has an encoded slash or dot, which some servers decode before they
    /// look at the path and others after.
    #[error("the path has an encoded `/`, `\\` or `.`")]
    Encoded,
    /// It has a backslash, a control character, white space or an encoded NUL.
    #[error("the path has a backslash, white space or a control character")]
    Characters,
    /// A `%` is followed by something other than two digits.
    #[error("the path has a `%` that begins no encoded byte")]
    Percent,
}

/// Whether a path (without its query) is one that no two readers take for
/// different ones.
///
/// # Errors
/// If it is not; the error says what is wrong with it.
pub(crate) fn check(path: &str) -> Result<(), PathFault> {
    if !path.starts_with('/') {
        return Err(PathFault::Relative);
    }
    if path.contains(|c: char| c == '\\' || c.is_control() || c.is_whitespace()) {
        return Err(PathFault::Characters);
    }
    encoded(path)?;
    // What comes after a semicolon is a parameter to some servers, which drop it
    // before they look for dots.
    let name = |segment: &str| {
        segment
            .split(';')
            .next()
            .is_some_and(|name| matches!(name, "." | ".."))
    };
    if path.split('/').any(name) {
        return Err(PathFault::Dots);
    }
    Ok(())
}

/// Whether nothing is encoded that would change the path's segments, once or
/// twice decoded.
fn encoded(path: &str) -> Result<(), PathFault> {
    for (at, _) in path.match_indices('%') {
        let byte = byte_at(path, at).ok_or(PathFault::Percent)?;
        let byte = match byte {
            b'%' => path.get(at + 3..).and_then(hex).unwrap_or(b'%'),
            byte => byte,
        };
        match byte {
            b'/' | b'\\' | b'.' => return Err(PathFault::Encoded),
            0..=0x1f | 0x7f => return Err(PathFault::Characters),
            _ => {}
        }
    }
    Ok(())
}

/// The byte that is encoded at a `%`.
fn byte_at(path: &str, at: usize) -> Option<u8> {
    hex(path.get(at + 1..)?)
}

/// The byte that two digits at the beginning of a text come to.
fn hex(text: &str) -> Option<u8> {
    let digits = text.get(..2)?;
    let all = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    all.then(|| u8::from_str_radix(digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_paths_are_taken() {
        for path in [
            "/",
            "/v1/chat/completions",
            "/a//b",
            "/a/..b/.c/...",
            "/%E4%BD%A0",
            "/a%20b",
            "/a;b=1/c",
            "/%25x",
        ] {
            assert_eq!(check(path), Ok(()), "{path}");
        }
    }

    #[test]
    fn what_two_readers_could_read_differently_is_refused() {
        use PathFault as F;
        let cases = [
            ("", F::Relative),
            ("*", F::Relative),
            ("/v1/../admin", F::Dots),
            ("/v1/..", F::Dots),
            ("/./a", F::Dots),
            ("/v1/..;/admin", F::Dots),
            ("/v1/..;x=1", F::Dots),
            ("/v1/%2e%2E/admin", F::Encoded),
            ("/v1/.%2e/admin", F::Encoded),
            ("/v1%2fadmin", F::Encoded),
            ("/v1%5cadmin", F::Encoded),
            ("/v1/%252e%252e/admin", F::Encoded),
            ("/v1%252Fadmin", F::Encoded),
            ("/a\\b", F::Characters),
            ("/a%00", F::Characters),
            ("/a%2500", F::Characters),
            ("/a%0d%0aHost:x", F::Characters),
            ("/a b", F::Characters),
            ("/a\r\n", F::Characters),
            ("/a%", F::Percent),
            ("/a%2", F::Percent),
            ("/a%zz", F::Percent),
            ("/a%+1", F::Percent),
        ];
        for (path, fault) in cases {
            assert_eq!(check(path), Err(fault), "{path:?}");
        }
    }
}
