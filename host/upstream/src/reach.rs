//! Which kind of network an IP address belongs to.
//!
//! The kinds follow IANA's registries of special-purpose addresses (RFC 6890).
//! Whatever is not known to be of the internet is not called.

mod unwrap;
mod v4;
mod v6;

use std::fmt;
use std::net::IpAddr;

use crate::rules::Network;

/// The kind of network that an address belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// The internet.
    Public,
    /// This machine.
    Loopback,
    /// A private network (RFC 1918).
    Private,
    /// A provider's network behind its address translation (RFC 6598).
    CarrierNat,
    /// A private network (RFC 4193, and the deprecated site-local addresses).
    UniqueLocal,
    /// The next cable (169.254.0.0/16, fe80::/10).
    LinkLocal,
    /// No address at all (0.0.0.0/8, ::).
    Unspecified,
    /// A group of machines.
    Multicast,
    /// All machines of a network.
    Broadcast,
    /// Kept for examples.
    Documentation,
    /// Kept for benchmarks.
    Benchmark,
    /// Kept for something else, or not given out.
    Reserved,
    /// Where a cloud tells its machines their credentials.
    Metadata,
}

impl Reach {
    /// The kind of an address, in canonical form: an IPv4 address inside of an
    /// IPv6 address is looked at as what it leads to.
    pub fn of(ip: IpAddr) -> Self {
        match ip {
            IpAddr::V4(ip) => v4::reach(ip),
            IpAddr::V6(ip) => v6::reach(ip),
        }
    }

    /// Whether an upstream of this kind of network may be called there.
    pub const fn is_within(self, network: Network) -> bool {
        match network {
            Network::Public => matches!(self, Self::Public),
            Network::Private => matches!(self, Self::Private | Self::CarrierNat | Self::UniqueLocal),
            Network::Loopback => matches!(self, Self::Loopback),
        }
    }

    /// The network that an upstream has to name to be called there; none if
    /// there is no such.
    pub const fn network(self) -> Option<Network> {
        match self {
            Self::Public => Some(Network::Public),
            Self::Loopback => Some(Network::Loopback),
            Self::Private | Self::CarrierNat | Self::UniqueLocal => Some(Network::Private),
            _ => None,
        }
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Public => "public",
            Self::Loopback => "of this machine itself",
            Self::Private => "of a private network",
            Self::CarrierNat => "of a provider's inner network",
            Self::UniqueLocal => "of a private network",
            Self::LinkLocal => "link-local",
            Self::Unspecified => "unspecified",
            Self::Multicast => "for multicast",
            Self::Broadcast => "for broadcast",
            Self::Documentation => "for documentation",
            Self::Benchmark => "for benchmarks",
            Self::Reserved => "reserved",
            Self::Metadata => "where a cloud keeps credentials",
        })
    }
}

#[cfg(test)]
mod tests;
