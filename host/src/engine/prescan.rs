//! What is looked at before anything is compiled: compiling cannot be
//! interrupted, and a small file can ask for minutes of it.

use wasmparser::{Encoding, Parser, Payload};

/// Largest plugin file, in bytes: a component that carries a Python
/// interpreter has 18 MB.
pub(crate) const MAX_PLUGIN_BYTES: u64 = 64 << 20;
/// Most functions in all modules together.
const MAX_FUNCTIONS: u64 = 200_000;
/// Largest body of one function, in bytes: one of 1.5 MB took 158 s.
const MAX_BODY_BYTES: usize = 256 << 10;
/// Most instances, directly and through nested components: each can double
/// what the ones before it made.
const MAX_INSTANCES: u64 = 1_000;
/// Most types in all modules and components together.
const MAX_TYPES: u64 = 50_000;

/// Why bytes are no plugin that this host takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PluginFault {
    /// No WebAssembly, or not valid.
    #[error("this is no valid WebAssembly component: {0}")]
    Malformed(String),
    /// A core module.
    #[error("this is a core WebAssembly module, not a component")]
    CoreModule,
    /// More than the host is willing to compile.
    #[error("{what} {found} is over the limit of {limit}")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much there is.
        found: u64,
        /// How much may be.
        limit: u64,
    },
    /// Compiling failed or ran into its limits.
    #[error("compiling it failed: {0}")]
    Compile(String),
    /// It does not export what an agent has to.
    #[error("it does not export `{missing}`; it exports: {found}")]
    WrongWorld {
        /// What it would have to export.
        missing: String,
        /// What it exports.
        found: String,
    },
    /// It imports what the host does not have.
    #[error("it imports `{0}`, which this host does not offer")]
    MissingImport(String),
    /// What it says of itself cannot be used.
    #[error("what it says of itself cannot be used: {0}")]
    Descriptor(String),
}

/// Checks the size and the shape of a file's bytes.
pub(super) fn check(bytes: &[u8]) -> Result<(), PluginFault> {
    at_most("its size in bytes", bytes.len() as u64, MAX_PLUGIN_BYTES)?;
    if !bytes.starts_with(b"\0asm") {
        return Err(PluginFault::Malformed(
            "the file does not start with `\\0asm`".into(),
        ));
    }
    if Parser::is_core_wasm(bytes) {
        return Err(PluginFault::CoreModule);
    }
    let mut tally = Tally::default();
    // Instances of each nested component, innermost scope last: instantiating
    // a component makes all instances that it makes.
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload.map_err(|error| PluginFault::Malformed(error.to_string()))?;
        tally.add(&payload)?;
    }
    Ok(())
}

fn at_most(what: &'static str, found: u64, limit: u64) -> Result<(), PluginFault> {
    if found > limit {
        return Err(PluginFault::TooLarge { what, found, limit });
    }
    Ok(())
}

/// One nested component while it is read.
#[derive(Debug, Default)]
struct Scope {
    /// Instances that one instantiation of it makes.
    instances: u64,
    /// The same of each component defined, imported or aliased in it.
    components: Vec<u64>,
    is_module: bool,
}

/// What has been counted so far.
#[derive(Debug, Default)]
struct Tally {
    functions: u64,
    types: u64,
    scopes: Vec<Scope>,
}

impl Tally {
    fn add(&mut self, payload: &Payload<'_>) -> Result<(), PluginFault> {
        match payload {
            Payload::Version { encoding, .. } => {
                self.scopes.push(Scope {
                    is_module: *encoding == Encoding::Module,
                    ..Scope::default()
                });
            }
            Payload::End(_) => self.leave(),
            Payload::FunctionSection(section) => self.functions += u64::from(section.count()),
            Payload::TypeSection(section) => self.types += u64::from(section.count()),
            Payload::CoreTypeSection(section) => self.types += u64::from(section.count()),
            Payload::ComponentTypeSection(section) => self.types += u64::from(section.count()),
            Payload::InstanceSection(section) => self.make(u64::from(section.count())),
            Payload::ComponentInstanceSection(section) => self.instantiate(section)?,
            Payload::ComponentAliasSection(section) => self.alias(section)?,
            Payload::CodeSectionEntry(body) => {
                at_most(
                    "a function's body in bytes",
                    body.range().len() as u64,
                    MAX_BODY_BYTES as u64,
                )?;
            }
            _ => {}
        }
        at_most("the number of functions", self.functions, MAX_FUNCTIONS)?;
        at_most("the number of types", self.types, MAX_TYPES)?;
        let instances = self.scopes.iter().map(|scope| scope.instances).max().unwrap_or(0);
        at_most("the number of instances", instances, MAX_INSTANCES)
    }

    fn leave(&mut self) {
        let Some(inner) = self.scopes.pop() else { return };
        if let (false, Some(outer)) = (inner.is_module, self.scopes.last_mut()) {
            outer.components.push(inner.instances);
        }
    }

    fn make(&mut self, count: u64) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.instances = scope.instances.saturating_add(count);
        }
    }

    fn instantiate(
        &mut self,
        section: &wasmparser::ComponentInstanceSectionReader<'_>,
    ) -> Result<(), PluginFault> {
        for instance in section.clone() {
            let instance = instance.map_err(|error| PluginFault::Malformed(error.to_string()))?;
            let made = match instance {
                wasmparser::ComponentInstance::Instantiate { component_index, .. } => {
                    let at = component_index as usize;
                    let inner = self.scopes.last().and_then(|scope| scope.components.get(at));
                    inner.copied().unwrap_or(0).saturating_add(1)
                }
                wasmparser::ComponentInstance::FromExports(_) => 1,
            };
            self.make(made);
        }
        Ok(())
    }

    /// A component can be named again through an alias from an outer scope.
    fn alias(&mut self, section: &wasmparser::ComponentAliasSectionReader<'_>) -> Result<(), PluginFault> {
        for alias in section.clone() {
            let alias = alias.map_err(|error| PluginFault::Malformed(error.to_string()))?;
            let weight = match alias {
                wasmparser::ComponentAlias::Outer {
                    kind: wasmparser::ComponentOuterAliasKind::Component,
                    count,
                    index,
                } => {
                    let depth = self.scopes.len().checked_sub(count as usize + 1);
                    let scope = depth.and_then(|at| self.scopes.get(at));
                    scope
                        .and_then(|s| s.components.get(index as usize))
                        .copied()
                        .unwrap_or(0)
                }
                wasmparser::ComponentAlias::InstanceExport {
                    kind: wasmparser::ComponentExternalKind::Component,
                    ..
                } => MAX_INSTANCES,
                _ => continue,
            };
            if let Some(scope) = self.scopes.last_mut() {
                scope.components.push(weight);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(wat: &str) -> Result<(), PluginFault> {
        check(&wat::parse_str(wat).unwrap())
    }

    #[test]
    fn what_is_no_component_is_named() {
        assert!(matches!(check(b""), Err(PluginFault::Malformed(_))));
        assert!(matches!(check(b"(component)"), Err(PluginFault::Malformed(_))));
        assert_eq!(scan("(module)"), Err(PluginFault::CoreModule));
        assert_eq!(scan("(component)"), Ok(()));
        let mut torn = wat::parse_str("(component (core module (func)))").unwrap();
        torn.truncate(torn.len() - 2);
        assert!(matches!(check(&torn), Err(PluginFault::Malformed(_))));
    }

    /// Sixty levels, each of which instantiates the one before it twice.
    #[test]
    fn an_instantiation_bomb_is_refused_before_it_is_compiled() {
        let mut wat = String::from("(component $c0 (core module $m) (core instance (instantiate $m)))");
        for level in 1..60 {
            let below = level - 1;
            wat.push_str(&format!(
                "(component $c{level} (alias outer 1 {below} (component $in)) \
                 (instance (instantiate $in)) (instance (instantiate $in)))"
            ));
        }
        let found = scan(&format!("(component {wat} (instance (instantiate $c59)))"));
        assert!(
            matches!(
                found,
                Err(PluginFault::TooLarge {
                    what: "the number of instances",
                    ..
                })
            ),
            "{found:?}"
        );
    }

    #[test]
    fn one_huge_function_is_refused() {
        let body = "(drop (i32.const 1))".repeat(100_000);
        let found = scan(&format!("(component (core module (func {body})))"));
        assert!(matches!(
            found,
            Err(PluginFault::TooLarge {
                what: "a function's body in bytes",
                ..
            })
        ));
    }
}
