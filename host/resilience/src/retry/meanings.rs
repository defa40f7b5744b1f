//! What codes of guests mean.

use std::collections::BTreeMap;

use fusebox_types::failure::Code;

/// What codes of guests mean, in the host's own: which of them say that a
/// service is throttled, overloaded, or not to be had until somebody pays. The
/// services' numbers are not known here; whoever knows them hands them in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Meanings(BTreeMap<String, Code>);

impl Meanings {
    /// Codes of guests mean nothing beyond their category.
    pub const NONE: &'static Self = &Self(BTreeMap::new());

    /// What a code means: itself, unless it is a guest's with a known meaning.
    pub fn of<'a>(&'a self, code: &'a Code) -> &'a Code {
        match code {
            Code::Guest(own) => self.0.get(&**own).unwrap_or(code),
            _ => code,
        }
    }
}

/// From codes as guests give them, without `guest.` before them.
impl FromIterator<(String, Code)> for Meanings {
    fn from_iter<T: IntoIterator<Item = (String, Code)>>(codes: T) -> Self {
        Self(codes.into_iter().collect())
    }
}

/// A service `svc` that says everything that a service can say.
#[cfg(test)]
pub(super) static OF_SERVICE: std::sync::LazyLock<Meanings> = std::sync::LazyLock::new(|| {
    let codes = [
        ("svc.throttled", Code::ApiThrottled),
        ("svc.overloaded", Code::ApiOverloaded),
        ("svc.quota", Code::ApiQuota),
        ("svc.billing", Code::ApiBilling),
        ("svc.auth", Code::ApiAuth),
    ];
    codes
        .map(|(own, code)| (own.to_owned(), code))
        .into_iter()
        .collect()
});
