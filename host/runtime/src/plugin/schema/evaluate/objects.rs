//! Keywords of objects.

use super::Check;
use crate::plugin::schema::Misfit;
use crate::plugin::schema::json::Value;
use crate::plugin::schema::keyword::{Id, Members};

impl<'s, 'd> Check<'s, 'd, '_, '_> {
    /// Every member by its name, by every pattern that its name has, and by
    /// what is there for the rest.
    pub(super) async fn members(&mut self, members: &'s Members, object: Value<'d>) -> Result<bool, Misfit> {
        for key in object.keys() {
            let name = key.text().unwrap_or_default();
            self.pace.bytes(name.len()).await?;
            let named = members.named.binary_search_by(|(known, _)| (**known).cmp(name));
            let named = named.ok().and_then(|place| members.named.get(place));
            let mut is_known = named.is_some();
            if let Some((_, schema)) = named
                && !self.fits(*schema, key.after()).await?
            {
                return Ok(false);
            }
            for (pattern, schema) in &members.patterns {
                if self.caches.is_in(*pattern, name, self.pace).await? {
                    is_known = true;
                    if !self.fits(*schema, key.after()).await? {
                        return Ok(false);
                    }
                }
            }
            if let Some(schema) = members.rest.filter(|_| !is_known)
                && !self.fits(schema, key.after()).await?
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) async fn names(&mut self, schema: Id, object: Value<'d>) -> Result<bool, Misfit> {
        for key in object.keys() {
            if !self.fits(schema, key).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) async fn has_all(&mut self, names: &'s [u32], object: Value<'d>) -> Result<bool, Misfit> {
        for name in names {
            if self.member(*name, object).await?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) async fn dependent_required(
        &mut self,
        all: &'s [(u32, Vec<u32>)],
        object: Value<'d>,
    ) -> Result<bool, Misfit> {
        for (name, others) in all {
            if self.member(*name, object).await?.is_some() && !self.has_all(others, object).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) async fn dependent_schemas(
        &mut self,
        all: &'s [(u32, Id)],
        object: Value<'d>,
    ) -> Result<bool, Misfit> {
        for (name, schema) in all {
            if self.member(*name, object).await?.is_some() && !self.fits(*schema, object).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The member of a name that the schema says.
    async fn member(&mut self, name: u32, object: Value<'d>) -> Result<Option<Value<'d>>, Misfit> {
        let name = self.rules.document.value(name).text().unwrap_or_default();
        // As many comparisons as the count has binary digits.
        let digits = u32::BITS - object.count().leading_zeros();
        self.pace
            .bytes(name.len().saturating_mul(digits as usize))
            .await?;
        self.pace.step(digits / 4).await?;
        Ok(object.find(name))
    }
}
