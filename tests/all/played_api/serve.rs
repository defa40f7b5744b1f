//! One connection.

use std::io::{self, BufReader, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use super::{Answer, Delivery, Received, State};

/// Answers requests until the client or the script ends the connection. That a
/// client goes away in the middle is nothing odd here.
pub(super) fn serve(connection: &TcpStream, state: &State) {
    let mut from = BufReader::new(connection);
    while let Ok(Some(request)) = Received::read(&mut from) {
        let answer = state.script.lock().unwrap()(&request).unwrap_or_else(script_is_over);
        state.received.lock().unwrap().push(request);
        if !matches!(deliver(connection, &answer), Ok(Next::Request)) {
            return;
        }
    }
}

/// What comes after an answer.
enum Next {
    Request,
    Nothing,
}

fn script_is_over() -> Answer {
    Answer::new(500, "text/plain", "the script is over")
}

fn deliver(connection: &TcpStream, answer: &Answer) -> io::Result<Next> {
    match &answer.delivery {
        Delivery::Whole => write(connection, answer, answer.body.len()),
        Delivery::Held(gate) => {
            gate.pass();
            write(connection, answer, answer.body.len())
        }
        Delivery::Drip(bytes, gate) => {
            write(connection, answer, 0)?;
            for piece in answer.body.chunks(*bytes) {
                gate.pass();
                send(connection, piece)?;
            }
            Ok(Next::Request)
        }
        Delivery::Reset(bytes) => {
            write(connection, answer, *bytes)?;
            // Closed with no time to linger, it is reset.
            socket2::SockRef::from(connection).set_linger(Some(Duration::ZERO))?;
            Ok(Next::Nothing)
        }
        Delivery::Cut(bytes) => {
            write(connection, answer, *bytes)?;
            connection.shutdown(Shutdown::Both)?;
            Ok(Next::Nothing)
        }
        Delivery::HangUp => {
            connection.shutdown(Shutdown::Both)?;
            Ok(Next::Nothing)
        }
    }
}

/// Writes the head and so many bytes of the body.
fn write(connection: &TcpStream, answer: &Answer, bytes: usize) -> io::Result<Next> {
    let body = answer.body.get(..bytes).unwrap_or(&answer.body);
    send(connection, &[answer.head().as_bytes(), body].concat())?;
    Ok(Next::Request)
}

fn send(mut connection: &TcpStream, bytes: &[u8]) -> io::Result<()> {
    connection.write_all(bytes)?;
    connection.flush()
}
