//! Components for WASI 0.3 are told apart from broken ones: what they need is
//! off here, and the validator would only name a feature.

use wasmparser::{
    CanonicalFunction, CanonicalOption, ComponentDefinedType, ComponentType, InstanceTypeDeclaration, Payload,
};

use super::{PluginFault, malformed};

/// Longest name that is shown.
const SHOWN: usize = 100;

/// Refuses what only WASI 0.3 has: its interfaces, asynchronous functions,
/// futures and streams.
pub(super) fn check(payload: &Payload<'_>) -> Result<(), PluginFault> {
    match payload {
        Payload::ComponentImportSection(section) => {
            for import in section.clone() {
                let name = import.map_err(malformed)?.name.name;
                if name.starts_with("wasi:") && name.contains("@0.3.") {
                    let shown: String = name.chars().take(SHOWN).collect();
                    return Err(PluginFault::LaterWasi(format!("`{shown}`")));
                }
            }
        }
        Payload::ComponentCanonicalSection(section) => {
            for function in section.clone() {
                if is_async(&function.map_err(malformed)?) {
                    return Err(PluginFault::LaterWasi("asynchronous functions".into()));
                }
            }
        }
        Payload::ComponentTypeSection(section) => {
            for found in section.clone() {
                if is_later(&found.map_err(malformed)?) {
                    return Err(PluginFault::LaterWasi("asynchronous types".into()));
                }
            }
        }
        _ => {}
    }
    Ok(())
}

/// Whether a function waits, or makes others wait.
fn is_async(function: &CanonicalFunction) -> bool {
    match function {
        CanonicalFunction::Lift { options, .. } | CanonicalFunction::Lower { options, .. } => {
            options.contains(&CanonicalOption::Async)
        }
        CanonicalFunction::ResourceNew { .. }
        | CanonicalFunction::ResourceDrop { .. }
        | CanonicalFunction::ResourceRep { .. } => false,
        // Tasks, subtasks, streams, futures, threads.
        _ => true,
    }
}

fn is_later(found: &ComponentType<'_>) -> bool {
    match found {
        ComponentType::Func(function) => function.async_,
        ComponentType::Defined(ComponentDefinedType::Future(_) | ComponentDefinedType::Stream(_)) => true,
        ComponentType::Instance(declared) => declared.iter().any(|one| match one {
            InstanceTypeDeclaration::Type(found) => is_later(found),
            _ => false,
        }),
        _ => false,
    }
}
