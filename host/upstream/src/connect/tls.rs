//! TLS by rustls: TLS 1.2 and 1.3, `ring`, the system's certificates and those
//! of a file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::Host;

use super::{ConnectError, Stream};
use fusebox_system::text::behind_mark;

/// Largest file of certificates, in bytes. The system's own has about 250 kB.
const MAX_BYTES: u64 = 4 << 20;

/// Why certificates cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The file is no certificates in PEM.
    #[error("{} holds no certificates in PEM that can be used: {why}", path.display())]
    Unusable {
        /// Which file.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// There are none at all.
    #[error("this system has no CA certificates{why}; install them, or name a file with `ca_file`")]
    None {
        /// What was found in their place.
        why: String,
    },
    /// The library refuses its own settings.
    #[error("TLS cannot be set up")]
    Library(#[from] rustls::Error),
}

/// The certificates that are trusted everywhere: the system's. Read once.
#[derive(Debug, Clone)]
pub struct Roots {
    system: RootCertStore,
    why_none: String,
}

impl Roots {
    /// Reads those of the system, or of the file or folder that the environment
    /// variables `SSL_CERT_FILE` and `SSL_CERT_DIR` name. Takes milliseconds, and
    /// reads files.
    pub fn of_system() -> Self {
        let found = rustls_native_certs::load_native_certs();
        let mut system = RootCertStore::empty();
        system.add_parsable_certificates(found.certs);
        let why: Vec<String> = found
            .errors
            .iter()
            .take(1)
            .map(|error| format!(" ({error})"))
            .collect();
        Self {
            system,
            why_none: why.concat(),
        }
    }

    /// None at all: only a file's are trusted.
    pub fn none() -> Self {
        Self {
            system: RootCertStore::empty(),
            why_none: String::new(),
        }
    }

    /// What makes connections with these certificates and those of a file.
    ///
    /// # Errors
    /// If the file cannot be used, or there is no certificate at all.
    pub fn connector(&self, ca_file: Option<&Path>) -> Result<TlsConnector, TlsError> {
        let mut roots = self.system.clone();
        if let Some(path) = ca_file {
            add(&mut roots, path)?;
        }
        if roots.is_empty() {
            let why = self.why_none.clone();
            return Err(TlsError::None { why });
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsConnector::from(Arc::new(config)))
    }
}

/// Adds all certificates of a file. One that cannot be used is an error: it was
/// put there on purpose.
fn add(roots: &mut RootCertStore, path: &Path) -> Result<(), TlsError> {
    let read = |source| TlsError::Read {
        path: path.to_owned(),
        source,
    };
    let unusable = |why: String| TlsError::Unusable {
        path: path.to_owned(),
        why,
    };
    let mut bytes = Vec::new();
    let file = fusebox_system::regular_file::open(path).map_err(read)?;
    std::io::Read::read_to_end(&mut std::io::Read::take(file, MAX_BYTES + 1), &mut bytes).map_err(read)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(unusable("it is larger than 4 MiB".into()));
    }
    // The first certificate would be passed over behind a mark.
    let found: Result<Vec<CertificateDer<'_>>, pem::Error> =
        CertificateDer::pem_slice_iter(behind_mark(&bytes)).collect();
    let found = found.map_err(|error| unusable(error.to_string()))?;
    if found.is_empty() {
        return Err(unusable("it has none".into()));
    }
    for certificate in found {
        roots
            .add(certificate)
            .map_err(|error| unusable(error.to_string()))?;
    }
    Ok(())
}

/// Encrypts a connection.
pub(super) async fn wrap(
    host: &Host<String>,
    tls: &TlsConnector,
    stream: TcpStream,
) -> Result<Stream, ConnectError> {
    let name = match host {
        // No certificate can be for such a name.
        Host::Domain(name) => {
            ServerName::try_from(name.clone()).map_err(|error| ConnectError::Certificate {
                host: host.to_string(),
                why: error.to_string(),
            })?
        }
        Host::Ipv4(ip) => ServerName::IpAddress(std::net::IpAddr::V4(*ip).into()),
        Host::Ipv6(ip) => ServerName::IpAddress(std::net::IpAddr::V6(*ip).into()),
    };
    let stream = tls.connect(name, stream).await;
    let stream = stream.map_err(|error| failed(host.to_string(), &error))?;
    Ok(Stream::Tls(Box::new(stream)))
}

/// Whether it is the certificate, which stays as it is, or something that may
/// pass.
fn failed(host: String, error: &std::io::Error) -> ConnectError {
    let why = error.to_string();
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    match inner {
        Some(rustls::Error::InvalidCertificate(_)) => ConnectError::Certificate { host, why },
        _ => ConnectError::Tls { host, why },
    }
}
