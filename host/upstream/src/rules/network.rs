//! Where an upstream may be, and how it may be asked.

use serde::{Deserialize, Serialize};

/// Which addresses a name may come to. One kind, and no other: a service of this
/// machine whose name suddenly leads outside would be sent its secrets there.
/// Link-local addresses and those of cloud metadata are never called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Network {
    /// Those of the internet.
    #[default]
    Public,
    /// Those of private networks: 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16,
    /// 100.64.0.0/10 and fc00::/7.
    Private,
    /// Those of this machine: 127.0.0.0/8 and ::1.
    Loopback,
}

/// A method of HTTP. `CONNECT` and `TRACE` are not there: one makes a tunnel, the
/// other shows the headers that the host put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs)] // Their names say it.
pub enum Method {
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
    Options,
}

impl Method {
    /// The method as HTTP writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
        }
    }
}
