//! What is counted over all modules, wherever they are.

use wasmparser::{FunctionBody, Payload, TableSectionReader};

use super::{Measure, PluginFault, at_most, malformed};
use crate::engine::LoadingRules;

/// Most types in all modules and components together. Interpreters have some
/// thousand.
const MAX_TYPES: u64 = 50_000;
/// Most local variables of all functions together: each is given a value where
/// its function begins, and five bytes declare 50 000 of them.
const MAX_LOCALS: u64 = 10_000_000;
/// Most elements with which all tables together begin: the image of a table has
/// them all, whoever fills them. Interpreters have some ten thousand.
const MAX_TABLE_ELEMENTS: u64 = 1_000_000;

/// What has been counted so far.
pub(super) struct Tally<'a> {
    rules: &'a LoadingRules,
    functions: u64,
    types: u64,
    locals: u64,
    elements: u64,
}

impl<'a> Tally<'a> {
    pub(super) fn new(rules: &'a LoadingRules) -> Self {
        Self {
            rules,
            functions: 0,
            types: 0,
            locals: 0,
            elements: 0,
        }
    }

    pub(super) fn add(&mut self, payload: &Payload<'_>) -> Result<(), PluginFault> {
        match payload {
            Payload::FunctionSection(section) => self.functions += u64::from(section.count()),
            Payload::TypeSection(section) => self.types += u64::from(section.count()),
            Payload::CoreTypeSection(section) => self.types += u64::from(section.count()),
            Payload::ComponentTypeSection(section) => self.types += u64::from(section.count()),
            Payload::TableSection(section) => self.tables(section)?,
            Payload::CodeSectionEntry(body) => self.body(body)?,
            _ => return Ok(()),
        }
        at_most(Measure::Functions, self.functions, self.rules.functions.into())?;
        at_most(Measure::Types, self.types, MAX_TYPES)?;
        at_most(Measure::TableElements, self.elements, MAX_TABLE_ELEMENTS)?;
        at_most(Measure::Locals, self.locals, MAX_LOCALS)
    }

    fn tables(&mut self, section: &TableSectionReader<'_>) -> Result<(), PluginFault> {
        for table in section.clone() {
            let initial = table.map_err(malformed)?.ty.initial;
            self.elements = self.elements.saturating_add(initial);
        }
        Ok(())
    }

    fn body(&mut self, body: &FunctionBody<'_>) -> Result<(), PluginFault> {
        at_most(Measure::Function, body.range().len() as u64, self.rules.function)?;
        for locals in body.get_locals_reader().map_err(malformed)? {
            let (count, _) = locals.map_err(malformed)?;
            self.locals = self.locals.saturating_add(count.into());
        }
        Ok(())
    }
}
