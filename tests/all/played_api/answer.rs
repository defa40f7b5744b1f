//! What a request is answered with, and how that goes wrong.

use super::Gate;

/// What a request is answered with.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    pub(super) delivery: Delivery,
}

/// How an answer is delivered.
#[derive(Clone)]
pub(crate) enum Delivery {
    /// As it should be.
    Whole,
    /// Not a byte before the gate is opened.
    Held(Gate),
    /// The head at once, then so many bytes of the body for each step of the
    /// gate.
    Drip(usize, Gate),
    /// So many bytes of the body, then the connection is reset.
    Reset(usize),
    /// So many bytes of the body, then the connection is closed in good order,
    /// though more was promised.
    Cut(usize),
    /// The connection is closed without a byte.
    HangUp,
}

impl Answer {
    /// An answer with a JSON body.
    pub(crate) fn json(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::new(status, "application/json", body)
    }

    /// An answer with a body of any kind.
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("content-type".into(), content_type.into())],
            body: body.into(),
            delivery: Delivery::Whole,
        }
    }

    /// With one more header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Delivered otherwise.
    pub(crate) fn delivered(mut self, delivery: Delivery) -> Self {
        self.delivery = delivery;
        self
    }

    /// Status line and headers. The length is that of the whole body, however
    /// much of it is delivered.
    pub(super) fn head(&self) -> String {
        let mut head = format!("HTTP/1.1 {} Played\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", self.body.len()));
        head
    }
}
