//! What the head of an answer says of codings.

use http::HeaderMap;
use http::header::CONTENT_ENCODING;

use super::Coding;

/// Most codings of one answer. Each takes memory of its own.
const MOST: usize = 2;

/// What services write there that packs nothing: that there is none, a character
/// set, or how a program of theirs writes its JSON.
const PACKS_NOTHING: [&str; 15] = [
    "",
    "identity",
    "none",
    "null",
    "utf-8",
    "utf8",
    "ascii",
    "us-ascii",
    "iso-8859-1",
    "7bit",
    "8bit",
    "binary",
    "text",
    "amz-1.0",
    "aws-chunked",
];

/// A body that cannot be read: what it is packed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::call) struct Undecodable(pub(in crate::call) String);

/// The codings that a head names, in the order in which they were applied.
///
/// # Errors
/// If one is unknown, or there are too many.
pub(in crate::call) fn of_head(headers: &HeaderMap) -> Result<Vec<Coding>, Undecodable> {
    let mut codings = Vec::new();
    for value in headers.get_all(CONTENT_ENCODING) {
        for name in value.as_bytes().split(|byte| *byte == b',') {
            let name = String::from_utf8_lossy(name).trim().to_ascii_lowercase();
            codings.extend(coding(&name)?);
        }
    }
    match codings.len() > MOST {
        true => Err(Undecodable(
            codings
                .iter()
                .map(|coding| coding.name())
                .collect::<Vec<_>>()
                .join(", "),
        )),
        false => Ok(codings),
    }
}

/// The coding of a name; none if it packs nothing.
fn coding(name: &str) -> Result<Option<Coding>, Undecodable> {
    Ok(Some(match name {
        "gzip" | "x-gzip" => Coding::Gzip,
        "deflate" | "x-deflate" => Coding::Deflate,
        "br" => Coding::Brotli,
        "zstd" => Coding::Zstd,
        name if PACKS_NOTHING.contains(&name) => return Ok(None),
        name => return Err(Undecodable(name.to_owned())),
    }))
}
