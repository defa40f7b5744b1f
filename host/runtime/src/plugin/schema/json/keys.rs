//! The keys of an object, sorted, each once.

use super::index;
use super::parse::Parser;
use crate::plugin::schema::Misfit;
use crate::sandbox::pace::{PIECE, grow};

/// Most keys that are sorted at once.
const FEW: usize = 64;

impl Parser<'_, '_, '_> {
    /// Lists the keys of an object, sorted; of equal ones the last.
    pub(super) async fn sort_keys(&mut self, object: usize, count: u32) -> Result<(), Misfit> {
        grow(&mut self.document.keys, count as usize, self.pace)?;
        let mut keys = std::mem::take(&mut self.document.keys);
        let first = keys.len();
        let mut key = self.document.value(index(object).saturating_add(1));
        let mut length = 0;
        for _ in 0..count {
            self.pace.step(1).await?;
            keys.push(key.at);
            length += key.text().map_or(0, <[u8]>::len);
            key = key.after().after();
        }
        let added = keys.get_mut(first..).unwrap_or_default();
        if added.len() <= FEW && length <= PIECE {
            added.sort_by(|one, other| self.text(*one).cmp(self.text(*other)));
        } else {
            self.sort_many(added).await?;
        }
        self.keep_last(&mut keys, first).await?;
        self.document.keys = keys;
        Ok(())
    }

    async fn sort_many(&mut self, keys: &mut [u32]) -> Result<(), Misfit> {
        let before = self.pace.held();
        let mut list = Vec::new();
        grow(&mut list, keys.len(), self.pace)?;
        list.extend(keys.iter().map(|at| self.document.value(*at)));
        super::sort(&mut list, self.pace).await?;
        for (slot, key) in keys.iter_mut().zip(&list) {
            *slot = key.at;
        }
        self.pace.release(self.pace.held() - before);
        Ok(())
    }

    /// Takes away all but the last of equal keys, which are neighbours.
    async fn keep_last(&mut self, keys: &mut Vec<u32>, first: usize) -> Result<(), Misfit> {
        let mut kept = first;
        for place in first..keys.len() {
            let Some(key) = keys.get(place).copied() else {
                break;
            };
            let repeated = match keys.get(place + 1) {
                Some(next) => self.same_text(key, *next).await?,
                None => false,
            };
            if let Some(slot) = keys.get_mut(kept).filter(|_| !repeated) {
                *slot = key;
                kept += 1;
            }
        }
        keys.truncate(kept);
        Ok(())
    }

    async fn same_text(&mut self, one: u32, other: u32) -> Result<bool, Misfit> {
        let (one, other) = (self.document.value(one), self.document.value(other));
        Ok(super::compare(one, other, self.pace).await?.is_eq())
    }

    fn text(&self, at: u32) -> &[u8] {
        self.document.value(at).text().unwrap_or_default()
    }
}
