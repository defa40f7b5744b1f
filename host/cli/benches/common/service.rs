//! A service over HTTP/1.1 on this machine that is as good or as bad as each request is
//! told: a thread for each connection, which is kept.

// Each benchmark needs some of it.
#![allow(dead_code)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use socket2::{Domain, SockRef, Socket, Type};

const ANSWER: &str = include_str!("../../../../tests/api/glm-answer.json");
const ERROR: &str = "{\"error\": {\"message\": \"out of order\"}}";

/// What becomes of a request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reply {
    /// A model's answer, after so long.
    Answer(Duration),
    /// An error of this status, at once.
    Error(u16),
    /// The connection is reset without a word.
    Reset,
}

/// An address at which connections are refused until somebody serves there.
pub(crate) struct Place(Socket);

impl Place {
    pub(crate) fn take() -> Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
        Ok(Self(socket))
    }

    pub(crate) fn address(&self) -> Result<SocketAddr> {
        self.0.local_addr()?.as_socket().context("no address")
    }

    /// Serves there, for as long as the process lives.
    pub(crate) fn serve(self, reply: impl Fn() -> Reply + Send + Sync + 'static) -> Result<()> {
        self.0.listen(1024)?;
        let (listener, reply) = (TcpListener::from(self.0), Arc::new(reply));
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let reply = reply.clone();
                // A client that goes away in the middle is nothing odd.
                std::thread::spawn(move || serve(&connection, &*reply));
            }
        });
        Ok(())
    }
}

fn serve(connection: &TcpStream, reply: &dyn Fn() -> Reply) -> std::io::Result<()> {
    let mut from = BufReader::new(connection);
    while pass_over_request(&mut from)? {
        match reply() {
            Reply::Answer(after) => {
                std::thread::sleep(after);
                send(connection, "200 OK", ANSWER)?;
            }
            Reply::Error(status) => send(connection, &format!("{status} Error"), ERROR)?,
            Reply::Reset => {
                // Closed with no time to linger, it is reset.
                return SockRef::from(connection).set_linger(Some(Duration::ZERO));
            }
        }
    }
    Ok(())
}

/// Whether there was one.
fn pass_over_request(from: &mut impl BufRead) -> std::io::Result<bool> {
    let (mut length, mut line) = (0, String::new());
    loop {
        line.clear();
        if from.read_line(&mut line)? == 0 {
            return Ok(false);
        }
        let header = line.trim_end().to_ascii_lowercase();
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        if header.is_empty() {
            break;
        }
    }
    std::io::copy(&mut from.take(length), &mut std::io::sink())?;
    Ok(true)
}

fn send(mut connection: &TcpStream, status: &str, body: &str) -> std::io::Result<()> {
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    connection.write_all(&[head.as_bytes(), body.as_bytes()].concat())
}
