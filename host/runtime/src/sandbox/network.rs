//! `wasi:http`: requests to the upstreams that were granted, and to nothing
//! else, through the host's gateway.

use std::sync::Arc;

use http::{Request, Response};
use http_body_util::BodyExt;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks};

use super::charged::Http;
use super::state::State;
use super::told::{of_call, refusal, told};
use crate::gateway::{Gateway, IdempotencyKeys, OutboundRequest};
use fusebox_types::failure::{Code, Failure};
use fusebox_upstream::call::GuestTimeouts;

/// Most bytes of the headers of one message, as the runtime holds them.
const MAX_FIELD_BYTES: usize = 128 << 10;

/// Who calls: what an attempt tells upstreams of itself, so to speak.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The agent's name.
    pub agent: Arc<str>,
    /// The instance's id.
    pub instance: Arc<str>,
    /// The upstreams that the instance was granted, by name.
    pub upstreams: Arc<[String]>,
}

/// The network of an attempt. Made when the guest first asks for it.
pub(super) struct Network {
    ctx: WasiHttpCtx,
    calls: Calls,
}

/// The requests of an attempt.
struct Calls {
    gateway: Arc<Gateway>,
    ask: OutboundRequest,
    keys: Option<IdempotencyKeys>,
    left: u32,
    limit: u32,
}

type Driver = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Sent = Result<(Response<WasiBody>, Driver), Error>;

impl WasiHttpHooks for Calls {
    /// The host sets it itself.
    fn set_host_header(&mut self) -> bool {
        false
    }

    fn send_request(
        &mut self,
        mut request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Driver,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        let (gateway, mut ask) = (self.gateway.clone(), self.ask.clone());
        let options = options.unwrap_or_default();
        ask.timeouts = GuestTimeouts {
            connect: options.connect_timeout,
            first_byte: options.first_byte_timeout,
            between_bytes: options.between_bytes_timeout,
        };
        // Here, where requests come in the guest's order.
        let keys = self.keys.as_ref();
        ask.key = keys.and_then(|keys| gateway.put_key(keys, &ask, &mut request));
        let allowed = self.count();
        Box::new(async move {
            allowed.map_err(|refused| refusal(&refused))?;
            let answer = gateway.send(ask, request).await;
            let answer = answer.map_err(|unanswered| told(&unanswered))?;
            let answer = answer.map(|body| body.map_err(|failure| of_call(&failure.fault)).boxed_unsync());
            let nothing_to_drive: Driver = Box::new(std::future::ready(Ok(())));
            Ok((answer, nothing_to_drive))
        })
    }
}

impl Calls {
    /// Counts a request.
    fn count(&mut self) -> Result<(), Failure> {
        match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => {
                let message = format!("more than {} HTTP requests in one attempt", self.limit);
                let failure = Failure::new(Code::LimitHttpCalls, message);
                self.ask.observer.refused(&failure);
                Err(failure)
            }
        }
    }
}

impl State {
    /// What `wasi:http` is called on: one more call.
    pub(super) fn requests(&mut self) -> Http<'_> {
        self.account.count();
        let observer = self.observer.get_or_insert_default();
        let network = self.network.get_or_insert_with(|| {
            let limits = &self.limits;
            let mut ctx = WasiHttpCtx::new();
            ctx.set_field_size_limit(MAX_FIELD_BYTES);
            let ask = OutboundRequest {
                agent: self.identity.agent.clone(),
                instance: self.identity.instance.clone(),
                granted: self.identity.upstreams.clone(),
                task: self.task,
                has_secrets: self.granted.as_ref().is_some_and(|granted| granted.has_secrets()),
                clock: self.meter.clock().calls().clone(),
                timeouts: GuestTimeouts::default(),
                body: limits.http_body,
                observer: observer.clone(),
                sending: match self.context.idempotent {
                    true => None,
                    false => self.outside.gateway.sending(self.task, self.context.number),
                },
                key: None,
                random: self.services.random,
            };
            let calls = Calls {
                gateway: self.outside.gateway.clone(),
                ask,
                keys: self.keys.clone(),
                left: limits.http_requests,
                limit: limits.http_requests,
            };
            Box::new(Network { ctx, calls })
        });
        let Network { ctx, calls } = &mut **network;
        Http {
            http: WasiHttpCtxView {
                hooks: calls,
                table: &mut self.table,
                ctx,
            },
            account: &mut self.account,
        }
    }
}

impl Identity {
    /// Nobody: a plugin that is only asked what it is.
    pub(crate) fn nobody() -> Self {
        Self {
            agent: "".into(),
            instance: "".into(),
            upstreams: Arc::new([]),
        }
    }
}
