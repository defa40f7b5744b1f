//! IPv6 addresses.

use std::net::Ipv6Addr;

use super::unwrap::{Inside, inside};
use super::{Reach, v4};

/// Where clouds serve metadata: Amazon's machines and pods, Google, Oracle.
const METADATA: [Ipv6Addr; 4] = [
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23),
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0xc1, 0, 0, 0, 0, 0xa9fe, 0xa9fe),
];

/// The kind of an IPv6 address.
pub(super) fn reach(ip: Ipv6Addr) -> Reach {
    match inside(ip) {
        Some(Inside::Same(inner)) => v4::reach(inner),
        Some(Inside::Translated(inner)) => elsewhere(v4::reach(inner)),
        Some(Inside::Tunnelled(inner)) => tunnelled(v4::reach(inner)),
        Some(Inside::Teredo(server, client)) => match [server, client].map(v4::reach) {
            [Reach::Public, inner] | [inner, Reach::Public] => tunnelled(inner),
            [Reach::Metadata, _] | [_, Reach::Metadata] => Reach::Metadata,
            [server, client] if server == client => tunnelled(client),
            _ => Reach::Reserved,
        },
        None if METADATA.contains(&ip) => Reach::Metadata,
        None => by_prefix(ip),
    }
}

/// What a translator calls its own machine is not this one.
fn elsewhere(inner: Reach) -> Reach {
    match inner {
        Reach::Loopback => Reach::Reserved,
        inner => inner,
    }
}

/// A tunnel that leads inside is named by where it leads; the others are out of
/// use, and nobody serves an API there.
fn tunnelled(inner: Reach) -> Reach {
    match elsewhere(inner) {
        Reach::Public => Reach::Reserved,
        inner => inner,
    }
}

fn by_prefix(ip: Ipv6Addr) -> Reach {
    match ip.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Reach::Unspecified,
        [0, 0, 0, 0, 0, 0, 0, 1] => Reach::Loopback,
        [0xfc00..=0xfdff, ..] | [0xfec0..=0xfeff, ..] => Reach::UniqueLocal,
        [0xfe80..=0xfebf, ..] => Reach::LinkLocal,
        [0xff00..=0xffff, ..] => Reach::Multicast,
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Reach::Documentation,
        [0x2001, 2, 0, ..] => Reach::Benchmark,
        // Protocol assignments: Teredo, ORCHID and the like.
        [0x2001, 0..=0x1ff, ..] => Reach::Reserved,
        // Direct delegation of AS112, and SRv6 (RFC 9602), lie in here too.
        [0x2620, 0x4f, 0x8000, ..] => Reach::Reserved,
        [0x2000..=0x3fff, ..] => Reach::Public,
        _ => Reach::Reserved,
    }
}
