//! Notices handed to a command.

use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStderr, Command};
use tokio::time::timeout;

use crate::config::CommandRules;
use crate::notices::notice::Notice;
use fusebox_secrets::{Redactor, Secret, Vault};
use fusebox_types::failure::causes;

/// What a program gets of the host's environment: what it needs to run, and to
/// reach the desktop of whoever started it.
const HANDED_ON: [&str; 13] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XDG_RUNTIME_DIR",
    "DBUS_SESSION_BUS_ADDRESS",
];
/// How much of what it complains of is kept, in bytes.
const MAX_SAID: usize = 1 << 10;
/// How long the end of a complaint is waited for, once the program has ended.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// A program that can be started.
pub(in crate::notices) struct Program {
    run: Vec<String>,
    secrets: Vec<(String, Secret)>,
    timeout: Duration,
    /// Knows secrets by the beginnings that are left of them where a text is cut.
    redactor: Option<Arc<Redactor>>,
}

impl Program {
    /// Fetches the secrets that it needs.
    pub(super) fn new(rules: &CommandRules, vault: &Vault) -> Result<Self, String> {
        let secrets = rules.secrets.iter().map(|(name, place)| {
            let secret = vault.fetch(place, name).map_err(|error| causes(&error))?;
            Ok((name.clone(), secret))
        });
        Ok(Self {
            run: rules.run.clone(),
            secrets: secrets.collect::<Result<_, String>>()?,
            timeout: rules.timeout,
            redactor: vault.redactor(),
        })
    }

    /// Starts it for a notice and waits for its end.
    pub(super) async fn deliver(&self, notice: &Notice) -> Result<(), String> {
        let json = fusebox_system::json::to_vec(notice).map_err(|error| error.to_string())?;
        let child = self.command(notice).spawn();
        let child = child.map_err(|error| format!("it cannot be started: {error}"))?;
        let mut group = Group::of(&child);
        let ended = timeout(self.timeout, talk(child, &json)).await;
        let Ok(ended) = ended else {
            return Err(format!("it took longer than {} ms", self.timeout.as_millis()));
        };
        group.has_ended();
        let (status, mut said) = ended.map_err(|error| error.to_string())?;
        if status.success() {
            return Ok(());
        }
        if let Some(redactor) = self.redactor.as_ref().filter(|_| said.len() == MAX_SAID) {
            redactor.trim_cut(&mut said);
        }
        Err(format!(
            "it ended with {status}: {}",
            String::from_utf8_lossy(&said).trim()
        ))
    }

    fn command(&self, notice: &Notice) -> Command {
        let (program, arguments) = self
            .run
            .split_first()
            .map_or(("", &[][..]), |(first, rest)| (first, rest));
        let own = HANDED_ON
            .iter()
            .filter_map(|name| Some((*name, std::env::var_os(name)?)));
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .envs(own)
            .envs(self.secrets.iter().map(|(name, secret)| (name, secret.reveal())))
            .env("FUSEBOX_SESSION", &notice.session)
            .env("FUSEBOX_LEVEL", notice.level.name())
            .env("FUSEBOX_TOPIC", notice.topic.name())
            .env("FUSEBOX_MATTER", &notice.alert)
            .env("FUSEBOX_TEXT", &notice.text)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        command
    }
}

/// Hands a program its input, and waits for its end and what it complains of.
async fn talk(mut child: Child, input: &[u8]) -> std::io::Result<(ExitStatus, Vec<u8>)> {
    let (stdin, stderr) = (child.stdin.take(), child.stderr.take());
    let feed = async {
        if let Some(mut stdin) = stdin {
            // One that does not want its input is seen by its status.
            let _ = stdin.write_all(input).await;
        }
    };
    let mut said = Vec::new();
    let status = {
        let mut listen = std::pin::pin!(listen(stderr, &mut said));
        let ends = async { tokio::join!(feed, child.wait()).1 };
        let mut ends = std::pin::pin!(ends);
        tokio::select! {
            status = &mut ends => {
                // What it started may hold its standard error open.
                let _ = timeout(LAST_WORDS, listen).await;
                status
            }
            () = &mut listen => ends.await,
        }
    };
    Ok((status?, said))
}

/// Keeps the beginning of what is said and drops the rest, so that nobody waits
/// for a reader.
async fn listen(stderr: Option<ChildStderr>, said: &mut Vec<u8>) {
    let Some(mut stderr) = stderr else { return };
    let mut piece = [0; 1024];
    while let Ok(read @ 1..) = stderr.read(&mut piece).await {
        let room = MAX_SAID.saturating_sub(said.len());
        said.extend(piece.iter().take(read.min(room)));
    }
}

/// A program and all that it started: killed when this is dropped before it has
/// ended.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self(id.and_then(Pid::from_raw))
    }

    fn has_ended(&mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // One that has ended just now is what was wanted.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}
