//! Plugins that cannot be used.

macro_rules! plugin {
    ($($before:tt)*) => { families! { $($before)*
        PluginMissing = "plugin.missing" {
            category: Validation, retryable: Some(false), fault: Row::OPERATOR, kind: Other,
            meaning: "There is no file where the configuration says that the plugin is.",
            next: "Correct the path (`plugin`, or `policy.retry` of the agent), or build it: `fusebox plugin build <folder>`.",
        }
        PluginMalformed = "plugin.malformed" {
            category: Validation, retryable: Some(false), fault: Row::OPERATOR, kind: Other,
            meaning: "The file is not a readable WebAssembly component.",
            next: "Build it again; `fusebox plugin inspect` says what is wrong with it.",
        }
        PluginCoreModule = "plugin.core-module" {
            category: Validation, retryable: Some(false), fault: Row::OPERATOR, kind: Other,
            meaning: "The file is a core WebAssembly module. Fusebox runs components.",
            next: "Build it with `fusebox plugin build`, or for the target wasm32-wasip2.",
        }
        PluginLaterWasi = "plugin.later-wasi" {
            category: Validation, retryable: Some(false), fault: Row::OPERATOR, kind: Other,
            meaning: "The component is built for WASI 0.3: it imports its interfaces or has asynchronous functions. Fusebox runs components of WASI 0.2.",
            next: "Build it again for WASI 0.2: in Rust for the target wasm32-wasip2, else with a release of its tool that makes components of WASI 0.2.",
        }
        PluginWrongWorld = "plugin.wrong-world" {
            category: Validation, retryable: Some(false), fault: Row::OPERATOR, kind: Other,
            meaning: "The component does not export what an agent has to export, or has it from another version of the contract.",
            next: "Use the SDK's `export_agent!` (a policy: `export_retry_policy!`), or the world that is missing in another language. One that was built for another version of fusebox: build it again with this one's SDK, `fusebox plugin build`.",
        }
        PluginMissingImport = "plugin.missing-import" {
            category: Validation, retryable: Some(false), fault: Row::OPERATOR, kind: Other,
            meaning: "The component asks for something that this host does not offer, or not in that version.",
            next: "Drop the import, or update the host. `fusebox plugin inspect` lists all imports.",
        }
        PluginTooLarge = "plugin.too-large" {
            category: Validation, retryable: Some(false), fault: Row::OPERATOR, kind: Other,
            meaning: "The component is larger, or more complicated, than the host is willing to compile.",
            next: "Where the message names a bound of `loading`: build it smaller (`opt-level = \"s\"`, `strip`), split it, or raise that bound, if you trust it. Where it names none: change in the component what the message says.",
        }
        PluginCompile = "plugin.compile" {
            category: Validation, retryable: Some(false), fault: Row::OPERATOR, kind: Other,
            meaning: "The component could not be compiled within the limits on time and memory.",
            next: "Build it smaller, or raise the bound that is named (`loading`), if you trust it; a component that needs minutes to compile is most likely hostile.",
        }
        PluginDescriptor = "plugin.descriptor" {
            category: Validation, retryable: Some(false), fault: Row::OPERATOR, kind: Other,
            meaning: "What the plugin says of itself cannot be used: a bad name, a schema that is none, or too much text.",
            next: "Correct `describe` in the plugin; the message says what is wrong.",
        }
    } };
}
