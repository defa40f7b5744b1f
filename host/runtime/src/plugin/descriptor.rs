//! What a plugin says of itself, checked: a claim, not a fact.

use super::extension::Extension;
use super::schema::{Misfit, Schema, check_json};
use crate::engine::PluginFault;
use crate::sandbox::Pace;
use crate::sandbox::bindings::Descriptor;
use fusebox_types::Output;

/// Most entries of a list in a descriptor.
const MAX_ENTRIES: usize = 32;
/// Longest line, in bytes.
const MAX_LINE: usize = 256;

/// An output type that leaves it to each output what it is.
const ANY_TYPE: &str = "*/*";

/// A descriptor whose texts are harmless and whose schemas are ready.
#[derive(Debug)]
pub struct About {
    /// The plugin's name for itself.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it does, in one line.
    pub summary: String,
    /// Media types that it accepts; empty accepts any.
    pub input_types: Vec<String>,
    /// The media type of its results; `*/*` if each says its own.
    pub output_type: String,
    /// Whether running a task twice does no more than running it once.
    pub idempotent: bool,
    /// The upstreams that it wants to call.
    pub upstreams: Vec<String>,
    /// What else it says, which this host ignores.
    pub extensions: Vec<Extension>,
    pub(crate) input_schema: Option<Schema>,
    pub(crate) output_schema: Option<Schema>,
}

impl TryFrom<Descriptor> for About {
    type Error = PluginFault;

    fn try_from(said: Descriptor) -> Result<Self, PluginFault> {
        check_name(&said.name)?;
        for (what, list) in [("input-types", &said.input_types), ("upstreams", &said.upstreams)] {
            if list.len() > MAX_ENTRIES {
                return Err(fault(format!(
                    "{} {what}, {MAX_ENTRIES} are the limit",
                    list.len()
                )));
            }
        }
        for line in [&said.version, &said.summary].into_iter().chain(&said.upstreams) {
            check_line(line)?;
        }
        for media_type in said.input_types.iter().chain([&said.output_type]) {
            check_media_type(media_type).map_err(fault)?;
        }
        let schema = |text: Option<String>| text.map(|text| Schema::parse(&text).map_err(fault)).transpose();
        Ok(About {
            input_schema: schema(said.input_schema)?,
            output_schema: schema(said.output_schema)?,
            name: said.name,
            version: said.version,
            summary: said.summary,
            input_types: said.input_types,
            output_type: said.output_type,
            idempotent: said.idempotent,
            upstreams: said.upstreams,
            extensions: Extension::checked(said.extensions).map_err(fault)?,
        })
    }
}

/// A check of a content's bytes that is still to be made, on its plugin's time.
#[derive(Debug, Clone, Copy)]
pub enum Check<'a> {
    /// Any bytes will do.
    Nothing,
    /// That they are JSON.
    Json,
    /// That they are JSON which fits.
    Schema(&'a Schema),
}

impl Check<'_> {
    /// Makes it.
    pub async fn make(self, bytes: &[u8], pace: &mut Pace<'_>) -> Result<(), Misfit> {
        match self {
            Check::Nothing => Ok(()),
            Check::Json => check_json(bytes, pace).await,
            Check::Schema(schema) => schema.check(bytes, pace).await,
        }
    }

    fn of(schema: Option<&Schema>) -> Check<'_> {
        schema.map_or(Check::Nothing, Check::Schema)
    }
}

impl About {
    /// The least that can be said of a plugin that has not said what it is.
    pub fn unsaid() -> Self {
        Self {
            name: String::new(),
            version: String::new(),
            summary: String::new(),
            input_types: Vec::new(),
            output_type: ANY_TYPE.into(),
            idempotent: false,
            upstreams: Vec::new(),
            extensions: Vec::new(),
            input_schema: None,
            output_schema: None,
        }
    }

    /// Whether the plugin accepts an input of this type; if not, why.
    pub fn accepts(&self, input: &Output) -> Result<Check<'_>, String> {
        let found = &input.content_type;
        if !self.input_types.is_empty() && !self.input_types.iter().any(|known| same_media_type(known, found))
        {
            return Err(format!(
                "the input is {found}; the plugin accepts {}",
                self.input_types.join(", ")
            ));
        }
        Ok(Check::of(self.input_schema.as_ref().filter(|_| is_json(found))))
    }

    /// Whether something can be part of an output: of its type, and JSON if that
    /// says so. Fields may be missing, so the schema, which describes a whole
    /// one, is not asked.
    pub fn gives_part(&self, part: &Output) -> Result<Check<'_>, String> {
        self.gives_type(part)?;
        Ok(match is_json(&part.content_type) {
            true => Check::Json,
            false => Check::Nothing,
        })
    }

    /// Whether an output is of the type that the plugin declares; if not, why.
    pub fn gives(&self, output: &Output) -> Result<Check<'_>, String> {
        self.gives_type(output)?;
        Ok(Check::of(self.output_schema.as_ref()))
    }

    fn gives_type(&self, output: &Output) -> Result<(), String> {
        check_media_type(&output.content_type)?;
        if self.output_type != ANY_TYPE && !same_media_type(&output.content_type, &self.output_type) {
            return Err(format!(
                "the output is {}; the plugin declares {}",
                output.content_type, self.output_type
            ));
        }
        Ok(())
    }
}

fn is_json(media_type: &str) -> bool {
    same_media_type(media_type, "application/json")
}

fn fault(message: impl Into<String>) -> PluginFault {
    PluginFault::Descriptor(message.into())
}

fn check_name(name: &str) -> Result<(), PluginFault> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || name.len() > 64 || !name.chars().all(fits) {
        return Err(fault(
            "its name must have 1 to 64 of the characters a-z, 0-9 and `-`",
        ));
    }
    Ok(())
}

fn check_line(line: &str) -> Result<(), PluginFault> {
    if line.len() > MAX_LINE {
        return Err(fault(format!(
            "a line of {} bytes, {MAX_LINE} are the limit",
            line.len()
        )));
    }
    if fusebox_types::failure::printable(line) != line {
        return Err(fault("a line with control characters"));
    }
    Ok(())
}

/// Whether a text can be a media type: `type/subtype` and parameters, in
/// printable ASCII.
fn check_media_type(text: &str) -> Result<(), String> {
    let printable = text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    if text.len() > 127 || !printable || !text.contains('/') {
        let shown: String = text.chars().take(40).collect();
        return Err(format!(
            "`{}` is no media type",
            fusebox_types::failure::printable(&shown)
        ));
    }
    Ok(())
}

/// Whether two media types are the same apart from their parameters.
fn same_media_type(one: &str, other: &str) -> bool {
    let essence = |text: &str| text.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    essence(one) == essence(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::bindings::Extension;

    fn said() -> Descriptor {
        Descriptor {
            name: "outline".into(),
            version: "0.1.0".into(),
            summary: "Outlines".into(),
            input_types: vec!["text/plain".into()],
            output_type: "text/markdown".into(),
            input_schema: None,
            output_schema: Some("{}".into()),
            idempotent: true,
            upstreams: vec![],
            extensions: vec![],
        }
    }

    #[test]
    fn an_ordinary_descriptor_is_taken() {
        let about = About::try_from(said()).unwrap();
        assert!(about.output_schema.is_some() && about.input_schema.is_none());
    }

    #[test]
    fn a_hostile_descriptor_is_refused() {
        let spoil: [fn(&mut Descriptor); 7] = [
            |d| d.name = "../x".into(),
            |d| d.summary = "a\u{1b}[2J".into(),
            |d| d.version = "1".repeat(1000),
            |d| d.input_types = vec!["text/plain".into(); 100],
            |d| d.output_type = "nothing".into(),
            |d| d.output_schema = Some("{".into()),
            |d| {
                let (name, value) = ("color".into(), "blue".into());
                d.extensions = vec![Extension { name, value }];
            },
        ];
        for change in spoil {
            let mut descriptor = said();
            change(&mut descriptor);
            assert!(matches!(
                About::try_from(descriptor),
                Err(PluginFault::Descriptor(_))
            ));
        }
    }

    #[test]
    fn media_types_are_compared_without_parameters() {
        assert!(same_media_type("text/plain; charset=utf-8", "TEXT/plain"));
        assert!(!same_media_type("text/plain", "text/markdown"));
    }
}
