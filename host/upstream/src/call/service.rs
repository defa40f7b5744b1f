//! An upstream that can be called: its configuration, with all that stands
//! elsewhere fetched.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use http::header::{HeaderName, HeaderValue, InvalidHeaderName, InvalidHeaderValue};
use tokio_rustls::TlsConnector;

use crate::address::{Address, AddressError, Scheme};
use crate::answers::Answers;
use crate::connect::{Roots, TlsError};
use crate::rules::{HeaderRule, Network, UpstreamLimits, UpstreamRules, UpstreamTimeouts, header_secret};
use fusebox_secrets::{Mask, Redactor, Secret, SecretError, Unhidden, Vault};

/// An upstream that can be called.
pub struct Upstream {
    name: String,
    address: Address,
    /// Where its name may lead.
    pub(super) network: Network,
    /// How long is waited for it.
    pub(super) timeouts: UpstreamTimeouts,
    /// How much may be asked of it.
    pub(super) limits: UpstreamLimits,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// Knows the secrets in the headers; none if there are none.
    redactor: Option<Arc<Redactor>>,
    tls: Option<TlsConnector>,
    answers: Answers,
}

/// Why an upstream cannot be called.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// Its address is none.
    #[error("the address cannot be used: {0}")]
    Address(#[from] AddressError),
    /// A secret is not there.
    #[error("the secret of the header `{name}` cannot be had")]
    Secret {
        /// Which header.
        name: String,
        /// Why not.
        source: SecretError,
    },
    /// A header's name is none.
    #[error("`{name}` is no name of a header")]
    HeaderName {
        /// What was written.
        name: String,
        /// Why it is none.
        source: InvalidHeaderName,
    },
    /// A header cannot carry its value. What that is, is not said.
    #[error("the header `{name}` cannot carry its value: it has more than visible ASCII in it")]
    HeaderValue {
        /// Which header.
        name: String,
        /// That it cannot.
        source: InvalidHeaderValue,
    },
    /// The secrets that it is sent could not be hidden in its answers.
    #[error(transparent)]
    Unhidden(#[from] Unhidden),
    /// There are no certificates to trust.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

impl Upstream {
    /// Fetches what the configuration names: secrets, certificates.
    ///
    /// # Errors
    /// If anything of it is not there or cannot be used. No error shows a secret.
    pub fn new(
        name: &str,
        entry: &UpstreamRules,
        roots: &Roots,
        vault: &Vault,
    ) -> Result<Self, UpstreamError> {
        let address = Address::parse(&entry.address)?;
        let ca_file: Option<&PathBuf> = entry.ca_file.as_ref();
        let tls = match address.scheme {
            Scheme::Http => None,
            Scheme::Https => Some(roots.connector(ca_file.map(PathBuf::as_path))?),
        };
        let (mut headers, mut secrets) = (Vec::new(), Vec::new());
        for (header, rule) in &entry.headers {
            let secret = secret((name, header), rule, vault)?;
            headers.push(header_of(header, rule, secret.as_ref())?);
            secrets.extend(secret.map(|secret| (header_secret(&section(name), header), secret)));
        }
        Ok(Self {
            name: name.to_owned(),
            headers,
            redactor: Redactor::new(&secrets)?.map(Arc::new),
            network: entry.network,
            timeouts: entry.timeouts,
            limits: entry.limits.clone(),
            tls,
            answers: Answers::new(entry.dialect, &entry.errors),
            address,
        })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it is.
    pub const fn address(&self) -> &Address {
        &self.address
    }

    /// Whether it is sent secrets, which all who ask it share.
    pub const fn sends_secrets(&self) -> bool {
        self.redactor.is_some()
    }

    /// Whether the other one is sent the same headers, secrets included.
    pub fn sends_as(&self, other: &Self) -> bool {
        self.headers == other.headers
    }

    pub(super) fn headers(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        self.headers.iter().map(|(name, value)| (name, value))
    }

    /// Hides the secrets that were sent, in the head of an answer.
    pub(super) fn redactor(&self) -> Option<&Redactor> {
        self.redactor.as_deref()
    }

    /// The same in its body; none if there are none.
    pub(super) fn mask(&self) -> Option<Mask> {
        self.redactor.clone().map(Mask::new)
    }

    pub(super) const fn tls(&self) -> Option<&TlsConnector> {
        self.tls.as_ref()
    }

    pub(super) const fn answers(&self) -> &Answers {
        &self.answers
    }
}

/// The secret of a header, if it has one.
fn secret(
    (upstream, header): (&str, &str),
    rule: &HeaderRule,
    vault: &Vault,
) -> Result<Option<Secret>, UpstreamError> {
    let Some(place) = &rule.secret else {
        return Ok(None);
    };
    let fetched = vault.fetch(place, &header_secret(&section(upstream), header));
    fetched.map(Some).map_err(|source| UpstreamError::Secret {
        name: header.to_owned(),
        source,
    })
}

/// The section of the configuration that names an upstream.
fn section(upstream: &str) -> String {
    format!("upstreams.{upstream}")
}

/// A header as it is sent. A secret's value shows itself nowhere.
fn header_of(
    name: &str,
    rule: &HeaderRule,
    secret: Option<&Secret>,
) -> Result<(HeaderName, HeaderValue), UpstreamError> {
    let of = || name.to_owned();
    let parsed =
        HeaderName::try_from(name).map_err(|source| UpstreamError::HeaderName { name: of(), source })?;
    let text = match secret {
        Some(secret) => format!("{}{}", rule.prefix, secret.reveal()),
        None => rule.value.clone().unwrap_or_default(),
    };
    let mut value =
        HeaderValue::try_from(text).map_err(|source| UpstreamError::HeaderValue { name: of(), source })?;
    value.set_sensitive(secret.is_some());
    Ok((parsed, value))
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values of headers say of themselves whether they can be shown.
        f.debug_struct("Upstream")
            .field("name", &self.name)
            .field("address", &self.address)
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}
