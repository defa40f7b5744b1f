//! `fusebox config`: checks and explains the configuration.

use std::io::Write;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{ConfigArguments, Exit, Fault, Format};
use fusebox_config::{ConfigError, Explanation, Said};
use fusebox_types::failure::printable;

/// What can be done with the configuration.
#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Says everything that is wrong with it.
    Check(CheckArguments),
    /// Says which value holds, and which layer, file and line says so.
    Explain(ExplainArguments),
    /// Prints the JSON Schema of the configuration, for editors.
    Schema,
}

/// Arguments of `fusebox config check`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  fusebox config check\n  fusebox config check staging.yaml")]
pub(super) struct CheckArguments {
    /// The file; else the configuration that `run` would take.
    file: Option<std::path::PathBuf>,
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// Arguments of `fusebox config explain`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  fusebox config explain agents.score.instances.b.limits.memory\n  fusebox config explain defaults.retry"
)]
pub(super) struct ExplainArguments {
    /// The key, or one that holds others.
    key: String,
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

pub(super) fn main(command: ConfigCommand, config: &ConfigArguments) -> Result<Exit, Fault> {
    match command {
        ConfigCommand::Check(arguments) => check(&arguments, config),
        ConfigCommand::Explain(arguments) => explain(&arguments, config),
        ConfigCommand::Schema => {
            let mut out = super::stdout();
            writeln!(
                out,
                "{}",
                fusebox_system::json::to_string_pretty(fusebox_config::schema()).unwrap_or_default()
            )?;
            Ok(Exit::Succeeded)
        }
    }
}

fn check(arguments: &CheckArguments, config: &ConfigArguments) -> Result<Exit, Fault> {
    let mut sources = config.sources();
    if let Some(file) = &arguments.file {
        sources.files = vec![file.clone()];
    }
    let read = sources.load();
    let mut out = super::stdout();
    let files: Vec<_> = sources
        .files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    match (arguments.format, read) {
        (Format::Human, Ok(_)) => {
            let what = if files.is_empty() {
                "no file; the defaults hold".into()
            } else {
                files.join(", ")
            };
            writeln!(out, "the configuration is right: {what}")?;
        }
        (Format::Json, Ok(_)) => super::print_json(&mut out, &json!({"files": files, "faults": []}))?,
        (Format::Json, Err(ConfigError::Invalid(faults))) => {
            let faults: Vec<_> = faults.iter().map(fault_json).collect();
            super::print_json(&mut out, &json!({"files": files, "faults": faults}))?;
            return Ok(Exit::Config);
        }
        (_, Err(error)) => return Err(error.into()),
    }
    Ok(Exit::Succeeded)
}

fn fault_json(fault: &fusebox_config::Fault) -> Value {
    json!({
        "source": fault.origin.source,
        "line": fault.origin.place.map(|place| place.line),
        "column": fault.origin.place.map(|place| place.column),
        "key": fault.key.as_ref().map(ToString::to_string),
        "message": fault.message,
    })
}

fn explain(arguments: &ExplainArguments, config: &ConfigArguments) -> Result<Exit, Fault> {
    let loaded = config.load(&config.sources())?;
    let key = arguments.key.parse().map_err(Fault::usage)?;
    let found = loaded.explain(&key).map_err(Fault::usage)?;
    let mut out = super::stdout();
    if arguments.format == Format::Json {
        let found: Vec<_> = found.iter().map(explanation_json).collect();
        writeln!(
            out,
            "{}",
            fusebox_system::json::to_string_pretty(&found).unwrap_or_default()
        )?;
        return Ok(Exit::Succeeded);
    }
    for (at, one) in found.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        print(&mut out, one)?;
    }
    Ok(Exit::Succeeded)
}

fn print(out: &mut impl Write, one: &Explanation) -> std::io::Result<()> {
    let bold = anstyle::Style::new().bold();
    let value = one.value.as_ref().map_or("not set".into(), show);
    writeln!(out, "{bold}{}{bold:#} = {value}", one.key)?;
    match &one.said {
        Some(said) => writeln!(out, "  set by   {}", layer(said))?,
        None => writeln!(out, "  set by   nobody: it is the default")?,
    }
    for said in &one.unheard {
        writeln!(out, "  instead of {} from {}", show(&said.value), layer(said))?;
    }
    if !one.meaning.is_empty() {
        writeln!(out, "  meaning  {}", one.meaning)?;
    }
    Ok(())
}

fn layer(said: &Said) -> String {
    format!("`{}`, {}", said.layer, said.origin)
}

/// A value as the configuration writes it.
fn show(value: &Value) -> String {
    match value {
        Value::String(text) => printable(text).into_owned(),
        other => printable(&other.to_string()).into_owned(),
    }
}

fn explanation_json(one: &Explanation) -> Value {
    let said = |said: &Said| {
        json!({
            "layer": said.layer.to_string(),
            "source": said.origin.source,
            "line": said.origin.place.map(|place| place.line),
            "column": said.origin.place.map(|place| place.column),
            "value": said.value,
        })
    };
    json!({
        "key": one.key.to_string(),
        "value": one.value,
        "set_by": one.said.as_ref().map(said),
        "unheard": one.unheard.iter().map(said).collect::<Vec<_>>(),
        "meaning": one.meaning,
    })
}
