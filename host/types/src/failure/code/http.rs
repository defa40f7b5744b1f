//! The way to an upstream, and what its status says.
//!
//! All that happens on the way is of the category `network`: what a rule or a
//! fallback says of that, it says of a wrong name or certificate as well. Whose
//! fault it is tells them apart.

macro_rules! http {
    ($($before:tt)*) => { families! { $($before)*
        HttpDns = "http.dns" {
            category: Network, retryable: Some(true), fault: Row::UPSTREAM, kind: Transport,
            meaning: "The upstream's name could not be looked up: no name server answered, or it could not say.",
            next: "Try again later; if it stays, see whether this machine can resolve names.",
        }
        HttpUnknownHost = "http.unknown-host" {
            category: Network, retryable: Some(false), fault: Row::OPERATOR, kind: Transport,
            meaning: "The upstream's name does not exist, or has no address. Nothing was sent.",
            next: "Look at the spelling of `address` of the upstream, and at its name's DNS records.",
        }
        HttpConnect = "http.connect" {
            category: Network, retryable: Some(true), fault: Row::UPSTREAM, kind: Transport,
            meaning: "The upstream took no connection.",
            next: "See whether the service runs and whether a firewall is between; the port is in `address` of the upstream.",
        }
        HttpTls = "http.tls" {
            category: Network, retryable: Some(true), fault: Row::UPSTREAM, kind: Transport,
            meaning: "The connection to the upstream could not be encrypted. Nothing was sent.",
            next: "Try again later; if it stays, look at the scheme and the port of `address` of the upstream.",
        }
        HttpCertificate = "http.certificate" {
            category: Network, retryable: Some(false), fault: Row::OPERATOR, kind: Transport,
            meaning: "The upstream's certificate is not to be trusted: it is by an unknown issuer, for another name, or over. Nothing was sent.",
            next: "If it has certificates of your own, name them with `ca_file` of the upstream; otherwise look at its certificate.",
        }
        HttpReset = "http.reset" {
            category: Network, retryable: Some(true), fault: Row::UPSTREAM, kind: Transport,
            meaning: "The upstream closed the connection before it answered. It may have acted on the request.",
            next: "Try again later; if it stays, look at the service's own log.",
        }
        HttpTimeout = "http.timeout" {
            category: Network, retryable: Some(true), fault: Row::UPSTREAM, kind: Transport,
            meaning: "The upstream took longer than is waited for it.",
            next: "Raise `timeouts` of the upstream (and `limits.deadline` of the agent) if the service is known to be slow.",
        }
        HttpProtocol = "http.protocol" {
            category: Network, retryable: Some(true), fault: Row::UPSTREAM, kind: Transport,
            meaning: "What the upstream answered is no HTTP/1.1, or is encoded in a way that was not asked for.",
            next: "Look at the scheme and the port of `address` of the upstream.",
        }
        HttpBrokenBody = "http.broken-body" {
            category: Network, retryable: Some(true), fault: Row::UPSTREAM, kind: Transport,
            meaning: "The upstream's answer broke off before its end, or cannot be unpacked.",
            next: "Try again later; if it stays, look at the service's own log, or at a proxy between.",
        }
        HttpRedirect = "http.redirect" {
            category: Validation, retryable: Some(false), fault: Row::OPERATOR, kind: Declined,
            meaning: "The upstream says that what was asked for is elsewhere. The host follows no redirect, and the plugin did not.",
            next: "Correct `address` and `paths` of the upstream, or the URL in the plugin's settings, to the location in the message.",
        }
        HttpServerError = "http.server-error" {
            category: Network, retryable: Some(true), fault: Row::UPSTREAM, kind: Answer,
            meaning: "The upstream says that it failed.",
            next: "Try again later; if it stays, tell whoever runs the service.",
        }
        HttpClientError = "http.client-error" {
            category: Validation, retryable: Some(false), fault: Row::GUEST, kind: Answer,
            meaning: "The upstream says that the request was not right.",
            next: "Read its message; most often the plugin's settings, such as the name of a model, are not what the service knows.",
        }
    } };
}
