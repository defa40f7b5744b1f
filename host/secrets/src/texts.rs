//! Texts, bytes, and what is made of them.

use std::borrow::Cow;
use std::sync::Arc;

use crate::{Hide, Redactor};

/// As a whole.
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

impl<T: Hide> Hide for Vec<T> {
    fn hide(&mut self, redactor: &Redactor) {
        self.iter_mut().for_each(|said| said.hide(redactor));
    }
}

impl Hide for (String, String) {
    fn hide(&mut self, redactor: &Redactor) {
        self.0.hide(redactor);
        self.1.hide(redactor);
    }
}
