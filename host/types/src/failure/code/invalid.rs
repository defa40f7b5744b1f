//! Values that are not what they have to be.

macro_rules! invalid {
    ($($before:tt)*) => { families! { $($before)*
        InvalidOutput = "invalid.output" {
            category: Validation, retryable: Some(true), fault: Row::GUEST, kind: Other,
            meaning: "The output is not what the plugin itself declares: another type, or not valid by its schema.",
            next: "Report the message to the plugin's author.",
        }
        InvalidInput = "invalid.input" {
            category: Validation, retryable: Some(false), fault: Row::INPUT, kind: Other,
            meaning: "The input is not what the plugin accepts. The plugin was not run.",
            next: "Correct the input; `fusebox plugin inspect` shows what the plugin accepts.",
        }
        InvalidRequest = "invalid.request" {
            category: Validation, retryable: Some(false), fault: Row::GUEST, kind: Other,
            meaning: "The plugin made an HTTP request that servers could read in different ways, or announced another body than it sent.",
            next: "Report the message to the plugin's author.",
        }
    } };
}
