//! What a plugin's author implements.

use crate::bindings::exports::fusebox::agent::plugin;
use crate::bindings::fusebox::agent::types as wire;
use crate::{Output, Task, TaskError, panic};

/// An agent: what it is, and what it does with one task.
///
/// Implement it for a unit type and name that type to [`export_agent!`](crate::export_agent).
pub trait Agent {
    /// What the plugin is. Called when it is loaded; give the same answer
    /// every time.
    fn describe() -> Descriptor;

    /// Carries out one task.
    ///
    /// # Errors
    /// Any error with a source in [`std::error::Error`] can be handed on with
    /// `?`; a [`TaskError`] tells the host more.
    fn run(task: Task) -> Result<Output, TaskError>;
}

/// What a plugin says of itself.
#[derive(Debug, Clone)]
pub struct Descriptor(wire::Descriptor);

impl Descriptor {
    /// A plugin named `name` (`[a-z0-9-]{1,64}`) that does what `summary` says
    /// in one line. It accepts any input, gives plain text, and can be run
    /// again without harm until one of the other methods says otherwise.
    pub fn new(name: &str, version: &str, summary: &str) -> Self {
        Self(wire::Descriptor {
            name: name.into(),
            version: version.into(),
            summary: summary.into(),
            input_types: Vec::new(),
            output_type: Output::TEXT.into(),
            input_schema: None,
            output_schema: None,
            idempotent: true,
            upstreams: Vec::new(),
            extensions: Vec::new(),
        })
    }

    /// The media types that it accepts as input.
    pub fn accepts(mut self, types: &[&str]) -> Self {
        self.0.input_types = types.iter().map(|t| (*t).into()).collect();
        self
    }

    /// The media type of its results.
    pub fn gives(mut self, content_type: &str) -> Self {
        self.0.output_type = content_type.into();
        self
    }

    /// A JSON Schema for its JSON inputs, which the host checks before it runs
    /// a task.
    pub fn input_schema(mut self, schema: &str) -> Self {
        self.0.input_schema = Some(schema.into());
        self
    }

    /// A JSON Schema for its results, which the host checks.
    pub fn output_schema(mut self, schema: &str) -> Self {
        self.0.output_schema = Some(schema.into());
        self
    }

    /// Running a task twice does more than running it once, so the host must
    /// not do it on its own.
    pub fn not_idempotent(mut self) -> Self {
        self.0.idempotent = false;
        self
    }

    /// The upstreams that it wants to call, by the operator's names.
    pub fn calls(mut self, upstreams: &[&str]) -> Self {
        self.0.upstreams = upstreams.iter().map(|u| (*u).into()).collect();
        self
    }

    /// Something that the contract has no field for, under a name that begins
    /// with whose it is, as `example.color`; each name once. A host ignores
    /// the names that it does not know.
    pub fn extension(mut self, name: &str, value: impl Into<serde_json::Value>) -> Self {
        self.0.extensions.push(wire::Extension {
            name: name.into(),
            value: value.into().to_string(),
        });
        self
    }
}

#[doc(hidden)]
pub fn describe<A: Agent>() -> plugin::Descriptor {
    panic::install();
    A::describe().0
}

#[doc(hidden)]
pub fn run<A: Agent>(request: plugin::Request) -> Result<plugin::Content, plugin::TaskError> {
    panic::install();
    A::run(Task::from(request))
        .map(Output::into_wire)
        .map_err(TaskError::into_wire)
}

/// Makes a type that implements [`Agent`](crate::Agent) the agent that this
/// component exports. Use it once, at the top level of the crate.
#[macro_export]
macro_rules! export_agent {
    ($agent:ty) => {
        const _: () = {
            use $crate::bindings::exports::fusebox::agent::plugin;

            struct Exported;

            impl plugin::Guest for Exported {
                fn describe() -> plugin::Descriptor {
                    $crate::__private::describe::<$agent>()
                }

                fn run(
                    request: plugin::Request,
                ) -> ::core::result::Result<plugin::Content, plugin::TaskError> {
                    $crate::__private::run::<$agent>(request)
                }
            }

            $crate::bindings::export_guest!(
                Exported with_types_in $crate::bindings
            );
        };
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extension_is_written_as_json() {
        let descriptor = Descriptor::new("a", "1", "")
            .extension("example.color", "blue")
            .extension("example.share", 7);
        let said: Vec<_> = descriptor
            .0
            .extensions
            .iter()
            .map(|one| (&*one.name, &*one.value))
            .collect();
        assert_eq!(said, [("example.color", "\"blue\""), ("example.share", "7")]);
    }
}
