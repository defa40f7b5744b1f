//! What a command ends with: an exit code, and why. Typed errors become these
//! here and nowhere else.

use std::io;

use fusebox::agents::LoadError;
use fusebox::archive::ArchiveError;
use fusebox::board::BoardError;
use fusebox::engine::EngineError;
use fusebox::recorder::RecordError;
use fusebox::report::OutputError;
use fusebox::session::SessionFileError;
use fusebox_config::ConfigError;
use fusebox_plugin_build::BuildError;
use fusebox_store::journal::JournalError;
use fusebox_system::durable::is_full;
use fusebox_types::SessionStatus;
use fusebox_types::failure::Code;

/// The exit codes of the program (after BSD's sysexits where one fits).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Everything succeeded.
    Succeeded = 0,
    /// The session failed.
    Failed = 1,
    /// The command line is not understood.
    Usage = 2,
    /// Something is missing; what there is was written.
    Degraded = 3,
    /// The board or the session cannot be read.
    BadInput = 65,
    /// There is no such file.
    NoInput = 66,
    /// The host itself failed.
    Host = 70,
    /// The output cannot be written.
    CannotWrite = 73,
    /// Refused for now: another process has it, or all that is missing is held back
    /// and can be resumed.
    Refused = 75,
    /// The configuration, or a plugin that it names, cannot be used.
    Config = 78,
    /// The session was cancelled.
    Cancelled = 130,
}

impl From<SessionStatus> for Exit {
    fn from(status: SessionStatus) -> Self {
        match status {
            SessionStatus::Succeeded => Exit::Succeeded,
            SessionStatus::Degraded => Exit::Degraded,
            SessionStatus::Failed => Exit::Failed,
            SessionStatus::Cancelled => Exit::Cancelled,
            SessionStatus::Held => Exit::Refused,
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        std::process::ExitCode::from(exit as u8)
    }
}

/// What to do when a file could not be written for want of room.
const FULL: &str =
    "The disk is full, or a limit to what may be written is reached: make room, then run the command again.";

/// Why a command could not do what it was told.
#[derive(Debug)]
pub(crate) struct Fault {
    /// The exit code.
    pub exit: Exit,
    /// What went wrong.
    pub error: anyhow::Error,
    /// The code that explains it, if there is one.
    pub code: Option<Code>,
}

impl Fault {
    pub(super) fn new(exit: Exit, error: impl Into<anyhow::Error>) -> Self {
        Self {
            exit,
            error: error.into(),
            code: None,
        }
    }

    pub(super) fn usage(message: String) -> Self {
        Self::new(Exit::Usage, anyhow::Error::msg(message))
    }

    fn explained(exit: Exit, code: Code, error: impl Into<anyhow::Error>) -> Self {
        Self {
            exit,
            error: error.into(),
            code: Some(code),
        }
    }

    /// The same, said of a file.
    pub(super) fn about(mut self, path: &std::path::Path) -> Self {
        self.error = self.error.context(path.display().to_string());
        self
    }

    /// Prints what went wrong, why, and what to do.
    ///
    /// # Errors
    /// If the text cannot be written.
    pub(crate) fn print(&self, to: &mut impl io::Write) -> io::Result<()> {
        let show = |error: &dyn std::error::Error| {
            fusebox_types::failure::printable(&error.to_string()).into_owned()
        };
        if let Some(ConfigError::Invalid(faults)) = self.error.downcast_ref() {
            // Harmless already, and a line for each.
            return writeln!(to, "error: {faults}");
        }
        let mut causes = self.error.chain();
        if let Some(first) = causes.next() {
            writeln!(to, "error: {}", show(first))?;
        }
        for cause in causes {
            writeln!(to, "  because: {}", show(cause))?;
        }
        match &self.code {
            Some(code) => writeln!(to, "  do next: {} ({code})", code.advice().next),
            None if self.is_disk_full() => writeln!(to, "  do next: {FULL}"),
            None => Ok(()),
        }
    }

    fn is_disk_full(&self) -> bool {
        let is_full = |cause: &(dyn std::error::Error + 'static)| cause.downcast_ref().is_some_and(is_full);
        self.exit == Exit::CannotWrite && self.error.chain().any(is_full)
    }
}

impl From<ConfigError> for Fault {
    fn from(error: ConfigError) -> Self {
        match &error {
            ConfigError::Read { source, .. } => Self::new(missing_or(source, Exit::Config), error),
            _ => Self::new(Exit::Config, error),
        }
    }
}

impl From<SessionFileError> for Fault {
    fn from(error: SessionFileError) -> Self {
        let code = error.code();
        let exit = match &error {
            SessionFileError::Read { source, .. } => missing_or(source, Exit::BadInput),
            _ => Exit::BadInput,
        };
        Self::explained(exit, code, error)
    }
}

impl From<BoardError> for Fault {
    fn from(error: BoardError) -> Self {
        let code = error.code();
        let exit = match &error {
            BoardError::Read { source, .. } => missing_or(source, Exit::BadInput),
            BoardError::UnknownTasks(_) => Exit::Usage,
            BoardError::NoTasks => Exit::Config,
            BoardError::Canvas(_) | BoardError::Graph(_) => Exit::BadInput,
        };
        Self::explained(exit, code, error)
    }
}

impl From<LoadError> for Fault {
    fn from(error: LoadError) -> Self {
        let code = error.code();
        let exit = match &error {
            LoadError::Missing { source, .. } => missing_or(source, Exit::Config),
            LoadError::Unknown { .. }
            | LoadError::Plugin { .. }
            | LoadError::Secret { .. }
            | LoadError::Folder { .. }
            | LoadError::Upstream { .. } => Exit::Config,
            LoadError::Unhidden(_) | LoadError::Host(_) | LoadError::State(_) => Exit::Host,
        };
        Self::explained(exit, code, error)
    }
}

impl From<EngineError> for Fault {
    fn from(error: EngineError) -> Self {
        Self::new(Exit::Host, error)
    }
}

impl From<OutputError> for Fault {
    fn from(error: OutputError) -> Self {
        match error {
            OutputError::Lock(error) => error.into(),
            OutputError::Read { ref source, .. } => Self::new(missing_or(source, Exit::BadInput), error),
            OutputError::Occupied(_) | OutputError::Foreign { .. } | OutputError::Write { .. } => {
                Self::new(Exit::CannotWrite, error)
            }
        }
    }
}

impl From<RecordError> for Fault {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Output(error) => error.into(),
            RecordError::Kept(error) => error.into(),
            RecordError::Host(error) => error.into(),
        }
    }
}

impl From<ArchiveError> for Fault {
    fn from(error: ArchiveError) -> Self {
        match error {
            ArchiveError::Journal(error) => error.into(),
            ArchiveError::Output(error) => error.into(),
            ArchiveError::TasksUnwritten { .. } => Self::new(Exit::CannotWrite, error),
            ArchiveError::Lost(_) | ArchiveError::TasksUnread { .. } | ArchiveError::PutOut { .. } => {
                Self::new(Exit::BadInput, error)
            }
        }
    }
}

impl From<JournalError> for Fault {
    fn from(error: JournalError) -> Self {
        let exit = match &error {
            JournalError::Io { .. } | JournalError::Commit(_) => {
                return Self::explained(Exit::CannotWrite, Code::HostJournal, error);
            }
            JournalError::Busy { .. } => Exit::Refused,
            JournalError::Unbegun(_) | JournalError::Missing { .. } => Exit::NoInput,
            JournalError::Exists(_) => Exit::CannotWrite,
            JournalError::Foreign(_)
            | JournalError::Newer { .. }
            | JournalError::Damaged { .. }
            | JournalError::UnknownKind { .. }
            | JournalError::Record { .. }
            | JournalError::Unread { .. } => Exit::BadInput,
        };
        Self::new(exit, error)
    }
}

impl From<BuildError> for Fault {
    fn from(error: BuildError) -> Self {
        let exit = match &error {
            BuildError::NoCrate(_) => Exit::NoInput,
            _ => Exit::Failed,
        };
        Self::new(exit, error)
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::new(Exit::CannotWrite, error)
    }
}

fn missing_or(error: &io::Error, other: Exit) -> Exit {
    if error.kind() == io::ErrorKind::NotFound {
        Exit::NoInput
    } else {
        other
    }
}
