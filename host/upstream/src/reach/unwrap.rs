//! IPv4 addresses that stand inside of IPv6 addresses.

use std::net::{Ipv4Addr, Ipv6Addr};

/// An IPv6 address that leads to an IPv4 address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inside {
    /// Another spelling of it: mapped (::ffff:0:0/96).
    Same(Ipv4Addr),
    /// A translator leads to it: NAT64 (64:ff9b::/96), which networks without
    /// IPv4 use for everything.
    Translated(Ipv4Addr),
    /// A tunnel leads to it, or did: compatible (::/96), translated (RFC 2765),
    /// 6to4. None of them is in use any more.
    Tunnelled(Ipv4Addr),
    /// Teredo: the server and the client.
    Teredo(Ipv4Addr, Ipv4Addr),
}

/// The IPv4 address inside, if there is one.
pub(super) fn inside(ip: Ipv6Addr) -> Option<Inside> {
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    match ip.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] => Some(Inside::Same(v4(high, low))),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(Inside::Translated(v4(high, low))),
        [0, 0, 0, 0, 0xffff, 0, high, low] => Some(Inside::Tunnelled(v4(high, low))),
        [0, 0, 0, 0, 0, 0, 0, 0..=1] => None,
        [0, 0, 0, 0, 0, 0, high, low] => Some(Inside::Tunnelled(v4(high, low))),
        [0x2002, high, low, ..] => Some(Inside::Tunnelled(v4(high, low))),
        // The client's address is written with every bit turned (RFC 4380).
        [0x2001, 0, high, low, _, _, c, d] => Some(Inside::Teredo(v4(high, low), v4(!c, !d))),
        _ => None,
    }
}
