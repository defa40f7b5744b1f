//! SHA-256 of contents, as the report and the artefact cache name them.

use std::fmt;
#[cfg(feature = "digest")]
use std::io::{self, Read};

#[cfg(feature = "digest")]
use sha2::Digest as _;

#[cfg(feature = "digest")]
const PART_BYTES: usize = 64 << 10;

/// The SHA-256 of some bytes; shown as 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

#[cfg(feature = "digest")]
impl Digest {
    /// Of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self::of_parts(&[bytes])
    }

    /// Of several pieces, one after the other.
    pub fn of_parts(parts: &[&[u8]]) -> Self {
        let mut hash = sha2::Sha256::new();
        for part in parts {
            hash.update(part);
        }
        Self(hash.finalize().into())
    }

    /// Of all that there is to read, of which only a part is held at a time.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn of_all(mut from: impl Read) -> io::Result<Self> {
        let (mut hash, mut part) = (sha2::Sha256::new(), vec![0; PART_BYTES]);
        loop {
            match from.read(&mut part)? {
                0 => return Ok(Self(hash.finalize().into())),
                count => hash.update(part.get(..count).unwrap_or(&part)),
            }
        }
    }
}

/// A hexadecimal digit.
const fn digit(value: u8) -> u8 {
    match value {
        0..=9 => b'0' + value,
        _ => b'a' + value - 10,
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Each result's digest is written out: one write, not thirty-two.
        let mut digits = [0; 64];
        for (pair, byte) in digits.as_chunks_mut().0.iter_mut().zip(self.0) {
            *pair = [digit(byte >> 4), digit(byte & 15)];
        }
        f.write_str(std::str::from_utf8(&digits).map_err(|_| fmt::Error)?)
    }
}

#[cfg(all(test, feature = "digest"))]
mod tests {
    use super::Digest;

    /// From FIPS 180-4's example "abc".
    #[test]
    fn it_is_sha_256() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Digest::of(b"abc").to_string(), expected);
        assert_eq!(Digest::of_parts(&[b"a", b"bc"]), Digest::of(b"abc"));
    }
}
