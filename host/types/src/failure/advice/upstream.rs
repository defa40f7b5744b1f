//! Advice on failures of calls to upstreams.

use super::{Advice, advice};
use crate::failure::Code;

impl Code {
    /// Calls that the host refused.
    pub(super) const fn call_advice(&self) -> Advice {
        match self {
            Code::LimitHttpCalls => advice(
                "The attempt made more HTTP requests than it may.",
                "Raise `limits.http_requests` of the agent if it is meant to make so many.",
            ),
            Code::LimitHttpRequest => advice(
                "An HTTP request is larger than it may be: its address, its headers or its body.",
                "Raise `limits.http_body` of the agent and `limits.request` of the upstream if the body is meant to be so large.",
            ),
            Code::LimitHttpResponse => advice(
                "An HTTP answer is larger than it may be: its headers or its body. The rest was not read.",
                "Raise `limits.http_body` of the agent and `limits.response` of the upstream, or have the plugin ask for less.",
            ),
            Code::InvalidRequest => advice(
                "The plugin made an HTTP request that servers could read in different ways, or announced another body than it sent.",
                "Report the message to the plugin's author.",
            ),
            Code::DeniedUpstream => advice(
                "The plugin called an address that it was not granted. Nothing was sent.",
                "If it is meant to, add the upstream and the grant that the message names.",
            ),
            Code::DeniedRequest => advice(
                "The plugin called a path, or used a method, that is not allowed at this upstream. Nothing was sent.",
                "If it is meant to, add it to `paths` or `methods` of the upstream.",
            ),
            Code::DeniedAddress => advice(
                "The upstream's name leads to an address of another kind of network than it may be in. Nothing was sent.",
                "If the service is meant to be there, set `network` of the upstream; otherwise look into its name's DNS records.",
            ),
            Code::DeniedHeader => advice(
                "The plugin sent a header that the host sets at this upstream, such as its credentials. Nothing was sent.",
                "Have the plugin leave the header out, or remove it from `headers` of the upstream.",
            ),
            Code::ShedInFlight => advice(
                "As many requests to the upstream are in flight as may be. No request was sent.",
                "Raise `limits.in_flight` of the upstream if the service takes more, or lower `session.max_parallel`.",
            ),
            Code::ShedRate => advice(
                "Requests to the upstream come faster than its rate. No request was sent.",
                "Wait as long as the message says, or raise `limits.rate` of the upstream if the service takes more.",
            ),
            _ => advice(
                "A quota of the upstream is used up for a while. No request was sent.",
                "Wait until the time that the message names, or raise the quota under `limits.quotas` of the upstream if your plan has more.",
            ),
        }
    }

    /// Connections that failed.
    pub(super) const fn connection_advice(&self) -> Advice {
        match self {
            Code::HttpDns => advice(
                "The upstream's name could not be looked up: no name server answered, or it could not say.",
                "Try again later; if it stays, see whether this machine can resolve names.",
            ),
            Code::HttpUnknownHost => advice(
                "The upstream's name does not exist, or has no address. Nothing was sent.",
                "Look at the spelling of `address` of the upstream, and at its name's DNS records.",
            ),
            Code::HttpConnect => advice(
                "The upstream took no connection.",
                "See whether the service runs and whether a firewall is between; the port is in `address` of the upstream.",
            ),
            Code::HttpTls => advice(
                "The connection to the upstream could not be encrypted. Nothing was sent.",
                "Try again later; if it stays, look at the scheme and the port of `address` of the upstream.",
            ),
            Code::HttpCertificate => advice(
                "The upstream's certificate is not to be trusted: it is by an unknown issuer, for another name, or over. Nothing was sent.",
                "If it has certificates of your own, name them with `ca_file` of the upstream; otherwise look at its certificate.",
            ),
            Code::HttpReset => advice(
                "The upstream closed the connection before it answered. It may have acted on the request.",
                "Try again later; if it stays, look at the service's own log.",
            ),
            Code::HttpTimeout => advice(
                "The upstream took longer than is waited for it.",
                "Raise `timeouts` of the upstream (and `limits.deadline` of the agent) if the service is known to be slow.",
            ),
            Code::HttpProtocol => advice(
                "What the upstream answered is no HTTP/1.1.",
                "Look at the scheme and the port of `address` of the upstream.",
            ),
            _ => advice(
                "The upstream's answer broke off before its end.",
                "Try again later; if it stays, look at the service's own log, or at a proxy between.",
            ),
        }
    }

    /// Answers that say that something is wrong.
    pub(super) const fn answer_advice(&self) -> Advice {
        match self {
            Code::HttpServerError => advice(
                "The upstream says that it failed.",
                "Try again later; if it stays, tell whoever runs the service.",
            ),
            Code::HttpClientError => advice(
                "The upstream says that the request was not right.",
                "Read its message; most often the plugin's settings, such as the name of a model, are not what the service knows.",
            ),
            Code::ApiThrottled => advice(
                "The upstream was asked too often and wants a pause.",
                "Lower `limits.in_flight`, or set `limits.rate` of the upstream to what the service allows.",
            ),
            Code::ApiOverloaded => advice(
                "The upstream has too much to do at the moment.",
                "Try again later; `breaker` of the upstream says when the host stops asking.",
            ),
            Code::ApiQuota => advice(
                "The upstream gives no more until the time in the message.",
                "Resume the session after that time; set `limits.quotas` of the upstream to be warned before.",
            ),
            Code::ApiBilling => advice(
                "The upstream gives no more until its bill is paid.",
                "Pay or top up the account at the service; trying again does not help before.",
            ),
            _ => advice(
                "The upstream does not take the credentials, or they are not enough.",
                "Look at the secret that `headers` of the upstream names, and whether it is still valid.",
            ),
        }
    }
}
