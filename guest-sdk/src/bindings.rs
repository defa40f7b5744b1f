//! The generated side of the contract in `wit/agent`.
#![allow(missing_docs, unreachable_pub, unsafe_code, clippy::all)]
// The generated glue calls across the component boundary, which Rust can only
// write as `unsafe`. Nothing of it is written by hand.

wit_bindgen::generate!({
    path: "../wit/agent",
    inline: "
        package fusebox:sdk;

        world guest {
            include fusebox:agent/agent@0.1.0;
            import wasi:clocks/monotonic-clock@0.2.12;
            import wasi:filesystem/preopens@0.2.12;
        }
    ",
    world: "fusebox:sdk/guest",
    pub_export_macro: true,
    export_macro_name: "export_guest",
    generate_all,
});
