//! The commands of the binary: one file each.

mod board_writeback;
mod breaker;
mod cancel;
mod config;
mod driver;
mod explain;
mod fault;
mod kept_board;
mod listen;
mod live_session;
mod loading;
mod lost;
mod observers;
mod persisted_state;
mod plan;
mod plugin;
mod policy;
mod put_aside;
mod quarantine;
mod report_file;
mod resume;
mod run;
mod signals;
mod status;
mod stdout;

pub(crate) use fault::{Exit, Fault};
use stdout::{print_json, stdout};

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::log_lines::LogLines;
use fusebox::config::{LogFormat, LogRules};
use fusebox_config::{Loaded, Sources};

/// Runs untrusted agent plugins in parallel and keeps what worked when some of
/// them fail.
#[derive(Debug, Parser)]
#[command(name = "fusebox", version, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    config: ConfigArguments,
}

/// Where the configuration comes from: the same for every command.
#[derive(Debug, Args)]
struct ConfigArguments {
    /// The configuration; else `fusebox.yaml`, `config/fusebox.yaml`, then the
    /// user's configuration folder. Given again, a later file is laid over
    /// those before, key by key.
    #[arg(long, global = true, value_name = "FILE")]
    config: Vec<PathBuf>,
    /// Sets a key of the configuration, over files and environment; can be given
    /// again.
    #[arg(long, global = true, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// How much is said on standard error, over `log.level`: `warn`, `info`,
    /// `debug`, or any filter of the tracing crate.
    #[arg(long, global = true, value_name = "FILTER")]
    log: Option<String>,
}

impl ConfigArguments {
    fn sources(&self) -> Sources {
        let files = if self.config.is_empty() {
            fusebox_config::find().into_iter().collect()
        } else {
            self.config.clone()
        };
        Sources::new(files, self.set.clone())
    }

    /// Reads the configuration and starts the log as it says.
    fn load(&self, sources: &Sources) -> Result<Loaded, Fault> {
        let loaded = sources.load()?;
        self.start_log(&loaded.config.log)?;
        Ok(loaded)
    }

    fn start_log(&self, rules: &LogRules) -> Result<(), Fault> {
        let filter = self.log.as_deref().unwrap_or(&rules.level);
        let filter = tracing_subscriber::EnvFilter::try_new(filter)
            .map_err(|error| Fault::usage(format!("`--log {filter}`: {error}")))?;
        let log = tracing_subscriber::fmt()
            .with_env_filter(filter)
            // Every line is looked through and escaped as a whole: a colour is
            // no other thing than what a guest could say.
            .with_ansi(false)
            .with_writer(LogLines::new(std::io::stderr, rules.format))
            .without_time();
        // Where there is a log already, an embedder has chosen it.
        let _ = match rules.format {
            LogFormat::Text => log.try_init(),
            LogFormat::Json => log.json().try_init(),
        };
        Ok(())
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs a session over a board or a session file.
    Run(run::RunArguments),
    /// Goes on with a session: runs what is unfinished.
    Resume(resume::ResumeArguments),
    /// Says what live sessions and their tasks are doing.
    Status(status::StatusArguments),
    /// Ends a live session, or one of its tasks.
    Cancel(cancel::CancelArguments),
    /// Shows the circuit breakers of a session, and orders them.
    #[command(subcommand)]
    Breaker(breaker::BreakerCommand),
    /// Shows the instances of a session that are out of their pools, and brings
    /// them back.
    #[command(subcommand)]
    Quarantine(quarantine::QuarantineCommand),
    /// Builds and examines plugins.
    #[command(subcommand)]
    Plugin(plugin::PluginCommand),
    /// Tries policies without a session.
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    /// Checks and explains the configuration.
    #[command(subcommand)]
    Config(config::ConfigCommand),
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

/// Files and connections that the process asks for at most. Programs that it starts
/// inherit this, and some of them look at every number that a file might have.
const MOST_OPEN: u64 = 1 << 16;

/// The system counts each connection and each file that a guest opens, and lets a
/// process ask for more than the thousand that most shells give it.
fn open_as_many_files_as_may_be() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let most = limit.maximum.unwrap_or(MOST_OPEN).min(MOST_OPEN);
    if limit.current.is_some_and(|current| current < most) {
        let raised = Rlimit {
            current: Some(most),
            ..limit
        };
        // Where that is not allowed, there are as many as there were.
        let _ = setrlimit(Resource::Nofile, raised);
    }
}

/// Carries out what the arguments say and says with which exit code to end.
///
/// # Errors
/// What went wrong, with the exit code for it.
pub(crate) fn main(arguments: Arguments) -> Result<Exit, Fault> {
    open_as_many_files_as_may_be();
    signals::outlast_file_limits().map_err(|error| Fault::new(Exit::Host, error))?;
    let config = &arguments.config;
    match arguments.command {
        Command::Run(run) => run::run(run, config),
        Command::Resume(resume) => resume::main(resume, config),
        Command::Status(status) => status::main(status),
        Command::Cancel(cancel) => cancel::main(cancel),
        Command::Breaker(command) => breaker::main(command, config),
        Command::Quarantine(command) => quarantine::main(command, config),
        Command::Plugin(plugin) => plugin::main(plugin, config),
        Command::Policy(command) => policy::main(command, config),
        Command::Config(command) => config::main(command, config),
        Command::Explain(explain) => explain::main(explain),
    }
}
