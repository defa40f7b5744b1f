//! Keywords that combine schemas about the same value.

use super::Check;
use crate::plugin::schema::Misfit;
use crate::plugin::schema::json::Value;
use crate::plugin::schema::keyword::{Id, Keyword};

/// References that are followed to see which types an alternative has.
const FOLLOWED: usize = 8;
/// Steps that looking at the types of an alternative costs.
const LOOK: u32 = 2;

impl<'s, 'd> Check<'s, 'd, '_, '_> {
    pub(super) async fn all_of(&mut self, all: &'s [Id], value: Value<'d>) -> Result<bool, Misfit> {
        for schema in all {
            if !self.fits(*schema, value).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Where only one alternative is for values of this type, that one decides,
    /// and what is wrong in it is told: `anyOf` with `null` is how generators
    /// write what may be missing.
    pub(super) async fn any_of(&mut self, all: &'s [Id], value: Value<'d>) -> Result<bool, Misfit> {
        if let Some(only) = self.only_one(all, value).await? {
            return self.fits(only, value).await;
        }
        for schema in all {
            if self.would_fit(*schema, value).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) async fn one_of(&mut self, all: &'s [Id], value: Value<'d>) -> Result<bool, Misfit> {
        if let Some(only) = self.only_one(all, value).await? {
            return self.fits(only, value).await;
        }
        let mut found = false;
        for schema in all {
            if self.would_fit(*schema, value).await? {
                if found {
                    return Ok(false);
                }
                found = true;
            }
        }
        Ok(found)
    }

    pub(super) async fn is_not(&mut self, schema: Id, value: Value<'d>) -> Result<bool, Misfit> {
        Ok(!self.would_fit(schema, value).await?)
    }

    pub(super) async fn conditional(
        &mut self,
        condition: Id,
        then: Option<Id>,
        otherwise: Option<Id>,
        value: Value<'d>,
    ) -> Result<bool, Misfit> {
        let next = if self.would_fit(condition, value).await? {
            then
        } else {
            otherwise
        };
        match next {
            Some(schema) => self.fits(schema, value).await,
            None => Ok(true),
        }
    }

    /// The schema that is the only one for values of this type.
    async fn only_one(&mut self, all: &'s [Id], value: Value<'d>) -> Result<Option<Id>, Misfit> {
        let mut only = None;
        for schema in all {
            self.pace.step(LOOK).await?;
            if self.may_fit(*schema, value) && only.replace(*schema).is_some() {
                return Ok(None);
            }
        }
        Ok(only)
    }

    /// Whether the types of a schema allow a value.
    fn may_fit(&self, schema: Id, value: Value<'d>) -> bool {
        let mut schema = Some(schema);
        for _ in 0..FOLLOWED {
            let Some(keywords) = schema.and_then(|schema| self.rules.schemas.get(schema as usize)) else {
                return true;
            };
            schema = None;
            for keyword in keywords {
                match keyword {
                    Keyword::Never => return false,
                    Keyword::Type(types) if !types.has(value) => return false,
                    Keyword::Ref(target) => schema = Some(*target),
                    _ => {}
                }
            }
        }
        true
    }
}
