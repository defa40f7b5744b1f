//! Why a request may not be sent, and what would have to be added where.

use super::{AddressError, PathFault};
use fusebox_types::failure::{Code, printable};

/// Why a request may not be sent. Each message names what to add.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// The request names no address.
    #[error("the request names no usable address: {0}")]
    Unreadable(#[from] AddressError),
    /// The path could be read in two ways.
    #[error("{0}")]
    Path(#[from] PathFault),
    /// No upstream has this address.
    #[error(
        "no upstream has the address {address}; to allow it, add `upstreams: {{ NAME: {{ address: \"{address}\" }} }}` and grant it with `agents.{agent}.grants.upstreams: [NAME]`"
    )]
    NotConfigured {
        /// The address.
        address: String,
        /// Who asked.
        agent: String,
    },
    /// There is one, and the agent may not use it.
    #[error(
        "the upstream `{upstream}` ({address}) is not granted; to allow it, add `{upstream}` to `agents.{agent}.grants.upstreams`"
    )]
    NotGranted {
        /// Its name.
        upstream: String,
        /// The address.
        address: String,
        /// Who asked.
        agent: String,
    },
    /// The path is none of those that may be called.
    #[error(
        "the path `{}` of the upstream `{upstream}` is not allowed; to allow it, add it to `upstreams.{upstream}.paths`",
        printable(path)
    )]
    PathNotAllowed {
        /// The upstream's name.
        upstream: String,
        /// The path.
        path: String,
    },
    /// The method is none of those that may be used.
    #[error(
        "the method `{}` is not allowed at the upstream `{upstream}`; to allow it, add it to `upstreams.{upstream}.methods`",
        printable(method)
    )]
    MethodNotAllowed {
        /// The upstream's name.
        upstream: String,
        /// The method.
        method: String,
    },
    /// The method makes a tunnel or shows headers; no upstream can allow it.
    #[error("the method `{0}` is never allowed")]
    MethodNever(String),
}

impl Denial {
    /// The failure's code.
    pub const fn code(&self) -> Code {
        match self {
            Self::Unreadable(_) | Self::Path(_) => Code::InvalidRequest,
            Self::NotConfigured { .. } | Self::NotGranted { .. } => Code::DeniedUpstream,
            Self::PathNotAllowed { .. } | Self::MethodNotAllowed { .. } | Self::MethodNever(_) => {
                Code::DeniedRequest
            }
        }
    }
}
