//! `fusebox plugin`: builds and examines plugins.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::loading::watched;
use super::signals::Signals;
use super::{ConfigArguments, Exit, Fault, Format};
use fusebox::config::LogRules;
use fusebox::plugin::{About, Inspection, Kind};
use fusebox::{Host, config};
use fusebox_plugin_build as plugin_build;
use fusebox_types::failure::printable;

/// What can be done with plugins.
#[derive(Debug, Subcommand)]
pub(super) enum PluginCommand {
    /// Builds a crate, or each crate of a workspace, as plugins.
    Build(BuildArguments),
    /// Lists the configured agents and says whether each is ready.
    List(ListArguments),
    /// Shows all that can be said of a plugin without running a task.
    Inspect(InspectArguments),
}

/// Arguments of `fusebox plugin build`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  fusebox plugin build my-agent\n  fusebox plugin inspect my-agent/target/plugins/my-agent.wasm"
)]
pub(super) struct BuildArguments {
    /// The folder with the Cargo.toml.
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// Where the components go; `target/plugins` in the folder if not said.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Arguments of `fusebox plugin list`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  fusebox plugin list --format json")]
pub(super) struct ListArguments {
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// Arguments of `fusebox plugin inspect`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  fusebox plugin inspect target/plugins/outline.wasm")]
pub(super) struct InspectArguments {
    /// The plugin's file.
    file: PathBuf,
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

pub(super) fn main(command: PluginCommand, config: &ConfigArguments) -> Result<Exit, Fault> {
    match command {
        PluginCommand::Build(arguments) => {
            config.start_log(&LogRules::default())?;
            build(&arguments)
        }
        PluginCommand::List(arguments) => list(&arguments, config),
        PluginCommand::Inspect(arguments) => inspect(&arguments, config),
    }
}

fn build(arguments: &BuildArguments) -> Result<Exit, Fault> {
    let out = arguments
        .out
        .clone()
        .unwrap_or_else(|| arguments.folder.join("target/plugins"));
    for built in plugin_build::build(&arguments.folder, &out)? {
        writeln!(
            super::stdout(),
            "{:16} {:>8} bytes  {}",
            built.package,
            built.bytes,
            built.path.display()
        )?;
    }
    Ok(Exit::Succeeded)
}

fn list(arguments: &ListArguments, config: &ConfigArguments) -> Result<Exit, Fault> {
    let config = config.load(&config.sources())?.config;
    Signals::listen()?;
    let host = Host::new(&watched(&config, false))?;
    let rows: Vec<Value> = config
        .agents
        .iter()
        .map(|(name, agent)| row(&host, &config, name, agent))
        .collect();
    let mut out = super::stdout();
    if arguments.format == Format::Json {
        writeln!(
            out,
            "{}",
            fusebox_system::json::to_string_pretty(&rows).unwrap_or_default()
        )?;
        return Ok(Exit::Succeeded);
    }
    for row in &rows {
        let text = |key: &str| printable(row[key].as_str().unwrap_or_default()).into_owned();
        let state = if row["ready"] == json!(true) {
            "ready"
        } else {
            "NOT READY"
        };
        writeln!(out, "{:16} {:10} {}", text("agent"), state, text("summary"))?;
    }
    if rows.is_empty() {
        writeln!(
            out,
            "no agents are configured; add them under `agents` in fusebox.yaml"
        )?;
    }
    Ok(Exit::Succeeded)
}

fn row(host: &Host, config: &config::Config, name: &str, agent: &config::Agent) -> Value {
    let loaded = host.load(config, [name]);
    let about = loaded
        .as_ref()
        .ok()
        .and_then(|registry| registry.get(name))
        .filter(|agent| agent.ready().is_ok())
        .map(|agent| &agent.about);
    let instances: Vec<_> = agent.instances.iter().map(|instance| &instance.id).collect();
    json!({
        "agent": name,
        "plugin": agent.plugin.display().to_string(),
        "instances": instances,
        "ready": about.is_some(),
        "version": about.map(|about| &about.version),
        "summary": match &loaded {
            Ok(registry) => match registry.get(name).map(|agent| agent.ready()) {
                Some(Err(failure)) => failure.message.to_string(),
                _ => about.map(|about| about.summary.clone()).unwrap_or_default(),
            },
            Err(error) => fusebox_types::failure::causes(error),
        },
    })
}

fn inspect(arguments: &InspectArguments, config: &ConfigArguments) -> Result<Exit, Fault> {
    let config = config.load(&config.sources())?.config;
    Signals::listen()?;
    let host = Host::new(&watched(&config, false))?;
    let found = host.inspect(&arguments.file)?;
    let mut out = super::stdout();
    match arguments.format {
        Format::Json => writeln!(
            out,
            "{}",
            fusebox_system::json::to_string_pretty(&as_json(&found)).unwrap_or_default()
        )?,
        Format::Human => print(&mut out, &arguments.file, &found)?,
    }
    Ok(if found.kind.is_ok() {
        Exit::Succeeded
    } else {
        Exit::Config
    })
}

fn as_json(found: &Inspection) -> Value {
    let about = match &found.kind {
        Ok(Kind::Agent(about)) => Some(about),
        Ok(Kind::Policy(_)) | Err(_) => None,
    };
    json!({
        "bytes": found.bytes,
        "sha256": found.digest.to_string(),
        "imports": found.imports,
        "exports": found.exports,
        "kind": found.kind.as_ref().ok().map(|kind| match kind {
            Kind::Agent(_) => "agent".to_owned(),
            Kind::Policy(what) => format!("{what}-policy"),
        }),
        "fault": found.kind.as_ref().err().map(|fault| json!({
            "code": fault.code().to_string(), "message": fault.to_string(),
        })),
        "about": about.map(|about| json!({
            "name": about.name, "version": about.version, "summary": about.summary,
            "input_types": about.input_types, "output_type": about.output_type,
            "idempotent": about.idempotent, "upstreams": about.upstreams,
            "extensions": about.extensions.iter().map(|one| json!({
                "name": one.name, "value": one.value,
            })).collect::<Vec<_>>(),
        })),
    })
}

fn print(out: &mut impl Write, file: &Path, found: &Inspection) -> std::io::Result<()> {
    writeln!(
        out,
        "{}\n  size       {} bytes\n  sha256     {}",
        file.display(),
        found.bytes,
        found.digest
    )?;
    for (what, names) in [("imports", &found.imports), ("exports", &found.exports)] {
        for name in names {
            writeln!(out, "  {what:10} {}", printable(name))?;
        }
    }
    match &found.kind {
        Ok(Kind::Agent(about)) => print_about(out, about),
        Ok(Kind::Policy(what)) => writeln!(
            out,
            "  a {what} policy: name it under `policy.{what}`; `fusebox policy check` tries it"
        ),
        Err(fault) => {
            let code = fault.code();
            writeln!(out, "  NOT USABLE {}", printable(&fault.to_string()))?;
            writeln!(out, "  do next    {} ({code})", code.advice().next)
        }
    }
}

fn print_about(out: &mut impl Write, about: &About) -> std::io::Result<()> {
    let any = |list: &[String]| {
        if list.is_empty() {
            "any".into()
        } else {
            list.join(", ")
        }
    };
    writeln!(
        out,
        "  says of itself\n    {} {}: {}",
        about.name, about.version, about.summary
    )?;
    writeln!(
        out,
        "    takes      {}\n    gives      {}",
        any(&about.input_types),
        about.output_type
    )?;
    writeln!(
        out,
        "    idempotent {}",
        if about.idempotent { "yes" } else { "no" }
    )?;
    for one in &about.extensions {
        writeln!(
            out,
            "    extension  {}, which this host does not know and ignores: {}",
            one.name,
            printable(&one.value)
        )?;
    }
    Ok(())
}
