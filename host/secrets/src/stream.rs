//! Secrets taken out of what comes in pieces.

use std::sync::Arc;

use bytes::Bytes;

use super::Redactor;

/// Takes secrets out of a stream, also where one comes in several pieces. Holds
/// back what may be the beginning of one, and nothing else.
#[derive(Debug)]
pub struct Mask {
    redactor: Arc<Redactor>,
    held: Vec<u8>,
    /// The secret that ended just before what is held, if one did.
    before: Option<usize>,
}

impl Mask {
    /// One that has seen nothing yet.
    pub fn new(redactor: Arc<Redactor>) -> Self {
        Self {
            redactor,
            held: Vec::new(),
            before: None,
        }
    }

    /// What it knows secrets by.
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Takes the next piece, and gives what can be handed on.
    pub fn push(&mut self, piece: Bytes) -> Bytes {
        let whole = match self.held.is_empty() {
            true => piece,
            false => {
                self.held.extend_from_slice(&piece);
                Bytes::from(std::mem::take(&mut self.held))
            }
        };
        let settled = self.redactor.settle(&whole, self.before);
        let rest = whole.get(settled.length..).unwrap_or_default();
        self.held.extend_from_slice(rest);
        self.before = settled.last;
        settled
            .clean
            .map_or_else(|| whole.slice(..settled.length), Bytes::from)
    }

    /// What was held back, now that nothing more comes.
    pub fn finish(&mut self) -> Bytes {
        let held = std::mem::take(&mut self.held);
        let clean = self.redactor.settle_end(&held, self.before.take());
        Bytes::from(clean.unwrap_or(held))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Secret;

    fn masked(secrets: &[String], text: &str, cuts: &[usize]) -> String {
        let named: Vec<_> = secrets
            .iter()
            .map(|text| ("x".to_owned(), Secret::of(text)))
            .collect();
        let mut mask = Mask::new(Arc::new(Redactor::new(&named).unwrap().unwrap()));
        let (mut rest, mut said) = (text.as_bytes(), Vec::new());
        for cut in cuts {
            let (piece, behind) = rest.split_at((*cut).min(rest.len()));
            said.extend(mask.push(Bytes::copy_from_slice(piece)));
            rest = behind;
        }
        said.extend(mask.push(Bytes::copy_from_slice(rest)));
        said.extend(mask.finish());
        String::from_utf8_lossy(&said).into_owned()
    }

    #[test]
    fn what_holds_no_secret_comes_as_it_was_and_at_once() {
        let secrets = [("x".to_owned(), Secret::of("hunter22"))];
        let mut mask = Mask::new(Arc::new(Redactor::new(&secrets).unwrap().unwrap()));
        let piece = Bytes::from_static(b"data: h\x00\xff\n\n");
        let out = mask.push(piece.clone());
        assert_eq!((out.as_ptr(), out.len()), (piece.as_ptr(), piece.len()));
        assert!(mask.finish().is_empty());
    }

    #[test]
    fn two_that_follow_each_other_are_marked_once_in_pieces_too() {
        let secrets = ["bbbabaab".to_owned()];
        let text = "aaaaaaaaaaabbbabaabbbbabaaba";
        let whole = masked(&secrets, text, &[]);
        for at in 0..text.len() {
            assert_eq!(masked(&secrets, text, &[at]), whole, "{at}");
        }
    }

    proptest! {
        /// However it comes, the same is left as of the whole.
        #[test]
        fn pieces_are_masked_as_the_whole(
            secrets in prop::collection::vec("[ab]{8,10}", 1..3),
            text in "[ab]{0,60}",
            cuts in prop::collection::vec(0usize..12, 0..12),
        ) {
            prop_assert_eq!(masked(&secrets, &text, &cuts), masked(&secrets, &text, &[]));
        }
    }
}
