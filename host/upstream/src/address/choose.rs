//! Which upstream a request is meant for.

use http::Uri;

use super::{Address, Denial, path};
use crate::rules::{Method, PathPattern};

/// What is compared of a configured upstream.
#[derive(Debug, Clone, Copy)]
pub struct Service<'a> {
    /// Its name.
    pub name: &'a str,
    /// Where it is.
    pub address: &'a Address,
    /// Paths that may be called.
    pub paths: &'a [PathPattern],
    /// Methods that may be used.
    pub methods: &'a [Method],
}

/// What a request is meant for, read and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Scheme, host and port.
    pub address: Address,
    /// The path, without the query.
    pub path: String,
}

impl Target {
    /// Reads a request's target, which has to be whole: scheme, authority and
    /// path.
    ///
    /// # Errors
    /// If it names no address, or a path that could be read in two ways.
    pub fn of(uri: &Uri) -> Result<Self, Denial> {
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        let address = Address::of(uri.scheme_str().unwrap_or_default(), authority)?;
        path::check(uri.path())?;
        Ok(Self {
            address,
            path: uri.path().to_owned(),
        })
    }
}

/// Picks the upstream that a request is meant for: of those granted, the first
/// in the order of the grants that has the address and takes path and method.
///
/// # Errors
/// If there is none; the error says what would have to be added where.
pub fn choose<'a>(
    services: impl Iterator<Item = Service<'a>> + Clone,
    granted: &[String],
    agent: &str,
    target: &Target,
    method: &http::Method,
) -> Result<&'a str, Denial> {
    if [http::Method::CONNECT, http::Method::TRACE].contains(method) {
        return Err(Denial::MethodNever(method.to_string()));
    }
    let there = services.filter(|service| *service.address == target.address);
    let named = |name: &String| there.clone().find(|service| service.name == name);
    let mut refused = None;
    for service in granted.iter().filter_map(named) {
        match takes(service, target, method) {
            Ok(()) => return Ok(service.name),
            Err(denial) => refused = refused.or(Some(denial)),
        }
    }
    Err(refused.unwrap_or_else(|| unreachable_for(there.clone().next(), agent, target)))
}

/// Whether an upstream takes path and method.
fn takes(service: Service<'_>, target: &Target, method: &http::Method) -> Result<(), Denial> {
    let upstream = || service.name.to_owned();
    if !service.paths.iter().any(|pattern| pattern.fits(&target.path)) {
        return Err(Denial::PathNotAllowed {
            upstream: upstream(),
            path: target.path.clone(),
        });
    }
    if !service
        .methods
        .iter()
        .any(|allowed| allowed.as_str() == method.as_str())
    {
        return Err(Denial::MethodNotAllowed {
            upstream: upstream(),
            method: method.to_string(),
        });
    }
    Ok(())
}

/// Why none that was granted has the address.
fn unreachable_for(other: Option<Service<'_>>, agent: &str, target: &Target) -> Denial {
    let (address, agent) = (target.address.to_string(), agent.to_owned());
    match other {
        Some(service) => Denial::NotGranted {
            upstream: service.name.to_owned(),
            address,
            agent,
        },
        None => Denial::NotConfigured { address, agent },
    }
}
