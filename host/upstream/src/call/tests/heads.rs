//! The heads of requests.

use super::*;
use fusebox_types::failure::Code;

const EMPTY: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

/// What the server sees of a request.
async fn seen(yaml: &str, request: Request<Empty<Bytes>>) -> String {
    let mut server = Server::answers(EMPTY).await;
    call(&server, yaml, request).await.answer.unwrap();
    server.request().await
}

#[tokio::test]
async fn the_host_puts_in_its_headers_and_keeps_their_secrets() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    std::fs::write(&path, "hunter22\n").unwrap();
    let yaml = format!(
        "headers: {{Authorization: {{secret: {{file: '{}'}}, prefix: 'Bearer '}}, x-client: {{value: fusebox}}}}",
        path.display()
    );
    let request = seen(&yaml, get("/v1/models?a=b")).await;
    assert!(
        request.starts_with("GET /v1/models?a=b HTTP/1.1\r\n"),
        "{request}"
    );
    for header in [
        "authorization: Bearer hunter22\r\n",
        "x-client: fusebox\r\n",
        "host: service.example\r\n",
        "accept-encoding: identity\r\n",
        concat!("user-agent: fusebox/", env!("CARGO_PKG_VERSION"), "\r\n"),
    ] {
        assert!(request.contains(header), "{header}: {request}");
    }
    let shown = format!("{:?}", upstream(&yaml));
    assert!(
        !shown.contains("hunter22") && shown.contains("fusebox"),
        "{shown}"
    );
}

#[tokio::test]
async fn a_missing_secret_is_said_and_none_is_shown() {
    let error = Upstream::new(
        "service",
        &entry("headers: {a: {secret: {env: FUSEBOX_TEST_NO_SUCH_SECRET}}}"),
        &Roots::none(),
        &Vault::default(),
    );
    assert!(matches!(error, Err(UpstreamError::Secret { .. })));
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    std::fs::write(&path, "hunter22\nsecond line").unwrap();
    let yaml = format!("headers: {{a: {{secret: {{file: '{}'}}}}}}", path.display());
    let error = Upstream::new("service", &entry(&yaml), &Roots::none(), &Vault::default()).unwrap_err();
    assert!(matches!(error, UpstreamError::HeaderValue { .. }));
    assert!(!fusebox_types::failure::causes(&error).contains("hunter22"));
}

#[tokio::test]
async fn what_is_about_the_connection_does_not_go_through() {
    let mut request = get("/");
    for (name, value) in [
        ("connection", "close, x-inner"),
        ("x-inner", "1"),
        ("keep-alive", "timeout=5"),
        ("proxy-authorization", "Basic abc"),
        ("te", "trailers"),
        ("transfer-encoding", "chunked"),
        ("upgrade", "h2c"),
        ("http2-settings", "AAMAAABkAARAAAAAAAIAAAAA"),
        ("expect", "100-continue"),
        ("accept-encoding", "gzip"),
        ("x-outer", "1"),
    ] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    let request = seen("", request).await;
    let mut names: Vec<_> = request
        .lines()
        .skip(1)
        .filter_map(|line| Some(line.split_once(": ")?.0))
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["accept-encoding", "host", "user-agent", "x-outer"]);
    assert!(request.contains("accept-encoding: identity"));
}

#[tokio::test]
async fn a_guest_sets_no_header_that_the_host_sets() {
    let cases = [
        ("host", "elsewhere.example", ""),
        (
            "authorization",
            "Bearer mine",
            "headers: {Authorization: {value: x}}",
        ),
        ("cookie", "a=b", "headers: {cookie: {value: x}}"),
        ("x-client", "other", "headers: {x-client: {value: fusebox}}"),
    ];
    for (name, value, yaml) in cases {
        let mut server = Server::answers(EMPTY).await;
        let mut request = get("/");
        request.headers_mut().insert(name, value.parse().unwrap());
        let (failure, end) = call(&server, yaml, request).await.failed().await;
        assert_eq!(
            (failure.fault.code(), failure.sent, end.count()),
            (Code::DeniedHeader, false, Count::Neutral)
        );
        assert!(
            failure.to_string().contains(name) && !failure.to_string().contains(value),
            "{failure}"
        );
        assert!(server.saw_nothing());
    }
    // Its own credentials, where the operator has none.
    let mut request = get("/");
    request
        .headers_mut()
        .insert("authorization", "Bearer mine".parse().unwrap());
    assert!(seen("", request).await.contains("authorization: Bearer mine\r\n"));
}

/// No type of the library lets a line break through; if one did, it would be here.
#[test]
fn line_breaks_are_no_part_of_a_header_or_a_path() {
    for text in ["a\r\nb", "a\nb", "a\0b"] {
        assert!(http::HeaderValue::try_from(text).is_err());
        assert!(http::HeaderName::try_from(text).is_err());
        assert!(Method::from_bytes(text.as_bytes()).is_err());
        assert!(
            format!("http://service.example/{text}")
                .parse::<http::Uri>()
                .is_err()
        );
    }
}

/// A request with these headers.
fn with_headers(headers: impl Iterator<Item = (String, String)>) -> Request<Empty<Bytes>> {
    let mut request = get("/");
    for (name, value) in headers {
        let name = http::HeaderName::try_from(name).unwrap();
        request.headers_mut().append(name, value.parse().unwrap());
    }
    request
}

#[tokio::test]
async fn a_head_has_its_limits() {
    let long = get(&format!("/{}", "x".repeat(9_000)));
    let many = with_headers((0..130).map(|at| (format!("x-{at}"), "1".into())));
    let large = with_headers((0..9).map(|_| ("x-large".into(), "x".repeat(8_000))));
    for request in [long, many, large] {
        let mut server = Server::answers(EMPTY).await;
        let (failure, _) = call(&server, "", request).await.failed().await;
        assert_eq!(
            (failure.fault.code(), failure.sent),
            (Code::LimitHttpRequest, false),
            "{failure}"
        );
        assert!(server.saw_nothing());
    }
}

#[tokio::test]
async fn lengths_that_servers_read_differently_are_refused() {
    let cases = [
        &["5", "6"][..],
        &["5", "5"],
        &["5, 5"],
        &["+5"],
        &["-1"],
        &["0x5"],
        &["99999999999999999999"],
    ];
    for lengths in cases {
        let mut server = Server::answers(EMPTY).await;
        let request = with_headers(
            lengths
                .iter()
                .map(|length| ("content-length".into(), length.to_string())),
        );
        let (failure, _) = call(&server, "", request).await.failed().await;
        assert_eq!(
            (failure.fault.code(), failure.sent),
            (Code::InvalidRequest, false),
            "{lengths:?}"
        );
        assert!(server.saw_nothing());
    }
}
