//! Bodies of requests.

use super::server::Do;
use super::*;
use fusebox_types::failure::Code;

#[tokio::test]
async fn a_requests_body_arrives_with_its_length() {
    let mut server = Server::answers("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let called = call(&server, "", post("hello")).await;
    drop(called.answer.unwrap());
    assert_eq!(called.end.await.unwrap().request_bytes, 5);
    let request = server.request().await;
    assert!(request.contains("content-length: 5\r\n"), "{request}");
    assert!(!request.contains("transfer-encoding"), "{request}");
}

/// A body whose length is not known before.
fn streamed(parts: &[&'static str]) -> impl Body<Data = Bytes, Error = BoxError> + Send + 'static {
    let mut parts = parts.iter().rev().copied().collect::<Vec<_>>();
    let next = move |_: &mut std::task::Context<'_>| {
        let part = parts.pop().map(|part| match part {
            "broken" => Err(BoxError::from("the guest has gone")),
            part => Ok(http_body::Frame::data(Bytes::from_static(part.as_bytes()))),
        });
        std::task::Poll::Ready(part)
    };
    Polled(next)
}

struct Polled<F>(F);

impl<F> Body for Polled<F>
where
    F: FnMut(
            &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, BoxError>>>
        + Unpin,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, BoxError>>> {
        (self.0)(cx)
    }
}

#[tokio::test]
async fn a_request_that_is_not_what_it_says_is_the_guests_fault() {
    let cases: [(&[&str], Option<&str>, Code); 6] = [
        (&["hello"], Some("3"), Code::InvalidRequest),
        (&["hello"], Some("10"), Code::InvalidRequest),
        (&["hello", "broken"], None, Code::InvalidRequest),
        (&["hello", "broken"], Some("10"), Code::InvalidRequest),
        (&["hello", " and much more"], None, Code::LimitHttpRequest),
        (&["hello"], Some("16"), Code::LimitHttpRequest),
    ];
    for (parts, length, code) in cases {
        let server = Server::start([Do::ReadAll]).await;
        let mut request = Request::post("http://service.example/")
            .body(streamed(parts))
            .unwrap();
        if let Some(length) = length {
            request
                .headers_mut()
                .insert("content-length", length.parse().unwrap());
        }
        let (failure, end) = call(&server, "limits: {request: 15B}", request)
            .await
            .failed()
            .await;
        assert_eq!(failure.fault.code(), code, "{parts:?}: {failure}");
        assert_eq!(end.count(), Count::Neutral);
    }
}

#[tokio::test]
async fn a_streamed_request_keeps_the_length_that_it_announces() {
    let mut server = Server::answers("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let mut request = Request::post("http://service.example/")
        .body(streamed(&["he", "llo"]))
        .unwrap();
    request
        .headers_mut()
        .insert("content-length", "5".parse().unwrap());
    let called = call(&server, "", request).await;
    drop(called.answer.unwrap());
    let request = server.request().await;
    assert!(
        request.contains("content-length: 5\r\n") && !request.contains("chunked"),
        "{request}"
    );
}

/// A body that says nothing more.
struct Unfinished;

impl Body for Unfinished {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, BoxError>>> {
        std::task::Poll::Pending
    }
}

/// An upstream that gives up on a guest has not failed.
#[tokio::test]
async fn a_reset_while_the_guest_is_waited_for_is_neutral() {
    let server = Server::start([Do::Read, Do::Reset]).await;
    let request = Request::post("http://service.example/").body(Unfinished).unwrap();
    let (failure, end) = call(&server, "", request).await.failed().await;
    assert_eq!(
        (failure.fault.code(), end.count()),
        (Code::HttpReset, Count::Neutral),
        "{failure}"
    );
}
