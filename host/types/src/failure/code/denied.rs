//! What the host does not allow.

macro_rules! denied {
    ($($before:tt)*) => { families! { $($before)*
        DeniedSecret = "denied.secret" {
            category: Validation, retryable: Some(false), fault: Row::GUEST, kind: Other,
            meaning: "The result holds a secret that the plugin was given, or one of others in what is no text. It was not kept.",
            next: "Report it to the plugin's author, or take the secret away under `agents.<name>.secrets`.",
        }
        DeniedUpstream = "denied.upstream" {
            category: Validation, retryable: Some(false), fault: Row::OPERATOR, kind: DeniedRequest,
            meaning: "The plugin called an address that it was not granted. Nothing was sent.",
            next: "If it is meant to, add the upstream and the grant that the message names.",
        }
        DeniedRequest = "denied.request" {
            category: Validation, retryable: Some(false), fault: Row::OPERATOR, kind: DeniedRequest,
            meaning: "The plugin called a path, or used a method, that is not allowed at this upstream. Nothing was sent.",
            next: "If it is meant to, add it to `paths` or `methods` of the upstream.",
        }
        DeniedAddress = "denied.address" {
            category: Validation, retryable: Some(false), fault: Row::OPERATOR, kind: DeniedRequest,
            meaning: "The upstream's name leads to an address of another kind of network than it may be in. Nothing was sent.",
            next: "If the service is meant to be there, set `network` of the upstream; otherwise look into its name's DNS records.",
        }
        DeniedHeader = "denied.header" {
            category: Validation, retryable: Some(false), fault: Row::OPERATOR, kind: DeniedRequest,
            meaning: "The plugin sent a header that the host sets at this upstream, such as its credentials. Nothing was sent.",
            next: "Have the plugin leave the header out, or remove it from `headers` of the upstream.",
        }
        DeniedFile = "denied.file" {
            category: Validation, retryable: Some(false), fault: Row::OPERATOR, kind: DeniedFile,
            meaning: "The plugin did something with a file that no grant allows. Nothing was touched.",
            next: "Do what the message says, if the plugin is meant to do this.",
        }
    } };
}
