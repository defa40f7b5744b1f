//! Compiling in a child process of our own, with limits.
//!
//! Compiling cannot be interrupted, and is outside of what the runtime
//! promises about hostile input. So the program starts itself again as a
//! child; the child limits its own processor time and memory, reads the
//! component from its standard input and writes the artefact to its standard
//! output. A child that takes too long is killed.

use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, setrlimit};

use super::prescan::PluginFault;
use super::settings;

/// Marks a child. Its value is the version of what is spoken.
const CHILD_VARIABLE: &str = "FUSEBOX_COMPILE_CHILD";
/// What a child writes before the artefact.
const MAGIC: &[u8] = b"fusebox-artefact-1\n";
/// Processor time of a child, in seconds.
const CPU_SECONDS: u64 = 120;
/// Address space of a child, in bytes.
const ADDRESS_SPACE: u64 = 6 << 30;
/// Wall time of a child.
const WALL_TIME: Duration = Duration::from_secs(180);
/// Children at once.
const CHILDREN: usize = 2;

/// Who compiles.
#[derive(Debug, Clone, Default)]
pub enum Compiler {
    /// This program, started again. Its `main` calls [`serve_compile_child`]
    /// first.
    #[default]
    ThisProgram,
    /// Another program that does so: the `fusebox` binary.
    Program(PathBuf),
}

/// Serves as a compile child and ends the process, if it was started as one;
/// else returns at once. Call it first in `main`:
///
/// ```no_run
/// fusebox::engine::serve_compile_child();
/// ```
pub fn serve_compile_child() {
    if !is_child() {
        return;
    }
    let code = match compile_stdin() {
        Ok(()) => 0,
        Err(error) => {
            eprint!("{error:#}");
            1
        }
    };
    std::process::exit(code);
}

/// Whether this process was started as a child.
pub(super) fn is_child() -> bool {
    std::env::var_os(CHILD_VARIABLE).is_some()
}

/// The child's whole work.
fn compile_stdin() -> anyhow::Result<()> {
    limit(Resource::Cpu, CPU_SECONDS)?;
    limit(Resource::As, ADDRESS_SPACE)?;
    limit(Resource::Core, 0)?;
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    let engine = wasmtime::Engine::new(&settings::common())?;
    let artefact = engine.precompile_component(&bytes)?;
    let mut out = io::stdout().lock();
    out.write_all(MAGIC)?;
    out.write_all(&artefact)?;
    Ok(out.flush()?)
}

fn limit(resource: Resource, most: u64) -> io::Result<()> {
    Ok(setrlimit(
        resource,
        Rlimit {
            current: Some(most),
            maximum: Some(most),
        },
    )?)
}

/// Lets a few children work at once and the rest wait.
pub(super) struct CompileQueue {
    compiler: Compiler,
    free: Mutex<usize>,
    freed: Condvar,
}

impl CompileQueue {
    pub(super) fn new(compiler: Compiler) -> Self {
        Self {
            compiler,
            free: Mutex::new(CHILDREN),
            freed: Condvar::new(),
        }
    }

    /// Compiles. Blocks until it is done.
    pub(super) fn compile(&self, bytes: &[u8]) -> Result<Vec<u8>, PluginFault> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = self
            .freed
            .wait_while(free, |n| *n == 0)
            .unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        drop(free);
        let result = self.run_child(bytes);
        *self.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.freed.notify_one();
        result
    }

    fn run_child(&self, bytes: &[u8]) -> Result<Vec<u8>, PluginFault> {
        let fault = |error: io::Error| PluginFault::Compile(format!("no compile child: {error}"));
        let child = self.spawn().map_err(fault)?;
        let ended = supervise(child, bytes, Instant::now() + WALL_TIME).map_err(fault)?;
        let Some(status) = ended.status else {
            return Err(PluginFault::Compile(format!(
                "it took longer than {} s",
                WALL_TIME.as_secs()
            )));
        };
        match ended.stdout.strip_prefix(MAGIC) {
            Some(artefact) if status.success() => Ok(artefact.to_owned()),
            _ if status.code() == Some(1) => Err(PluginFault::Malformed(ended.stderr)),
            _ => Err(PluginFault::Compile(format!(
                "the compile child ended with {status} {}",
                ended.stderr
            ))),
        }
    }

    fn spawn(&self) -> io::Result<Child> {
        let program = match &self.compiler {
            Compiler::ThisProgram => std::env::current_exe()?,
            Compiler::Program(path) => path.clone(),
        };
        Command::new(program)
            .env_clear()
            .env(CHILD_VARIABLE, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
    }
}

/// How a child ended.
struct Ended {
    /// None if it was killed at the deadline.
    status: Option<std::process::ExitStatus>,
    stdout: Vec<u8>,
    stderr: String,
}

/// Feeds a child, reads what it says, and kills it at the deadline.
fn supervise(mut child: Child, bytes: &[u8], deadline: Instant) -> io::Result<Ended> {
    let (mut stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    thread::scope(|scope| {
        // A child that ends early closes its input; that is seen by its status.
        scope.spawn(move || stdin.as_mut().map(|pipe| pipe.write_all(bytes)));
        let out = scope.spawn(move || read_all(stdout, u64::MAX));
        let err = scope.spawn(move || read_all(stderr, 4096));
        let status = wait(&mut child, deadline)?;
        let stdout = out.join().unwrap_or_default();
        let stderr = String::from_utf8_lossy(&err.join().unwrap_or_default()).into_owned();
        Ok(Ended {
            status,
            stdout,
            stderr,
        })
    })
}

fn read_all(pipe: Option<impl Read>, most: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        let _ = pipe.by_ref().take(most).read_to_end(&mut bytes);
        // What is over the bound is read and dropped, so that the child does
        // not wait for a reader.
        let _ = io::copy(&mut pipe, &mut io::sink());
    }
    bytes
}

/// Waits for a child's end, or kills it.
fn wait(child: &mut Child, deadline: Instant) -> io::Result<Option<std::process::ExitStatus>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(2));
    }
}
