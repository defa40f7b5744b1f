//! Ways to an upstream on which something goes wrong, each with real sockets.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection};

use crate::played_api::{Answer, Delivery, Gate, PlayedApi};

/// A way to an upstream, and what goes wrong on it.
pub(crate) struct Way {
    pub(crate) name: &'static str,
    /// What that is to the host.
    pub(crate) code: &'static str,
    /// Whether a request may have been carried out.
    pub(crate) sent: bool,
    /// Scheme, host and port.
    pub(crate) address: String,
    /// More of the upstream's configuration.
    pub(crate) upstream: &'static str,
    /// Certificates for the file `ca.pem`.
    pub(crate) trusted: String,
    /// For the process of the host.
    pub(crate) environment: &'static [(&'static str, &'static str)],
    /// What has to live as long.
    _server: Option<Box<dyn Send>>,
}

/// What a server does with a connection.
type Act = fn(&mut TcpStream);

/// All of them.
pub(crate) fn ways() -> Vec<Way> {
    let (mut ways, more) = (names(), [connections(), encryption(), answers(), statuses()]);
    ways.extend(more.into_iter().flatten());
    ways
}

fn names() -> Vec<Way> {
    vec![
        // The system's resolver is told to ask no name server at all.
        Way {
            environment: &[("RES_OPTIONS", "attempts:0")],
            ..Way::to("no name server", "http.dns", "http://service.test:9")
        },
        Way::to("no such name", "http.unknown-host", "http://service.invalid:9"),
    ]
}

fn connections() -> Vec<Way> {
    // Taken, so that nobody else is there, and not listening.
    let closed = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    closed
        .bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into())
        .unwrap();
    let address = closed.local_addr().unwrap().as_socket().unwrap();
    let refused = Way {
        _server: Some(Box::new(closed)),
        ..Way::to("refused", "http.connect", format!("http://{address}"))
    };
    let sent = |way: Way| Way { sent: true, ..way };
    vec![
        refused,
        sent(raw("closed without an answer", "http.reset", "http", |stream| {
            head(stream);
        })),
        sent(raw(
            "reset before the first byte",
            "http.reset",
            "http",
            |stream| {
                head(stream);
                reset(stream);
            },
        )),
        sent(raw(
            "reset after the first byte",
            "http.reset",
            "http",
            |stream| {
                head(stream);
                stream.write_all(b"HTTP/1.1 200").unwrap();
                reset(stream);
            },
        )),
        sent(raw("no HTTP", "http.protocol", "http", |stream| {
            head(stream);
            stream.write_all(b"SSH-2.0-OpenSSH_9.9\r\n").unwrap();
            read_all(stream);
        })),
    ]
}

fn encryption() -> Vec<Way> {
    let ca = self_signed().0;
    let trusting = |way: Way| Way {
        upstream: "    ca_file: ca.pem\n",
        trusted: ca.clone(),
        ..way
    };
    let no_tls = raw("no TLS", "http.tls", "https", |stream| {
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        read_all(stream);
    });
    let hung_up = raw("closed in the handshake", "http.tls", "https", drop_it);
    let untrusted = raw("another's certificate", "http.certificate", "https", |stream| {
        let mut connection = ServerConnection::new(self_signed().1).unwrap();
        // The client goes away in the middle.
        let _ = connection.complete_io(stream);
    });
    [no_tls, hung_up, untrusted].map(trusting).into()
}

fn answers() -> Vec<Way> {
    let cut = |name, delivery: Delivery| {
        let answer = Answer::json(200, "{\"choices\": []}").delivered(delivery);
        Way {
            sent: true,
            ..played(name, "http.broken-body", answer)
        }
    };
    let (held, never) = Gate::closed();
    let silent = Answer::json(200, "{}").delivered(Delivery::Held(held));
    let mut silent = played("no first byte", "http.timeout", silent);
    silent._server = Some(Box::new((silent._server, never)));
    vec![
        cut("a body that is cut", Delivery::Cut(5)),
        cut("a body that is reset", Delivery::Reset(5)),
        Way {
            upstream: "    timeouts: { first_byte: 150ms }\n",
            sent: true,
            ..silent
        },
    ]
}

fn statuses() -> Vec<Way> {
    vec![
        Way {
            sent: true,
            ..played("500", "http.server-error", Answer::json(500, "{}"))
        },
        Way {
            sent: true,
            ..played("404", "http.client-error", Answer::json(404, "{}"))
        },
        played(
            "307",
            "http.redirect",
            Answer::json(307, "{}").header("location", "/v2"),
        ),
    ]
}

impl Way {
    fn to(name: &'static str, code: &'static str, address: impl Into<String>) -> Self {
        Self {
            name,
            code,
            sent: false,
            address: address.into(),
            upstream: "",
            trusted: String::new(),
            environment: &[],
            _server: None,
        }
    }
}

/// To a server that answers all requests the same.
fn played(name: &'static str, code: &'static str, answer: Answer) -> Way {
    let api = PlayedApi::answering(move |_| Some(answer.clone()));
    let way = Way::to(name, code, api.origin());
    Way {
        _server: Some(Box::new(api)),
        ..way
    }
}

/// To a server that does this with each connection, until the process ends.
fn raw(name: &'static str, code: &'static str, scheme: &str, act: Act) -> Way {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || act(&mut { stream }));
        }
    });
    Way::to(name, code, format!("{scheme}://{address}"))
}

/// Reads a request's head, and what of its body has come with it.
fn head(stream: &mut TcpStream) {
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    while !seen.windows(4).any(|four| four == b"\r\n\r\n") {
        match stream.read(&mut buffer) {
            Ok(read) if read > 0 => seen.extend_from_slice(&buffer[..read]),
            _ => return,
        }
    }
}

fn read_all(stream: &mut TcpStream) {
    // How the client goes away is its own affair.
    let _ = stream.read_to_end(&mut Vec::new());
}

/// Closed with no time to linger, it is reset.
fn reset(stream: &TcpStream) {
    socket2::SockRef::from(stream)
        .set_linger(Some(Duration::ZERO))
        .unwrap();
}

fn drop_it(stream: &mut TcpStream) {
    let _ = stream.read(&mut [0; 4096]);
}

/// A certificate that nobody else has signed, and a server that shows it.
fn self_signed() -> (String, Arc<ServerConfig>) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let server = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    (cert.pem(), Arc::new(server))
}
