//! The played upstream itself, by hand.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use super::{Answer, Delivery, Gate, PlayedApi};

const GET: &str = "GET /v1 HTTP/1.1\r\nHost: a\r\n\r\n";

fn connect(api: &PlayedApi, request: &str) -> TcpStream {
    let mut client = TcpStream::connect(api.address()).unwrap();
    client.write_all(request.as_bytes()).unwrap();
    client
}

/// Reads up to and with a text that has to come.
fn read_until(client: &mut TcpStream, end: &str) -> String {
    let mut text = Vec::new();
    let mut byte = [0];
    while !text.ends_with(end.as_bytes()) {
        client.read_exact(&mut byte).unwrap();
        text.extend(byte);
    }
    String::from_utf8(text).unwrap()
}

#[test]
fn answers_come_in_their_order_on_one_connection() {
    let script = vec![
        Answer::json(200, "{}"),
        Answer::json(429, "[]").header("Retry-After", "2"),
    ];
    let api = PlayedApi::start(script);
    let mut client = connect(&api, GET);
    assert!(read_until(&mut client, "{}").starts_with("HTTP/1.1 200 "));
    client.write_all(GET.as_bytes()).unwrap();
    let second = read_until(&mut client, "[]");
    assert!(
        second.starts_with("HTTP/1.1 429 ") && second.contains("Retry-After: 2\r\ncontent-length: 2\r\n")
    );
    client.write_all(GET.as_bytes()).unwrap();
    assert!(read_until(&mut client, "over").starts_with("HTTP/1.1 500 "));
    assert_eq!((api.connections(), api.received().len()), (1, 3));
}

#[test]
fn what_was_sent_is_kept_with_either_kind_of_body() {
    let api = PlayedApi::start(vec![Answer::json(200, "1"), Answer::json(200, "2")]);
    let sized = "POST /a?b HTTP/1.1\r\nX-Key: v\r\nContent-Length: 7\r\n\r\n{\"a\":1}";
    let mut client = connect(&api, sized);
    read_until(&mut client, "1");
    let chunked =
        "PUT / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n4\r\n[1,2\r\nA\r\n,3,4,5,6,]\r\n0\r\n\r\n";
    client.write_all(chunked.as_bytes()).unwrap();
    read_until(&mut client, "\r\n\r\n2");
    let [first, second] = <[_; 2]>::try_from(api.received()).unwrap();
    assert_eq!(
        (first.method.as_str(), first.path.as_str(), first.header("x-key")),
        ("POST", "/a?b", Some("v"))
    );
    assert_eq!(first.json()["a"], 1);
    assert_eq!(
        (second.method.as_str(), second.body.as_slice()),
        ("PUT", b"[1,2,3,4,5,6,]".as_slice())
    );
}

#[test]
fn a_connection_without_a_request_is_counted() {
    let api = PlayedApi::start(vec![]);
    assert_eq!(api.url("/v1"), format!("http://{}/v1", api.address()));
    // The answer to the second says that the first has been accepted.
    let silent = TcpStream::connect(api.address()).unwrap();
    read_until(&mut connect(&api, GET), "over");
    assert_eq!((api.connections(), api.received().len()), (2, 1));
    drop(silent);
}

#[test]
fn a_held_answer_waits_for_its_gate() {
    let (gate, opener) = Gate::closed();
    let api = PlayedApi::start(vec![Answer::json(200, "{}").delivered(Delivery::Held(gate))]);
    let mut held = connect(&api, GET);
    // Another client is served meanwhile, so the first has been read, too.
    while api.received().is_empty() {
        std::thread::yield_now();
    }
    read_until(&mut connect(&api, GET), "over");
    held.set_nonblocking(true).unwrap();
    assert_eq!(held.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    held.set_nonblocking(false).unwrap();
    opener.step();
    read_until(&mut held, "{}");
}

#[test]
fn a_dripping_answer_comes_a_piece_for_each_step() {
    let (gate, opener) = Gate::closed();
    let api = PlayedApi::start(vec![Answer::json(200, "abcd").delivered(Delivery::Drip(2, gate))]);
    let mut client = connect(&api, GET);
    assert!(read_until(&mut client, "\r\n\r\n").contains("content-length: 4"));
    opener.step();
    assert_eq!(read_until(&mut client, "b"), "ab");
    drop(opener);
    assert_eq!(read_until(&mut client, "d"), "cd");
}

#[test]
fn a_reset_a_cut_and_a_hang_up_are_told_apart() {
    let answer = Answer::json(200, "abcd");
    let api = PlayedApi::start(vec![
        answer.clone().delivered(Delivery::Reset(2)),
        answer.clone().delivered(Delivery::Cut(2)),
        answer.delivered(Delivery::HangUp),
    ]);
    let rest = |client: &mut TcpStream| client.read_to_end(&mut Vec::new());

    let mut client = connect(&api, GET);
    read_until(&mut client, "ab");
    assert_eq!(rest(&mut client).unwrap_err().kind(), ErrorKind::ConnectionReset);

    let mut client = connect(&api, GET);
    read_until(&mut client, "ab");
    assert_eq!(rest(&mut client).unwrap(), 0);

    let mut client = connect(&api, GET);
    assert_eq!(rest(&mut client).unwrap(), 0);
    assert_eq!(api.connections(), 3);
}
