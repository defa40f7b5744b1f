//! Keywords of arrays.

use super::Check;
use crate::plugin::schema::Misfit;
use crate::plugin::schema::json::{self, Value};
use crate::plugin::schema::keyword::{Count, Id};
use crate::sandbox::pace::grow;

impl<'s, 'd> Check<'s, 'd, '_, '_> {
    pub(super) async fn items(
        &mut self,
        prefix: &'s [Id],
        rest: Option<Id>,
        array: Value<'d>,
    ) -> Result<bool, Misfit> {
        let mut prefix = prefix.iter().copied();
        for item in array.items() {
            let Some(schema) = prefix.next().or(rest) else {
                return Ok(true);
            };
            if !self.fits(schema, item).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) async fn contains(
        &mut self,
        schema: Id,
        count: Count,
        array: Value<'d>,
    ) -> Result<bool, Misfit> {
        let mut found = 0;
        for item in array.items() {
            if count.most == u64::MAX && found >= count.least {
                return Ok(true);
            }
            found += u64::from(self.would_fit(schema, item).await?);
            if found > count.most {
                return Ok(false);
            }
        }
        Ok(count.has(found))
    }

    /// Sorted, so that equal items are neighbours.
    pub(super) async fn is_unique(&mut self, array: Value<'d>) -> Result<bool, Misfit> {
        let before = self.pace.held();
        let mut items = Vec::new();
        grow(&mut items, array.count() as usize, self.pace)?;
        for item in array.items() {
            self.pace.step(1).await?;
            items.push(item);
        }
        json::sort(&mut items, self.pace).await?;
        for (one, next) in items.iter().zip(items.iter().skip(1)) {
            if json::compare(*one, *next, self.pace).await?.is_eq() {
                return Ok(false);
            }
        }
        self.pace.release(self.pace.held() - before);
        Ok(true)
    }
}
