//! The codes of failures, and the one table of what follows from each.

use std::fmt;
use std::str::FromStr;

use super::{Blame, Category, Severity};

/// What follows from a code, before any policy is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Its class.
    pub category: Category,
    /// How bad it is, unless a guest says otherwise.
    pub severity: Severity,
    /// Whose fault it is.
    pub blame: Blame,
    /// Whether trying again can help; none if nobody knows.
    pub retryable: Option<bool>,
    /// Whether it is a strike against the instance.
    pub strike: bool,
    /// Whether it counts on the agent's circuit breaker.
    pub agent_breaker: bool,
    /// Whether it counts on the upstream's circuit breaker.
    pub upstream_breaker: bool,
    /// Whether a retry after it is charged to the retry budget.
    pub budget: bool,
}

/// A text that is no known code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a failure code")]
pub struct UnknownCode(pub String);

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// A stable name for what happened.
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub enum Code {
            $($(#[$doc])* $name,)*
            /// What a guest says of itself; shown as `guest.<code>`.
            Guest(Box<str>),
        }

        impl Code {
            /// Every code that the host itself gives.
            pub const ALL: &[Code] = &[$(Code::$name),*];
        }

        impl fmt::Display for Code {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Code::$name => f.write_str($text),)*
                    Code::Guest(code) => write!(f, "guest.{}", super::printable(code)),
                }
            }
        }

        impl FromStr for Code {
            type Err = UnknownCode;

            fn from_str(text: &str) -> Result<Self, UnknownCode> {
                match text {
                    $($text => Ok(Code::$name),)*
                    _ => match text.strip_prefix("guest.") {
                        Some(code) if !code.is_empty() => Ok(Code::Guest(code.into())),
                        _ => Err(UnknownCode(text.to_owned())),
                    },
                }
            }
        }
    };
}

codes! {
    /// The guest reached code that it had marked as unreachable, or aborted.
    TrapUnreachable = "trap.unreachable",
    /// The guest panicked, and said so before it stopped.
    TrapPanic = "trap.panic",
    /// The guest accessed memory or a table outside its bounds.
    TrapOutOfBounds = "trap.out-of-bounds",
    /// A division by zero, an overflow or a bad conversion.
    TrapArithmetic = "trap.arithmetic",
    /// A call through a function pointer of the wrong kind.
    TrapIndirectCall = "trap.indirect-call",
    /// The guest's stack was used up.
    TrapStackOverflow = "trap.stack-overflow",
    /// The guest broke the rules of the component model: a bad string,
    /// pointer, handle or call.
    TrapContract = "trap.contract",
    /// The guest ended itself in the middle of the task.
    TrapExit = "trap.exit",
    /// Any other trap.
    TrapOther = "trap.other",
    /// The fuel of the attempt was used up.
    LimitFuel = "limit.fuel",
    /// The guest used more processor time than it may.
    LimitCpu = "limit.cpu",
    /// The attempt's deadline passed.
    LimitDeadline = "limit.deadline",
    /// All memories together would pass the limit.
    LimitMemory = "limit.memory",
    /// All tables together would pass the limit.
    LimitTable = "limit.table",
    /// Too many open handles, or instances, memories or tables.
    LimitHandles = "limit.handles",
    /// Too many files open at once.
    LimitOpenFiles = "limit.open-files",
    /// Too many calls to the host.
    LimitHostCalls = "limit.host-calls",
    /// Too many bytes handed to the host.
    LimitHostBytes = "limit.host-bytes",
    /// The output is too large.
    LimitOutput = "limit.output",
    /// A partial result is too large.
    LimitPartial = "limit.partial",
    /// The input is larger than the agent takes.
    LimitInput = "limit.input",
    /// More HTTP requests than one attempt may make.
    LimitHttpCalls = "limit.http-calls",
    /// An HTTP request is too large: its address, headers or body.
    LimitHttpRequest = "limit.http-request",
    /// An HTTP response is too large: its headers or body.
    LimitHttpResponse = "limit.http-response",
    /// More bytes written to a folder than the grant has room for.
    LimitFileBytes = "limit.file-bytes",
    /// More files made in a folder than the grant has room for.
    LimitFileCount = "limit.file-count",
    /// The output is not what the plugin declares.
    InvalidOutput = "invalid.output",
    /// The input is not what the plugin accepts.
    InvalidInput = "invalid.input",
    /// An HTTP request that no server could read in one way only, or whose body
    /// is not what was announced.
    InvalidRequest = "invalid.request",
    /// The task's settings do not fit together with the instance's.
    InvalidSettings = "invalid.settings",
    /// A board is no readable JSON Canvas.
    BoardUnreadable = "board.unreadable",
    /// Two nodes or two edges of a board have the same id.
    BoardDuplicateId = "board.duplicate-id",
    /// No rule makes a task of any node of the board.
    BoardNoTasks = "board.no-tasks",
    /// A session file cannot be read.
    SessionUnreadable = "session.unreadable",
    /// Two tasks have the same id.
    SessionDuplicateId = "session.duplicate-id",
    /// A task depends on one that is not there.
    SessionUnknownTask = "session.unknown-task",
    /// A task or a rule names an agent that is not configured.
    SessionUnknownAgent = "session.unknown-agent",
    /// Tasks depend on each other in a circle.
    SessionCycle = "session.cycle",
    /// There is no such plugin file.
    PluginMissing = "plugin.missing",
    /// The file is no WebAssembly component.
    PluginMalformed = "plugin.malformed",
    /// The file is a core module and no component.
    PluginCoreModule = "plugin.core-module",
    /// The component is built for a later WASI than the host's.
    PluginLaterWasi = "plugin.later-wasi",
    /// The component does not export what an agent has to.
    PluginWrongWorld = "plugin.wrong-world",
    /// The component asks for an import that the host does not have.
    PluginMissingImport = "plugin.missing-import",
    /// The component is larger or more complicated than the host compiles.
    PluginTooLarge = "plugin.too-large",
    /// The component could not be compiled within its limits.
    PluginCompile = "plugin.compile",
    /// What the plugin says of itself is not usable.
    PluginDescriptor = "plugin.descriptor",
    /// The result shows a secret that the plugin was given.
    DeniedSecret = "denied.secret",
    /// No upstream of this address was granted.
    DeniedUpstream = "denied.upstream",
    /// The upstream's path or method is not one of those allowed.
    DeniedRequest = "denied.request",
    /// The upstream's name leads to an address of another network.
    DeniedAddress = "denied.address",
    /// The request has a header that the host sets.
    DeniedHeader = "denied.header",
    /// No grant of folders allows what was done with a file.
    DeniedFile = "denied.file",
    /// The upstream's name could not be looked up.
    HttpDns = "http.dns",
    /// The upstream's name does not exist, or has no address.
    HttpUnknownHost = "http.unknown-host",
    /// No connection to the upstream.
    HttpConnect = "http.connect",
    /// The connection to the upstream cannot be encrypted.
    HttpTls = "http.tls",
    /// The upstream's certificate is not to be trusted.
    HttpCertificate = "http.certificate",
    /// The upstream closed the connection before it answered.
    HttpReset = "http.reset",
    /// The upstream took too long.
    HttpTimeout = "http.timeout",
    /// The upstream's answer is no HTTP.
    HttpProtocol = "http.protocol",
    /// The upstream's answer broke off.
    HttpBrokenBody = "http.broken-body",
    /// The upstream says that it failed.
    HttpServerError = "http.server-error",
    /// The upstream says that the request was not right.
    HttpClientError = "http.client-error",
    /// The upstream was asked too often.
    ApiThrottled = "api.throttled",
    /// The upstream has too much to do.
    ApiOverloaded = "api.overloaded",
    /// The upstream gives no more until a time.
    ApiQuota = "api.quota",
    /// The upstream gives no more until somebody pays.
    ApiBilling = "api.billing",
    /// The upstream does not take the credentials.
    ApiAuth = "api.auth",
    /// A secret that the configuration names cannot be had.
    ConfigSecret = "config.secret",
    /// A folder that the configuration grants cannot be had.
    ConfigFolder = "config.folder",
    /// An upstream that agents call is not ready: a secret or a certificate.
    ConfigUpstream = "config.upstream",
    /// No room for another sandbox at the moment.
    ShedPool = "shed.pool",
    /// A circuit breaker is open.
    ShedBreaker = "shed.breaker",
    /// As many requests to the upstream are in flight as may be.
    ShedInFlight = "shed.in-flight",
    /// The upstream's rate is used up for a moment.
    ShedRate = "shed.rate",
    /// The upstream's quota is used up for a while.
    ShedQuota = "shed.quota",
    /// A request that must not be sent twice was sent, and nobody knows what
    /// became of it.
    HeldSent = "held.sent",
    /// The operator cancelled the task or the session.
    Cancelled = "cancelled",
    /// The host's own code failed.
    HostPanic = "host.panic",
    /// The state that is kept over sessions cannot be read or written.
    HostState = "host.state",
    /// The session's journal cannot be written.
    HostJournal = "host.journal",
    /// The engine failed in a way that is not the guest's doing.
    HostEngine = "host.engine",
}

impl Code {
    /// What follows from this code. No wildcard arm: a new code has to be
    /// thought about here.
    pub const fn row(&self) -> Row {
        use Code as C;
        match self {
            C::TrapUnreachable
            | C::TrapPanic
            | C::TrapOutOfBounds
            | C::TrapArithmetic
            | C::TrapIndirectCall
            | C::TrapContract
            | C::TrapExit
            | C::TrapOther => Row::guest(Category::InstanceFailure, Some(true)),
            C::TrapStackOverflow => Row::guest(Category::InstanceFailure, Some(false)),
            C::LimitFuel | C::LimitCpu => Row::guest(Category::Timeout, Some(false)),
            C::LimitDeadline => Row::guest(Category::Timeout, Some(true)),
            C::LimitMemory | C::LimitTable | C::LimitHandles | C::LimitOpenFiles => {
                Row::guest(Category::MemoryOverflow, Some(false))
            }
            C::LimitHostCalls
            | C::LimitHostBytes
            | C::LimitOutput
            | C::LimitPartial
            | C::LimitHttpCalls
            | C::LimitHttpRequest
            | C::LimitHttpResponse
            | C::InvalidRequest
            | C::HttpClientError
            | C::DeniedSecret => Row::guest(Category::Validation, Some(false)),
            C::InvalidOutput => Row::guest(Category::Validation, Some(true)),
            C::InvalidInput | C::LimitInput => Row::given(Category::Validation, Blame::Input),
            C::BoardUnreadable | C::BoardDuplicateId => Row::given(Category::CanvasCorruption, Blame::Input),
            C::SessionUnreadable | C::SessionDuplicateId | C::SessionUnknownTask | C::SessionCycle => {
                Row::given(Category::Validation, Blame::Input)
            }
            C::InvalidSettings
            | C::ConfigSecret
            | C::ConfigUpstream
            | C::ConfigFolder
            | C::LimitFileBytes
            | C::LimitFileCount
            | C::DeniedFile
            | C::DeniedUpstream
            | C::DeniedRequest
            | C::DeniedAddress
            | C::DeniedHeader
            | C::ApiAuth
            | C::BoardNoTasks
            | C::SessionUnknownAgent
            | C::PluginMissing
            | C::PluginMalformed
            | C::PluginCoreModule
            | C::PluginLaterWasi
            | C::PluginWrongWorld
            | C::PluginMissingImport
            | C::PluginTooLarge
            | C::PluginCompile
            | C::PluginDescriptor => Row::given(Category::Validation, Blame::Operator),
            // Network, as all that happens on the way: what is said of `network`, a
            // rule or a fallback, is said of these as well. The blame tells them apart.
            C::HttpUnknownHost | C::HttpCertificate => Row::given(Category::Network, Blame::Operator),
            C::HttpDns
            | C::HttpConnect
            | C::HttpTls
            | C::HttpReset
            | C::HttpTimeout
            | C::HttpProtocol
            | C::HttpBrokenBody
            | C::HttpServerError => Row::upstream(Category::Network, Some(true), true),
            C::ApiOverloaded => Row::upstream(Category::ApiLimit, Some(true), true),
            // It answers, and says when to come back: a circuit would only guess.
            C::ApiThrottled | C::ApiQuota => Row::upstream(Category::ApiLimit, Some(true), false),
            C::ApiBilling => Row::upstream(Category::ApiLimit, Some(false), false),
            C::ShedPool | C::ShedBreaker | C::ShedInFlight | C::ShedRate | C::ShedQuota => Row::NEUTRAL,
            C::Cancelled => Row {
                blame: Blame::Operator,
                retryable: Some(false),
                ..Row::NEUTRAL
            },
            // Only a person can find out whether it was done.
            C::HeldSent => Row {
                severity: Severity::High,
                retryable: Some(false),
                ..Row::NEUTRAL
            },
            C::HostPanic | C::HostState | C::HostJournal | C::HostEngine => Row {
                severity: Severity::Critical,
                budget: true,
                ..Row::NEUTRAL
            },
            C::Guest(_) => Row::guest(Category::InstanceFailure, None),
        }
    }

    /// Whether it is back-pressure: no attempt was made.
    pub const fn is_shed(&self) -> bool {
        use Code as C;
        matches!(
            self,
            C::ShedPool | C::ShedBreaker | C::ShedInFlight | C::ShedRate | C::ShedQuota
        )
    }

    /// Whether the way to an upstream failed: there is no answer, or not all of
    /// one. The host saw it, and nobody else knows more.
    pub const fn is_transport(&self) -> bool {
        use Code as C;
        matches!(
            self,
            C::HttpDns
                | C::HttpUnknownHost
                | C::HttpConnect
                | C::HttpTls
                | C::HttpCertificate
                | C::HttpReset
                | C::HttpTimeout
                | C::HttpProtocol
                | C::HttpBrokenBody
        )
    }

    /// Whether the host did not let a file be touched.
    pub const fn is_of_files(&self) -> bool {
        matches!(
            self,
            Code::DeniedFile | Code::LimitFileBytes | Code::LimitFileCount
        )
    }

    /// Whether it is what an upstream answered, which whoever asked has read.
    pub const fn is_answer(&self) -> bool {
        use Code as C;
        matches!(
            self,
            C::HttpServerError
                | C::HttpClientError
                | C::ApiThrottled
                | C::ApiOverloaded
                | C::ApiQuota
                | C::ApiBilling
                | C::ApiAuth
        )
    }
}

impl Row {
    /// Back-pressure and the like: counts nowhere.
    const NEUTRAL: Row = Row {
        category: Category::System,
        severity: Severity::Medium,
        blame: Blame::Host,
        retryable: Some(true),
        strike: false,
        agent_breaker: false,
        upstream_breaker: false,
        budget: false,
    };

    /// The guest's own doing.
    const fn guest(category: Category, retryable: Option<bool>) -> Row {
        Row {
            category,
            severity: Severity::High,
            blame: Blame::Guest,
            retryable,
            strike: true,
            agent_breaker: true,
            upstream_breaker: false,
            budget: true,
        }
    }

    /// An outside service's doing. Whether it counts on the upstream's circuit
    /// is said; on the agent's it never does.
    const fn upstream(category: Category, retryable: Option<bool>, upstream_breaker: bool) -> Row {
        Row {
            category,
            severity: Severity::High,
            blame: Blame::Upstream,
            retryable,
            upstream_breaker,
            budget: true,
            ..Row::NEUTRAL
        }
    }

    /// What was given was not right; no retry can mend it.
    const fn given(category: Category, blame: Blame) -> Row {
        Row {
            category,
            severity: Severity::High,
            blame,
            retryable: Some(false),
            ..Row::NEUTRAL
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back_as_itself() {
        for code in Code::ALL {
            assert_eq!(code.to_string().parse::<Code>().as_ref(), Ok(code));
        }
        let guest = Code::Guest("glm.1302".into());
        assert_eq!(guest.to_string(), "guest.glm.1302");
        assert_eq!("guest.glm.1302".parse(), Ok(guest));
        assert!("trap".parse::<Code>().is_err());
        assert!("guest.".parse::<Code>().is_err());
    }

    /// The rows of the design's table, one by one.
    #[test]
    fn the_table_says_what_the_design_says() {
        use Blame as B;
        use Category as K;
        let rows = [
            (Code::TrapUnreachable, K::InstanceFailure, B::Guest, Some(true)),
            (Code::TrapStackOverflow, K::InstanceFailure, B::Guest, Some(false)),
            (Code::LimitFuel, K::Timeout, B::Guest, Some(false)),
            (Code::LimitDeadline, K::Timeout, B::Guest, Some(true)),
            (Code::LimitMemory, K::MemoryOverflow, B::Guest, Some(false)),
            (Code::LimitHandles, K::MemoryOverflow, B::Guest, Some(false)),
            (Code::LimitOutput, K::Validation, B::Guest, Some(false)),
            (Code::InvalidOutput, K::Validation, B::Guest, Some(true)),
            (Code::InvalidInput, K::Validation, B::Input, Some(false)),
            (Code::BoardUnreadable, K::CanvasCorruption, B::Input, Some(false)),
            (Code::PluginWrongWorld, K::Validation, B::Operator, Some(false)),
            (Code::ShedPool, K::System, B::Host, Some(true)),
            (Code::HttpReset, K::Network, B::Upstream, Some(true)),
            (Code::HttpDns, K::Network, B::Upstream, Some(true)),
            (Code::HttpTls, K::Network, B::Upstream, Some(true)),
            (Code::HttpUnknownHost, K::Network, B::Operator, Some(false)),
            (Code::HttpCertificate, K::Network, B::Operator, Some(false)),
            (Code::ApiThrottled, K::ApiLimit, B::Upstream, Some(true)),
            (Code::ApiOverloaded, K::ApiLimit, B::Upstream, Some(true)),
            (Code::ApiQuota, K::ApiLimit, B::Upstream, Some(true)),
            (Code::ApiBilling, K::ApiLimit, B::Upstream, Some(false)),
            (Code::DeniedUpstream, K::Validation, B::Operator, Some(false)),
            (Code::LimitHttpResponse, K::Validation, B::Guest, Some(false)),
            (Code::Cancelled, K::System, B::Operator, Some(false)),
            (Code::HostPanic, K::System, B::Host, Some(true)),
            (Code::Guest("x".into()), K::InstanceFailure, B::Guest, None),
        ];
        for (code, category, blame, retryable) in rows {
            let row = code.row();
            let found = (row.category, row.blame, row.retryable);
            assert_eq!(found, (category, blame, retryable), "{code}");
        }
    }

    /// What is said of an upstream is said of the way to it or by itself.
    #[test]
    fn every_code_about_an_upstream_is_of_the_way_or_an_answer() {
        for code in Code::ALL {
            let name = code.to_string();
            let about_one = name.starts_with("http.") || name.starts_with("api.");
            let kinds = u8::from(code.is_transport()) + u8::from(code.is_answer());
            assert_eq!(kinds, u8::from(about_one), "{code}");
        }
    }

    #[test]
    fn only_the_guests_own_doing_is_a_strike() {
        for code in Code::ALL {
            let row = code.row();
            assert_eq!(row.strike, row.blame == Blame::Guest, "{code}");
        }
    }
}
