mod samples;

use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use proptest::prelude::*;

use super::*;
use samples::{BOMB_BR, TEXT, TEXT_BR, TEXT_ZSTD, deflated, gzipped, zlibbed, zstd};

const MOST: u64 = 1 << 20;

/// Unpacks pieces of this length; no more than so many bytes.
fn unpack(codings: &[Coding], packed: &[u8], piece: usize, most: usize) -> Result<Vec<u8>, Broken> {
    let mut unpacker = Unpacker::new(codings, MOST).unwrap();
    let (mut pieces, mut plain) = (packed.chunks(piece), Vec::new());
    while plain.len() < most {
        match unpacker.next()? {
            Unpacked::Some(more) => {
                assert!(!more.is_empty() && more.len() <= 32 << 10);
                plain.extend(more);
            }
            Unpacked::Busy => {}
            Unpacked::Hungry => match pieces.next() {
                Some(piece) => unpacker.feed(Bytes::copy_from_slice(piece)),
                None => return unpacker.finish().map(|()| plain),
            },
        }
    }
    Ok(plain)
}

fn whole(codings: &[Coding], packed: &[u8]) -> Result<Vec<u8>, Broken> {
    unpack(codings, packed, usize::MAX, usize::MAX)
}

fn named(values: &[&str]) -> Result<Vec<Coding>, Undecodable> {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(CONTENT_ENCODING, value.parse().unwrap());
    }
    of_head(&headers)
}

#[test]
fn every_coding_is_read_however_it_is_cut() {
    let rows = [
        (Coding::Gzip, gzipped(TEXT)),
        (Coding::Deflate, zlibbed(TEXT)),
        (Coding::Deflate, deflated(TEXT)),
        (Coding::Brotli, TEXT_BR.to_vec()),
        (Coding::Zstd, TEXT_ZSTD.to_vec()),
        (Coding::Zstd, zstd(TEXT)),
    ];
    for (coding, packed) in rows {
        for piece in [1, 2, 3, 7, usize::MAX] {
            let plain = unpack(&[coding], &packed, piece, usize::MAX);
            assert_eq!(plain.as_deref(), Ok(TEXT), "{coding:?} {piece}");
        }
    }
}

#[test]
fn two_codings_are_undone_in_the_order_in_which_they_were_applied() {
    let inner = gzipped(TEXT);
    for (outer, packed) in [
        (Coding::Gzip, gzipped(&inner)),
        (Coding::Zstd, zstd(&inner)),
        (Coding::Deflate, deflated(&inner)),
    ] {
        assert_eq!(whole(&[Coding::Gzip, outer], &packed).as_deref(), Ok(TEXT));
    }
    assert!(whole(&[Coding::Zstd, Coding::Gzip], &zstd(&inner)).is_err());
}

#[test]
fn the_names_of_codings_are_those_of_the_field() {
    use Coding::{Brotli, Deflate, Gzip, Zstd};
    let rows: [(&[&str], &[Coding]); 8] = [
        (&["gzip"], &[Gzip]),
        (&["X-GZIP"], &[Gzip]),
        (&["deflate"], &[Deflate]),
        (&["br"], &[Brotli]),
        (&["identity, zstd , identity"], &[Zstd]),
        (&["gzip", "br"], &[Gzip, Brotli]),
        (&["none"], &[]),
        (&["UTF-8", ""], &[]),
    ];
    for (values, codings) in rows {
        assert_eq!(named(values).as_deref(), Ok(codings), "{values:?}");
    }
    assert_eq!(named(&["compress"]), Err(Undecodable("compress".into())));
    assert_eq!(
        named(&["gzip, gzip, gzip"]),
        Err(Undecodable("gzip, gzip, gzip".into()))
    );
}

/// Proxies unpack and leave the head; and a body may be empty, whatever is said of it.
#[test]
fn what_is_not_packed_at_all_is_read_as_it_is() {
    for coding in [Coding::Gzip, Coding::Zstd] {
        assert_eq!(whole(&[coding], b"{\"a\": 1}").as_deref(), Ok(&b"{\"a\": 1}"[..]));
        assert_eq!(whole(&[coding, coding], b"[1]").as_deref(), Ok(&b"[1]"[..]));
    }
    for coding in [Coding::Gzip, Coding::Deflate, Coding::Brotli, Coding::Zstd] {
        assert_eq!(whole(&[coding], b"").as_deref(), Ok(&b""[..]));
        assert_eq!(whole(&[coding, coding], b"").as_deref(), Ok(&b""[..]));
    }
}

#[test]
fn what_follows_the_end_is_the_next_member_or_nobodys() {
    let two = [gzipped(TEXT), gzipped(b"!")].concat();
    assert_eq!(whole(&[Coding::Gzip], &two), Ok([TEXT, b"!"].concat()));
    let frames = [
        zstd(TEXT),
        vec![0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9],
        zstd(b"!"),
    ]
    .concat();
    for piece in [1, usize::MAX] {
        assert_eq!(
            unpack(&[Coding::Zstd], &frames, piece, usize::MAX),
            Ok([TEXT, b"!"].concat())
        );
    }
    for (coding, packed) in [
        (Coding::Gzip, gzipped(TEXT)),
        (Coding::Deflate, zlibbed(TEXT)),
        (Coding::Brotli, TEXT_BR.to_vec()),
    ] {
        assert_eq!(
            whole(&[coding], &[packed, vec![0; 600]].concat()).as_deref(),
            Ok(TEXT)
        );
    }
}

#[test]
fn what_is_cut_or_changed_is_broken() {
    for (coding, packed) in [
        (Coding::Gzip, gzipped(TEXT)),
        (Coding::Deflate, zlibbed(TEXT)),
        (Coding::Deflate, deflated(TEXT)),
        (Coding::Brotli, TEXT_BR.to_vec()),
        (Coding::Zstd, TEXT_ZSTD.to_vec()),
    ] {
        for cut in 1..packed.len() {
            let broken = whole(&[coding], &packed[..cut]).unwrap_err();
            assert!(
                matches!(broken, Broken::Corrupt { coding: of, .. } if of == coding.name()),
                "{broken:?}"
            );
        }
        assert!(whole(&[coding], b"no packed text").is_err(), "{coding:?}");
    }
    // The checksum tells.
    for (coding, mut packed) in [(Coding::Gzip, gzipped(TEXT)), (Coding::Zstd, TEXT_ZSTD.to_vec())] {
        let last = packed.len() - 1;
        packed[last] ^= 1;
        assert!(whole(&[coding], &packed).is_err(), "{coding:?}");
    }
}

/// A few bytes that stand for a hundred million: what comes is handed on at once, and
/// whoever has enough of it stops.
#[test]
fn a_bomb_gives_a_little_at_a_time() {
    let zeros = vec![0; 4 << 20];
    for (coding, packed) in [
        (Coding::Gzip, gzipped(&zeros)),
        (Coding::Deflate, deflated(&zeros)),
        (Coding::Brotli, BOMB_BR.to_vec()),
        (Coding::Zstd, zstd(&zeros)),
    ] {
        let plain = unpack(&[coding], &packed, usize::MAX, 100_000).unwrap();
        assert!((100_000..150_000).contains(&plain.len()), "{coding:?}");
    }
}

#[test]
fn a_bomb_inside_of_another_is_too_large_though_little_comes_of_it() {
    // Members that hold nothing.
    let members = gzipped(b"").repeat(100_000);
    assert!(members.len() as u64 > MOST);
    let broken = whole(&[Coding::Gzip, Coding::Gzip], &gzipped(&members));
    assert_eq!(broken, Err(Broken::TooLarge));
}

/// What takes long has its turns.
#[test]
fn work_that_gives_nothing_is_done_in_turns() {
    let mut unpacker = Unpacker::new(&[Coding::Gzip], MOST).unwrap();
    unpacker.feed(gzipped(b"").repeat(1000).into());
    assert_eq!(unpacker.next(), Ok(Unpacked::Busy));
}

#[test]
fn a_window_that_is_larger_than_http_allows_is_refused() {
    // No single segment, a window of 2^27.
    let frame = [0x28, 0xb5, 0x2f, 0xfd, 0x00, (27 - 10) << 3, 1, 0, 0];
    assert!(whole(&[Coding::Zstd], &frame).is_err());
    // Brotli's own larger windows.
    assert!(whole(&[Coding::Brotli], &[0x11, 30, 3]).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn whatever_was_packed_comes_back(
        plain in prop::collection::vec(0u8..4, 0..100_000),
        piece in 1usize..70_000,
    ) {
        for (coding, packed) in [
            (Coding::Gzip, gzipped(&plain)),
            (Coding::Deflate, deflated(&plain)),
            (Coding::Zstd, zstd(&plain)),
        ] {
            let unpacked = unpack(&[coding], &packed, piece, usize::MAX);
            prop_assert_eq!(unpacked.as_deref(), Ok(plain.as_slice()));
        }
    }

    /// What a hostile service sends ends, with an error or without.
    #[test]
    fn nothing_that_is_sent_does_harm(
        packed in prop::collection::vec(any::<u8>(), 0..300),
        at in 0usize..60,
        with in any::<u8>(),
    ) {
        for coding in [Coding::Gzip, Coding::Deflate, Coding::Brotli, Coding::Zstd] {
            let _ = unpack(&[coding, coding], &packed, 7, 1 << 20);
        }
        for (coding, sample) in [(Coding::Brotli, TEXT_BR), (Coding::Zstd, TEXT_ZSTD)] {
            let mut changed = sample.to_vec();
            if let Some(byte) = changed.get_mut(at) {
                *byte = with;
            }
            let _ = unpack(&[coding], &changed, 7, 1 << 20);
        }
    }
}
