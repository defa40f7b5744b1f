//! From a name to its addresses.

use std::future::Future;
use std::io;
use std::net::SocketAddr;

use dns_lookup::{AddrInfoHints, LookupError, LookupErrorKind, SockType, getaddrinfo};

/// Finds the addresses of a name.
pub trait Resolve: Send + Sync {
    /// All addresses of a name, with a port put to each. Called once for a
    /// connection.
    ///
    /// # Errors
    /// If there are none, or nobody could say.
    fn resolve(
        &self,
        name: &str,
        port: u16,
    ) -> impl Future<Output = Result<Vec<SocketAddr>, ResolveError>> + Send;
}

/// Why a name has no addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// There is nothing to be found: asking again gives the same answer.
    #[error("there is no such name, or it has no address")]
    Unknown,
    /// Nobody could say, for this reason.
    #[error("{0}")]
    Failed(String),
}

/// The resolver of the system: files, DNS, and whatever else it is set up for.
///
/// It works on a thread for blocking calls. One that is given up goes on there
/// until the system's own time limit; nothing waits for it.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

impl Resolve for SystemResolver {
    async fn resolve(&self, name: &str, port: u16) -> Result<Vec<SocketAddr>, ResolveError> {
        if never_exists(name) {
            return Err(ResolveError::Unknown);
        }
        let name = name.to_owned();
        let looked_up = tokio::task::spawn_blocking(move || look_up(&name)).await;
        let mut found = looked_up.map_err(|error| ResolveError::Failed(error.to_string()))??;
        for address in &mut found {
            address.set_port(port);
        }
        Ok(found)
    }
}

/// Names under `invalid` are promised not to exist, whatever a name server says
/// (RFC 6761, section 6.4).
fn never_exists(name: &str) -> bool {
    let last = name.trim_end_matches('.').rsplit('.').next();
    last.is_some_and(|label| label.eq_ignore_ascii_case("invalid"))
}

/// Not by `std`, which tells a name that does not exist from a name server that
/// is not there by nothing but words.
fn look_up(name: &str) -> Result<Vec<SocketAddr>, ResolveError> {
    let hints = AddrInfoHints {
        // One of each address, not one for each kind of socket.
        socktype: SockType::Stream.into(),
        ..AddrInfoHints::default()
    };
    let found = getaddrinfo(Some(name), None, Some(hints))?;
    let addresses: io::Result<_> = found.map(|found| found.map(|found| found.sockaddr)).collect();
    addresses.map_err(|error| ResolveError::Failed(error.to_string()))
}

impl From<LookupError> for ResolveError {
    fn from(error: LookupError) -> Self {
        match error.kind() {
            LookupErrorKind::NoName | LookupErrorKind::NoData => Self::Unknown,
            _ => Self::Failed(io::Error::from(error).to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_in_invalid_does_not_exist() {
        for name in ["invalid", "service.invalid", "Service.INVALID."] {
            assert!(never_exists(name), "{name}");
        }
        for name in ["", "invalid.example", "notinvalid", "invalid.com."] {
            assert!(!never_exists(name), "{name}");
        }
    }

    #[tokio::test]
    async fn the_system_is_asked_for_a_name_and_not_for_one_that_never_exists() {
        let found = SystemResolver.resolve("localhost", 7).await.unwrap();
        assert!(
            found
                .iter()
                .all(|found| found.ip().is_loopback() && found.port() == 7)
        );
        let none = SystemResolver.resolve("service.invalid", 7).await;
        assert_eq!(none, Err(ResolveError::Unknown));
    }

    /// The system's own words for a failure are kept, for a person.
    #[test]
    fn only_a_name_that_does_not_exist_is_unknown() {
        let failed = ResolveError::from(LookupError::from(io::Error::other("the wire is cut")));
        assert_eq!(failed, ResolveError::Failed("the wire is cut".into()));
    }
}
