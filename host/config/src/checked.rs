//! From what was written to the configuration, or to all that is wrong with it.

use serde_json::Value;

use super::contradictions::contradictions;
use super::fault::{Fault, Faults};
use super::layers;
use super::schema::{AgentEntry, ConfigFile, Defaults, InstanceEntry};
use super::validate::{Misfit, misfits};
use super::written::Written;
use fusebox::config::{Agent, Config, Instance, Upstream};
use fusebox_secrets::SecretRef;
use fusebox_store::state::StateRules;
use fusebox_yaml::{KeyPath, Step};

/// Turns what was written into a configuration.
///
/// What does not fit the schema is taken out before the rest is looked over
/// for contradictions, so that one fault does not hide another.
///
/// # Errors
/// All that is wrong.
pub(super) fn check(written: &Written) -> Result<Config, Faults> {
    let misfits = misfits(written);
    let mut value = written.value.clone();
    for misfit in &misfits {
        take_out(&mut value, &misfit.unusable);
    }
    let resolved = layers::resolve(&value);
    let read = serde_path_to_error::deserialize::<_, ConfigFile>(&resolved);
    let mut faults: Vec<Fault> = written.faults().cloned().collect();
    faults.extend(misfits.iter().map(|misfit| misfit.fault.clone()));
    match read {
        // What is missing may stand in a text that could not be read.
        _ if !written.is_whole() => {}
        Ok(file) => {
            let (config, defaults) = config(file, written);
            faults.extend(
                contradictions(&config, &defaults, written)
                    .into_iter()
                    .filter(|fault| is_new(fault, &misfits)),
            );
            if faults.is_empty() {
                return Ok(config);
            }
        }
        // The schema and the types say the same; what only the types refuse is
        // still refused by name.
        Err(error) if faults.is_empty() => faults.push(refused(&error, written)),
        Err(_) => {}
    }
    Err(Faults::of(faults))
}

/// Whether a fault is about something of which nothing has been said yet.
fn is_new(fault: &Fault, misfits: &[Misfit]) -> bool {
    let Some(key) = &fault.key else { return true };
    !misfits
        .iter()
        .filter_map(|misfit| misfit.fault.key.as_ref())
        .any(|said| key.is_in(said) || said.is_in(key))
}

fn refused(error: &serde_path_to_error::Error<serde_json::Error>, written: &Written) -> Fault {
    let step = |segment: &serde_path_to_error::Segment| match segment {
        serde_path_to_error::Segment::Map { key } => Some(Step::Key(key.clone())),
        serde_path_to_error::Segment::Seq { index } => Some(Step::Index(*index)),
        _ => None,
    };
    let path: KeyPath = error.path().iter().filter_map(step).collect();
    let said = layers::chain(&path)
        .into_iter()
        .find(|path| path.get(&written.value).is_some());
    let path = said.unwrap_or(path);
    Fault {
        origin: written.origin_of_key(&path),
        key: Some(path),
        message: error.inner().to_string(),
    }
}

/// Takes a value out; from a list the whole list, whose other items would
/// move.
fn take_out(root: &mut Value, path: &KeyPath) {
    let upto = path
        .steps()
        .iter()
        .position(|step| matches!(step, Step::Index(_)));
    let keys: Vec<_> = path.steps().iter().take(upto.unwrap_or(usize::MAX)).collect();
    let Some((last, above)) = keys.split_last() else {
        *root = Value::Object(serde_json::Map::new());
        return;
    };
    let holder = above.iter().try_fold(root, |at, step| match step {
        Step::Key(key) => at.get_mut(key),
        Step::Index(_) => None,
    });
    if let (Some(Value::Object(map)), Step::Key(key)) = (holder, last) {
        map.remove(key);
    }
}

fn config(file: ConfigFile, written: &Written) -> (Config, Defaults) {
    let agents = file.agents.into_iter().map(|(name, entry)| {
        let path = KeyPath::of(["agents", &name]);
        (name, agent(&path, entry, written))
    });
    let upstream = |name: &str, upstream: Upstream| {
        let path = KeyPath::of(["upstreams", name]);
        upstream.based(|keys| {
            base(
                &keys.iter().fold(path.clone(), |path, key| path.key(*key)),
                written,
            )
        })
    };
    let notify = KeyPath::of(["notify"]);
    let notify = file.notify.based(|keys| {
        base(
            &keys.iter().fold(notify.clone(), |path, key| path.key(*key)),
            written,
        )
    });
    let config = Config {
        files: Vec::new(),
        session: file.session,
        log: file.log,
        notify,
        state: StateRules {
            folder: file
                .state
                .folder
                .map(|folder| base(&KeyPath::of(["state", "folder"]), written).join(folder)),
            cached: file.state.cached,
        },
        loading: file.loading,
        agents: agents.collect(),
        upstreams: file
            .upstreams
            .into_iter()
            .map(|(name, entry)| (name.clone(), upstream(&name, entry)))
            .collect(),
        boards: file.boards,
    };
    (config, file.defaults)
}

fn agent(path: &KeyPath, entry: AgentEntry, written: &Written) -> Agent {
    let instances = path.key("instances");
    Agent {
        plugin: written.base(&path.key("plugin")).join(entry.plugin),
        instances: entry
            .instances
            .into_iter()
            .map(|(id, entry)| instance(&instances.key(&id), id, entry, written))
            .collect(),
        breaker: entry.breaker,
        policy: entry
            .policy
            .based(|key| base(&path.key("policy").key(key), written)),
        isolation: entry.isolation,
        degradation: entry.degradation,
    }
}

/// The folder at which a path in a value starts: that of the file that says it.
fn base(path: &KeyPath, written: &Written) -> std::path::PathBuf {
    let said = layers::chain(path)
        .into_iter()
        .find(|path| path.get(&written.value).is_some());
    written.base(&said.unwrap_or_default()).to_owned()
}

fn instance(path: &KeyPath, id: String, entry: InstanceEntry, written: &Written) -> Instance {
    let base = |path: &KeyPath| base(path, written);
    let secrets = entry.secrets.into_iter().map(|(name, secret)| match secret {
        SecretRef::File(file) => {
            let file = base(&path.key("secrets").key(&name)).join(file);
            (name, SecretRef::File(file))
        }
        SecretRef::Env(_) => (name, secret),
    });
    let mut grants = entry.grants;
    for grant in &mut grants.files {
        grant.path = base(&path.key("grants").key("files")).join(&grant.path);
    }
    let policy = entry.policy.based(|key| base(&path.key("policy").key(key)));
    Instance {
        id,
        settings: entry.settings,
        secrets: secrets.collect(),
        limits: entry.limits,
        grants,
        retry: entry.retry,
        policy,
    }
}
