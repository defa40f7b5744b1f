//! Running the command in a folder of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use serde_json::Value;

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .unwrap()
        .to_owned()
}

/// The bundled plugins, built once by the program that is tested; cargo knows what
/// of them is new.
static PLUGINS: LazyLock<PathBuf> = LazyLock::new(|| {
    let done = |command: &mut Command| {
        let output = command.current_dir(root()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "the plugins cannot be built:\n{said}");
    };
    done(Command::new("sh").arg("plugins/setup.sh"));
    let build = ["plugin", "build", "plugins", "--out", "target/plugins"];
    done(Command::new(env!("CARGO_BIN_EXE_fusebox")).args(build));
    root().join("target/plugins")
});

/// The folder of the built plugins, of which the reference configuration speaks.
pub(crate) fn plugins() -> &'static Path {
    &PLUGINS
}

/// A built plugin.
pub(crate) fn plugin(name: &str) -> PathBuf {
    plugins().join(format!("{name}.wasm"))
}

/// A folder with a configuration, in which the command is run.
pub(crate) struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    /// With an agent for each bundled plugin; `limits` go to `chaos`.
    pub(crate) fn new(limits: &str) -> Self {
        let agent = |name: &str| format!("  {name}: {{ plugin: {:?} }}\n", plugin(name));
        let config = format!(
            "agents:\n{}{}{}{}  chaos:\n    plugin: {:?}\n    limits: {{ {limits} }}\n    retry: {{ base: 1ms }}\n    breaker: {{ mode: \"off\" }}\n",
            agent("outline"),
            agent("keywords"),
            agent("score"),
            agent("shout"),
            plugin("chaos"),
        );
        Self::with_config(&config)
    }

    pub(crate) fn with_config(config: &str) -> Self {
        let bench = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        bench.write("fusebox.yaml", config);
        bench
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    /// The command with these arguments, in this folder.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fusebox"));
        command.current_dir(self.folder.path()).args(arguments);
        // The live sessions of this bench are no other's.
        command.env("XDG_RUNTIME_DIR", self.folder.path());
        command.env("XDG_STATE_HOME", self.folder.path().join("state"));
        command
    }

    pub(crate) fn fusebox(&self, arguments: &[&str]) -> Ended {
        Ended::of(self.command(arguments).output().unwrap())
    }

    /// Runs a session of these tasks, a line of YAML each, into `out`.
    pub(crate) fn session(&self, tasks: &str, out: &str) -> Ended {
        self.write("session.yaml", format!("session: test\ntasks:\n{tasks}"));
        self.fusebox(&["run", "session.yaml", "--out", out])
    }

    /// A report that was written.
    pub(crate) fn report(&self, out: &str) -> Report {
        let bytes = std::fs::read(self.path(out).join("report.json")).unwrap();
        Report(serde_json::from_slice(&bytes).unwrap())
    }
}

/// How a command ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        self
    }
}

/// A report, to be asked.
pub(crate) struct Report(pub(crate) Value);

impl Report {
    pub(crate) fn tasks(&self) -> &[Value] {
        self.0["tasks"].as_array().unwrap()
    }

    #[track_caller]
    pub(crate) fn task(&self, id: &str) -> &Value {
        self.tasks()
            .iter()
            .find(|task| task["id"] == id)
            .unwrap_or_else(|| panic!("no task {id}"))
    }

    pub(crate) fn code(&self, id: &str) -> &str {
        self.task(id)["failure"]["code"].as_str().unwrap_or("none")
    }

    /// The digests of all outputs but one's, by task.
    pub(crate) fn digests(&self, without: &str) -> Vec<(String, String)> {
        let mut found: Vec<_> = self
            .tasks()
            .iter()
            .filter(|task| task["id"] != without)
            .map(|task| (task["id"].to_string(), task["output"]["sha256"].to_string()))
            .collect();
        found.sort();
        found
    }
}

/// What a failure of a report says under a name beside its message.
pub(crate) fn context<'a>(failure: &'a Value, name: &str) -> Option<&'a str> {
    let mut pairs = failure["context"].as_array()?.iter();
    pairs.find(|pair| pair[0] == name)?[1].as_str()
}
