use super::*;
use std::future::ready;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::Instant;

/// Answers with the next list each time.
struct Script(Vec<Vec<SocketAddr>>, AtomicUsize);

impl Script {
    fn new(answers: &[&[&str]]) -> Self {
        let parse = |list: &&[&str]| list.iter().map(|text| text.parse().unwrap()).collect();
        Self(answers.iter().map(parse).collect(), AtomicUsize::new(0))
    }

    fn asked(&self) -> usize {
        self.1.load(Ordering::Relaxed)
    }
}

impl Resolve for Script {
    fn resolve(&self, _: &str, _: u16) -> impl Future<Output = Result<Vec<SocketAddr>, ResolveError>> + Send {
        let at = self.1.fetch_add(1, Ordering::Relaxed);
        ready(
            self.0
                .get(at)
                .cloned()
                .ok_or_else(|| ResolveError::Failed("no name server".into())),
        )
    }
}

async fn to(address: &str, network: Network, resolver: &Script) -> Result<Stream, ConnectError> {
    let until = Instant::now() + Duration::from_secs(5);
    connect(&Address::parse(address).unwrap(), network, None, resolver, until).await
}

#[tokio::test]
async fn one_inner_address_among_many_denies_the_call() {
    for inner in [
        "127.0.0.1:1",
        "10.0.0.1:1",
        "[::ffff:192.168.0.1]:1",
        "169.254.169.254:1",
        "[64:ff9b::7f00:1]:1",
    ] {
        let resolver = Script::new(&[&["8.8.8.8:1", inner]]);
        let error = to("http://rebind.example:1", Network::Public, &resolver)
            .await
            .unwrap_err();
        assert!(matches!(&error, ConnectError::Denied { .. }), "{inner}: {error}");
        assert!(error.to_string().contains("nothing was sent"), "{error}");
    }
}

#[tokio::test]
async fn metadata_is_not_reached_from_any_network() {
    for network in [Network::Public, Network::Private, Network::Loopback] {
        let resolver = Script::new(&[&["169.254.169.254:80"]]);
        let error = to("http://metadata.example", network, &resolver)
            .await
            .unwrap_err();
        assert!(error.to_string().ends_with("no setting allows it"), "{error}");
        let literal = to("http://[::ffff:169.254.169.254]", network, &resolver).await;
        assert!(matches!(
            literal,
            Err(ConnectError::Denied {
                reach: Reach::Metadata,
                ..
            })
        ));
    }
}

#[tokio::test]
async fn the_name_is_resolved_once_and_the_tested_address_called() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let here = listener.local_addr().unwrap().to_string();
    let resolver = Script::new(&[&[&here], &["8.8.8.8:80"]]);
    let stream = to("http://rebind.example", Network::Loopback, &resolver)
        .await
        .unwrap();
    let Stream::Plain(stream) = stream else { panic!() };
    assert_eq!(stream.peer_addr().unwrap().to_string(), here);
    assert_eq!(resolver.asked(), 1);
}

/// A service of this machine that suddenly is elsewhere is not sent its secrets.
#[tokio::test]
async fn an_upstream_of_this_machine_is_not_called_elsewhere() {
    let resolver = Script::new(&[&["8.8.8.8:80"]]);
    let error = to("http://ollama.example", Network::Loopback, &resolver)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("`network: public`"), "{error}");
}

#[tokio::test]
async fn the_next_address_is_tried_when_one_refuses() {
    let (closed, open) = (
        TcpListener::bind("127.0.0.1:0").await.unwrap(),
        TcpListener::bind("127.0.0.1:0").await.unwrap(),
    );
    let (gone, here) = (
        closed.local_addr().unwrap().to_string(),
        open.local_addr().unwrap().to_string(),
    );
    drop(closed);
    let resolver = Script::new(&[&[&gone, &here], &[&gone]]);
    to("http://two.example", Network::Loopback, &resolver)
        .await
        .unwrap();
    let error = to("http://two.example", Network::Loopback, &resolver)
        .await
        .unwrap_err();
    assert!(matches!(error, ConnectError::Connect { address, .. } if address.to_string() == gone));
}

#[tokio::test]
async fn a_name_that_leads_nowhere_says_so() {
    let resolver = Script::new(&[&[]]);
    for why in ["there is no such name, or it has no address", "no name server"] {
        let error = to("http://gone.example", Network::Public, &resolver)
            .await
            .unwrap_err();
        assert_eq!(error.to_string(), format!("cannot resolve `gone.example`: {why}"));
    }
}

#[test]
fn a_file_of_certificates_has_to_hold_some() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ca.pem");
    for text in [
        "",
        "no certificate",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        std::fs::write(&path, text).unwrap();
        let error = Roots::none().connector(Some(&path)).map(drop).unwrap_err();
        assert!(matches!(error, TlsError::Unusable { .. }), "{text}: {error}");
    }
    assert!(matches!(
        Roots::none().connector(None).map(drop),
        Err(TlsError::None { .. })
    ));
    let error = Roots::none()
        .connector(Some(&dir.path().join("none")))
        .map(drop)
        .unwrap_err();
    assert!(matches!(error, TlsError::Read { .. }));
}
