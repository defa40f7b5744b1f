//! Guests written by hand: a core module that keeps the contract but for what
//! a test asks of it.

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{Resolve, WorldId};

use crate::support::root;

/// Where the guest keeps its descriptor and its results.
const DESCRIPTOR: usize = 1024;
const RESULT: usize = 2048;
/// Where its schema is.
const SCHEMA: u32 = 8192;

/// The agent's world, with what languages' libraries use of the standard world.
const WORLD: &str = "package test:guest; world guest { include fusebox:agent/agent@0.1.0; import wasi:cli/stdout@0.2.12; \
     import wasi:cli/stderr@0.2.12; import wasi:cli/environment@0.2.12; import wasi:cli/exit@0.2.12; import wasi:http/types@0.2.12; import wasi:clocks/monotonic-clock@0.2.12; \
     import wasi:io/poll@0.2.12; import wasi:random/random@0.2.12; }";

/// What languages' libraries bring into a policy.
const OF_POLICY: &str = "import wasi:cli/stdout@0.2.12; import wasi:clocks/monotonic-clock@0.2.12; import wasi:io/poll@0.2.12; \
     import wasi:random/random@0.2.12; import wasi:sockets/tcp-create-socket@0.2.12;";

/// A guest: what `run` does, and what else the module has.
pub(crate) struct Guest {
    pub(crate) run: &'static str,
    /// What `describe` does before it answers.
    pub(crate) describe: &'static str,
    /// Other words of its descriptor, by their places.
    pub(crate) says: Vec<(usize, u32)>,
    pub(crate) extra: String,
    /// What the module imports.
    pub(crate) imports: &'static str,
    /// What `cabi_realloc` does before it answers.
    pub(crate) realloc: &'static str,
    pub(crate) result: Vec<u32>,
    /// The schema of its results, if it declares one; they are then the JSON `1`.
    pub(crate) schema: String,
}

impl Guest {
    pub(crate) fn new(run: &'static str) -> Self {
        // ok(content { content-type: "text/plain", bytes: "text/plain" })
        Self {
            run,
            describe: "",
            says: Vec::new(),
            extra: String::new(),
            imports: "",
            realloc: "",
            result: vec![0, 0, 530, 10, 530, 10],
            schema: String::new(),
        }
    }

    /// A guest that answers `1`, and declares a schema of its results.
    pub(crate) fn declaring(schema: &str) -> Self {
        Self {
            result: vec![0, 0, 570, 16, 520, 1],
            schema: schema.into(),
            ..Self::new("")
        }
    }

    pub(crate) fn with(self, extra: impl Into<String>) -> Self {
        let extra = extra.into();
        Self { extra, ..self }
    }

    /// A guest that only answers, with these words as its result.
    pub(crate) fn answering(result: &[u32]) -> Self {
        Self {
            result: result.to_vec(),
            ..Self::new("")
        }
    }

    pub(crate) fn component(&self) -> Vec<u8> {
        let (kind, length) = match self.schema.len() {
            0 => ([530, 10], [0, 0, 0]),
            length => ([570, 16], [1, SCHEMA, u32::try_from(length).unwrap()]),
        };
        let mut descriptor: Vec<u32> = [512, 7, 520, 1, 520, 1, 0, 0]
            .into_iter()
            .chain(kind)
            .chain([0, 0, 0])
            .chain(length)
            .chain([1, 0, 0, 0, 0])
            .collect();
        for (place, word) in &self.says {
            descriptor[*place] = *word;
        }
        let text = format!(
            r#"(module
                {imports}
                (memory (export "memory") 2)
                (global $next (mut i32) (i32.const 65536))
                {realloc}
                (func (export "fusebox:agent/plugin@0.1.0#describe") (result i32) {describe} (i32.const {DESCRIPTOR}))
                (func (export "fusebox:agent/plugin@0.1.0#run")
                    (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
                    {run} (i32.const {RESULT}))
                {extra}
                (data (i32.const 512) "hostile\00") (data (i32.const 520) "1") (data (i32.const 530) "text/plain")
                (data (i32.const 560) "\ff\fe\fd\fc") (data (i32.const 570) "application/json")
                (data (i32.const {SCHEMA}) "{schema}")
                (data (i32.const {DESCRIPTOR}) "{descriptor}") (data (i32.const {RESULT}) "{result}"))"#,
            imports = self.imports,
            run = self.run,
            describe = self.describe,
            extra = self.extra,
            realloc = realloc(self.realloc),
            descriptor = words(&descriptor),
            result = words(&self.result),
            schema = self.schema.replace('\\', "\\\\").replace('"', "\\\""),
        );
        componentize(&text, |resolve| {
            resolve.push_path(root().join("wit/agent")).unwrap();
            let package = resolve.push_str("guest.wit", WORLD).unwrap();
            resolve.select_world(&[package], Some("guest")).unwrap()
        })
    }
}

/// A policy of a kind whose `decide` is this body; it answers with the verdict at
/// 1024, all zeros unless the body or `data` says otherwise.
pub(crate) fn policy_component(kind: &str, body: &str, data: &str) -> Vec<u8> {
    let text = policy_module(kind, "", body, data);
    componentize(&text, |resolve| {
        resolve.push_path(root().join("wit/agent")).unwrap();
        let (package, _) = resolve.push_path(root().join("wit/policy")).unwrap();
        let world = format!("{kind}-policy");
        resolve.select_world(&[package], Some(&world)).unwrap()
    })
}

/// The same with functions of the standard world.
pub(crate) fn importing_policy(kind: &str, imports: &str, body: &str) -> Vec<u8> {
    componentize(&policy_module(kind, imports, body, ""), |resolve| {
        resolve.push_path(root().join("wit/agent")).unwrap();
        resolve.push_path(root().join("wit/policy")).unwrap();
        let world = format!(
            "package test:policy; world policy {{ include fusebox:policy/{kind}-policy@0.1.0; {OF_POLICY} }}"
        );
        let package = resolve.push_str("policy.wit", &world).unwrap();
        resolve.select_world(&[package], Some("policy")).unwrap()
    })
}

fn policy_module(kind: &str, imports: &str, body: &str, data: &str) -> String {
    format!(
        r#"(module
            {imports}
            (memory (export "memory") 1)
            (global $next (mut i32) (i32.const 4096))
            {realloc}
            (func (export "fusebox:policy/{kind}@0.1.0#decide") (param $snapshot i32) (result i32)
                {body} (i32.const 1024))
            {data})"#,
        realloc = realloc("")
    )
}

/// A component of a core module, for the world that is chosen.
pub(crate) fn componentize(text: &str, world: impl FnOnce(&mut Resolve) -> WorldId) -> Vec<u8> {
    let mut module = wat::parse_str(text).unwrap();
    let mut resolve = Resolve::default();
    let world = world(&mut resolve);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false).unwrap();
    let mut encoder = ComponentEncoder::default();
    encoder.module(&module).unwrap().encode().unwrap()
}

/// An allocator that only ever goes on; `before` is what it does first.
fn realloc(before: &str) -> String {
    format!(
        r#"(func $realloc (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
            (local $at i32)
            {before}
            (local.set $at (i32.and (i32.add (global.get $next) (i32.const 15)) (i32.const -16)))
            (global.set $next (i32.add (local.get $at) (local.get 3)))
            (local.get $at))"#
    )
}

pub(crate) fn words(words: &[u32]) -> String {
    words
        .iter()
        .flat_map(|word| word.to_le_bytes())
        .map(|byte| format!("\\{byte:02x}"))
        .collect()
}
