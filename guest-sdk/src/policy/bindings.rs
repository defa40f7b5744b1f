//! The generated side of the contract in `wit/policy`.
//!
//! The world of the contract imports the interfaces of the types, which do
//! nothing. Here they are exported instead, so that a policy imports nothing at
//! all; whatever takes the one component takes the other.
#![allow(missing_docs, unreachable_pub, unsafe_code, clippy::all)]
// The generated glue calls across the component boundary, which Rust can only
// write as `unsafe`. Nothing of it is written by hand.

wit_bindgen::generate!({
    path: ["../wit/agent", "../wit/policy"],
    inline: "
        package fusebox:sdk;

        world retry-guest {
            include fusebox:policy/retry-policy@0.1.0;
            export fusebox:agent/types@0.1.0;
            export fusebox:policy/types@0.1.0;
        }
    ",
    world: "fusebox:sdk/retry-guest",
    pub_export_macro: true,
    export_macro_name: "export_retry_guest",
    generate_all,
});
