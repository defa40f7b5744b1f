//! The codes of failures: one table, a row a code.
//!
//! To add a code, add its row to the file of its family below: `limit.fuel` stands
//! in `code/limit.rs`. All else that is known of codes is made from the rows, and a
//! row without one of its columns does not compile.
//!
//! | column | what it says |
//! |---|---|
//! | `category` | its class, a [`Category`] |
//! | `retryable` | whether trying again can help; `None` if nobody knows |
//! | `fault` | how bad it is, whose fault it is and what that counts on: one of the constants of [`Row`], whose fields say what each means |
//! | `kind` | what the host asks of it, a [`Kind`]; whether it is a standing cause follows from it |
//! | `meaning` | what happened, in one sentence: the docs of the code as well |
//! | `next` | what to do about it |

#[macro_use]
mod api;
#[macro_use]
mod board;
#[macro_use]
mod config;
#[macro_use]
mod denied;
#[macro_use]
mod host;
#[macro_use]
mod http;
#[macro_use]
mod invalid;
#[macro_use]
mod limit;
#[macro_use]
mod plugin;
#[macro_use]
mod session;
#[macro_use]
mod shed;
#[macro_use]
mod trap;

use std::fmt;
use std::str::FromStr;

use super::kind::Kind;
use super::{Advice, Blame, Category, Row, Severity};

/// A text that is no known code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a failure code")]
pub struct UnknownCode(pub String);

/// All that is known of a code.
pub(super) struct Entry {
    /// Its name in text; of what guests say, the beginning.
    name: &'static str,
    row: Row,
    pub(super) kind: Kind,
    advice: Advice,
}

/// Makes the codes of all rows.
macro_rules! codes {
    ($(
        $(#[$doc:meta])*
        $code:ident = $name:literal {
            category: $category:ident,
            retryable: $retryable:expr,
            fault: $fault:expr,
            kind: $kind:ident,
            meaning: $meaning:expr,
            next: $next:expr,
        }
    )*) => {
        /// A stable name for what happened.
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub enum Code {
            $($(#[$doc])* #[doc = $meaning] $code,)*
            /// What a guest says of itself; shown as `guest.<code>`.
            Guest(Box<str>),
        }

        impl Code {
            /// Every code that the host itself gives.
            pub const ALL: &[Code] = &[$(Code::$code),*];

            /// Its row of the table.
            pub(super) const fn entry(&self) -> &'static Entry {
                match self {
                    $(Code::$code => const {
                        &Entry {
                            name: $name,
                            row: Row { category: Category::$category, retryable: $retryable, ..$fault },
                            kind: Kind::$kind,
                            advice: Advice { meaning: $meaning, next: $next },
                        }
                    },)*
                    Code::Guest(_) => &GUEST,
                }
            }
        }
    };
}

/// Puts the rows of these families behind each other: one `enum` cannot stand in
/// several files. Each family is a macro that adds its rows and comes back here.
macro_rules! families {
    ([$family:ident $($more:ident)*] $($rows:tt)*) => { $family! { [$($more)*] $($rows)* } };
    ([] $($rows:tt)*) => { codes! { $($rows)* } };
}

families! { [trap limit invalid board session plugin denied http api config shed host] }

/// The row of all that guests say of themselves.
const GUEST: Entry = Entry {
    name: "guest.",
    row: Row {
        category: Category::InstanceFailure,
        retryable: None,
        ..Row::GUEST
    },
    kind: Kind::Other,
    advice: Advice {
        meaning: "The plugin reported this failure itself; code and message are its own.",
        next: "Read the message; the plugin's documentation explains its codes.",
    },
};

impl Code {
    /// What follows from this code.
    pub const fn row(&self) -> Row {
        self.entry().row
    }

    /// What this code means and what to do about it.
    pub const fn advice(&self) -> Advice {
        self.entry().advice
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.entry().name)?;
        match self {
            Code::Guest(code) => f.write_str(&super::printable(code)),
            _ => Ok(()),
        }
    }
}

impl FromStr for Code {
    type Err = UnknownCode;

    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        let known = || Code::ALL.iter().find(|code| code.entry().name == text).cloned();
        let found = match text.strip_prefix(GUEST.name) {
            Some("") => None,
            Some(code) => Some(Code::Guest(code.into())),
            None => known(),
        };
        found.ok_or_else(|| UnknownCode(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

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

    #[test]
    fn every_back_pressure_is_of_one_family() {
        for code in Code::ALL {
            assert_eq!(code.is_shed(), code.to_string().starts_with("shed."), "{code}");
        }
    }

    #[test]
    fn credentials_bills_and_grants_stand_until_somebody_mends_them() {
        let standing = Code::ALL.iter().filter(|code| code.is_standing());
        let names: Vec<_> = standing.map(ToString::to_string).collect();
        let denied =
            ["upstream", "request", "address", "header", "file"].map(|what| format!("denied.{what}"));
        let api = ["api.billing", "api.auth"].map(str::to_owned);
        assert_eq!(names, [&denied[..], &api].concat());
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

    /// `denied.secret` is of one result: the next task need not end with it.
    #[test]
    fn what_a_person_has_to_change_first_is_a_standing_cause() {
        let standing: Vec<_> = Code::ALL.iter().filter(|code| code.is_standing()).collect();
        let expected = [
            Code::DeniedUpstream,
            Code::DeniedRequest,
            Code::DeniedAddress,
            Code::DeniedHeader,
            Code::DeniedFile,
            Code::ApiBilling,
            Code::ApiAuth,
        ];
        assert_eq!(standing, expected.iter().collect::<Vec<_>>());
        assert!(standing.iter().all(|code| code.row().retryable == Some(false)));
    }

    #[test]
    fn every_row_is_complete() {
        for code in Code::ALL {
            let (name, advice) = (code.to_string(), code.advice());
            let camel: String = name.split(['.', '-']).map(capitalized).collect();
            assert_eq!(format!("{code:?}"), camel, "the code is its name in camel case");
            for text in [advice.meaning, advice.next] {
                assert!(text.starts_with(char::is_uppercase), "{name}: {text}");
                assert!(text.ends_with('.') && text.len() > 20, "{name}: {text}");
                assert!(
                    !text.contains("  ") && super::super::is_plain(text),
                    "{name}: {text}"
                );
            }
        }
    }

    fn capitalized(word: &str) -> String {
        let (first, rest) = word.split_at(1);
        first.to_uppercase() + rest
    }

    /// Whoever reads one of these has to know which of them it was by its name alone.
    #[test]
    fn no_two_codes_mean_the_same_but_other_traps_and_defects() {
        let mut by_meaning = BTreeMap::<_, Vec<_>>::new();
        for code in Code::ALL.iter().chain([&Code::Guest("x".into())]) {
            by_meaning
                .entry(code.advice().meaning)
                .or_default()
                .push(code.to_string());
        }
        let shared: Vec<_> = by_meaning.into_values().filter(|codes| codes.len() > 1).collect();
        let traps = [
            "trap.unreachable",
            "trap.out-of-bounds",
            "trap.arithmetic",
            "trap.indirect-call",
            "trap.other",
        ];
        assert_eq!(shared, [&["host.panic", "host.engine"][..], &traps]);
    }

    /// A code that shared all of its text with the guests' own would be taken for one.
    #[test]
    fn every_code_has_advice_of_its_own_room() {
        let guest = Code::Guest("x".into()).advice();
        for code in Code::ALL {
            assert_ne!(code.advice(), guest, "{code}");
            assert!(code.advice().next.len() > 20, "{code}");
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
