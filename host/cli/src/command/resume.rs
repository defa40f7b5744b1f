//! `fusebox resume`: what is unfinished of a session.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use jiff::Timestamp;

use super::board_writeback::SourceBoard;
use super::driver::{Driver, Finished, show_report};
use super::live_session::folder_of;
use super::loading::{say_unready, watched};
use super::put_aside::put_aside;
use super::signals::Signals;
use super::{ConfigArguments, Exit, Fault, Format, lost};
use fusebox::Host;
use fusebox::archive::{Again, HeldBack, Interrupted, Resumed};
use fusebox::report::OutputDir;
use fusebox::session::Graph;
use fusebox_config::{Sources, Watch};
use fusebox_store::journal::record::Started;
use fusebox_system::wall_clock;
use fusebox_types::SessionStatus;
use fusebox_types::digest::Digest;
use fusebox_types::failure::printable;

/// Arguments of `fusebox resume`.
#[derive(Debug, Args)]
#[command(
    after_help = "What is over is kept: only what is unfinished is run, under the configuration as it is now.\n\
    Files of the configuration and --set are those of the run, unless they are given here.\n\n\
    Examples:\n  \
    fusebox resume fusebox-out/essay-20261124-101500-3f2a\n  \
    fusebox resume essay-20261124-101500-3f2a --retry-failed\n  \
    fusebox resume results --retry-failed --only score --set agents.score.limits.deadline=2m\n  \
    fusebox resume results --salvage    (its journal is damaged, or its board is lost)"
)]
pub(super) struct ResumeArguments {
    /// The session's id, or its output directory.
    session: PathBuf,
    /// Runs tasks that failed, or have only part of their result, again.
    #[arg(long)]
    retry_failed: bool,
    /// With --retry-failed: only this task of those; can be given again.
    #[arg(
        long,
        value_name = "ID",
        allow_hyphen_values = true,
        requires = "retry_failed"
    )]
    only: Vec<String>,
    /// With --retry-failed: then also tasks that ran without a result that is
    /// there now, and what depends on those. What they do outside is done again.
    #[arg(long, requires = "retry_failed")]
    with_dependants: bool,
    /// With --retry-failed: sends the requests of those tasks with new idempotency
    /// keys. For a service that answers the old ones with a failure that it kept;
    /// what it has carried out, it carries out again.
    #[arg(long, requires = "retry_failed")]
    new_keys: bool,
    /// Goes on with what is intact if the journal is damaged or the board is
    /// lost: says what is lost, keeps the damaged journal beside the new one, and
    /// holds tasks that may have done what must not be done twice.
    #[arg(long)]
    salvage: bool,
    /// On a board: writes the results to the board itself too, with a backup.
    #[arg(long)]
    write: bool,
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

pub(super) fn main(arguments: ResumeArguments, config: &ConfigArguments) -> Result<Exit, Fault> {
    let folder = folder_of(&arguments.session)?;
    let again = Again {
        failed: arguments.retry_failed,
        only: arguments.only.clone(),
        with_dependants: false,
        new_keys: arguments.new_keys,
    };
    let mut resume = Resume {
        arguments: &arguments,
        config,
        folder,
        signals: None,
    };
    let pass = resume.pass(&again, arguments.salvage)?;
    let pass = match pass {
        Pass::Ran(finished) if finished.is_cut_short() => Pass::Ran(finished),
        // What failed may have failed again: only now it is known which results
        // are there that others ran without.
        pass if arguments.with_dependants => resume.with_dependants(pass)?,
        pass => pass,
    };
    match pass {
        Pass::Ran(finished) => finished.show(),
        Pass::Nothing(rest) => rest.show(&arguments),
    }
}

/// A session that is resumed, in one pass or two.
struct Resume<'a> {
    arguments: &'a ResumeArguments,
    config: &'a ConfigArguments,
    folder: PathBuf,
    /// The signals, once something is loaded.
    signals: Option<Signals>,
}

/// What a pass over the session came to.
enum Pass {
    /// Nothing was left to run.
    Nothing(Rest),
    /// This.
    Ran(Box<Finished>),
}

impl Resume<'_> {
    fn with_dependants(&mut self, before: Pass) -> Result<Pass, Fault> {
        let again = Again {
            with_dependants: true,
            ..Again::default()
        };
        Ok(match self.pass(&again, false)? {
            Pass::Nothing(_) => before,
            ran @ Pass::Ran(_) => ran,
        })
    }

    fn pass(&mut self, again: &Again, salvage: bool) -> Result<Pass, Fault> {
        let out = Arc::new(OutputDir::open(&self.folder)?);
        let interrupted = open(&out, salvage)?;
        known(&again.only, interrupted.graph())?;
        if let Some(status) = interrupted.over(again) {
            return Ok(Pass::Nothing(Rest {
                id: interrupted.started().id.clone(),
                status,
                ran_without: interrupted.ran_without(),
                out,
            }));
        }
        if self.signals.is_none() {
            say_if_changed(interrupted.started());
        }
        Ok(Pass::Ran(Box::new(self.go_on((interrupted, again), out)?)))
    }

    /// Goes on with a session of which something is left to do.
    fn go_on(
        &mut self,
        (interrupted, again): (Interrupted, &Again),
        out: Arc<OutputDir>,
    ) -> Result<Finished, Fault> {
        let arguments = self.arguments;
        let started = interrupted.started().clone();
        let mut watch = Watch::new(sources(&started, self.config));
        let loaded = self.config.load(watch.sources())?;
        // The policies too: before they are read.
        watch.policies_of(&loaded.config);
        let board = SourceBoard::kept(&out, &started, interrupted.boards(), arguments.salvage)?;
        let graph = interrupted.graph().clone();
        let signals = self.signals()?;
        let host = Host::new(&watched(&loaded.config, arguments.quiet))?;
        let registry = host.load(&loaded.config, graph.agents().iter().map(String::as_str))?;
        let registry = registry.keeping([out.path().to_owned()])?;
        say_unready(&registry);
        let cancel = signals.session();
        let may = |task| {
            let agent = graph.task(task).map(|task| graph.agent_of(task));
            let agent = agent.and_then(|name| registry.get(name));
            agent.is_some_and(|agent| agent.about.idempotent)
        };
        let key_header = |upstream: &str| {
            let upstream = loaded.config.upstreams.get(upstream);
            upstream.and_then(|upstream| upstream.rules.idempotency_header.clone())
        };
        let resumed = interrupted.go_on(again, may, key_header)?;
        if !arguments.quiet {
            say(&resumed, &started.id, graph.len());
        }
        Driver {
            id: started.id,
            source: started.source,
            seed: started.seed,
            graph,
            board,
            write: started.write || arguments.write,
            format: arguments.format,
            quiet: arguments.quiet,
            no_wait: arguments.no_wait,
            out,
            watch,
            loaded,
            host,
            registry,
            archive: resumed.archive,
            before: Some((resumed.resume_state, resumed.replay)),
        }
        .run(cancel)
    }

    /// The signals, listened to from here on.
    fn signals(&mut self) -> Result<Signals, Fault> {
        let signals = match self.signals.take() {
            Some(signals) => signals,
            None => Signals::listen()?,
        };
        self.signals = Some(signals.clone());
        Ok(signals)
    }
}

fn open(out: &Arc<OutputDir>, salvage: bool) -> Result<Interrupted, Fault> {
    let (interrupted, salvaged) = match salvage {
        false => (Interrupted::open(out.clone())?, None),
        true => {
            let (interrupted, salvaged) = Interrupted::salvage(out.clone())?;
            lost::say_salvaged(salvaged.as_ref());
            (interrupted, salvaged)
        }
    };
    lost::say_end(&interrupted);
    if salvaged.is_some() || interrupted.gone().is_some() {
        // They may show results of which the journal knows nothing any more.
        put_aside(out, "report.json")?;
        put_aside(out, "board.canvas")?;
    }
    Ok(interrupted)
}

/// The configuration of the run, with what is given now over it.
pub(super) fn sources(started: &Started, config: &ConfigArguments) -> Sources {
    let given = config.sources();
    let is_known = config.config.is_empty() && !started.made_up;
    let files = if is_known {
        started.config.clone()
    } else {
        given.files
    };
    let set = started.set.iter().cloned().chain(given.set);
    Sources::new(files, set.collect())
}

fn known(only: &[String], graph: &Graph) -> Result<(), Fault> {
    let is_task = |id: &String| graph.tasks().iter().any(|task| *task.id == **id);
    match only.iter().find(|id| !is_task(id)) {
        None => Ok(()),
        Some(id) => Err(Fault::usage(format!(
            "--only {}: there is no such task",
            printable(id)
        ))),
    }
}

/// A session of which nothing is left to run.
struct Rest {
    id: String,
    status: SessionStatus,
    /// The tasks that ran without a result that is there now.
    ran_without: Vec<String>,
    out: Arc<OutputDir>,
}

impl Rest {
    fn show(&self, arguments: &ResumeArguments) -> Result<Exit, Fault> {
        if arguments.format == Format::Json {
            show_report(&self.out)?;
            return Ok(self.status.into());
        }
        let mut stdout = super::stdout();
        let (id, status) = (printable(&self.id), self.status);
        writeln!(stdout, "{id}: {status}; nothing is left to run")?;
        if !arguments.retry_failed && matches!(status, SessionStatus::Degraded | SessionStatus::Failed) {
            writeln!(stdout, "  --retry-failed runs tasks that failed again")?;
        }
        if !self.ran_without.is_empty() {
            let tasks = self.ran_without.join(", ");
            writeln!(
                stdout,
                "  --retry-failed --with-dependants runs tasks again that ran without a result that is there now: {}",
                printable(&tasks)
            )?;
        }
        writeln!(stdout, "Everything is in {}", self.out.path().display())?;
        stdout.flush()?;
        Ok(status.into())
    }
}

/// A session goes on with the tasks that it began with.
fn say_if_changed(started: &Started) {
    let source = &started.source_path;
    let now = super::plan::digest(source);
    if *started.source_digest != [0; 32] && now != Some(Digest(*started.source_digest)) {
        let how = if source.exists() {
            "has changed since"
        } else {
            "is not there any more"
        };
        say!(
            "warning: {} {how}; the session resumes with its tasks as they were when it began. To run what is there now, begin a new session with `fusebox run`",
            printable(&started.source)
        );
    }
}

/// How many tasks were held, and until when the last of them waits.
fn were_held(held: &HeldBack) -> String {
    let were = if held.tasks == 1 { "task was" } else { "tasks were" };
    let until = held.until.filter(|until| *until > wall_clock::now());
    let waits = until.map_or(String::new(), |until| format!("; the last goes on at {until:.0}"));
    format!("{} {were} held and can go on{waits}", held.tasks)
}

fn say(resumed: &Resumed, id: &str, tasks: usize) {
    let (over, left) = (resumed.over, tasks.saturating_sub(resumed.over));
    say!(
        "resuming {}: {over} of {tasks} tasks are over, {left} are to be run",
        printable(id)
    );
    let held = resumed.held_back;
    if let Some(held) = held {
        say!("{}", were_held(&held));
    }
    // Those that were held are said already.
    let waits = held.map_or(0, |held| held.begun);
    let asked = resumed.resume_state.asked_waits();
    if let Some(asked) = asked.filter(|asked| asked.tasks > waits) {
        let until = wall_clock::now()
            .checked_add(asked.longest)
            .unwrap_or(Timestamp::MAX);
        say!(
            "waiting first, as their upstream asked for: {} of them; the last goes on at {until:.0}",
            asked.tasks
        );
    }
    lost::say_again(resumed);
    for (task, why) in &resumed.lost {
        say!(
            "warning: the result of {} is gone: {}",
            printable(task),
            printable(why)
        );
    }
    for task in &resumed.held {
        say!(
            "warning: {} is not run again on its own: it may have done what it does (held.sent)",
            printable(task)
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_held_is_counted_and_a_time_that_is_over_is_not_named() {
        let held = |tasks, until| {
            were_held(&HeldBack {
                tasks,
                begun: 1,
                until,
            })
        };
        assert_eq!(
            held(3, Some(Timestamp::UNIX_EPOCH)),
            "3 tasks were held and can go on"
        );
        let far = Timestamp::new(32_503_680_000, 0).unwrap();
        assert_eq!(
            held(1, Some(far)),
            "1 task was held and can go on; the last goes on at 3000-01-01T00:00:00Z"
        );
    }
}
