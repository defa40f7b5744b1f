//! What the instances of a component come to: instantiating a component makes
//! again all that it is made of, nested components included.

use wasmparser::types::TypesRef;
use wasmparser::{
    ComponentAlias, ComponentExternalKind, ComponentInstance, ComponentTypeRef, Encoding, Payload,
};

use super::type_size::TypeSizes;
use super::{Measure, PluginFault, at_most, malformed};

/// Most items: functions, types, aliases, instances, each as large as its type,
/// as often as they are made. Interpreters have some thousand.
const MAX_ITEMS: u64 = 2_000_000;

/// The components that are open while a file is read, and what they come to.
#[derive(Default)]
pub(super) struct Expansion {
    scopes: Vec<Scope>,
    /// The largest component that has ended, in items.
    largest: u64,
    sizes: TypeSizes,
}

/// One component, or a module in it.
#[derive(Default)]
struct Scope {
    items: u64,
    is_module: bool,
    /// How much of each index space has been counted.
    seen: Seen,
}

/// The index spaces whose entries have types of any size.
#[derive(Default, Clone, Copy)]
struct Seen {
    instances: u32,
    functions: u32,
    types: u32,
}

impl Expansion {
    /// Counts a part of the file that has not been validated.
    pub(super) fn before(&mut self, payload: &Payload<'_>) -> Result<(), PluginFault> {
        match payload {
            Payload::Version { encoding, .. } => self.scopes.push(Scope {
                is_module: *encoding == Encoding::Module,
                ..Scope::default()
            }),
            Payload::InstanceSection(section) => {
                for instance in section.clone() {
                    self.add(1 + parts(&instance.map_err(malformed)?));
                }
            }
            Payload::CoreTypeSection(section) => self.add(section.count().into()),
            Payload::ComponentCanonicalSection(section) => self.add(section.count().into()),
            Payload::ComponentInstanceSection(section) => self.instances(section)?,
            Payload::ComponentAliasSection(section) => self.aliases(section)?,
            Payload::ComponentImportSection(section) => {
                for import in section.clone() {
                    let taken = import.map_err(malformed)?.ty;
                    refuse_component(matches!(taken, ComponentTypeRef::Component(_)), "imports")?;
                    self.add(1);
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section.clone() {
                    refuse_component(is_component(export.map_err(malformed)?.kind), "exports")?;
                    self.add(1);
                }
            }
            _ => {}
        }
        self.check()
    }

    /// Counts what the validator has added to the index spaces, and ends what
    /// has ended.
    pub(super) fn after(
        &mut self,
        payload: &Payload<'_>,
        types: Option<TypesRef<'_>>,
    ) -> Result<(), PluginFault> {
        if let Payload::End(_) = payload {
            if let Some(ended) = self.scopes.pop() {
                self.largest = self.largest.max(ended.items);
            }
            return Ok(());
        }
        if let Some(scope) = self.scopes.last_mut().filter(|scope| !scope.is_module)
            && let Some(types) = types
        {
            let added = scope.seen.catch_up(&types, &mut self.sizes);
            scope.items = scope.items.saturating_add(added);
        }
        self.check()
    }

    /// What the component that is being read comes to so far.
    #[cfg(test)]
    pub(super) fn open_items(&self) -> u64 {
        self.scopes.last().map_or(0, |scope| scope.items)
    }

    fn add(&mut self, items: u64) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.items = scope.items.saturating_add(items);
        }
    }

    fn check(&self) -> Result<(), PluginFault> {
        let items = self.scopes.last().map_or(0, |scope| scope.items);
        at_most(Measure::Instances, items, MAX_ITEMS)
    }

    fn instances(
        &mut self,
        section: &wasmparser::ComponentInstanceSectionReader<'_>,
    ) -> Result<(), PluginFault> {
        for instance in section.clone() {
            match instance.map_err(malformed)? {
                ComponentInstance::Instantiate { args, .. } => {
                    let components = args.iter().any(|arg| is_component(arg.kind));
                    refuse_component(components, "hands on")?;
                    self.add(self.largest.saturating_add(1 + args.len() as u64));
                }
                ComponentInstance::FromExports(exports) => {
                    let components = exports.iter().any(|export| is_component(export.kind));
                    refuse_component(components, "exports")?;
                    self.add(1 + exports.len() as u64);
                }
            }
        }
        Ok(())
    }

    fn aliases(&mut self, section: &wasmparser::ComponentAliasSectionReader<'_>) -> Result<(), PluginFault> {
        for alias in section.clone() {
            if let ComponentAlias::InstanceExport { kind, .. } = alias.map_err(malformed)? {
                refuse_component(is_component(kind), "takes from an instance")?;
            }
            self.add(1);
        }
        Ok(())
    }
}

impl Seen {
    /// The sizes of all that is new in the index spaces.
    fn catch_up(&mut self, types: &TypesRef<'_>, sizes: &mut TypeSizes) -> u64 {
        let now = Seen {
            instances: types.component_instance_count(),
            functions: types.component_function_count(),
            types: types.component_type_count(),
        };
        let instances = (self.instances..now.instances)
            .map(|at| sizes.of_instance(types, types.component_instance_at(at)))
            .fold(0, u64::saturating_add);
        let functions = (self.functions..now.functions)
            .map(|at| sizes.of_function(types, types.component_function_at(at)))
            .fold(0, u64::saturating_add);
        let named = (self.types..now.types)
            .map(|at| sizes.of_any(types, types.component_any_type_at(at)))
            .fold(0, u64::saturating_add);
        *self = now;
        instances.saturating_add(functions).saturating_add(named)
    }
}

/// What a core instance is made of.
fn parts(instance: &wasmparser::Instance<'_>) -> u64 {
    match instance {
        wasmparser::Instance::Instantiate { args, .. } => args.len() as u64,
        wasmparser::Instance::FromExports(exports) => exports.len() as u64,
    }
}

fn is_component(kind: ComponentExternalKind) -> bool {
    kind == ComponentExternalKind::Component
}

/// A component as a value could be any, also one that is defined later.
fn refuse_component(is_one: bool, does: &str) -> Result<(), PluginFault> {
    match is_one {
        true => Err(PluginFault::Unsupported(format!("{does} a component"))),
        false => Ok(()),
    }
}
