//! What a call is told to have come to.

use super::server::{Do, write};
use super::*;
use crate::rules::AnswerCode;
use fusebox_types::failure::Code;

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test]
async fn an_error_in_the_answer_is_known_at_its_end() {
    let glm = r#"{"error":{"code":"1302","message":"too many"}}"#;
    let cases = [
        (
            answer("429 Slow", "retry-after: 7\r\n", ""),
            Code::ApiThrottled,
            Count::Success,
            Some(7),
        ),
        (
            answer("429 Slow", "", "slow down"),
            Code::ApiThrottled,
            Count::Success,
            None,
        ),
        (
            answer("503 Busy", "", ""),
            Code::ApiOverloaded,
            Count::Failure,
            None,
        ),
        (
            answer("500 Oops", "", "{}"),
            Code::HttpServerError,
            Count::Failure,
            None,
        ),
        (
            answer("404 None", "", ""),
            Code::HttpClientError,
            Count::Success,
            None,
        ),
        (
            answer("200 OK", "", glm),
            Code::ApiThrottled,
            Count::Success,
            None,
        ),
    ];
    for (text, code, count, wait) in cases {
        let server = Server::answers(text.clone()).await;
        let (body, end) = call(&server, "dialect: glm", get("/")).await.whole().await;
        assert!(body.is_ok() && end.how == How::Complete);
        assert_eq!((end.code(), end.count()), (Some(code), count), "{text}");
        let said = end.verdict.unwrap().retry_after;
        assert_eq!(said, wait.map(Duration::from_secs), "{text}");
    }
}

#[tokio::test]
async fn a_guests_drop_is_neutral() {
    let server = Server::answers("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello").await;
    let called = call(&server, "", get("/")).await;
    let mut body = called.answer.unwrap().into_body();
    body.frame().await.unwrap().unwrap();
    drop(body);
    let end = called.end.await.unwrap();
    assert_eq!(
        (end.how.clone(), end.count(), end.code(), end.response_bytes),
        (How::Dropped, Count::Neutral, None, 5)
    );
}

/// A guest that does not care for the body hides no failure.
#[tokio::test]
async fn a_drop_after_the_upstream_said_that_it_failed_is_a_failure() {
    let server = Server::answers("HTTP/1.1 503 Busy\r\ncontent-length: 10\r\n\r\n").await;
    let called = call(&server, "", get("/")).await;
    drop(called.answer.unwrap());
    let end = called.end.await.unwrap();
    assert_eq!((end.how.clone(), end.count()), (How::Dropped, Count::Failure));
    assert_eq!(end.verdict.unwrap().code, AnswerCode::Overloaded);
}

#[tokio::test]
async fn a_call_that_is_given_up_is_told_and_leaves_no_connection() {
    let mut server = Server::start([Do::Read, Do::ReadAll]).await;
    let (tell, end) = oneshot::channel();
    let caller = Caller::new(Here(server.address));
    let upstream = upstream("");
    let ending = Ending::new(move |end| drop(tell.send(end)));
    let mut sending = Box::pin(caller.send(&upstream, get("/"), terms(), ending));
    let request = tokio::select! {
        _ = &mut sending => panic!("there is no answer"),
        request = server.request() => request,
    };
    assert!(request.starts_with("GET / "));
    drop(sending);
    let end = end.await.unwrap();
    assert_eq!(
        (end.how.clone(), end.count(), end.sent),
        (How::Dropped, Count::Neutral, true)
    );
    // The server sees that the connection is closed.
    assert_eq!(server.request().await, "");
}

#[tokio::test]
async fn a_connection_that_closes_without_an_answer_was_reset() {
    for script in [
        vec![Do::Read],
        vec![Do::Read, Do::Reset],
        vec![Do::Read, write("HTTP/1.1 200")],
    ] {
        let server = Server::start(script).await;
        let (failure, end) = call(&server, "", get("/")).await.failed().await;
        assert_eq!(
            (failure.fault.code(), failure.sent, end.count()),
            (Code::HttpReset, true, Count::Failure),
            "{failure}"
        );
    }
}

#[tokio::test]
async fn a_port_that_nobody_listens_at_was_sent_nothing() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mut server = Server::start([Do::Read]).await;
    server.address = address;
    let (failure, end) = call(&server, "", get("/")).await.failed().await;
    assert_eq!(
        (failure.fault.code(), failure.sent, end.count()),
        (Code::HttpConnect, false, Count::Failure)
    );
}

/// The default is the internet only.
#[tokio::test]
async fn a_name_that_leads_inside_is_sent_nothing() {
    let mut server = Server::start([Do::Read]).await;
    for network in ["public", "private"] {
        let entry = entry("").address;
        let yaml = format!("{{address: '{entry}', network: {network}}}");
        let entry: UpstreamRules = serde_json::from_value(serde_yaml::from_str(&yaml).unwrap()).unwrap();
        let upstream = Upstream::new("service", &entry, &Roots::none(), &Vault::default()).unwrap();
        let (failure, end) = call_with(&server, &upstream, get("/"), terms())
            .await
            .failed()
            .await;
        assert_eq!(
            (failure.fault.code(), failure.sent, end.count()),
            (Code::DeniedAddress, false, Count::Neutral)
        );
    }
    assert!(server.saw_nothing());
}

/// Who waits for whom: asked by whoever has to say whose fault it is that nothing came.
#[tokio::test]
async fn an_upstream_is_awaited_only_for_what_was_asked_for_and_has_not_come() {
    let part = write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello");
    let mut server = Server::start([Do::Read, part, Do::ReadAll]).await;
    let state = CallState::default();
    let caller = Caller::new(Here(server.address));
    let upstream = upstream("");
    let mut sending = Box::pin(caller.send(&upstream, get("/"), terms(), Ending::watched(&state, drop)));
    tokio::select! {
        biased;
        _ = server.request() => panic!("nothing was sent yet"),
        () = std::future::ready(()) => {}
    }
    assert!(state.awaits_upstream(), "the connection is waited for");
    let mut body = (&mut sending).await.unwrap().into_body();
    assert!(!state.awaits_upstream(), "nobody reads");
    body.frame().await.unwrap().unwrap();
    assert!(!state.awaits_upstream(), "what has come was read");
    tokio::select! {
        biased;
        _ = body.frame() => panic!("no more comes"),
        () = tokio::task::yield_now() => {}
    }
    assert!(state.awaits_upstream(), "more was asked for");
}
