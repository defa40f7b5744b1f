//! Whether a value meets a schema, a step at a time.
//!
//! Only a verdict is made on the way; the first thing that is wrong and not in
//! an alternative decides it, and is told in words at the end.

mod arrays;
mod caches;
mod combined;
mod fault;
mod objects;
mod scalar;

use std::pin::Pin;

use self::caches::Caches;
use super::Misfit;
use super::json::{self, Value};
use super::keyword::{Id, Keyword};
use super::read::Rules;
use crate::sandbox::pace::{PIECE, Pace};

/// Most schemas inside of each other in a check. A level takes 0.6 KiB of the
/// stack, and 3.5 KiB where nothing is optimised; a thread has 2 MiB.
const MAX_LEVELS: u32 = 384;

/// Steps to divide numbers that are not both whole.
const FRACTION: u32 = 16;

type Verdict<'r> = Pin<Box<dyn Future<Output = Result<bool, Misfit>> + Send + 'r>>;

/// Checks a value.
pub(super) async fn check<'d>(rules: &Rules, value: Value<'d>, pace: &mut Pace<'_>) -> Result<(), Misfit> {
    let mut check = Check {
        rules,
        pace,
        caches: Caches::new(&rules.patterns),
        levels: 0,
        quiet: 0,
        fault: None,
    };
    if check.fits(0, value).await? {
        return Ok(());
    }
    let (keyword, value) = check.fault.take().unwrap_or((&Keyword::Never, value));
    Err(fault::misfit(rules, keyword, value, check.pace).await?)
}

/// A check that is under way.
struct Check<'s, 'd, 'p, 'a> {
    rules: &'s Rules,
    pace: &'p mut Pace<'a>,
    caches: Caches<'s>,
    levels: u32,
    /// How many alternatives this is in: what is wrong there may not matter.
    quiet: u32,
    /// What is wrong.
    fault: Option<(&'s Keyword, Value<'d>)>,
}

impl<'s, 'd> Check<'s, 'd, '_, '_> {
    /// Whether a value meets a schema.
    async fn fits(&mut self, schema: Id, value: Value<'d>) -> Result<bool, Misfit> {
        let rules = self.rules;
        let keywords = rules
            .schemas
            .get(schema as usize)
            .map(Vec::as_slice)
            .unwrap_or_default();
        self.pace
            .step(u32::try_from(keywords.len()).unwrap_or(0).saturating_add(1))
            .await?;
        for keyword in keywords {
            let fits = match scalar::fits(rules, keyword, value) {
                Some(fits) => fits,
                None => self.inner(keyword, value).await?,
            };
            if !fits {
                if self.quiet == 0 && self.fault.is_none() {
                    self.fault = Some((keyword, value));
                }
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The same, where what is wrong may not matter.
    async fn would_fit(&mut self, schema: Id, value: Value<'d>) -> Result<bool, Misfit> {
        self.quiet += 1;
        let fits = self.fits(schema, value).await;
        self.quiet -= 1;
        fits
    }

    async fn inner(&mut self, keyword: &'s Keyword, value: Value<'d>) -> Result<bool, Misfit> {
        if self.levels == MAX_LEVELS {
            return Err(Misfit::Value(format!(
                "{}: it cannot be checked: more than {MAX_LEVELS} schemas inside of each other",
                super::place::of(value, self.pace).await?
            )));
        }
        self.levels += 1;
        let fits = self.meets(keyword, value).await?;
        self.levels -= 1;
        Ok(fits)
    }

    /// Whether a value meets a keyword that takes more than a moment.
    fn meets<'r>(&'r mut self, keyword: &'s Keyword, value: Value<'d>) -> Verdict<'r> {
        match keyword {
            Keyword::Enum(values) => Box::pin(self.is_one_of(values, value)),
            Keyword::Const(at) => Box::pin(self.is_one_of(std::slice::from_ref(at), value)),
            Keyword::MultipleOf(unit) => Box::pin(self.is_multiple(*unit, value)),
            Keyword::Length(count) => Box::pin(self.has_length(*count, value)),
            Keyword::Pattern(pattern) => Box::pin(self.has_pattern(*pattern, value)),
            Keyword::UniqueItems => Box::pin(self.is_unique(value)),
            Keyword::Items { prefix, rest } => Box::pin(self.items(prefix, *rest, value)),
            Keyword::Contains { schema, count } => Box::pin(self.contains(*schema, *count, value)),
            Keyword::Required(names) => Box::pin(self.has_all(names, value)),
            Keyword::Members(members) => Box::pin(self.members(members, value)),
            Keyword::Names(schema) => Box::pin(self.names(*schema, value)),
            Keyword::DependentRequired(all) => Box::pin(self.dependent_required(all, value)),
            Keyword::DependentSchemas(all) => Box::pin(self.dependent_schemas(all, value)),
            Keyword::AllOf(all) => Box::pin(self.all_of(all, value)),
            Keyword::AnyOf(all) => Box::pin(self.any_of(all, value)),
            Keyword::OneOf(all) => Box::pin(self.one_of(all, value)),
            Keyword::Not(schema) => Box::pin(self.is_not(*schema, value)),
            Keyword::If {
                condition,
                then,
                otherwise,
            } => Box::pin(self.conditional(*condition, *then, *otherwise, value)),
            Keyword::Ref(schema) => Box::pin(self.fits(*schema, value)),
            // The rest takes a moment: `scalar` has answered.
            _ => Box::pin(std::future::ready(Ok(true))),
        }
    }

    /// Whether a value is one of some sorted ones.
    async fn is_one_of(&mut self, values: &'s [u32], value: Value<'d>) -> Result<bool, Misfit> {
        let (mut from, mut to) = (0, values.len());
        while from < to {
            let middle = from.midpoint(to);
            let Some(at) = values.get(middle) else { break };
            match json::compare(self.rules.document.value(*at), value, self.pace).await? {
                std::cmp::Ordering::Equal => return Ok(true),
                std::cmp::Ordering::Less => from = middle + 1,
                std::cmp::Ordering::Greater => to = middle,
            }
        }
        Ok(false)
    }

    async fn is_multiple(&mut self, unit: json::Number, value: Value<'d>) -> Result<bool, Misfit> {
        self.pace.step(FRACTION).await?;
        Ok(value.number().is_none_or(|number| number.is_multiple_of(unit)))
    }

    async fn has_length(&mut self, count: super::keyword::Count, value: Value<'d>) -> Result<bool, Misfit> {
        let mut characters = 0;
        for piece in value.text().unwrap_or_default().chunks(PIECE) {
            self.pace.bytes(piece.len()).await?;
            characters += scalar::characters(piece);
        }
        Ok(count.has(characters))
    }

    async fn has_pattern(&mut self, pattern: u32, value: Value<'d>) -> Result<bool, Misfit> {
        let text = value.text().unwrap_or_default();
        self.caches.is_in(pattern, text, self.pace).await
    }
}
