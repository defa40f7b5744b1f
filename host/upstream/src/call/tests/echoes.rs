//! Answers in which the secret that was sent comes back.

use super::server::{Do, write};
use super::*;

const SECRET: &str = "sk-0123456789abcdef";
const MARK: &str = "[secret upstreams.service.headers.authorization]";

/// What the server says to a request with a secret in it.
async fn said(script: Vec<Do>, request: Request<Empty<Bytes>>) -> (Called, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    std::fs::write(&path, SECRET).unwrap();
    let yaml = format!(
        "headers: {{authorization: {{secret: {{file: '{}'}}, prefix: 'Bearer '}}}}, limits: {{response: 1KiB}}",
        path.display()
    );
    let server = Server::start(script).await;
    (call(&server, &yaml, request).await, dir)
}

fn chunks(pieces: &[&str]) -> String {
    let chunk = |piece: &&str| format!("{:x}\r\n{piece}\r\n", piece.len());
    pieces.iter().map(chunk).collect()
}

#[tokio::test]
async fn a_secret_that_comes_back_is_taken_out_wherever_it_is_cut() {
    let text = format!("you are {SECRET}, sk-0 or sk-01234567");
    for at in 1..text.len() {
        let (one, other) = text.split_at(at);
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        let body = format!("{head}{}0\r\n\r\n", chunks(&[one, other]));
        let (called, _dir) = said(vec![Do::Read, write(body)], get("/")).await;
        let (body, end) = called.whole().await;
        let expected = format!("you are {MARK}, sk-0 or sk-01234567");
        assert_eq!(body.unwrap(), expected);
        assert_eq!(
            (end.how, end.response_bytes),
            (How::Complete, expected.len() as u64)
        );
    }
}

#[tokio::test]
async fn heads_and_trailers_show_none_and_promise_no_length() {
    let text = format!(
        "HTTP/1.1 302 Found\r\nlocation: /?key={SECRET}\r\nx-{SECRET}: 1\r\ncontent-length: {}\r\n\r\n{SECRET}",
        SECRET.len()
    );
    let (called, _dir) = said(vec![Do::Read, write(text)], get("/")).await;
    let head = called.answer.as_ref().unwrap().headers();
    assert_eq!(head["location"], format!("/?key={MARK}"));
    assert_eq!(head.len(), 1, "{head:?}");
    assert_eq!(called.whole().await.0.unwrap(), MARK);
    let body = format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x-key\r\n\r\n{}0\r\nx-key: {SECRET}\r\n\r\n",
        chunks(&["sk-01"])
    );
    let request = Request::get("http://service.example/").header("te", "trailers");
    let (called, _dir) = said(vec![Do::Read, write(body)], request.body(Empty::new()).unwrap()).await;
    let body = called.answer.unwrap().into_body().collect().await.unwrap();
    if let Some(trailers) = body.trailers() {
        assert_eq!(trailers["x-key"], MARK);
    }
    assert_eq!(body.to_bytes(), "sk-01");
}

/// The length of what is not sent stays, and other bytes come as they were.
#[tokio::test]
async fn what_shows_no_secret_comes_as_it_was() {
    let mut request = get("/");
    *request.method_mut() = Method::HEAD;
    let text = "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n";
    let (called, _dir) = said(vec![Do::Read, write(text)], request).await;
    assert_eq!(called.answer.unwrap().headers()["content-length"], "99");
    let bytes = b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n\xff\x00s\xfek-".to_vec();
    let (called, _dir) = said(vec![Do::Read, Do::Write(bytes)], get("/")).await;
    assert_eq!(called.whole().await.0.unwrap(), &b"\xff\x00s\xfek-"[..]);
}

/// Marks are longer than secrets, and no body may be longer than it may.
#[tokio::test]
async fn a_body_that_marks_make_too_long_is_refused() {
    let text = format!("HTTP/1.1 200 OK\r\n\r\n{}", format!("{SECRET} ").repeat(40));
    let (called, _dir) = said(vec![Do::Read, write(text)], get("/")).await;
    let (body, end) = called.whole().await;
    assert_eq!(body.unwrap_err().fault, CallFault::AnswerBody { most: 1024 });
    assert!(end.response_bytes <= 1024);
}
