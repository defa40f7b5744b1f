use super::*;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The kind of each range, at its edges and just outside of them.
#[test]
fn every_range_of_ipv4_has_its_kind() {
    use Reach as R;
    let table: &[(&str, R)] = &[
        ("0.0.0.0", R::Unspecified),
        ("0.255.255.255", R::Unspecified),
        ("1.0.0.0", R::Public),
        ("9.255.255.255", R::Public),
        ("10.0.0.0", R::Private),
        ("10.255.255.255", R::Private),
        ("11.0.0.0", R::Public),
        ("100.63.255.255", R::Public),
        ("100.64.0.0", R::CarrierNat),
        ("100.100.100.199", R::CarrierNat),
        ("100.100.100.200", R::Metadata),
        ("100.127.255.255", R::CarrierNat),
        ("100.128.0.0", R::Public),
        ("126.255.255.255", R::Public),
        ("127.0.0.0", R::Loopback),
        ("127.0.0.1", R::Loopback),
        ("127.255.255.255", R::Loopback),
        ("128.0.0.0", R::Public),
        ("168.63.129.16", R::Metadata),
        ("168.63.129.17", R::Public),
        ("169.253.255.255", R::Public),
        ("169.254.0.0", R::LinkLocal),
        ("169.254.169.254", R::Metadata),
        ("169.254.170.2", R::Metadata),
        ("169.254.170.23", R::Metadata),
        ("169.254.255.255", R::LinkLocal),
        ("169.255.0.0", R::Public),
        ("172.15.255.255", R::Public),
        ("172.16.0.0", R::Private),
        ("172.31.255.255", R::Private),
        ("172.32.0.0", R::Public),
        ("192.0.0.0", R::Reserved),
        ("192.0.0.192", R::Metadata),
        ("192.0.1.0", R::Public),
        ("192.0.2.1", R::Documentation),
        ("192.0.3.0", R::Public),
        ("192.31.196.1", R::Reserved),
        ("192.52.193.1", R::Reserved),
        ("192.88.99.1", R::Reserved),
        ("192.167.255.255", R::Public),
        ("192.168.0.0", R::Private),
        ("192.168.255.255", R::Private),
        ("192.169.0.0", R::Public),
        ("192.175.48.1", R::Reserved),
        ("198.17.255.255", R::Public),
        ("198.18.0.0", R::Benchmark),
        ("198.19.255.255", R::Benchmark),
        ("198.20.0.0", R::Public),
        ("198.51.100.7", R::Documentation),
        ("203.0.113.7", R::Documentation),
        ("223.255.255.255", R::Public),
        ("224.0.0.0", R::Multicast),
        ("239.255.255.255", R::Multicast),
        ("240.0.0.0", R::Reserved),
        ("255.255.255.254", R::Reserved),
        ("255.255.255.255", R::Broadcast),
        ("8.8.8.8", R::Public),
    ];
    for (text, kind) in table {
        let ip: Ipv4Addr = text.parse().unwrap();
        assert_eq!(Reach::of(ip.into()), *kind, "{text}");
        // Mapped and translated, it leads to the same place.
        assert_eq!(Reach::of(ip.to_ipv6_mapped().into()), *kind, "mapped {text}");
        let nat64: Ipv6Addr = format!("64:ff9b::{text}").parse().unwrap();
        // What a translator calls its own machine is not this one.
        let kind = if *kind == R::Loopback { R::Reserved } else { *kind };
        assert_eq!(Reach::of(nat64.into()), kind, "NAT64 {text}");
    }
}

#[test]
fn every_range_of_ipv6_has_its_kind() {
    use Reach as R;
    let table: &[(&str, R)] = &[
        ("::", R::Unspecified),
        ("::1", R::Loopback),
        ("::2", R::Unspecified),
        ("::127.0.0.1", R::Reserved),
        ("::10.0.0.1", R::Private),
        ("::8.8.8.8", R::Reserved),
        ("::ffff:0:10.0.0.1", R::Private),
        ("::ffff:0:8.8.8.8", R::Reserved),
        ("64:ff9b:1::1", R::Reserved),
        ("100::1", R::Reserved),
        ("2001::1", R::Reserved),
        ("2001:0:4136:e378:8000:63bf:f5ff:fffe", R::Private),
        ("2001:0:0a00:1:8000:63bf:f7f7:f7f7", R::Private),
        ("2001:0:4136:e378:8000:63bf:f7f7:f7f7", R::Reserved),
        ("2001:0:a9fe:a9fe:8000:63bf:f5ff:fffe", R::Metadata),
        ("2001:0:0a00:1:8000:63bf:80ff:fffe", R::Reserved),
        ("2001:2::1", R::Benchmark),
        ("2001:20::1", R::Reserved),
        ("2001:db8::1", R::Documentation),
        ("2001:200::1", R::Public),
        ("2001:4860:4860::8888", R::Public),
        ("2002:7f00:1::", R::Reserved),
        ("2002:a9fe:a9fe::1", R::Metadata),
        ("2002:808:808::1", R::Reserved),
        ("2606:4700:4700::1111", R::Public),
        ("2620:4f:8000::1", R::Reserved),
        ("3fff::1", R::Documentation),
        ("3fff:fff::1", R::Documentation),
        ("3fff:1000::1", R::Public),
        ("4000::1", R::Reserved),
        ("5f00::1", R::Reserved),
        ("fbff::1", R::Reserved),
        ("fc00::1", R::UniqueLocal),
        ("fd00:ec2::254", R::Metadata),
        ("fd00:ec2::23", R::Metadata),
        ("fd20:ce::254", R::Metadata),
        ("fd00:c1::a9fe:a9fe", R::Metadata),
        ("fd00:ec2::253", R::UniqueLocal),
        ("fe00::1", R::Reserved),
        ("fe80::1", R::LinkLocal),
        ("febf:ffff::1", R::LinkLocal),
        ("fec0::1", R::UniqueLocal),
        ("ff02::1", R::Multicast),
    ];
    for (text, kind) in table {
        assert_eq!(Reach::of(text.parse().unwrap()), *kind, "{text}");
    }
}

#[test]
fn metadata_and_its_like_are_within_no_network() {
    use Reach as R;
    let all = [
        R::Public,
        R::Loopback,
        R::Private,
        R::CarrierNat,
        R::UniqueLocal,
        R::LinkLocal,
        R::Unspecified,
        R::Multicast,
        R::Broadcast,
        R::Documentation,
        R::Benchmark,
        R::Reserved,
        R::Metadata,
    ];
    for reach in all {
        let within = [Network::Public, Network::Private, Network::Loopback]
            .into_iter()
            .filter(|network| reach.is_within(*network))
            .collect::<Vec<_>>();
        assert_eq!(
            within,
            reach.network().into_iter().collect::<Vec<_>>(),
            "{reach:?}"
        );
    }
    assert_eq!(all.iter().filter(|reach| reach.network().is_none()).count(), 8);
}
