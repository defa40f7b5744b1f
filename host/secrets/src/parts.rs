//! What of a secret is as secret as the whole.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Shortest part of a secret that is looked for by itself, in bytes.
pub(super) const SHORTEST: usize = 8;
/// Longest part that is looked for in all spellings, in bytes. What is longer is
/// looked for piece by piece.
pub(super) const LONGEST: usize = 1 << 10;

/// The longer lines of a secret, since much is printed line by line, and what
/// stands in it as a credential. The whole is among them, if it is one line.
pub(super) fn parts(secret: &str) -> Vec<String> {
    let mut parts: Vec<String> = secret.lines().flat_map(pieces).map(str::to_owned).collect();
    // A header's value loses the white space around it.
    parts.push(secret.trim().to_owned());
    let behind = behind_scheme(secret);
    let credentials = [Some(secret), behind].into_iter().flatten();
    parts.extend(credentials.filter_map(user_and_password).flatten());
    parts.extend(behind.map(str::to_owned));
    parts.retain(|part| (SHORTEST..=LONGEST).contains(&part.len()));
    parts
}

/// A text cut into pieces that are not too long.
fn pieces(mut text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    while text.len() > LONGEST {
        let (piece, rest) = text.split_at(text.floor_char_boundary(LONGEST));
        pieces.push(piece);
        text = rest;
    }
    pieces.push(text);
    pieces
}

/// What stands behind the name of a scheme, such as `Bearer`.
fn behind_scheme(secret: &str) -> Option<&str> {
    let (scheme, rest) = secret.trim().split_once(' ')?;
    let is_name = scheme.chars().all(|c| c.is_ascii_alphabetic());
    (is_name && !rest.contains(char::is_whitespace)).then_some(rest)
}

/// What a credential of the scheme `Basic` says, whole and the password by
/// itself.
fn user_and_password(credential: &str) -> Option<[String; 2]> {
    let said = String::from_utf8(STANDARD.decode(credential).ok()?).ok()?;
    let (_, password) = said.split_once(':')?;
    let password = password.to_owned();
    (!said.contains(char::is_control)).then_some([said, password])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_credential_says_is_a_part_of_it() {
        let basic = STANDARD.encode("somebody:open sesame");
        for secret in [basic.clone(), format!("Basic {basic}")] {
            let parts = parts(&secret);
            for part in [&basic, "somebody:open sesame", "open sesame"] {
                assert!(parts.iter().any(|found| found == part), "{parts:?}");
            }
        }
        assert!(parts("Bearer abcdefgh").contains(&"abcdefgh".to_owned()));
        assert_eq!(parts("open sesame now"), ["open sesame now"; 2]);
    }

    #[test]
    fn a_long_text_is_cut_at_characters() {
        let text = "界".repeat(1000);
        assert_eq!(pieces(&text).concat(), text);
        assert!(pieces(&text).iter().all(|piece| piece.len() <= LONGEST));
    }
}
