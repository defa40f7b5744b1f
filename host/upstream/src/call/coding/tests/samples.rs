//! Texts, packed.

use flate2::{Compress, Compression, FlushCompress};

pub(super) const TEXT: &[u8] = br#"{"error":{"code":"1308","message":"used up"}}"#;

/// `TEXT`, by Google's encoder.
pub(super) const TEXT_BR: &[u8] = &hex::<88, 44>(
    b"1b2c000084e77347da1e07b5a47da524ba1d6cc08940160638809f1685515c52e211fbac6b528aff8cff7403",
);
/// `TEXT`, by the encoder of the reference, with a checksum.
pub(super) const TEXT_ZSTD: &[u8] = &hex::<116, 58>(
    b"28b52ffd242d6901007b226572726f72223a7b22636f6465223a2231333038222c226d657373616765223a2275\
        736564207570227d7d5332c632",
);
/// A hundred MiB of `x`.
pub(super) const BOMB_BR: &[u8] = &hex::<330, 165>(
    b"cbffff3f0024f0e2b14072effff8ffff078004401c1680eefd1fffffff00900088c302d0bdffe3ffff1f001200\
        715800baf77ffcffff034002200e0b40f7fe8fffff7f004800c46101e8defff1ffff0f000980382c00ddfb3ffe\
        ffff012001108705a07bffc7ffff3f002400e2b00074effff8ffff078004401c1680eefd1fffffff00900088c3\
        02d0bdffe3ffff1f001200715800baf77ff9ffff034002200e0b40f7fe07",
);

const fn hex<const N: usize, const M: usize>(text: &[u8; N]) -> [u8; M] {
    let mut bytes = [0; M];
    let mut at = 0;
    while at < M {
        bytes[at] = digit(text[2 * at]) << 4 | digit(text[2 * at + 1]);
        at += 1;
    }
    bytes
}

const fn digit(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => digit - b'a' + 10,
    }
}

pub(super) fn gzipped(plain: &[u8]) -> Vec<u8> {
    packed(Compress::new_gzip(Compression::default(), 15), plain)
}

pub(super) fn zlibbed(plain: &[u8]) -> Vec<u8> {
    packed(Compress::new(Compression::default(), true), plain)
}

pub(super) fn deflated(plain: &[u8]) -> Vec<u8> {
    packed(Compress::new(Compression::default(), false), plain)
}

fn packed(mut engine: Compress, plain: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(plain.len() + 1024);
    engine
        .compress_vec(plain, &mut out, FlushCompress::Finish)
        .unwrap();
    assert_eq!(engine.total_in(), plain.len() as u64);
    out
}

pub(super) fn zstd(plain: &[u8]) -> Vec<u8> {
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};
    compress_to_vec(plain, CompressionLevel::Fastest)
}
