//! Calls to a real server on this machine.

mod answer_heads;
mod bodies;
mod codings;
mod echoes;
mod endings;
mod heads;
mod request_bodies;
mod server;
mod time;
mod tls;

use std::future::ready;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Empty, Full};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::*;
use crate::connect::{ResolveError, Roots};
use crate::rules::UpstreamRules;
use fusebox_secrets::Vault;
use server::Server;

/// Every name leads to the server.
#[derive(Debug, Clone)]
struct Here(SocketAddr);

impl Resolve for Here {
    fn resolve(&self, _: &str, _: u16) -> impl Future<Output = Result<Vec<SocketAddr>, ResolveError>> + Send {
        ready(Ok(vec![self.0]))
    }
}

fn entry(yaml: &str) -> UpstreamRules {
    let text = format!("{{address: 'http://service.example', network: loopback, {yaml}}}");
    serde_json::from_value(serde_yaml::from_str(&text).unwrap()).unwrap()
}

fn upstream(yaml: &str) -> Upstream {
    Upstream::new("service", &entry(yaml), &Roots::none(), &Vault::default()).unwrap()
}

fn terms() -> Terms {
    Terms {
        deadline: Instant::now() + Duration::from_secs(3600),
        guest: GuestTimeouts::default(),
        body: 1 << 20,
    }
}

fn get(path: &str) -> Request<Empty<Bytes>> {
    Request::get(format!("http://service.example{path}"))
        .body(Empty::new())
        .unwrap()
}

fn post(body: &'static str) -> Request<Full<Bytes>> {
    Request::post("http://service.example/")
        .body(Full::from(body))
        .unwrap()
}

/// A call under way: its answer, and how it will end.
struct Called {
    answer: Result<Response<AnswerBody>, CallFailure>,
    end: oneshot::Receiver<End>,
}

async fn call_with<B>(server: &Server, upstream: &Upstream, request: Request<B>, terms: Terms) -> Called
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let (tell, end) = oneshot::channel();
    let ending = Ending::new(move |end| drop(tell.send(end)));
    let caller = Caller::new(Here(server.address));
    let answer = caller.send(upstream, request, terms, ending).await;
    Called { answer, end }
}

async fn call<B>(server: &Server, yaml: &str, request: Request<B>) -> Called
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    call_with(server, &upstream(yaml), request, terms()).await
}

impl Called {
    /// The whole body, and how the call ended.
    async fn whole(self) -> (Result<Bytes, CallFailure>, End) {
        let body = self.answer.unwrap().into_body();
        let body = body.collect().await.map(http_body_util::Collected::to_bytes);
        (body, self.end.await.unwrap())
    }

    /// Why there is no answer, and how the call ended.
    async fn failed(self) -> (CallFailure, End) {
        let failure = self.answer.unwrap_err();
        let end = self.end.await.unwrap();
        assert_eq!(end.how, How::Failed(failure.fault.clone()));
        assert_eq!(end.sent, failure.sent);
        (failure, end)
    }
}
