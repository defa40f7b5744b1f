//! What is said on standard error. Where that is gone nothing is said, and the
//! program goes on: `eprintln!` would end it.

/// Says a line on standard error.
macro_rules! say {
    ($($words:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), $($words)*);
    }};
}
