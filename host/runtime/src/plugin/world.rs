//! Whether a component fits the agent's world: what it imports and exports, in
//! which versions. The runtime's linker is loose about versions; this is not.

use wasmtime::component::Component;

use crate::engine::PluginFault;
use crate::sandbox::PolicyKind;

/// What an agent has to export.
const PLUGIN: Offer = Offer {
    package: "fusebox:agent",
    line: (0, 1),
    patch: 0,
    interfaces: &["plugin"],
};

/// What a policy has to export: one of these.
const POLICY: Offer = Offer {
    package: "fusebox:policy",
    line: (0, 1),
    patch: 0,
    interfaces: &[],
};

/// What a policy may import besides the standard world, which is inert for it:
/// types.
const POLICY_TYPES: &[Offer] = &[
    Offer {
        package: "fusebox:policy",
        line: (0, 1),
        patch: 0,
        interfaces: &["types"],
    },
    Offer {
        package: "fusebox:agent",
        line: (0, 1),
        patch: 0,
        interfaces: &["types"],
    },
];

/// What the host offers: package, minor version line, newest patch that it
/// knows, interfaces (empty: all of the package).
const OFFERED: &[Offer] = &[
    Offer {
        package: "fusebox:agent",
        line: (0, 1),
        patch: 0,
        interfaces: &[
            "types",
            "attempt",
            "retry",
            "breaker",
            "degradation",
            "log",
            "progress",
        ],
    },
    Offer::wasi("wasi:cli"),
    Offer::wasi("wasi:clocks"),
    Offer::wasi("wasi:filesystem"),
    Offer {
        package: "wasi:http",
        line: (0, 2),
        patch: 12,
        interfaces: &["types", "outgoing-handler"],
    },
    Offer::wasi("wasi:io"),
    Offer::wasi("wasi:random"),
    Offer::wasi("wasi:sockets"),
];

struct Offer {
    package: &'static str,
    line: (u64, u64),
    patch: u64,
    interfaces: &'static [&'static str],
}

impl Offer {
    const fn wasi(package: &'static str) -> Self {
        Self {
            package,
            line: (0, 2),
            patch: 12,
            interfaces: &[],
        }
    }
}

/// A component's imports and exports, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Surface {
    pub(super) imports: Vec<String>,
    pub(super) exports: Vec<String>,
}

impl Surface {
    pub(super) fn of(component: &Component) -> Self {
        let engine = component.engine();
        let kind = component.component_type();
        Self {
            imports: kind.imports(engine).map(|(name, _)| name.to_owned()).collect(),
            exports: kind.exports(engine).map(|(name, _)| name.to_owned()).collect(),
        }
    }

    /// Whether it fits the world of agents.
    pub(super) fn check(&self) -> Result<(), PluginFault> {
        self.fits("fusebox:agent/plugin@0.1.0", |name| PLUGIN.has(name), is_offered)
    }

    /// Whether it exports what a policy of a kind does.
    pub(super) fn is_policy<K: PolicyKind>(&self) -> bool {
        self.exports.iter().any(|name| is_of::<K>(name))
    }

    /// Whether it fits the world of policies of a kind.
    pub(super) fn check_policy<K: PolicyKind>(&self) -> Result<(), PluginFault> {
        let is_inert = |name: &str| POLICY_TYPES.iter().any(|offer| offer.has(name)) || is_wasi(name);
        let export = format!("fusebox:policy/{}@0.1.0", K::NAME);
        self.fits(&export, is_of::<K>, is_inert)
    }

    fn fits(
        &self,
        export: &str,
        is_wanted: impl Fn(&str) -> bool,
        is_offered: impl Fn(&str) -> bool,
    ) -> Result<(), PluginFault> {
        if !self.exports.iter().any(|name| is_wanted(name)) {
            return Err(PluginFault::WrongWorld {
                missing: export.into(),
                found: if self.exports.is_empty() {
                    "nothing".into()
                } else {
                    self.exports.join(", ")
                },
            });
        }
        match self.imports.iter().find(|name| !is_offered(name)) {
            Some(name) => Err(PluginFault::MissingImport(name.clone())),
            None => Ok(()),
        }
    }
}

impl Offer {
    /// Whether an interface, by its name and version, is among these.
    fn has(&self, name: &str) -> bool {
        let parts = name
            .split_once('@')
            .and_then(|(path, version)| Some((path.split_once('/')?, version)));
        let Some(((package, interface), version)) = parts else {
            return false;
        };
        let Ok(version) = semver::Version::parse(version) else {
            return false;
        };
        package == self.package
            && (self.interfaces.is_empty() || self.interfaces.contains(&interface))
            && version.pre.is_empty()
            && (version.major, version.minor) == self.line
            && version.patch <= self.patch
    }
}

/// Whether an export is the function of a kind of policy.
fn is_of<K: PolicyKind>(name: &str) -> bool {
    let interface = name.split_once('/').and_then(|(_, rest)| rest.split_once('@'));
    POLICY.has(name) && interface.is_some_and(|(interface, _)| interface == K::NAME)
}

/// Whether it is of the standard world, which is inert for policies; requests
/// are no part of it.
fn is_wasi(name: &str) -> bool {
    name.starts_with("wasi:") && !name.starts_with("wasi:http/") && is_offered(name)
}

fn is_offered(name: &str) -> bool {
    OFFERED.iter().any(|offer| offer.has(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_version_than_the_hosts_is_not_offered() {
        assert!(is_offered("fusebox:agent/log@0.1.0"));
        assert!(is_offered("wasi:io/streams@0.2.6"));
        for name in [
            "fusebox:agent/log@0.1.1",
            "fusebox:agent/log@0.2.0",
            "fusebox:agent/plugin@0.1.0",
            "wasi:io/streams@0.2.13",
            "wasi:io/streams@0.3.0",
            "wasi:http/incoming-handler@0.2.12",
            "fusebox:agent/log",
            "log",
        ] {
            assert!(!is_offered(name), "{name}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let empty = Surface::default().check();
        assert!(
            matches!(empty, Err(PluginFault::WrongWorld { missing, .. }) if missing == "fusebox:agent/plugin@0.1.0")
        );
        let surface = Surface {
            imports: vec!["wasi:nn/graph@0.2.0".into()],
            exports: vec!["fusebox:agent/plugin@0.1.0".into()],
        };
        assert_eq!(
            surface.check(),
            Err(PluginFault::MissingImport("wasi:nn/graph@0.2.0".into()))
        );
    }
}
