//! The plain model: what the host saw last, and what that makes of an end.

use serde_json::{Value, json};

/// A step of the plugin `script`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Step {
    Call(Act, Place, Then),
    Log,
    Attempt,
    Partial,
    End(End),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Act {
    Get,
    Post,
    Read,
}

/// What is called, by what it answers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Place {
    Ok,
    Busy,
    Failed,
    Wrong,
    Slow,
    Cut,
    HungUp,
    Denied,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Then {
    Ignore,
    HandOn,
    Retry,
    Escape,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum End {
    Panic,
    Abort,
    Memory,
    Spin,
    Recurse,
    SaysNetwork,
    SaysNetworkForGood,
    SaysValidation,
    SaysOwnFault,
}

impl Act {
    pub(super) const ALL: [Self; 3] = [Self::Get, Self::Post, Self::Read];
}

impl Place {
    pub(super) const ALL: [Self; 8] = [
        Self::Ok,
        Self::Busy,
        Self::Failed,
        Self::Wrong,
        Self::Slow,
        Self::Cut,
        Self::HungUp,
        Self::Denied,
    ];

    fn path(self) -> &'static str {
        match self {
            Self::Ok => "/ok",
            Self::Busy => "/busy",
            Self::Failed => "/failed",
            Self::Wrong => "/wrong",
            Self::Slow => "/slow",
            Self::Cut => "/cut",
            Self::HungUp => "/hung-up",
            Self::Denied => "/denied",
        }
    }

    /// What a call of it comes to.
    fn failure(self, act: Act) -> Option<&'static str> {
        Some(match self {
            _ if act == Act::Read => "denied.file",
            Self::Ok => return None,
            Self::Busy => "api.overloaded",
            Self::Failed => "http.server-error",
            Self::Wrong => "http.client-error",
            Self::Slow => "api.throttled",
            Self::Cut => "http.broken-body",
            Self::HungUp => "http.reset",
            Self::Denied => "denied.upstream",
        })
    }
}

impl Then {
    pub(super) const ALL: [Self; 4] = [Self::Ignore, Self::HandOn, Self::Retry, Self::Escape];

    fn written(self) -> &'static str {
        match self {
            Self::Ignore => "ignore",
            Self::HandOn => "hand-on",
            Self::Retry => "retry",
            Self::Escape => "escape",
        }
    }
}

impl End {
    pub(super) const ALL: [Self; 9] = [
        Self::Panic,
        Self::Abort,
        Self::Memory,
        Self::Spin,
        Self::Recurse,
        Self::SaysNetwork,
        Self::SaysNetworkForGood,
        Self::SaysValidation,
        Self::SaysOwnFault,
    ];

    fn written(self) -> Value {
        let says = |category: &str, retryable: Value| json!({ "fail": { "category": category, "code": "lie", "retryable": retryable } });
        match self {
            Self::Panic => json!({ "end": "panic" }),
            Self::Abort => json!({ "end": "abort" }),
            Self::Memory => json!({ "end": "memory" }),
            Self::Spin => json!({ "end": "spin" }),
            Self::Recurse => json!({ "end": "recurse" }),
            Self::SaysNetwork => says("network", Value::Null),
            Self::SaysNetworkForGood => says("network", json!(false)),
            Self::SaysValidation => says("validation", json!(true)),
            Self::SaysOwnFault => says("instance-failure", Value::Null),
        }
    }
}

impl Step {
    /// As the plugin reads it.
    pub(super) fn written(self, origin: &str) -> Value {
        match self {
            Self::Log => json!({ "log": "a line" }),
            Self::Attempt => json!("attempt"),
            Self::Partial => json!({ "partial": "a part" }),
            Self::End(end) => end.written(),
            Self::Call(Act::Read, _, then) => {
                json!({ "read": { "path": "/not/granted.txt", "then": then.written() } })
            }
            Self::Call(act, place, then) => {
                let origin = match place {
                    Place::Denied => "http://elsewhere.example",
                    _ => origin,
                };
                let name = if act == Act::Get { "get" } else { "post" };
                json!({ name: { "url": format!("{origin}{}", place.path()), "then": then.written() } })
            }
        }
    }
}

/// What the host saw.
#[derive(Debug, Default)]
struct Saw {
    last: Option<&'static str>,
    /// Whether the guest did something else after that.
    went_on: bool,
}

impl Saw {
    fn call(&mut self, failure: Option<&'static str>) {
        let denied = failure.is_some_and(|code| code.starts_with("denied."));
        if denied && self.last.is_some_and(is_transport) {
            return;
        }
        self.last = failure;
        self.went_on = failure.is_none();
    }

    /// A program that ended without a word.
    fn ended(&self, own: &'static str) -> &'static str {
        self.last.filter(|_| !self.went_on).unwrap_or(own)
    }

    /// A program that says what is wrong.
    fn said(&self, category: &str) -> &'static str {
        let holds = |code: &&str| match category {
            _ if is_transport(code) => true,
            // Nothing that it says is about a file.
            _ if *code == "denied.file" => false,
            "network" => true,
            "validation" => matches!(*code, "denied.upstream" | "http.client-error"),
            _ => false,
        };
        self.last.filter(holds).unwrap_or("guest.lie")
    }
}

fn is_transport(code: &str) -> bool {
    matches!(code, "http.reset" | "http.broken-body")
}

/// What a script ends with: code and blame; none if it succeeds.
pub(super) fn end_of(script: &[Step]) -> Option<(&'static str, &'static str)> {
    let mut saw = Saw::default();
    for step in script {
        match *step {
            Step::Log | Step::Attempt => {}
            Step::Partial => saw.went_on = true,
            Step::Call(act, place, then) => {
                let failure = place.failure(act);
                saw.call(failure);
                if failure.is_some() && then != Then::Ignore {
                    return saw.last.map(blamed);
                }
            }
            Step::End(end) => {
                let code = match end {
                    End::Panic => saw.ended("trap.panic"),
                    End::Abort => saw.ended("trap.unreachable"),
                    End::Memory => "limit.memory",
                    End::Spin => "limit.fuel",
                    End::Recurse => "trap.stack-overflow",
                    End::SaysNetwork | End::SaysNetworkForGood => saw.said("network"),
                    End::SaysValidation => saw.said("validation"),
                    End::SaysOwnFault => saw.said("instance-failure"),
                };
                return Some(blamed(code));
            }
        }
    }
    None
}

/// A code with whose fault it is.
fn blamed(code: &'static str) -> (&'static str, &'static str) {
    let blame = match code {
        "http.client-error" => "guest",
        _ if code.starts_with("denied.") => "operator",
        _ if code.starts_with("http.") || code.starts_with("api.") => "upstream",
        _ => "guest",
    };
    (code, blame)
}
