//! Bodies of answers: whole, broken, too long.

use super::server::{Do, write};
use super::*;
use fusebox_types::failure::Code;

const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

#[tokio::test]
async fn an_answer_comes_as_it_was_sent() {
    for text in [
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello".to_owned(),
        format!("{CHUNKED}2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"),
    ] {
        let server = Server::answers(text).await;
        let (body, end) = call(&server, "", get("/")).await.whole().await;
        assert_eq!(body.unwrap(), "hello");
        assert_eq!(
            (end.how.clone(), end.count(), end.code()),
            (How::Complete, Count::Success, None)
        );
        assert_eq!(
            (end.response_bytes, end.sent, end.status.unwrap().as_u16()),
            (5, true, 200)
        );
    }
}

#[tokio::test]
async fn an_answer_without_a_length_ends_with_the_connection() {
    let server = Server::start([Do::Read, write("HTTP/1.1 200 OK\r\n\r\nhello")]).await;
    let (body, end) = call(&server, "", get("/")).await.whole().await;
    assert_eq!((body.unwrap(), end.how), ("hello".into(), How::Complete));
}

#[tokio::test]
async fn an_answer_without_a_body_is_whole_without_being_read() {
    for (method, head) in [
        (Method::GET, "204 No Content"),
        (Method::GET, "200 OK\r\ncontent-length: 0"),
        (Method::HEAD, "200 OK\r\ncontent-length: 99999999"),
    ] {
        let server = Server::answers(format!("HTTP/1.1 {head}\r\n\r\n")).await;
        let mut request = get("/");
        *request.method_mut() = method;
        let called = call(&server, "", request).await;
        drop(called.answer.unwrap());
        assert_eq!(called.end.await.unwrap().how, How::Complete);
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_is_the_upstreams_fault() {
    for text in [
        "HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhello".to_owned(),
        format!("{CHUNKED}5\r\nhello\r\n"),
        format!("{CHUNKED}5\r\nhello\r\nzz\r\n"),
    ] {
        let server = Server::start([Do::Read, write(text)]).await;
        let (body, end) = call(&server, "", get("/")).await.whole().await;
        let failure = body.unwrap_err();
        assert!(
            matches!(failure.fault, CallFault::BrokenBody { received: 5, .. }),
            "{failure}"
        );
        assert_eq!(
            (end.code(), end.count()),
            (Some(Code::HttpBrokenBody), Count::Failure)
        );
        assert!(failure.sent);
    }
}

#[tokio::test]
async fn a_connection_reset_in_the_middle_is_a_broken_body() {
    let server = Server::start([Do::Read, write(format!("{CHUNKED}5\r\nhello\r\n")), Do::Reset]).await;
    let called = call(&server, "", get("/")).await;
    let (body, end) = called.whole().await;
    assert!(body.is_err());
    assert_eq!(
        (end.code(), end.count()),
        (Some(Code::HttpBrokenBody), Count::Failure)
    );
}

#[tokio::test]
async fn a_body_that_is_too_long_is_cut_off_wherever_that_is_seen() {
    let announced = Server::answers("HTTP/1.1 200 OK\r\ncontent-length: 2000\r\n\r\n").await;
    let (failure, end) = call(&announced, "limits: {response: 1KiB}", get("/"))
        .await
        .failed()
        .await;
    assert_eq!(failure.fault, CallFault::AnswerBody { most: 1024 });
    assert_eq!(
        (end.code(), end.count()),
        (Some(Code::LimitHttpResponse), Count::Neutral)
    );

    let chunk = format!("64\r\n{}\r\n", "x".repeat(100));
    let endless = Server::start([Do::Read, write(CHUNKED), Do::WriteForever(chunk.into())]).await;
    let (body, end) = call(&endless, "limits: {response: 1KiB}", get("/"))
        .await
        .whole()
        .await;
    assert_eq!(body.unwrap_err().fault, CallFault::AnswerBody { most: 1024 });
    assert!(end.response_bytes <= 1024);
    assert_eq!(end.count(), Count::Neutral);
}

/// The attempt's own limit holds where it is the smaller one.
#[tokio::test]
async fn the_smaller_of_two_limits_holds() {
    let server = Server::answers("HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n").await;
    let terms = Terms { body: 10, ..terms() };
    let (failure, _) = call_with(&server, &upstream(""), get("/"), terms)
        .await
        .failed()
        .await;
    assert_eq!(failure.fault, CallFault::AnswerBody { most: 10 });
}
