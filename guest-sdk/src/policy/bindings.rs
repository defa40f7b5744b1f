//! The generated side of the contract in `wit/policy`: the types, and a module
//! for each kind of policy. A policy imports the interfaces of the types, which
//! do nothing, and no other.
#![allow(missing_docs, unreachable_pub, unsafe_code, clippy::all)]
// The generated glue calls across the component boundary, which Rust can only
// write as `unsafe`. Nothing of it is written by hand.

pub mod types {
    wit_bindgen::generate!({
        path: ["../wit/agent", "../wit/policy"],
        inline: "
            package fusebox:sdk;

            world policy-types {
                import fusebox:policy/types@0.1.0;
            }
        ",
        world: "fusebox:sdk/policy-types",
        with: { "fusebox:agent/types@0.1.0": crate::bindings::fusebox::agent::types },
        generate_all,
    });
}

pub mod retry {
    wit_bindgen::generate!({
        path: ["../wit/agent", "../wit/policy"],
        world: "fusebox:policy/retry-policy",
        pub_export_macro: true,
        export_macro_name: "export_guest",
        with: {
            "fusebox:agent/types@0.1.0": crate::bindings::fusebox::agent::types,
            "fusebox:policy/types@0.1.0": super::types::fusebox::policy::types,
        },
    });
}

pub mod breaker {
    wit_bindgen::generate!({
        path: ["../wit/agent", "../wit/policy"],
        world: "fusebox:policy/breaker-policy",
        pub_export_macro: true,
        export_macro_name: "export_guest",
        with: {
            "fusebox:agent/types@0.1.0": crate::bindings::fusebox::agent::types,
            "fusebox:policy/types@0.1.0": super::types::fusebox::policy::types,
        },
    });
}

pub mod isolation {
    wit_bindgen::generate!({
        path: ["../wit/agent", "../wit/policy"],
        world: "fusebox:policy/isolation-policy",
        pub_export_macro: true,
        export_macro_name: "export_guest",
        with: {
            "fusebox:agent/types@0.1.0": crate::bindings::fusebox::agent::types,
            "fusebox:policy/types@0.1.0": super::types::fusebox::policy::types,
        },
    });
}

pub mod degradation {
    wit_bindgen::generate!({
        path: ["../wit/agent", "../wit/policy"],
        world: "fusebox:policy/degradation-policy",
        pub_export_macro: true,
        export_macro_name: "export_guest",
        with: {
            "fusebox:agent/types@0.1.0": crate::bindings::fusebox::agent::types,
            "fusebox:policy/types@0.1.0": super::types::fusebox::policy::types,
        },
    });
}
