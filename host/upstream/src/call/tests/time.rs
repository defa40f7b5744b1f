//! Time limits. The clock stands still and jumps to the next timer whenever
//! nothing else is to be done.

use super::server::{Do, clock_goes_on, write};
use super::*;
use fusebox_types::failure::Code;

/// A server that never gets past its script.
async fn silent(head: &str) -> Server {
    Server::start([Do::Read, write(head), clock_goes_on(), Do::Hang]).await
}

fn timed_out(phase: Phase, whose: Whose) -> CallFault {
    CallFault::TimedOut { phase, whose }
}

#[tokio::test(start_paused = true)]
async fn a_silent_upstream_is_given_up() {
    let server = silent("").await;
    let began = Instant::now();
    let (failure, end) = call(&server, "timeouts: {first_byte: 7s}", get("/"))
        .await
        .failed()
        .await;
    assert_eq!(failure.fault, timed_out(Phase::FirstByte, Whose::Upstream));
    assert_eq!(
        (failure.sent, end.code(), end.count()),
        (true, Some(Code::HttpTimeout), Count::Failure)
    );
    assert!(began.elapsed() >= Duration::from_secs(7));
}

#[tokio::test(start_paused = true)]
async fn a_dripping_upstream_is_given_up_when_it_stops() {
    let server = silent("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello").await;
    let (body, end) = call(&server, "timeouts: {between_bytes: 3s}", get("/"))
        .await
        .whole()
        .await;
    assert_eq!(
        body.unwrap_err().fault,
        timed_out(Phase::BetweenBytes, Whose::Upstream)
    );
    assert_eq!((end.response_bytes, end.count()), (5, Count::Failure));
}

/// What a guest can bring about does not count against the upstream.
#[tokio::test(start_paused = true)]
async fn a_guests_own_time_limit_and_the_deadline_are_neutral() {
    let second = Some(Duration::from_secs(1));
    let impatient = || Terms {
        guest: GuestTimeouts {
            connect: second,
            first_byte: second,
            between_bytes: second,
        },
        ..terms()
    };
    let late = || Terms {
        deadline: Instant::now() + Duration::from_secs(2),
        ..terms()
    };
    let cases: [(&dyn Fn() -> Terms, Whose, Code); 2] = [
        (&impatient, Whose::Guest, Code::HttpTimeout),
        (&late, Whose::Attempt, Code::LimitDeadline),
    ];
    for (terms, whose, code) in cases {
        let begins = silent("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello").await;
        let (body, end) = call_with(&begins, &upstream(""), get("/"), terms())
            .await
            .whole()
            .await;
        assert_eq!(body.unwrap_err().fault, timed_out(Phase::BetweenBytes, whose));
        assert_eq!((end.code(), end.count()), (Some(code.clone()), Count::Neutral));
        let mute = silent("").await;
        let (failure, end) = call_with(&mute, &upstream(""), get("/"), terms())
            .await
            .failed()
            .await;
        assert_eq!(failure.fault, timed_out(Phase::FirstByte, whose));
        assert_eq!((end.code(), end.count()), (Some(code), Count::Neutral));
    }
}

#[tokio::test(start_paused = true)]
async fn a_guest_cannot_wait_longer_than_the_upstreams_limit() {
    let server = silent("").await;
    // Longer than a clock can say.
    let ages = Some(Duration::MAX);
    let patient = Terms {
        guest: GuestTimeouts {
            connect: ages,
            first_byte: ages,
            between_bytes: ages,
        },
        ..terms()
    };
    let (failure, _) = call_with(&server, &upstream(""), get("/"), patient)
        .await
        .failed()
        .await;
    assert_eq!(failure.fault, timed_out(Phase::FirstByte, Whose::Upstream));
}

/// Nobody reads for an hour: that is not the upstream's doing.
#[tokio::test(start_paused = true)]
async fn time_does_not_run_while_nobody_reads() {
    let server = silent("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello").await;
    let terms = Terms {
        deadline: Instant::now() + Duration::from_secs(36_000),
        ..terms()
    };
    let called = call_with(
        &server,
        &upstream("timeouts: {between_bytes: 1s}"),
        get("/"),
        terms,
    )
    .await;
    tokio::time::advance(Duration::from_secs(3600)).await;
    let (body, end) = called.whole().await;
    assert_eq!((body.unwrap(), end.how), ("hello".into(), How::Complete));
}

/// A body that gives a little every ten seconds.
struct Slow(tokio::time::Interval, usize);

impl Body for Slow {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, std::convert::Infallible>>> {
        let this = self.get_mut();
        if this.1 == 0 {
            return std::task::Poll::Ready(None);
        }
        this.0.poll_tick(cx).map(|_| {
            this.1 -= 1;
            Some(Ok(http_body::Frame::data(Bytes::from_static(b"x"))))
        })
    }
}

/// As long as the guest is waited for, the upstream's time does not run.
#[tokio::test(start_paused = true)]
async fn a_guest_that_is_slow_to_say_its_request_is_not_the_upstreams_fault() {
    let server = silent("").await;
    let body = Slow(tokio::time::interval(Duration::from_secs(10)), 6);
    let request = Request::post("http://service.example/").body(body).unwrap();
    let began = Instant::now();
    let (failure, end) = call(&server, "timeouts: {first_byte: 15s}", request)
        .await
        .failed()
        .await;
    assert_eq!(failure.fault, timed_out(Phase::FirstByte, Whose::Upstream));
    assert_eq!(end.request_bytes, 6);
    let took = began.elapsed();
    assert!(
        (Duration::from_secs(64)..Duration::from_secs(70)).contains(&took),
        "{took:?}"
    );
}

/// A name server that is silent.
struct Nowhere;

impl Resolve for Nowhere {
    fn resolve(&self, _: &str, _: u16) -> impl Future<Output = Result<Vec<SocketAddr>, ResolveError>> + Send {
        std::future::pending()
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_name_server_is_given_up_and_nothing_was_sent() {
    let caller = Caller::new(Nowhere);
    let failure = caller
        .send(&upstream(""), get("/"), terms(), Ending::new(drop))
        .await
        .unwrap_err();
    assert_eq!(failure.fault, timed_out(Phase::Connect, Whose::Upstream));
    assert!(!failure.sent);
}
