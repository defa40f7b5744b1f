//! Where an upstream is, and which upstream a request is meant for.

mod choose;
mod denial;
mod path;

pub use choose::{Service, Target, choose};
pub use denial::Denial;
pub use path::PathFault;
pub(super) use path::check as check_path;

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

/// Longest address that is read, in bytes: a name has at most 253.
const MAX_BYTES: usize = 320;

/// Whether a connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// It is not.
    Http,
    /// By TLS.
    Https,
}

impl Scheme {
    /// The scheme as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The port where none is written.
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// Scheme, host and port, in canonical form: names in lower case and as IDNA
/// writes them, every spelling of an IP address as that address. Two addresses
/// are the same if and only if they are equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address {
    /// Whether it is encrypted.
    pub scheme: Scheme,
    /// The host.
    pub host: Host<String>,
    /// The port, the scheme's own included.
    pub port: u16,
}

/// Why a text is no address of an upstream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is longer than any name.
    #[error("an address has at most {MAX_BYTES} bytes")]
    TooLong,
    /// It has characters that no address has, and that readers disagree about.
    #[error("an address has no white space, control characters, `\\`, `%` or `@`")]
    Characters,
    /// The scheme is another one.
    #[error("an address begins with `http://` or `https://`")]
    Scheme,
    /// There is more than scheme, host and port.
    #[error("an address is a scheme, a host and a port; a path belongs into `paths`")]
    More,
    /// The host or the port cannot be read.
    #[error("the host or the port is none: {0}")]
    Host(#[from] url::ParseError),
    /// The name ends in a dot.
    #[error("the name of the host ends in a dot; leave it out")]
    Dot,
}

impl Address {
    /// Reads an address such as `https://api.example.com` or `http://[::1]:8080`.
    ///
    /// # Errors
    /// If it is none, or says more than scheme, host and port.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let (scheme, rest) = text.split_once("://").ok_or(AddressError::Scheme)?;
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        Self::of(scheme, authority)
    }

    /// The address of a scheme and an authority, as a request names them.
    ///
    /// # Errors
    /// As [`Address::parse`].
    pub fn of(scheme: &str, authority: &str) -> Result<Self, AddressError> {
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return Err(AddressError::Scheme),
        };
        if authority.len() > MAX_BYTES {
            return Err(AddressError::TooLong);
        }
        // Readers of URLs drop, turn or decode these, so that what was compared
        // and what is called could differ.
        let doubtful = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '\\' | '%' | '@');
        if authority.contains(doubtful) {
            return Err(AddressError::Characters);
        }
        if authority.contains(['/', '?', '#']) {
            return Err(AddressError::More);
        }
        let url = Url::parse(&format!("{}://{authority}/", scheme.as_str()))?;
        let host = url.host().ok_or(url::ParseError::EmptyHost)?.to_owned();
        if matches!(&host, Host::Domain(name) if name.ends_with('.')) {
            return Err(AddressError::Dot);
        }
        let port = url.port().unwrap_or(scheme.default_port());
        Ok(Self { scheme, host, port })
    }

    /// Host and port as the header `host` has them: without the scheme's own
    /// port.
    pub fn authority(&self) -> String {
        if self.port == self.scheme.default_port() {
            self.host.to_string()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// The IP address, if the host is written as one.
    pub fn ip(&self) -> Option<IpAddr> {
        match self.host {
            Host::Domain(_) => None,
            Host::Ipv4(ip) => Some(ip.into()),
            Host::Ipv6(ip) => Some(ip.into()),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.as_str(), self.authority())
    }
}

#[cfg(test)]
mod tests;
