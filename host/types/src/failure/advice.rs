//! What each code means and what to do about it, for people.

mod upstream;

use super::Code;

/// What a code means and what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advice {
    /// What happened, in one sentence.
    pub meaning: &'static str,
    /// What to do about it.
    pub next: &'static str,
}

const fn advice(meaning: &'static str, next: &'static str) -> Advice {
    Advice { meaning, next }
}

impl Code {
    /// What this code means and what to do about it.
    pub const fn advice(&self) -> Advice {
        use Code as C;
        match self {
            C::TrapUnreachable
            | C::TrapPanic
            | C::TrapOutOfBounds
            | C::TrapArithmetic
            | C::TrapIndirectCall
            | C::TrapStackOverflow
            | C::TrapContract
            | C::TrapExit
            | C::TrapOther => self.trap_advice(),
            C::LimitFuel
            | C::LimitCpu
            | C::LimitDeadline
            | C::LimitMemory
            | C::LimitTable
            | C::LimitHandles
            | C::LimitHostCalls
            | C::LimitHostBytes
            | C::LimitOutput
            | C::LimitPartial
            | C::LimitInput => self.limit_advice(),
            C::DeniedFile | C::LimitOpenFiles | C::LimitFileBytes | C::LimitFileCount => self.file_advice(),
            C::PluginMissing
            | C::PluginMalformed
            | C::PluginCoreModule
            | C::PluginWrongWorld
            | C::PluginMissingImport
            | C::PluginLaterWasi
            | C::PluginTooLarge
            | C::PluginCompile
            | C::PluginDescriptor => self.plugin_advice(),
            C::LimitHttpCalls
            | C::LimitHttpRequest
            | C::LimitHttpResponse
            | C::InvalidRequest
            | C::DeniedUpstream
            | C::DeniedRequest
            | C::DeniedAddress
            | C::DeniedHeader
            | C::ShedInFlight
            | C::ShedRate
            | C::ShedQuota => self.call_advice(),
            C::HttpDns
            | C::HttpUnknownHost
            | C::HttpConnect
            | C::HttpTls
            | C::HttpCertificate
            | C::HttpReset
            | C::HttpTimeout
            | C::HttpProtocol
            | C::HttpBrokenBody => self.connection_advice(),
            C::HttpServerError
            | C::HttpClientError
            | C::ApiThrottled
            | C::ApiOverloaded
            | C::ApiQuota
            | C::ApiBilling
            | C::ApiAuth => self.answer_advice(),
            _ => self.other_advice(),
        }
    }

    const fn trap_advice(&self) -> Advice {
        match self {
            Code::TrapPanic => advice(
                "The plugin panicked; the message is its own.",
                "Report the message and the input to the plugin's author; the other tasks are not affected.",
            ),
            Code::TrapStackOverflow => advice(
                "The plugin called itself so deeply that its stack was used up.",
                "Report the input to the plugin's author. Trying again would end the same way.",
            ),
            Code::TrapContract => advice(
                "The plugin broke the rules of the component model: a bad string, pointer, handle or call.",
                "Rebuild the plugin with the current SDK; if it stays, report it to the plugin's author.",
            ),
            Code::TrapExit => advice(
                "The plugin ended itself in the middle of the task. That is not success, whatever its exit code.",
                "The plugin's `run` must return; report it to the plugin's author.",
            ),
            _ => advice(
                "The plugin did something that WebAssembly forbids and was stopped on the spot.",
                "Report the message and the input to the plugin's author; the other tasks are not affected.",
            ),
        }
    }

    const fn limit_advice(&self) -> Advice {
        match self {
            Code::LimitFuel => advice(
                "The attempt used up its fuel: it executed more instructions than it may. An endless loop does that.",
                "If the work is honest, raise `limits.fuel` of the agent; otherwise report it to the plugin's author.",
            ),
            Code::LimitCpu => advice(
                "The attempt used more processor time than it may.",
                "If the work is honest, raise `limits.cpu` of the agent; otherwise report it to the plugin's author.",
            ),
            Code::LimitDeadline => advice(
                "The attempt was not done by its deadline; the time that it waited counts.",
                "Raise `limits.deadline` of the agent, or lower `session.max_parallel` if the machine is busy.",
            ),
            Code::LimitMemory => advice(
                "The plugin asked for more memory than it may have, all its memories together.",
                "If the input is large, raise `limits.memory` of the agent; otherwise report it to the plugin's author.",
            ),
            Code::LimitTable => advice(
                "The plugin's tables would have become larger than they may, all together.",
                "Raise `limits.table_elements` of the agent if the plugin is an interpreter.",
            ),
            Code::LimitHandles => advice(
                "The plugin opened more handles, or made more instances or memories, than it may.",
                "Raise `limits.handles` of the agent, or report a leak to the plugin's author.",
            ),
            Code::LimitHostCalls => advice(
                "The plugin called the host more often than it may, calls of its language's library included.",
                "Raise `limits.host_calls` of the agent if it is meant to be this busy; otherwise report it to the plugin's author.",
            ),
            Code::LimitHostBytes => advice(
                "The plugin handed the host more bytes than it may: what it wrote, sent, logged and kept, all together.",
                "Raise `limits.host_bytes` of the agent if it is meant to hand over this much; otherwise report it to the plugin's author.",
            ),
            Code::LimitOutput => advice(
                "The output is larger than it may be. It was not kept.",
                "Raise `limits.output` of the agent, or have it produce less through its settings.",
            ),
            Code::LimitPartial => advice(
                "A partial result is larger than an output may be.",
                "Raise `limits.output` of the agent.",
            ),
            _ => advice(
                "The input is larger than the agent takes. The plugin was not run.",
                "Split the input, or raise `limits.input` of the agent.",
            ),
        }
    }

    /// Files that the host did not let be touched.
    const fn file_advice(&self) -> Advice {
        match self {
            Code::LimitOpenFiles => advice(
                "The plugin had more files and streams of files open at once than an attempt may: 128, or less where the system gives the host few.",
                "Report it to the plugin's author if it does not close files; where the system gives few, raise `ulimit -n`.",
            ),
            Code::LimitFileBytes => advice(
                "The plugin has written as many bytes to a folder as its grant has room for. What it removed is not given back.",
                "Raise `quota` of the grant that the message names, or have the plugin write less.",
            ),
            Code::LimitFileCount => advice(
                "The plugin has made as many files in a folder as its grant has room for. What it removed is not given back.",
                "Raise `max_files` of the grant that the message names, or have the plugin make fewer.",
            ),
            _ => advice(
                "The plugin did something with a file that no grant allows. Nothing was touched.",
                "Do what the message says, if the plugin is meant to do this.",
            ),
        }
    }

    const fn plugin_advice(&self) -> Advice {
        match self {
            Code::PluginMissing => advice(
                "There is no file where the configuration says that the plugin is.",
                "Correct the path (`plugin`, or `policy.retry` of the agent), or build it: `fusebox plugin build <folder>`.",
            ),
            Code::PluginCoreModule => advice(
                "The file is a core WebAssembly module. Fusebox runs components.",
                "Build it with `fusebox plugin build`, or for the target wasm32-wasip2.",
            ),
            Code::PluginLaterWasi => advice(
                "The component is built for WASI 0.3: it imports its interfaces or has asynchronous functions. Fusebox runs components of WASI 0.2.",
                "Build it again for WASI 0.2: in Rust for the target wasm32-wasip2, else with a release of its tool that makes components of WASI 0.2.",
            ),
            Code::PluginWrongWorld => advice(
                "The component does not export what an agent has to export, or has it from another version of the contract.",
                "Use the SDK's `export_agent!` (a policy: `export_retry_policy!`), or the world that is missing in another language. One that was built for another version of fusebox: build it again with this one's SDK, `fusebox plugin build`.",
            ),
            Code::PluginMissingImport => advice(
                "The component asks for something that this host does not offer, or not in that version.",
                "Drop the import, or update the host. `fusebox plugin inspect` lists all imports.",
            ),
            Code::PluginTooLarge => advice(
                "The component is larger, or more complicated, than the host is willing to compile.",
                "Where the message names a bound of `loading`: build it smaller (`opt-level = \"s\"`, `strip`), split it, or raise that bound, if you trust it. Where it names none: change in the component what the message says.",
            ),
            Code::PluginCompile => advice(
                "The component could not be compiled within the limits on time and memory.",
                "Build it smaller, or raise the bound that is named (`loading`), if you trust it; a component that needs minutes to compile is most likely hostile.",
            ),
            Code::PluginDescriptor => advice(
                "What the plugin says of itself cannot be used: a bad name, a schema that is none, or too much text.",
                "Correct `describe` in the plugin; the message says what is wrong.",
            ),
            _ => advice(
                "The file is not a readable WebAssembly component.",
                "Build it again; `fusebox plugin inspect` says what is wrong with it.",
            ),
        }
    }

    const fn other_advice(&self) -> Advice {
        match self {
            Code::InvalidOutput => advice(
                "The output is not what the plugin itself declares: another type, or not valid by its schema.",
                "Report the message to the plugin's author.",
            ),
            Code::InvalidInput => advice(
                "The input is not what the plugin accepts. The plugin was not run.",
                "Correct the input; `fusebox plugin inspect` shows what the plugin accepts.",
            ),
            Code::InvalidSettings => advice(
                "The settings are not a JSON object.",
                "Write the settings as a map of names to values.",
            ),
            Code::BoardUnreadable => advice(
                "The board is not a readable JSON Canvas document.",
                "Correct it at the place that the message names, or restore it from a backup.",
            ),
            Code::BoardDuplicateId => advice(
                "Two nodes, or two edges, of the board have the same id.",
                "Give each its own id; otherwise results could end up at the wrong node.",
            ),
            Code::BoardNoTasks => advice(
                "No rule makes a task of any node of the board.",
                "Add a rule under `boards.rules`, or choose by hand with `--agent NAME --color N`.",
            ),
            Code::SessionUnreadable => advice(
                "The session file cannot be read.",
                "Correct it at the place that the message names.",
            ),
            Code::SessionDuplicateId => advice(
                "Two tasks of the session have the same id.",
                "Give each its own id.",
            ),
            Code::SessionUnknownTask => advice(
                "A task depends on a task that is not in the session.",
                "Correct the id under `after`.",
            ),
            Code::SessionUnknownAgent => advice(
                "An agent is named that the configuration does not have.",
                "Add it under `agents`, or correct the name.",
            ),
            Code::SessionCycle => advice(
                "Tasks depend on each other in a circle, so none of them can start.",
                "Remove one of the edges that the message lists.",
            ),
            Code::ShedPool => advice(
                "There was no room for another sandbox. No attempt was made.",
                "Lower `session.max_parallel`, or run fewer sessions at once.",
            ),
            Code::DeniedSecret => advice(
                "The result holds a secret that the plugin was given, or one of others in what is no text. It was not kept.",
                "Report it to the plugin's author, or take the secret away under `agents.<name>.secrets`.",
            ),
            Code::ConfigSecret => advice(
                "A secret that the configuration names cannot be had: the variable is not set, or the file is unusable.",
                "Set the environment variable or write the file that the message names, and start again.",
            ),
            Code::ConfigFolder => advice(
                "A folder that the configuration grants to an agent cannot be had. Nothing was run.",
                "Make the folder, or correct the grant; a relative `path` starts at the folder of the file that says it, or where the program runs if `--set` or a variable says it.",
            ),
            Code::ConfigUpstream => advice(
                "An upstream that agents call is not ready: a header's secret or a file of certificates cannot be had.",
                "Set the variable or write the file that the message names, and start again.",
            ),
            Code::ShedBreaker => advice(
                "A circuit breaker is open: what it guards failed too often just before. No attempt was made.",
                "Mend what failed before, then run these tasks again; `breaker` in the configuration says when it opens.",
            ),
            Code::Cancelled => advice(
                "The task was cancelled before it was done.",
                "Run the session again when you want the rest.",
            ),
            Code::HeldSent => advice(
                "The host ended after this task had sent a request, and nobody knows whether that was carried out. The plugin says that doing it twice does harm, so it was not sent again.",
                "Look at the upstream whether it was carried out. If it was not, run the task again: `fusebox resume DIR --retry-failed`.",
            ),
            Code::HostJournal => advice(
                "The session's journal cannot be written, so that results could be lost. The session was cancelled; what was told until then is kept.",
                "Make room on the disk, or make the folder writable, then go on with the session: `fusebox resume DIR`. If it had not begun, run it again.",
            ),
            Code::HostState => advice(
                "What is kept over sessions (how much of a quota is used up) cannot be read or written, so nothing is sent.",
                "Do what the message says with the file or folder that it names.",
            ),
            Code::HostPanic | Code::HostEngine => advice(
                "The host itself failed. This is a defect of Fusebox, not of the plugin.",
                "Please report it with the message and, if you can, the plugin and the input.",
            ),
            _ => advice(
                "The plugin reported this failure itself; code and message are its own.",
                "Read the message; the plugin's documentation explains its codes.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A code that falls through to a catch-all by mistake would share its text.
    #[test]
    fn every_code_has_advice_of_its_own_room() {
        let guest = Code::Guest("x".into()).advice();
        for code in Code::ALL {
            assert_ne!(code.advice(), guest, "{code}");
            assert!(code.advice().next.len() > 20, "{code}");
        }
    }
}
