//! What the host asks of a code, besides what follows from it.

use super::Code;

/// What a code is about, as far as something hangs on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Back-pressure: no attempt was made.
    Shed,
    /// The way to an upstream failed.
    Transport,
    /// An upstream answered, and may have done something.
    Answer,
    /// An upstream answered that it did nothing.
    Declined,
    /// A request that no grant allows.
    DeniedRequest,
    /// A file that no grant allows.
    DeniedFile,
    /// No room is left in a folder that is granted.
    FolderFull,
    /// Nothing of these.
    Other,
}

impl Code {
    const fn kind(&self) -> Kind {
        self.entry().kind
    }

    /// Whether it is back-pressure: no attempt was made.
    pub const fn is_shed(&self) -> bool {
        matches!(self.kind(), Kind::Shed)
    }

    /// Whether the way to an upstream failed: there is no answer, or not all of
    /// one. The host saw it, and nobody else knows more.
    pub const fn is_transport(&self) -> bool {
        matches!(self.kind(), Kind::Transport)
    }

    /// Whether it is what an upstream answered, which whoever asked has read.
    pub const fn is_answer(&self) -> bool {
        matches!(self.kind(), Kind::Answer | Kind::Declined)
    }

    /// Whether an upstream answered that it did nothing.
    pub const fn is_declined(&self) -> bool {
        matches!(self.kind(), Kind::Declined)
    }

    /// Whether the operator did not let a request be made, or a file be touched.
    pub const fn is_denied(&self) -> bool {
        matches!(self.kind(), Kind::DeniedRequest | Kind::DeniedFile)
    }

    /// Whether it stands until a person mends it: whatever needs the same ends so.
    pub const fn is_standing(&self) -> bool {
        matches!(self, Code::ApiAuth | Code::ApiBilling) || self.is_denied()
    }

    /// Whether the host did not let a file be touched.
    pub const fn is_of_files(&self) -> bool {
        matches!(self.kind(), Kind::DeniedFile | Kind::FolderFull)
    }
}
