//! Services that refuse.

macro_rules! api {
    ($($before:tt)*) => { families! { $($before)*
        ApiThrottled = "api.throttled" {
            category: ApiLimit, retryable: Some(true), fault: Row::BUSY_UPSTREAM, kind: Declined,
            meaning: "The upstream was asked too often and wants a pause.",
            next: "Lower `limits.in_flight`, or set `limits.rate` of the upstream to what the service allows.",
        }
        ApiOverloaded = "api.overloaded" {
            category: ApiLimit, retryable: Some(true), fault: Row::UPSTREAM, kind: Declined,
            meaning: "The upstream has too much to do at the moment.",
            next: "Try again later; `breaker` of the upstream says when the host stops asking.",
        }
        ApiQuota = "api.quota" {
            category: ApiLimit, retryable: Some(true), fault: Row::BUSY_UPSTREAM, kind: Declined,
            meaning: "The upstream gives no more until the time in the message.",
            next: "Resume the session after that time; set `limits.quotas` of the upstream to be warned before.",
        }
        ApiBilling = "api.billing" {
            category: ApiLimit, retryable: Some(false), fault: Row::BUSY_UPSTREAM, kind: Refused,
            meaning: "The upstream gives no more until its bill is paid.",
            next: "Pay or top up the account at the service; trying again does not help before.",
        }
        ApiAuth = "api.auth" {
            category: Validation, retryable: Some(false), fault: Row::OPERATOR, kind: Refused,
            meaning: "The upstream does not take the credentials, or they are not enough.",
            next: "Look at the secret that `headers` of the upstream names, and whether it is still valid.",
        }
    } };
}
