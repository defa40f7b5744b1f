//! `fusebox run`: a session over a board or a session file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::driver::Driver;
use super::loading::{say_unready, watched};
use super::plan::{self, Plan};
use super::signals::Signals;
use super::{ConfigArguments, Exit, Fault, Format};
use clap::Args;
use fusebox::Host;
use fusebox::agents::Registry;
use fusebox::archive::{Beginning, SessionJournal};
use fusebox::board::Pick;
use fusebox::report::{self, OutputDir};
use fusebox::session::drawn_seed;
use fusebox_config::{Loaded, Sources, Watch};

/// Arguments of `fusebox run`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  fusebox run board.canvas\n  fusebox run session.yaml --out results --only score"
)]
pub(super) struct RunArguments {
    /// A board (`.canvas`) or a session file (`.yaml`).
    source: PathBuf,
    /// Where everything is written; `fusebox-out/<session id>` if not said.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// How many attempts are in flight at once.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(fusebox::config::MAX_PARALLEL)))]
    max_parallel: Option<u32>,
    /// Runs only this task, with what it depends on; can be given again.
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    only: Vec<String>,
    /// On a board: this agent carries out the nodes picked by --color or --only,
    /// whatever the rules say.
    #[arg(long, value_name = "NAME")]
    agent: Option<String>,
    /// On a board: only nodes of this colour.
    #[arg(long, value_name = "N")]
    color: Option<String>,
    /// On a board: writes the results to the board itself too, with a backup.
    #[arg(long)]
    write: bool,
    /// Prints what would be run, and runs nothing.
    #[arg(long)]
    dry_run: bool,
    /// Says nothing on standard error while the session runs: no progress, no
    /// notices. What is told elsewhere is told.
    #[arg(long)]
    quiet: bool,
    /// Ends the session when nothing runs and everything that is left is held;
    /// `fusebox resume` takes it up (exit 75).
    #[arg(long)]
    no_wait: bool,
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

pub(super) fn run(arguments: RunArguments, config: &ConfigArguments) -> Result<Exit, Fault> {
    // Watched before it is read, so that no change falls between the two.
    let mut watch = Watch::new(sources(&arguments, config));
    let loaded = config.load(watch.sources())?;
    // The policies too: before they are read.
    watch.policies_of(&loaded.config);
    let pick = Pick {
        agent: arguments.agent.clone(),
        color: arguments.color.clone(),
        only: arguments.only.clone(),
    };
    let plan = plan::read(&arguments.source, &pick, &loaded.config)?;
    let signals = Signals::listen()?;
    let host = Host::new(&watched(&loaded.config, arguments.quiet))?;
    let registry = host.load(&loaded.config, plan.graph.agents().iter().map(String::as_str))?;
    say_unready(&registry);
    if arguments.dry_run {
        plan.print(&mut super::stdout(), &loaded.config)?;
        return Ok(Exit::Succeeded);
    }
    begin(arguments, plan, (watch, loaded), (host, registry), &signals)
}

/// Everything is read, checked and loaded; from here on there is something to
/// keep.
fn begin(
    arguments: RunArguments,
    plan: Plan,
    (watch, loaded): (Watch, Loaded),
    (host, registry): (Host, Registry),
    signals: &Signals,
) -> Result<Exit, Fault> {
    let id = session_id(&plan.name);
    let usual = || Path::new("fusebox-out").join(&id);
    let folder = arguments.out.clone().unwrap_or_else(usual);
    let cancel = signals.session();
    let registry = registry.keeping([folder.clone()])?;
    let out = Arc::new(OutputDir::create(&folder)?);
    if let Some(board) = &plan.board {
        board.keep(&out)?;
    }
    let seed = loaded.config.session.seed.unwrap_or_else(drawn_seed);
    let source = arguments.source.display().to_string();
    let beginning = Beginning {
        id: id.clone(),
        source: source.clone(),
        source_digest: plan.digest,
        seed,
        write: arguments.write,
        config: watch.sources().files.clone(),
        set: watch.sources().set.clone(),
    };
    Driver {
        archive: SessionJournal::begin(&out, &plan.graph, beginning)?,
        id,
        source,
        seed,
        graph: plan.graph,
        board: plan.board,
        write: arguments.write,
        format: arguments.format,
        quiet: arguments.quiet,
        no_wait: arguments.no_wait,
        out,
        watch,
        loaded,
        host,
        registry,
        before: None,
    }
    .run(cancel)?
    .show()
}

/// Where the configuration comes from; `--max-parallel` is a short way to set
/// its key.
fn sources(arguments: &RunArguments, config: &ConfigArguments) -> Sources {
    let mut sources = config.sources();
    let set = |count| format!("session.max_parallel={count}");
    sources.set.extend(arguments.max_parallel.map(set));
    sources
}

/// A name for a session that says what and when, and is its own.
fn session_id(name: &str) -> String {
    let when = fusebox_system::wall_clock::now().strftime("%Y%m%d-%H%M%S");
    let own = getrandom::u32().unwrap_or(0) & 0xffff;
    match report::slug(name) {
        slug if slug.is_empty() => format!("session-{when}-{own:04x}"),
        slug => format!("{slug}-{when}-{own:04x}"),
    }
}
