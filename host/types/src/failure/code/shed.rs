//! Back-pressure.

macro_rules! shed {
    ($($before:tt)*) => { families! { $($before)*
        ShedPool = "shed.pool" {
            category: System, retryable: Some(true), fault: Row::NEUTRAL, kind: Shed,
            meaning: "There was no room for another sandbox. No attempt was made.",
            next: "Lower `session.max_parallel`, or run fewer sessions at once.",
        }
        ShedBreaker = "shed.breaker" {
            category: System, retryable: Some(true), fault: Row::NEUTRAL, kind: Shed,
            meaning: "A circuit breaker is open: what it guards failed too often just before. No attempt was made.",
            next: "Mend what failed before, then run these tasks again; `breaker` in the configuration says when it opens, and `breaker.hold` for how long tasks wait for it.",
        }
        ShedQueue = "shed.queue" {
            category: System, retryable: Some(true), fault: Row::NEUTRAL, kind: Shed,
            meaning: "As many requests to the upstream are in flight as may be, and for ten minutes none of those that wait could be sent. No request was sent.",
            next: "Look at what the requests in flight wait for; raise `limits.in_flight` of the upstream if the service takes more.",
        }
        ShedRate = "shed.rate" {
            category: System, retryable: Some(true), fault: Row::NEUTRAL, kind: Shed,
            meaning: "Requests to the upstream come faster than its rate. No request was sent.",
            next: "Wait as long as the message says, or raise `limits.rate` of the upstream if the service takes more.",
        }
        ShedQuota = "shed.quota" {
            category: System, retryable: Some(true), fault: Row::NEUTRAL, kind: Shed,
            meaning: "A quota of the upstream is used up for a while. No request was sent.",
            next: "Wait until the time that the message names, or raise the quota under `limits.quotas` of the upstream if your plan has more.",
        }
    } };
}
