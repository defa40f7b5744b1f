//! Content codings (RFC 9110, 8.4.1): what an answer's body was packed with.
//!
//! ```text
//! content-encoding: gzip, br      body -> br -> gzip -> plain bytes
//! ```
//!
//! The host asks for none. Services and proxies pack all the same, and packed bytes
//! say neither what an answer means nor whether a secret is in them.
//!
//! | module | contents |
//! |---|---|
//! | [`names`] | what the head says, and what of it is no coding at all |
//! | [`unpacker`] | codings behind each other, a bounded step at a time |
//! | [`decoder`] | one coding |
//! | `inflate`, `brotli`, `zstd` | how each is read |

mod brotli;
mod decoder;
mod inflate;
mod names;
mod unpacker;
mod zstd;

pub(super) use names::{Undecodable, of_head};
pub(super) use unpacker::{Broken, Unpacked, Unpacker};

/// What a body can be packed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Gzip,
    /// In zlib's frame as it should be, or bare as some servers send it.
    Deflate,
    Brotli,
    Zstd,
}

impl Coding {
    /// Its name in HTTP.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }
}

#[cfg(test)]
mod tests;
