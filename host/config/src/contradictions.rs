//! What fits the schema key by key and still makes no sense together.

mod retry;
mod state;

use std::time::Duration;

use serde_json::Value;

use super::fault::Fault;
use super::layers;
use super::origin::Origin;
use super::schema::Defaults;
use super::validate::did_you_mean;
use super::written::Written;
use fusebox::config::{Agent, Config, DegradationRules, Instance};
use fusebox_resilience::breaker::{BreakerRules, FailureModel, WindowKind};
use fusebox_resilience::degradation::FallbackLink;
use fusebox_resilience::isolation::IsolationRules;
use fusebox_runtime::sandbox::Grants;
use fusebox_types::units::show_duration;
use fusebox_yaml::KeyPath;

/// Everything in a configuration that contradicts something else in it.
pub(super) fn contradictions(config: &Config, defaults: &Defaults, written: &Written) -> Vec<Fault> {
    let mut found = Contradictions {
        written,
        faults: Vec::new(),
    };
    found.log(config);
    found.defaults(defaults);
    for (name, agent) in &config.agents {
        found.agent(&KeyPath::of(["agents", name]), agent);
    }
    for (name, upstream) in &config.upstreams {
        let path = KeyPath::of(["upstreams", name]);
        found.breaker(&path.key("breaker"), &upstream.breaker);
        for (keys, message) in fusebox_upstream::contradictions(&upstream.rules) {
            let key = keys.iter().fold(path.clone(), |path, key| match key.parse() {
                Ok(index) => path.index(index),
                Err(_) => path.key(key),
            });
            found.say(&key, message);
        }
        found.not_here(&path, &["retry"], "tasks are tried again, not upstreams");
        found.not_here(
            &path,
            &["isolation"],
            "instances leave their pools, not upstreams",
        );
        found.not_here(&path, &["degradation"], "tasks have fallbacks, not upstreams");
    }
    for (name, webhook) in &config.notify.webhooks {
        let path = KeyPath::of(["notify", "webhooks", name]);
        for (keys, message) in fusebox::config::notify_contradictions(webhook) {
            found.say(
                &keys.iter().fold(path.clone(), |path, key| path.key(key)),
                message,
            );
        }
    }
    found.cached(&config.state.cached);
    found.rules();
    found.faults
}

struct Contradictions<'a> {
    written: &'a Written,
    faults: Vec<Fault>,
}

impl<'a> Contradictions<'a> {
    /// Says what is wrong with a key, at the layer that said its value.
    fn say(&mut self, path: &KeyPath, message: String) {
        let said = layers::chain(path)
            .into_iter()
            .find_map(|path| Some((self.written.origin(&path)?, path)));
        let (origin, key) = said.unwrap_or_else(|| (self.written.origin_of_key(path), path.clone()));
        self.faults.push(Fault {
            origin,
            key: Some(key),
            message,
        });
    }

    /// Says that two keys contradict each other, at the one that the closer
    /// layer says; `message` is told what to put behind each, so that the other
    /// is found as well.
    fn clash(&mut self, one: &KeyPath, other: &KeyPath, message: impl Fn([String; 2]) -> String) {
        let said = |path: &KeyPath| {
            let mut layers = layers::chain(path).into_iter().enumerate();
            layers.find_map(|(far, path)| Some((far, self.written.origin(&path)?)))
        };
        let behind = |said: &Option<(usize, Origin)>| match said {
            Some((_, origin)) => format!(" ({origin})"),
            None => " (the default)".into(),
        };
        let far = |said: &Option<(usize, Origin)>| said.as_ref().map_or(usize::MAX, |(far, _)| *far);
        let both = [said(one), said(other)];
        let [first, second] = &both;
        if far(second) < far(first) {
            self.say(other, message([behind(first), String::new()]));
        } else {
            self.say(one, message([String::new(), behind(second)]));
        }
    }

    /// Says so if one duration is longer than the other may be.
    fn longer(
        &mut self,
        section: &KeyPath,
        (name, found): (&str, Duration),
        (limit, most): (&str, Duration),
    ) {
        self.longer_at((&section.key(name), found), (&section.key(limit), most));
    }

    /// The same of two keys anywhere.
    fn longer_at(&mut self, (one, found): (&KeyPath, Duration), (other, most): (&KeyPath, Duration)) {
        let last = |path: &KeyPath| path.keys().last().map_or(String::new(), ToString::to_string);
        let (name, limit) = (last(one), last(other));
        if found > most {
            let (found, most) = (show_duration(found), show_duration(most));
            self.clash(one, other, |[one, other]| {
                format!("`{name}` of {found}{one} is longer than `{limit}` of {most}{other}")
            });
        }
    }

    fn log(&mut self, config: &Config) {
        if let Err(error) = tracing_subscriber::EnvFilter::try_new(&config.log.level) {
            let message = format!("is no filter: {error}; write `warn`, `info` or `debug` for example");
            self.say(&KeyPath::of(["log", "level"]), message);
        }
        // To the filter a word that is no level is the name of a module, all of
        // which is then said, and nothing else.
        let is_level = |part: &str| {
            part.contains(['=', '[']) || part.parse::<tracing_subscriber::filter::LevelFilter>().is_ok()
        };
        let parts = config
            .log
            .level
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        for part in parts.filter(|part| !is_level(part)) {
            let levels = ["error", "warn", "info", "debug", "trace"];
            let near = did_you_mean(part, &levels);
            let message = format!(
                "`{part}` is no level{near} (there are: {}); for a module write `{part}=debug`",
                levels.join(", ")
            );
            self.say(&KeyPath::of(["log", "level"]), message);
        }
    }

    fn defaults(&mut self, defaults: &Defaults) {
        let path = KeyPath::of(["defaults"]);
        self.retry(&path.key("retry"), &defaults.retry);
        self.breaker(&path.key("breaker"), &defaults.breaker);
        self.isolation(&path.key("isolation"), &defaults.isolation);
        self.grants(&path.key("grants"), &defaults.grants);
    }

    fn agent(&mut self, path: &KeyPath, agent: &Agent) {
        self.fallbacks(&path.key("degradation").key("fallback"), &agent.degradation);
        self.breaker(&path.key("breaker"), &agent.breaker);
        self.isolation(&path.key("isolation"), &agent.isolation);
        for instance in &agent.instances {
            self.instance(&path.key("instances").key(&instance.id), instance);
        }
    }

    /// That a layer names policies, or settings of them, that nobody would ask
    /// there.
    fn not_here(&mut self, layer: &KeyPath, kinds: &[&str], why: &str) {
        let keys = kinds
            .iter()
            .flat_map(|kind| [(*kind).to_owned(), format!("{kind}_settings")]);
        for key in keys {
            let path = layer.key("policy").key(&key);
            if path.get(&self.written.value).is_some() {
                self.say(&path, format!("has no effect here: {why}"));
            }
        }
    }

    fn instance(&mut self, path: &KeyPath, instance: &Instance) {
        self.not_here(path, &["breaker"], "all instances of an agent share its breaker");
        self.not_here(
            path,
            &["isolation"],
            "one policy judges the whole pool of an agent",
        );
        self.not_here(
            path,
            &["degradation"],
            "one policy decides for all instances of an agent, as one chain of fallbacks does",
        );
        self.retry(&path.key("retry"), &instance.retry);
        for name in instance
            .secrets
            .keys()
            .filter(|name| instance.settings.contains_key(*name))
        {
            let (secret, setting) = (path.key("secrets").key(name), path.key("settings").key(name));
            self.clash(&secret, &setting, |[secret, setting]| {
                format!("a secret{secret} and a setting{setting} have this name; the plugin could be told only one of the two")
            });
        }
        self.grants(&path.key("grants"), &instance.grants);
    }

    /// Each folder has a name of its own for the plugin.
    fn mounts(&mut self, path: &KeyPath, grants: &Grants) {
        let mut names = Vec::new();
        let scratch = &grants.scratch;
        let scratch = scratch
            .is_granted()
            .then(|| (path.key("scratch"), &scratch.mount));
        let files = grants.files.iter().enumerate();
        let files = files.map(|(index, grant)| (path.key("files").index(index), &grant.mount));
        for (path, mount) in files.chain(scratch) {
            let is_odd = |part: &str| part == "." || part == ".." || part.contains(char::is_control);
            if mount.split('/').any(is_odd) {
                let message = format!(
                    "`{}` is no plain name of a folder; leave out `.`, `..` and control characters",
                    fusebox_types::failure::printable(mount)
                );
                self.say(&path.key("mount"), message);
            }
            if names.contains(&mount) {
                let message = format!("another folder is mounted at `{mount}` as well; give it another name");
                self.say(&path.key("mount"), message);
            }
            names.push(mount);
        }
    }

    /// Grants name upstreams; those that are written, right or not.
    fn grants(&mut self, path: &KeyPath, grants: &Grants) {
        self.mounts(path, grants);
        let known = self.names("upstreams");
        for (index, name) in grants.upstreams.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                self.say(
                    &path.key("upstreams").index(index),
                    unknown("upstream", name, &known),
                );
            }
        }
    }

    /// Chains of fallbacks name agents.
    fn fallbacks(&mut self, path: &KeyPath, rules: &DegradationRules) {
        let known = self.names("agents");
        for (index, link) in rules.fallback.iter().enumerate() {
            if let FallbackLink::Agent(name) = link
                && !known.contains(&name.as_str())
            {
                let message = unknown("agent", name, &known);
                self.say(&path.index(index).key("agent"), message);
            }
        }
    }

    fn names(&self, section: &str) -> Vec<&'a str> {
        let named = self.written.value.get(section).and_then(Value::as_object);
        named
            .into_iter()
            .flat_map(|named| named.keys().map(String::as_str))
            .collect()
    }

    fn isolation(&mut self, path: &KeyPath, rules: &IsolationRules) {
        let (first, most) = (rules.quarantine_time, rules.max_quarantine_time);
        self.longer(path, ("quarantine_time", first), ("max_quarantine_time", most));
        // An instance that is never asked needs no time to answer.
        if !rules.health_interval.is_zero() {
            let (answer, next) = (rules.health_timeout, rules.health_interval);
            self.longer(path, ("health_timeout", answer), ("health_interval", next));
        }
    }

    fn breaker(&mut self, path: &KeyPath, rules: &BreakerRules) {
        self.longer(
            path,
            ("open_time", rules.open_time),
            ("max_open_time", rules.max_open_time),
        );
        let by_calls = rules.failure_model == FailureModel::Window && rules.window_kind == WindowKind::Calls;
        if by_calls && rules.min_calls > rules.window_calls {
            let (least, all) = (rules.min_calls, rules.window_calls);
            self.clash(&path.key("min_calls"), &path.key("window_calls"), |[min_calls, window_calls]| {
                format!("`min_calls` of {least}{min_calls} is more than `window_calls` of {all}{window_calls}, so the breaker could never open")
            });
        }
    }

    /// Rules name agents; those that are written, whether or not all else about
    /// the rule or the agent is right.
    fn rules(&mut self) {
        let written = &self.written.value;
        let known = self.names("agents");
        let rules = KeyPath::of(["boards", "rules"]);
        let named = rules.get(written).and_then(Value::as_array).into_iter().flatten();
        for (index, rule) in named.enumerate() {
            match rule.get("agent").and_then(Value::as_str) {
                Some(agent) if !known.contains(&agent) => {
                    self.say(&rules.index(index).key("agent"), unknown("agent", agent, &known));
                }
                _ => {}
            }
        }
    }
}

fn unknown(what: &str, name: &str, known: &[&str]) -> String {
    let listed = if known.is_empty() {
        "none".into()
    } else {
        known.join(", ")
    };
    format!(
        "there is no {what} `{}`{} (there are: {listed})",
        fusebox_types::failure::printable(name),
        did_you_mean(name, known)
    )
}
