//! Attempts that call upstreams.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use http::{Request, Response};
use http_body_util::{BodyExt, Empty};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::played::Played;
use crate::attempt_clock::CallClock;
use crate::breakers::BreakerRegistry;
use crate::cancellation::Cancellation;
use crate::gateway::{CallObserver, Gateway, Ledgers, OutboundRequest, Service, Services};
use crate::sandbox::meter::Meter;
use crate::sandbox::{HostWork, Limits, SessionBudgets, SessionContext};
use fusebox_resilience::breaker::BreakerRules;
use fusebox_secrets::Vault;
use fusebox_store::state::State;
use fusebox_types::Usage;
use fusebox_types::failure::Failure;
use fusebox_upstream::Upstream;
use fusebox_upstream::address::Address;
use fusebox_upstream::call::{AnswerBody, GuestTimeouts};
use fusebox_upstream::connect::Roots;
use fusebox_upstream::rules::UpstreamRules;

const AGENT: &str = "writer";

/// The attempts of a session.
pub(super) struct Attempts {
    pub(super) outside: Arc<SessionContext>,
    urls: BTreeMap<String, String>,
    begun: Mutex<Vec<Begun>>,
    _state: TempDir,
}

/// What can be seen of an attempt that has begun.
struct Begun {
    clock: CallClock,
    observer: CallObserver,
}

/// What an attempt came to.
pub(super) struct Ended {
    pub(super) result: Result<(), Failure>,
    pub(super) usage: Usage,
}

/// What a guest can do.
#[derive(Clone)]
pub(super) struct Guest {
    gateway: Arc<Gateway>,
    ask: OutboundRequest,
    urls: BTreeMap<String, String>,
    meter: Meter,
}

/// A request under way beside its guest.
type Asked = wasmtime_wasi::runtime::AbortOnDropJoinHandle<Response<AnswerBody>>;

impl Attempts {
    /// With these upstreams: name, who plays it, and its limits.
    pub(super) fn new(upstreams: &[(&str, &Played, Value)]) -> Self {
        let state = tempfile::tempdir().unwrap();
        let ledgers = Ledgers::new(Some(Arc::new(State::open(&state.path().join("state")).unwrap())));
        let service = |(name, played, limits): &(&str, &Played, Value)| {
            let url = format!("http://{}", played.address);
            ((*name).to_owned(), Arc::new(service(name, &url, limits)))
        };
        let by_name = upstreams.iter().map(service).collect();
        let services = Arc::new(arc_swap::ArcSwap::from_pointee(Services { by_name, ledgers }));
        let url = |(name, played, _): &(&str, &Played, Value)| {
            ((*name).to_owned(), format!("http://{}/", played.address))
        };
        let (events, _) = fusebox_events::channel(Arc::default());
        let breakers = Arc::new(BreakerRegistry::new(&[AGENT.into()]));
        let outside = SessionContext {
            cancel: Arc::new(Cancellation::new(CancellationToken::new())),
            budgets: SessionBudgets::new(1),
            gateway: Arc::new(Gateway::new(services, breakers.clone(), events.clone())),
            breakers,
            events,
        };
        Self {
            outside: Arc::new(outside),
            urls: upstreams.iter().map(url).collect(),
            begun: Mutex::default(),
            _state: state,
        }
    }

    /// Begins an attempt, and returns once its guest has.
    pub(super) async fn begin<W>(&self, guest: impl FnOnce(Guest) -> W + Send + 'static) -> JoinHandle<Ended>
    where
        W: Future<Output = ()> + Send + 'static,
    {
        let (outside, urls) = (self.outside.clone(), self.urls.clone());
        let (tell, begun) = oneshot::channel();
        let attempt = tokio::spawn(async move {
            let limits = Limits::default();
            let work = HostWork::new(&limits, &outside, 0);
            let can = Guest::new(&outside, urls, work.meter());
            let runs = async move {
                let (clock, observer) = (can.ask.clock.clone(), can.ask.observer.clone());
                assert!(tell.send(Begun { clock, observer }).is_ok());
                guest(can).await;
            };
            let result = work.bounds().within(work.meter().guest(runs)).await;
            let usage = work.usage();
            Ended { result, usage }
        });
        let begun = begun.await.unwrap();
        self.begun.lock().unwrap().push(begun);
        attempt
    }

    /// Whether the clock of this attempt stands.
    pub(super) fn stands(&self, which: usize) -> bool {
        self.begun.lock().unwrap()[which].clock.is_stopped()
    }

    /// Whether the clocks of all that have not ended do.
    pub(super) fn all_stand(&self, attempts: &[JoinHandle<Ended>]) -> bool {
        let stands = |(which, attempt): (usize, &JoinHandle<_>)| attempt.is_finished() || self.stands(which);
        attempts.iter().enumerate().all(stands)
    }

    /// Whether a request of any has been sent and has not ended.
    pub(super) fn await_an_upstream(&self) -> bool {
        let begun = self.begun.lock().unwrap();
        begun.iter().any(|begun| begun.observer.seen().awaits_upstream)
    }
}

impl Guest {
    fn new(outside: &SessionContext, urls: BTreeMap<String, String>, meter: &Meter) -> Self {
        let granted: Vec<_> = urls.keys().cloned().collect();
        Self {
            gateway: outside.gateway.clone(),
            ask: OutboundRequest {
                agent: AGENT.into(),
                instance: "one".into(),
                granted: granted.into(),
                task: 0,
                has_secrets: false,
                clock: meter.clock().calls().clone(),
                timeouts: GuestTimeouts::default(),
                body: 1 << 20,
                observer: CallObserver::default(),
                sending: None,
                key: None,
                random: 0,
            },
            urls,
            meter: meter.clone(),
        }
    }

    /// Asks an upstream, as the runtime does: beside the guest.
    pub(super) fn asks(&self, upstream: &str) -> Asked {
        let request = Request::get(&self.urls[upstream]).body(Empty::new()).unwrap();
        let (gateway, ask) = (self.gateway.clone(), self.ask.clone());
        wasmtime_wasi::runtime::spawn(async move { gateway.send(ask, request).await.unwrap() })
    }

    /// The answer, unread.
    pub(super) async fn gets(&self, upstream: &str) -> Response<AnswerBody> {
        self.asks(upstream).await
    }

    /// Asks an upstream and reads the whole answer.
    pub(super) async fn reads(&self, upstream: &str) {
        let answer = self.gets(upstream).await;
        let body = answer.into_body().collect().await.unwrap();
        assert_eq!(body.to_bytes(), "ok");
    }

    /// Computes: each poll of it is ended by the engine's tick.
    pub(super) async fn computes(&self, goes_on: impl Fn() -> bool) {
        while goes_on() {
            self.meter.used_so_far();
            tokio::task::yield_now().await;
        }
    }
}

fn service(name: &str, address: &str, limits: &Value) -> Service {
    let rules = json!({ "address": address, "network": "loopback", "limits": limits });
    let rules: UpstreamRules = serde_json::from_value(rules).unwrap();
    Service {
        breaker: BreakerRules {
            failure_threshold: 1,
            ..BreakerRules::default()
        },
        address: Address::parse(address).unwrap(),
        upstream: Some(Upstream::new(name, &rules, &Roots::none(), &Vault::default()).unwrap()),
        policy: None,
        parties: [AGENT.to_owned()].into(),
        rules,
    }
}
