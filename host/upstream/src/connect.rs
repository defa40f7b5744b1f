//! From an address to a connection: resolved once, every address tested,
//! connected to one that was tested, and encrypted if the scheme says so.

mod dial;
mod resolve;
mod tls;

pub use resolve::{Resolve, ResolveError, SystemResolver};
pub use tls::{Roots, TlsError};

use std::net::{IpAddr, SocketAddr};

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::Host;

use super::address::{Address, Scheme};
use super::reach::Reach;
use crate::rules::Network;

/// A connection to an upstream.
#[derive(Debug)]
pub enum Stream {
    /// As it is.
    Plain(TcpStream),
    /// Encrypted.
    Tls(Box<TlsStream<TcpStream>>),
}

/// Why there is no connection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// The name could not be looked up.
    #[error("cannot resolve `{host}`: {why}")]
    Resolve {
        /// The name.
        host: String,
        /// Why not.
        why: String,
    },
    /// The name leads nowhere.
    #[error("cannot resolve `{host}`: {}", ResolveError::Unknown)]
    UnknownHost {
        /// The name.
        host: String,
    },
    /// The name leads to a network that the upstream may not be in.
    #[error("`{host}` leads to {ip}, which is {reach}; nothing was sent{}", advice(*.reach))]
    Denied {
        /// The name.
        host: String,
        /// The first address that is not allowed.
        ip: IpAddr,
        /// What kind it is.
        reach: Reach,
    },
    /// No address took the connection.
    #[error("cannot connect to {address}: {why}")]
    Connect {
        /// The last address that was tried.
        address: SocketAddr,
        /// Why not.
        why: String,
    },
    /// The connection cannot be encrypted.
    #[error("no TLS with `{host}`: {why}")]
    Tls {
        /// The name.
        host: String,
        /// Why not.
        why: String,
    },
    /// Whoever is at its other end is not to be trusted.
    #[error("no TLS with `{host}`: {why}")]
    Certificate {
        /// The name.
        host: String,
        /// Why not.
        why: String,
    },
}

/// What to write if that address is meant.
fn advice(reach: Reach) -> &'static str {
    match reach.network() {
        Some(Network::Public) => "; if that is meant, set the upstream's `network: public`",
        Some(Network::Private) => "; if that is meant, set the upstream's `network: private`",
        Some(Network::Loopback) => "; if that is meant, set the upstream's `network: loopback`",
        None => ", and no setting allows it",
    }
}

/// Connects to an upstream. How long that may take is the caller's business;
/// `until` is when the upstream's own time is over, and only divides it among
/// its addresses.
///
/// # Errors
/// If it cannot be resolved, leads anywhere it may not, cannot be connected to,
/// or cannot be trusted. Not a byte of a request was sent.
pub async fn connect(
    address: &Address,
    network: Network,
    tls: Option<&TlsConnector>,
    resolver: &impl Resolve,
    until: tokio::time::Instant,
) -> Result<Stream, ConnectError> {
    let found = tested(address, network, resolver).await?;
    let stream = dial::any(&found, until).await?;
    match (address.scheme, tls) {
        (Scheme::Http, _) => Ok(Stream::Plain(stream)),
        (Scheme::Https, Some(tls)) => tls::wrap(&address.host, tls, stream).await,
        (Scheme::Https, None) => Err(ConnectError::Tls {
            host: address.host.to_string(),
            why: "the host trusts no certificates".into(),
        }),
    }
}

/// The addresses of a host, all of which are within the network.
async fn tested(
    address: &Address,
    network: Network,
    resolver: &impl Resolve,
) -> Result<Vec<SocketAddr>, ConnectError> {
    let host = address.host.to_string();
    let found = match &address.host {
        Host::Ipv4(ip) => vec![SocketAddr::new((*ip).into(), address.port)],
        Host::Ipv6(ip) => vec![SocketAddr::new((*ip).into(), address.port)],
        Host::Domain(name) => match resolver.resolve(name, address.port).await {
            Ok(found) if !found.is_empty() => found,
            Ok(_) | Err(ResolveError::Unknown) => return Err(ConnectError::UnknownHost { host }),
            Err(ResolveError::Failed(why)) => return Err(ConnectError::Resolve { host, why }),
        },
    };
    let kinds = found
        .iter()
        .map(|address| (address.ip(), Reach::of(address.ip())));
    match kinds.into_iter().find(|(_, reach)| !reach.is_within(network)) {
        Some((ip, reach)) => Err(ConnectError::Denied { host, ip, reach }),
        None => Ok(found),
    }
}

#[cfg(test)]
mod tests;
