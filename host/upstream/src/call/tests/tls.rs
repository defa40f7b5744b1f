//! TLS with certificates of one's own.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

use super::server::{Do, clock_goes_on, serve, write};
use super::*;
use fusebox_types::failure::Code;

/// A CA that signs a certificate for one name; its own certificate, and the
/// server's settings.
fn signed_for(name: &str) -> (String, ServerConfig) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &ca).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let server = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    (ca.pem(), server)
}

/// A server with TLS that goes by a script.
async fn start(config: ServerConfig, script: Vec<Do>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, acceptor) = (
        listener.local_addr().unwrap(),
        TlsAcceptor::from(Arc::new(config)),
    );
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(stream) = acceptor.accept(stream).await {
                serve(stream, script.clone(), mpsc::unbounded_channel().0).await;
            }
        }
    });
    address
}

/// Calls it, with these certificates trusted.
async fn call_tls(address: SocketAddr, trusted: &str) -> Called {
    call_tls_with(address, trusted, terms()).await
}

async fn call_tls_with(address: SocketAddr, trusted: &str, terms: Terms) -> Called {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ca.pem");
    std::fs::write(&path, trusted).unwrap();
    let yaml = format!(
        "{{address: 'https://service.example', network: loopback, ca_file: '{}'}}",
        path.display()
    );
    let entry: UpstreamRules = serde_json::from_value(serde_yaml::from_str(&yaml).unwrap()).unwrap();
    let upstream = Upstream::new("service", &entry, &Roots::none(), &Vault::default()).unwrap();
    let (tell, end) = oneshot::channel();
    let ending = Ending::new(move |end| drop(tell.send(end)));
    let answer = Caller::new(Here(address))
        .send(&upstream, get("/"), terms, ending)
        .await;
    Called { answer, end }
}

fn hello() -> Vec<Do> {
    vec![
        Do::Read,
        write("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"),
        Do::Hang,
    ]
}

#[tokio::test]
async fn a_certificate_of_ones_own_is_trusted_by_its_ca() {
    let (ca, config) = signed_for("service.example");
    let address = start(config, hello()).await;
    let (body, end) = call_tls(address, &ca).await.whole().await;
    assert_eq!((body.unwrap(), end.how), ("hello".into(), How::Complete));
}

#[tokio::test]
async fn a_certificate_of_another_ca_or_for_another_name_is_not() {
    let (other_ca, _) = signed_for("service.example");
    let (_, config) = signed_for("service.example");
    let (wrong_name_ca, wrong_name) = signed_for("elsewhere.example");
    for (config, trusted) in [(config, other_ca), (wrong_name, wrong_name_ca)] {
        let address = start(config, hello()).await;
        let (failure, end) = call_tls(address, &trusted).await.failed().await;
        assert_eq!(
            (failure.fault.code(), failure.sent, end.count()),
            (Code::HttpCertificate, false, Count::Neutral)
        );
        assert!(failure.to_string().contains("certificate"), "{failure}");
    }
}

/// It may be a proxy in trouble, and is the upstream's.
#[tokio::test]
async fn a_server_that_speaks_no_tls_is_no_matter_of_certificates() {
    let (ca, _) = signed_for("service.example");
    for script in [vec![write("HTTP/1.1 400 Bad Request\r\n\r\n"), Do::Hang], vec![]] {
        let server = Server::start(script).await;
        let (failure, end) = call_tls(server.address, &ca).await.failed().await;
        assert_eq!(
            (failure.fault.code(), failure.sent, end.count()),
            (Code::HttpTls, false, Count::Failure)
        );
    }
}

/// A body without a length that ends without TLS's own end may have been cut.
#[tokio::test]
async fn a_connection_cut_under_tls_is_a_broken_body() {
    let (ca, config) = signed_for("service.example");
    let address = start(config, vec![Do::Read, write("HTTP/1.1 200 OK\r\n\r\nhello")]).await;
    let (body, end) = call_tls(address, &ca).await.whole().await;
    assert!(body.is_err());
    assert_eq!(end.code(), Some(Code::HttpBrokenBody));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_finishes_the_handshake_is_given_up() {
    let (ca, _) = signed_for("service.example");
    let hurry = Some(Duration::from_secs(1));
    let cases = [
        (None, Whose::Upstream, Count::Failure),
        (hurry, Whose::Guest, Count::Neutral),
    ];
    for (connect, whose, count) in cases {
        let server = Server::start([clock_goes_on(), Do::Hang]).await;
        let guest = GuestTimeouts {
            connect,
            ..GuestTimeouts::default()
        };
        let terms = Terms { guest, ..terms() };
        let (failure, end) = call_tls_with(server.address, &ca, terms).await.failed().await;
        let phase = Phase::Connect;
        assert_eq!(
            (failure.fault, failure.sent),
            (CallFault::TimedOut { phase, whose }, false)
        );
        assert_eq!(end.count(), count);
    }
}

/// What the system trusts is read without an error; a machine without any says
/// so.
#[test]
fn the_systems_certificates_are_read() {
    let roots = Roots::of_system();
    match roots.connector(None) {
        Ok(_) => {}
        Err(error) => assert!(error.to_string().contains("ca_file"), "{error}"),
    }
}
