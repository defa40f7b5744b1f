//! The configuration as values: what a session is run with. `fusebox-config` reads them
//! from YAML files; an embedder can as well make them itself.
//!
//! Each section says everything once: the key, what it means, its default and why, its
//! range. The JSON Schema, the messages and the values are made of these types.

mod agents;
mod boards;
mod degradation;
mod log;
mod notify;
mod own_files;
mod policy;
mod references;
mod session;
mod settings;
mod upstream;
mod whole;

pub use agents::{Agent, Instance};
pub use boards::{BoardRules, BoardStyle, EdgeRule, FixedOutput, Rule, When, WhenEdge};
pub use degradation::{DegradationRules, OnUpstreamFailure};
pub use fusebox_types::units::Rate;
pub use log::{LogFormat, LogRules};
pub use notify::{
    CommandRules, NoticeLevel, NoticeLines, NoticeTopic, NotifyRules, WebhookRules, notify_contradictions,
    upstream_of,
};
pub use policy::{PolicyChoice, PolicyRules};
pub use session::{MAX_PARALLEL, SessionRules};
pub use settings::settings_under;
pub use upstream::Upstream;
pub use whole::Config;
