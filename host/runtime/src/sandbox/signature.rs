//! Whether what a component exports has the types of the contract. The
//! generated bindings see it when they call it for the first time; a component
//! that was built against another contract is to be refused before.

use wasmtime::component::types::ComponentItem;
use wasmtime::component::{ComponentNamedList, InstancePre, Lift, Lower};
use wasmtime::error::Context;

use crate::sandbox::State;
use crate::sandbox::bindings::{AgentHostPre, Content, Descriptor, Request, TaskError};

/// The interface of an agent.
const PLUGIN: &str = "fusebox:agent/plugin@0.1.0";

/// Makes a linked agent ready.
///
/// # Errors
/// If its functions are not those of the contract.
pub fn agent(pre: InstancePre<State>) -> wasmtime::Result<AgentHostPre<State>> {
    check::<_, (), (Descriptor,)>(&pre, PLUGIN, "describe")?;
    check::<_, (&Request,), (Result<Content, TaskError>,)>(&pre, PLUGIN, "run")?;
    AgentHostPre::new(pre)
}

/// Whether an exported function takes and gives these.
///
/// # Errors
/// If there is no such function, or what of it is another.
pub(super) fn check<T, Parameters, Results>(
    pre: &InstancePre<T>,
    interface: &str,
    function: &str,
) -> wasmtime::Result<()>
where
    Parameters: ComponentNamedList + Lower,
    Results: ComponentNamedList + Lift,
{
    let component = pre.component();
    let interface = component.get_export_index(None, interface);
    let exported = interface.and_then(|interface| component.get_export(Some(&interface), function));
    let Some((ComponentItem::ComponentFunc(exported), _)) = exported else {
        wasmtime::bail!("there is no function `{function}`");
    };
    exported
        .typecheck::<Parameters, Results>(&pre.instance_type())
        .with_context(|| format!("the function `{function}`"))
}
