//! IPv4 addresses.

use std::net::Ipv4Addr;

use super::Reach;

/// Where clouds serve metadata: most of them; Amazon's containers and pods;
/// Alibaba; Oracle (classic); Azure's agent.
const METADATA: [Ipv4Addr; 6] = [
    Ipv4Addr::new(169, 254, 169, 254),
    Ipv4Addr::new(169, 254, 170, 2),
    Ipv4Addr::new(169, 254, 170, 23),
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(192, 0, 0, 192),
    Ipv4Addr::new(168, 63, 129, 16),
];

/// The kind of an IPv4 address.
pub(super) fn reach(ip: Ipv4Addr) -> Reach {
    if METADATA.contains(&ip) {
        return Reach::Metadata;
    }
    match ip.octets() {
        [0, ..] => Reach::Unspecified,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Reach::Private,
        [100, 64..=127, ..] => Reach::CarrierNat,
        [127, ..] => Reach::Loopback,
        [169, 254, ..] => Reach::LinkLocal,
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Reach::Documentation,
        // Protocol assignments, AS112, relays of 6to4, AMT.
        [192, 0, 0, _] | [192, 31, 196, _] | [192, 88, 99, _] | [192, 52, 193, _] | [192, 175, 48, _] => {
            Reach::Reserved
        }
        [198, 18..=19, ..] => Reach::Benchmark,
        [224..=239, ..] => Reach::Multicast,
        [255, 255, 255, 255] => Reach::Broadcast,
        [240..=255, ..] => Reach::Reserved,
        _ => Reach::Public,
    }
}
