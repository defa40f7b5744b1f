//! Answers that come packed.

use flate2::{Compress, Compression, FlushCompress};

use super::server::{Do, write};
use super::*;
use fusebox_types::failure::Code;

const SECRET: &str = "sk-0123456789abcdef";

fn gzipped(plain: &[u8]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(plain.len() + 1024);
    let mut engine = Compress::new_gzip(Compression::best(), 15);
    engine
        .compress_vec(plain, &mut packed, FlushCompress::Finish)
        .unwrap();
    packed
}

/// An answer with a gzipped body, in chunks of this length.
fn answer(status: u16, packed: &[u8], piece: usize) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status} Played\r\ncontent-encoding: gzip\r\ntransfer-encoding: chunked\r\ntrailer: x-sum\r\n\r\n"
    );
    let mut text = head.into_bytes();
    for piece in packed.chunks(piece) {
        text.extend(format!("{:x}\r\n", piece.len()).bytes());
        text.extend_from_slice(piece);
        text.extend_from_slice(b"\r\n");
    }
    text.extend_from_slice(b"0\r\nx-sum: 1\r\n\r\n");
    text
}

#[tokio::test]
async fn a_packed_answer_is_judged_and_handed_on_plain_however_it_is_cut() {
    let plain = r#"{"error":{"code":"1308","message":"used up"}}"#;
    for piece in [1, 5, 1000] {
        let server = Server::answers(answer(429, &gzipped(plain.as_bytes()), piece)).await;
        let called = call(&server, "dialect: glm", get("/")).await;
        let head = called.answer.as_ref().unwrap();
        assert!(!head.headers().contains_key("content-encoding"));
        let (body, end) = called.whole().await;
        assert_eq!((body.unwrap(), end.how.clone()), (plain.into(), How::Complete));
        assert_eq!(end.code(), Some(Code::ApiQuota));
        assert_eq!(end.response_bytes, plain.len() as u64);
    }
}

#[tokio::test]
async fn a_packed_answer_has_no_length_and_keeps_its_trailers() {
    let packed = gzipped(b"hello");
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-encoding: x-gzip\r\ncontent-length: {}\r\n\r\n",
        packed.len()
    );
    let server = Server::answers([head.into_bytes(), packed.clone()].concat()).await;
    let answer_of = call(&server, "", get("/")).await.answer.unwrap();
    assert!(answer_of.headers().is_empty(), "{:?}", answer_of.headers());
    assert_eq!(answer_of.into_body().collect().await.unwrap().to_bytes(), "hello");
    let server = Server::answers(answer(200, &packed, 3)).await;
    let request = Request::get("http://service.example/").header("te", "trailers");
    let called = call(&server, "", request.body(Empty::<Bytes>::new()).unwrap()).await;
    let body = called.answer.unwrap().into_body().collect().await.unwrap();
    if let Some(trailers) = body.trailers() {
        assert_eq!(trailers["x-sum"], "1");
    }
    assert_eq!(body.to_bytes(), "hello");
}

#[tokio::test]
async fn an_answer_without_a_body_keeps_its_head() {
    for (method, status) in [
        (Method::HEAD, "200 OK\r\ncontent-length: 99"),
        (Method::GET, "304 Not Modified"),
        (Method::GET, "204 No Content"),
    ] {
        let text = format!("HTTP/1.1 {status}\r\ncontent-encoding: br\r\n\r\n");
        let server = Server::answers(text).await;
        let mut request = get("/");
        *request.method_mut() = method;
        let called = call(&server, "", request).await;
        let head = called.answer.as_ref().unwrap().headers();
        assert_eq!(head["content-encoding"], "br");
        let (body, end) = called.whole().await;
        assert_eq!((body.unwrap(), end.how), (Bytes::new(), How::Complete));
    }
}

/// The mask sees plain bytes.
#[tokio::test]
async fn a_secret_that_comes_back_packed_is_taken_out() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    std::fs::write(&path, SECRET).unwrap();
    let yaml = format!("headers: {{x-key: {{secret: {{file: '{}'}}}}}}", path.display());
    let plain = format!("you are {SECRET}, sk-01");
    for piece in [1, 1000] {
        let server = Server::answers(answer(200, &gzipped(plain.as_bytes()), piece)).await;
        let (body, _) = call(&server, &yaml, get("/")).await.whole().await;
        assert_eq!(
            body.unwrap(),
            "you are [secret upstreams.service.headers.x-key], sk-01"
        );
    }
}

#[tokio::test]
async fn a_bomb_is_cut_off_at_the_limit_for_plain_bytes() {
    let packed = gzipped(&vec![0; 64 << 20]);
    let server = Server::answers(answer(200, &packed, 1 << 20)).await;
    let (body, end) = call(&server, "limits: {response: 256KiB}", get("/"))
        .await
        .whole()
        .await;
    assert_eq!(body.unwrap_err().fault, CallFault::AnswerBody { most: 256 << 10 });
    assert!(end.response_bytes <= 256 << 10);
    assert_eq!(
        (end.code(), end.count()),
        (Some(Code::LimitHttpResponse), Count::Neutral)
    );
}

#[tokio::test]
async fn what_cannot_be_unpacked_is_the_upstreams_fault() {
    let mut packed = gzipped(b"hello");
    packed.truncate(12);
    let server = Server::answers(answer(200, &packed, 5)).await;
    let (body, end) = call(&server, "", get("/")).await.whole().await;
    let failure = body.unwrap_err();
    assert!(failure.to_string().contains("encoded as gzip"), "{failure}");
    assert_eq!(
        (end.code(), end.count()),
        (Some(Code::HttpBrokenBody), Count::Failure)
    );
    let text = "HTTP/1.1 200 OK\r\ncontent-encoding: compress\r\ncontent-length: 5\r\n\r\nhello";
    let server = Server::answers(text).await;
    let (body, end) = call(&server, "", get("/")).await.whole().await;
    let failure = body.unwrap_err();
    assert!(failure.to_string().contains("`compress`"), "{failure}");
    assert_eq!(
        (end.code(), end.count()),
        (Some(Code::HttpProtocol), Count::Failure)
    );
}

/// What comes is heard, though nothing can be read of it yet.
#[tokio::test(start_paused = true)]
async fn a_packed_answer_that_drips_is_not_silent() {
    let packed = gzipped(b"hello");
    let head = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n";
    let mut script = vec![
        Do::Read,
        write(format!("{head}content-length: {}\r\n\r\n", packed.len())),
    ];
    for byte in packed {
        script.extend([Do::Pause(Duration::from_secs(2)), write([byte])]);
    }
    script.push(Do::Hang);
    let server = Server::start(script).await;
    let yaml = "timeouts: {between_bytes: 3s}";
    let (body, _) = call(&server, yaml, get("/")).await.whole().await;
    assert_eq!(body.unwrap(), "hello");
}
