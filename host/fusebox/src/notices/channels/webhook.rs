//! Notices posted to a URL.
//!
//! The URL is the operator's own, and what the host says there the host's: no
//! guest chooses either, so grants and breakers have no part in it. The same
//! connector is used as for guests, with its tests of addresses: a name cannot
//! be led inside by somebody else's name server.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Uri, header};
use http_body_util::Full;
use tokio::time::Instant;

use crate::config::{WebhookRules, upstream_of};
use crate::notices::notice::Notice;
use fusebox_resilience::retrier::{Call, Retrier};
use fusebox_resilience::{BudgetRules, RetryRules, Strategy};
use fusebox_secrets::Vault;
use fusebox_system::wall_clock;
use fusebox_types::failure::{Code, Failure, causes};
use fusebox_upstream::answers::Answers;
use fusebox_upstream::call::{Ending, GuestTimeouts, Terms};
use fusebox_upstream::connect::Roots;
use fusebox_upstream::rules::Dialect;
use fusebox_upstream::{Caller, Upstream};

/// Most bytes of a notice, and of an answer.
const MAX_BODY: u64 = 1 << 20;

/// A URL that can be posted to.
pub(in crate::notices) struct Webhook {
    upstream: Upstream,
    /// Path and query. May be a secret: shown nowhere.
    target: Uri,
    timeout: Duration,
    caller: Caller,
    retrier: Retrier,
    answers: Answers,
}

impl Webhook {
    /// Fetches what the configuration names.
    pub(super) fn new(rules: &WebhookRules, vault: &Vault) -> Result<Self, String> {
        let upstream = Upstream::new("webhook", &upstream_of(rules), &Roots::of_system(), vault);
        let retry = RetryRules {
            // Without `smart`: an overloaded service would be left alone for longer
            // than a notice is worth something.
            strategy: Strategy::Exponential,
            max_attempts: rules.max_attempts,
            base: Duration::from_millis(250),
            max_delay: Duration::from_secs(30),
            ..RetryRules::default()
        };
        Ok(Self {
            upstream: upstream.map_err(|error| causes(&error))?,
            target: target(rules, vault)?,
            timeout: rules.timeout,
            caller: Caller::default(),
            retrier: Retrier::new(retry, BudgetRules::default()),
            answers: Answers::new(Dialect::default(), &[]),
        })
    }

    /// Posts a notice, again and later if that may help. It may come twice; its
    /// id is the same then.
    pub(super) async fn deliver(&self, notice: &Notice) -> Result<(), String> {
        let body = fusebox_system::json::to_vec(notice).map_err(|error| error.to_string())?;
        let body = Bytes::from(body);
        let call = Call::new(notice.id.as_str()).idempotent();
        let posted = self
            .retrier
            .execute(call, async |_| self.post(&notice.id, body.clone()).await);
        posted.await.map_err(|error| causes(&error))
    }

    async fn post(&self, id: &str, body: Bytes) -> Result<(), Failure> {
        let request = Request::post(self.target.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", id)
            .body(Full::new(body))
            .map_err(|error| Failure::new(Code::InvalidRequest, error.to_string()))?;
        let terms = Terms {
            deadline: Instant::now() + self.timeout,
            guest: GuestTimeouts::default(),
            body: MAX_BODY,
        };
        // What an answer means is read from its head; nobody counts these calls.
        let ending = Ending::new(drop);
        let answer = self.caller.send(&self.upstream, request, terms, ending).await;
        let answer = answer.map_err(|failed| Failure::new(failed.fault.code(), failed.to_string()))?;
        self.judge(answer.status(), answer.headers())
    }

    fn judge(&self, status: http::StatusCode, headers: &http::HeaderMap) -> Result<(), Failure> {
        if status.is_success() {
            return Ok(());
        }
        let verdict = self
            .answers
            .judge(status, headers, None, wall_clock::system_time());
        let code = verdict.as_ref().and_then(|verdict| verdict.code.failure());
        // A redirect is not followed: the URL is to be the right one.
        let mut failure = Failure::new(
            code.unwrap_or(Code::HttpClientError),
            format!("it answered with status {}", status.as_u16()),
        );
        let wait = verdict.and_then(|verdict| verdict.retry_after);
        failure.retry_after_ms = wait.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
        Err(failure)
    }
}

/// Path and query, the secret part included.
fn target(rules: &WebhookRules, vault: &Vault) -> Result<Uri, String> {
    let (_, behind) = rules.split_url();
    let secret = match &rules.secret_path {
        None => None,
        Some(place) => Some(
            vault
                .fetch(place, "notify.webhooks.secret_path")
                .map_err(|error| causes(&error))?,
        ),
    };
    let end = secret.as_ref().map_or("", fusebox_secrets::Secret::reveal);
    let target = match behind {
        "" if !end.starts_with('/') => format!("/{end}"),
        behind if behind.starts_with('?') => format!("/{behind}{end}"),
        behind => format!("{behind}{end}"),
    };
    // What is wrong with it is not said: that would show it.
    Uri::try_from(target).map_err(|_| "the path of its URL cannot be used".into())
}
