//! The heads of answers.

use super::server::{Do, write};
use super::*;
use fusebox_types::failure::Code;

#[tokio::test]
async fn a_header_bomb_is_refused() {
    let many: String = (0..200).map(|at| format!("x-{at}: 1\r\n")).collect();
    let large = format!("x-large: {}\r\n", "x".repeat(80_000));
    for headers in [many, large] {
        let server = Server::answers(format!("HTTP/1.1 200 OK\r\n{headers}\r\n")).await;
        let (failure, end) = call(&server, "", get("/")).await.failed().await;
        assert_eq!(failure.fault, CallFault::AnswerHeaders);
        assert_eq!((failure.sent, end.code()), (true, Some(Code::LimitHttpResponse)));
    }
    let endless = Server::start([
        Do::Read,
        write("HTTP/1.1 200 OK\r\n"),
        Do::WriteForever(b"x-more: 1\r\n".to_vec()),
    ])
    .await;
    let (failure, _) = call(&endless, "", get("/")).await.failed().await;
    assert_eq!(failure.fault, CallFault::AnswerHeaders);
}

#[tokio::test]
async fn interim_answers_without_end_are_refused_and_a_few_are_not() {
    let interim = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
    let endless = [Do::Read, Do::WriteForever(interim.into())];
    let (failure, end) = call(&Server::start(endless).await, "", get("/"))
        .await
        .failed()
        .await;
    let CallFault::Protocol(why) = failure.fault else {
        panic!("{:?}", failure.fault)
    };
    assert!(why.contains("interim"), "{why}");
    assert_eq!((failure.sent, end.count()), (true, Count::Failure));
    let few = format!(
        "{}HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
        interim.repeat(8)
    );
    let answer = call(&Server::answers(few).await, "", get("/"))
        .await
        .answer
        .unwrap();
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn an_answer_loses_what_is_about_the_connection_and_keeps_the_rest() {
    let server = Server::answers("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: x-inner\r\nx-inner: 1\r\nkeep-alive: 5\r\nset-cookie: a=b\r\n\r\n").await;
    let answer = call(&server, "", get("/")).await.answer.unwrap();
    let mut names: Vec<_> = answer.headers().keys().map(http::HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["content-length", "set-cookie"]);
}

#[tokio::test]
async fn a_redirect_is_an_answer_like_any_other() {
    let server = Server::answers(
        "HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n",
    )
    .await;
    let called = call(&server, "", get("/")).await;
    let answer = called.answer.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["location"]),
        (302, &"http://169.254.169.254/".parse().unwrap())
    );
    drop(answer);
    assert_eq!(called.end.await.unwrap().count(), Count::Success);
}

#[tokio::test]
async fn what_is_no_http_is_the_upstreams_fault() {
    for text in [
        "SSH-2.0-OpenSSH_9.0\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
        "HTTP/1.1 200 OK\r\na b: c\r\n\r\n",
    ] {
        let server = Server::answers(text).await;
        let (failure, end) = call(&server, "", get("/")).await.failed().await;
        assert_eq!(
            (failure.fault.code(), end.count()),
            (Code::HttpProtocol, Count::Failure),
            "{text}: {failure}"
        );
    }
}
