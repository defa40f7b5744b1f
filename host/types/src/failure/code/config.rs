//! What the configuration names and nobody has.

macro_rules! config {
    ($($before:tt)*) => { families! { $($before)*
        ConfigSecret = "config.secret" {
            category: Validation, retryable: Some(false), fault: Row::OPERATOR, kind: Other,
            meaning: "A secret that the configuration names cannot be had: the variable is not set, or the file is unusable.",
            next: "Set the environment variable or write the file that the message names, and start again.",
        }
        ConfigFolder = "config.folder" {
            category: Validation, retryable: Some(false), fault: Row::OPERATOR, kind: Other,
            meaning: "A folder that the configuration grants to an agent cannot be had. Nothing was run.",
            next: "Make the folder, or correct the grant; a relative `path` starts at the folder of the file that says it, or where the program runs if `--set` or a variable says it.",
        }
        ConfigUpstream = "config.upstream" {
            category: Validation, retryable: Some(false), fault: Row::OPERATOR, kind: Other,
            meaning: "An upstream that agents call is not ready: a header's secret or a file of certificates cannot be had.",
            next: "Set the variable or write the file that the message names, and start again.",
        }
    } };
}
