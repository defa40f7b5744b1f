//! The commands of the binary: one file each.

mod explain;
mod fault;
mod outcome_board;
mod plan;
mod plugin;
mod run;
mod signals;

pub use fault::{Exit, Fault};

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Runs untrusted agent plugins in parallel and keeps what worked when some of
/// them fail.
#[derive(Debug, Parser)]
#[command(name = "fusebox", version, arg_required_else_help = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// The configuration; else `fusebox.yaml`, `config/fusebox.yaml`, then the
    /// user's configuration folder.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// How much is said on standard error: `warn`, `info`, `debug`, or any
    /// filter of the tracing crate.
    #[arg(long, global = true, value_name = "FILTER", default_value = "warn")]
    log: String,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs a session over a board or a session file.
    Run(run::RunArguments),
    /// Builds and examines plugins.
    #[command(subcommand)]
    Plugin(plugin::PluginCommand),
    /// Says what a failure code means and what to do.
    Explain(explain::ExplainArguments),
}

/// How a result is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For a person.
    Human,
    /// For a program.
    Json,
}

/// Carries out what the arguments say and says with which exit code to end.
///
/// # Errors
/// What went wrong, with the exit code for it.
pub fn main(arguments: Arguments) -> Result<Exit, Fault> {
    start_log(&arguments.log)?;
    match arguments.command {
        Command::Run(run) => run::run(run, arguments.config),
        Command::Plugin(plugin) => plugin::main(plugin, arguments.config),
        Command::Explain(explain) => explain::main(explain),
    }
}

fn start_log(filter: &str) -> Result<(), Fault> {
    let filter = tracing_subscriber::EnvFilter::try_new(filter)
        .map_err(|error| Fault::usage(format!("`--log {filter}`: {error}")))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .without_time();
    let _ = log.try_init();
    Ok(())
}

/// The configuration that is named, or found, or else the empty one.
fn load_config(path: Option<PathBuf>) -> Result<crate::config::Config, Fault> {
    match path.or_else(crate::config::find) {
        Some(path) => Ok(crate::config::load(&path)?),
        None => Ok(crate::config::Config::default()),
    }
}
