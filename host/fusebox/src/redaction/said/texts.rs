//! Texts, bytes, and what is made of them.

use std::borrow::Cow;
use std::sync::Arc;

use crate::redaction::{Hide, Redactor};

impl Hide for Vec<u8> {
    fn hide(&mut self, redactor: &Redactor) {
        if let Cow::Owned(clean) = redactor.bytes(self) {
            *self = clean;
        }
    }
}

/// Several kinds of text.
macro_rules! texts {
    ($($text:ty),*) => {$(
        impl Hide for $text {
            fn hide(&mut self, redactor: &Redactor) {
                if let Cow::Owned(clean) = redactor.text(self) {
                    *self = clean.into();
                }
            }
        }
    )*};
}
texts!(String, Box<str>, Arc<str>);

impl<T: Hide> Hide for Option<T> {
    fn hide(&mut self, redactor: &Redactor) {
        self.iter_mut().for_each(|said| said.hide(redactor));
    }
}

/// Not for every `Vec`: one of bytes is looked through as a whole.
macro_rules! lists {
    ($($item:ty),*) => {$(
        impl Hide for Vec<$item> {
            fn hide(&mut self, redactor: &Redactor) {
                self.iter_mut().for_each(|said| said.hide(redactor));
            }
        }
    )*};
}
lists!(
    String,
    (String, String),
    crate::event::Event,
    fusebox_types::Line,
    fusebox_resilience::isolation::PastFailure,
    crate::circuits::CircuitView,
    crate::pools::InstanceView
);

impl Hide for (String, String) {
    fn hide(&mut self, redactor: &Redactor) {
        self.0.hide(redactor);
        self.1.hide(redactor);
    }
}
