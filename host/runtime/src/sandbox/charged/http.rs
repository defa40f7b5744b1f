//! `wasi:http/types`: requests, their fields and their bodies. What a guest
//! makes is charged; all else is the runtime's.

use wasmtime::component::{HasData, Resource};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, DynPollable};
use wasmtime_wasi_http::p2::bindings::http::types::{
    self, ErrorCode, Fields, FutureIncomingResponse, FutureTrailers, IncomingBody, IncomingRequest,
    IncomingResponse, IoError, Method, OutgoingBody, OutgoingRequest, OutgoingResponse, RequestOptions,
    ResponseOutparam, Scheme, Trailers,
};
use wasmtime_wasi_http::p2::{HeaderError, HeaderResult, HttpError, HttpResult};
use wasmtime_wasi_http::{FieldMap, WasiHttpCtxView};

use super::stream::ChargedStream;
use crate::sandbox::account::Account;

/// What a field costs besides its name and value, in bytes: its places in the
/// map that holds it.
const FIELD_COST: usize = 96;

type Result<T> = wasmtime::Result<T>;
/// What a call answers that can be refused without a reason.
type Maybe<T> = wasmtime::Result<core::result::Result<T, ()>>;

/// The runtime's implementation, and the account that is charged.
pub(in crate::sandbox) struct Http<'a> {
    pub(in crate::sandbox) http: WasiHttpCtxView<'a>,
    pub(in crate::sandbox) account: &'a mut Account,
}

/// Names [`Http`] to the linker.
pub(in crate::sandbox) struct ChargedHttp;

impl HasData for ChargedHttp {
    type Data<'a> = Http<'a>;
}

/// Functions that are handed to the runtime's implementation as they are.
macro_rules! forward {
    ($part:ident: $($name:ident($($arg:ident: $kind:ty),*) -> $result:ty;)*) => {
        $(fn $name(&mut self, $($arg: $kind),*) -> $result {
            types::$part::$name(&mut self.http, $($arg),*)
        })*
    };
}

impl types::Host for Http<'_> {
    forward! { Host:
        convert_error_code(error: HttpError) -> Result<ErrorCode>;
        convert_header_error(error: HeaderError) -> Result<types::HeaderError>;
        http_error_code(error: Resource<IoError>) -> Result<Option<ErrorCode>>;
    }
}

impl types::HostFields for Http<'_> {
    fn from_list(&mut self, entries: Vec<(String, Vec<u8>)>) -> HeaderResult<Resource<Fields>> {
        let cost = |(name, value): &(String, Vec<u8>)| name.len() + value.len() + FIELD_COST;
        let cost = entries.iter().map(cost).sum();
        self.account.carry(cost).map_err(HeaderError::trap)?;
        types::HostFields::from_list(&mut self.http, entries)
    }

    fn set(&mut self, fields: Resource<Fields>, name: String, values: Vec<Vec<u8>>) -> HeaderResult<()> {
        let values_cost: usize = values.iter().map(|value| value.len() + FIELD_COST).sum();
        let cost = name.len() + FIELD_COST + values_cost;
        self.account.carry(cost).map_err(HeaderError::trap)?;
        types::HostFields::set(&mut self.http, fields, name, values)
    }

    fn append(&mut self, fields: Resource<Fields>, name: String, value: Vec<u8>) -> HeaderResult<()> {
        let cost = name.len() + value.len() + FIELD_COST;
        self.account.carry(cost).map_err(HeaderError::trap)?;
        types::HostFields::append(&mut self.http, fields, name, value)
    }

    /// The copy is made when it is first changed, but made it will be.
    fn clone(&mut self, fields: Resource<Fields>) -> Result<Resource<Fields>> {
        let cost = fields_cost(self.http.table.get(&fields)?);
        self.account.carry(cost)?;
        types::HostFields::clone(&mut self.http, fields)
    }

    fn get(&mut self, fields: Resource<Fields>, name: String) -> Result<Vec<Vec<u8>>> {
        self.account.carry(name.len())?;
        types::HostFields::get(&mut self.http, fields, name)
    }

    fn has(&mut self, fields: Resource<Fields>, name: String) -> Result<bool> {
        self.account.carry(name.len())?;
        types::HostFields::has(&mut self.http, fields, name)
    }

    fn delete(&mut self, fields: Resource<Fields>, name: String) -> HeaderResult<()> {
        self.account.carry(name.len()).map_err(HeaderError::trap)?;
        types::HostFields::delete(&mut self.http, fields, name)
    }

    forward! { HostFields:
        new() -> Result<Resource<Fields>>;
        entries(fields: Resource<Fields>) -> Result<Vec<(String, Vec<u8>)>>;
        drop(fields: Resource<Fields>) -> Result<()>;
    }
}

/// What the host holds for a list of fields, in bytes.
fn fields_cost(fields: &FieldMap) -> usize {
    let cost = fields
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + FIELD_COST);
    cost.sum()
}

impl types::HostOutgoingRequest for Http<'_> {
    fn set_method(&mut self, request: Resource<OutgoingRequest>, method: Method) -> Maybe<()> {
        if let Method::Other(method) = &method {
            self.account.carry(method.len())?;
        }
        types::HostOutgoingRequest::set_method(&mut self.http, request, method)
    }

    fn set_path_with_query(&mut self, request: Resource<OutgoingRequest>, path: Option<String>) -> Maybe<()> {
        self.account.carry(path.as_ref().map_or(0, String::len))?;
        types::HostOutgoingRequest::set_path_with_query(&mut self.http, request, path)
    }

    fn set_scheme(&mut self, request: Resource<OutgoingRequest>, scheme: Option<Scheme>) -> Maybe<()> {
        if let Some(Scheme::Other(scheme)) = &scheme {
            self.account.carry(scheme.len())?;
        }
        types::HostOutgoingRequest::set_scheme(&mut self.http, request, scheme)
    }

    fn set_authority(&mut self, request: Resource<OutgoingRequest>, authority: Option<String>) -> Maybe<()> {
        self.account.carry(authority.as_ref().map_or(0, String::len))?;
        types::HostOutgoingRequest::set_authority(&mut self.http, request, authority)
    }

    forward! { HostOutgoingRequest:
        new(headers: Resource<Fields>) -> Result<Resource<OutgoingRequest>>;
        body(request: Resource<OutgoingRequest>) -> Maybe<Resource<OutgoingBody>>;
        method(request: Resource<OutgoingRequest>) -> Result<Method>;
        path_with_query(request: Resource<OutgoingRequest>) -> Result<Option<String>>;
        scheme(request: Resource<OutgoingRequest>) -> Result<Option<Scheme>>;
        authority(request: Resource<OutgoingRequest>) -> Result<Option<String>>;
        headers(request: Resource<OutgoingRequest>) -> Result<Resource<Fields>>;
        drop(request: Resource<OutgoingRequest>) -> Result<()>;
    }
}

impl types::HostOutgoingBody for Http<'_> {
    fn write(&mut self, body: Resource<OutgoingBody>) -> Maybe<Resource<DynOutputStream>> {
        let Some(stream) = self.http.table.get_mut(&body)?.take_output_stream() else {
            return Ok(Err(()));
        };
        let stream: DynOutputStream = Box::new(ChargedStream::new(stream, self.account.carried()));
        Ok(Ok(self.http.table.push_child(stream, &body)?))
    }

    forward! { HostOutgoingBody:
        finish(body: Resource<OutgoingBody>, trailers: Option<Resource<Trailers>>) -> HttpResult<()>;
        drop(body: Resource<OutgoingBody>) -> Result<()>;
    }
}

impl types::HostRequestOptions for Http<'_> {
    forward! { HostRequestOptions:
        new() -> Result<Resource<RequestOptions>>;
        connect_timeout(options: Resource<RequestOptions>) -> Result<Option<u64>>;
        set_connect_timeout(options: Resource<RequestOptions>, time: Option<u64>) -> Maybe<()>;
        first_byte_timeout(options: Resource<RequestOptions>) -> Result<Option<u64>>;
        set_first_byte_timeout(options: Resource<RequestOptions>, time: Option<u64>) -> Maybe<()>;
        between_bytes_timeout(options: Resource<RequestOptions>) -> Result<Option<u64>>;
        set_between_bytes_timeout(options: Resource<RequestOptions>, time: Option<u64>) -> Maybe<()>;
        drop(options: Resource<RequestOptions>) -> Result<()>;
    }
}

impl types::HostFutureIncomingResponse for Http<'_> {
    forward! { HostFutureIncomingResponse:
        subscribe(response: Resource<FutureIncomingResponse>) -> Result<Resource<DynPollable>>;
        get(response: Resource<FutureIncomingResponse>)
            -> Result<Option<core::result::Result<core::result::Result<Resource<IncomingResponse>, ErrorCode>, ()>>>;
        drop(response: Resource<FutureIncomingResponse>) -> Result<()>;
    }
}

impl types::HostIncomingResponse for Http<'_> {
    forward! { HostIncomingResponse:
        status(response: Resource<IncomingResponse>) -> Result<u16>;
        headers(response: Resource<IncomingResponse>) -> Result<Resource<Fields>>;
        consume(response: Resource<IncomingResponse>) -> Maybe<Resource<IncomingBody>>;
        drop(response: Resource<IncomingResponse>) -> Result<()>;
    }
}

impl types::HostIncomingBody for Http<'_> {
    forward! { HostIncomingBody:
        stream(body: Resource<IncomingBody>) -> Maybe<Resource<DynInputStream>>;
        finish(body: Resource<IncomingBody>) -> Result<Resource<FutureTrailers>>;
        drop(body: Resource<IncomingBody>) -> Result<()>;
    }
}

impl types::HostFutureTrailers for Http<'_> {
    forward! { HostFutureTrailers:
        subscribe(trailers: Resource<FutureTrailers>) -> Result<Resource<DynPollable>>;
        get(trailers: Resource<FutureTrailers>)
            -> Result<Option<core::result::Result<core::result::Result<Option<Resource<Trailers>>, ErrorCode>, ()>>>;
        drop(trailers: Resource<FutureTrailers>) -> Result<()>;
    }
}

// What serves requests belongs to the same interface; no agent has any to serve.

impl types::HostIncomingRequest for Http<'_> {
    forward! { HostIncomingRequest:
        method(request: Resource<IncomingRequest>) -> Result<Method>;
        path_with_query(request: Resource<IncomingRequest>) -> Result<Option<String>>;
        scheme(request: Resource<IncomingRequest>) -> Result<Option<Scheme>>;
        authority(request: Resource<IncomingRequest>) -> Result<Option<String>>;
        headers(request: Resource<IncomingRequest>) -> Result<Resource<Fields>>;
        consume(request: Resource<IncomingRequest>) -> Maybe<Resource<IncomingBody>>;
        drop(request: Resource<IncomingRequest>) -> Result<()>;
    }
}

impl types::HostOutgoingResponse for Http<'_> {
    forward! { HostOutgoingResponse:
        new(headers: Resource<Fields>) -> Result<Resource<OutgoingResponse>>;
        body(response: Resource<OutgoingResponse>) -> Maybe<Resource<OutgoingBody>>;
        status_code(response: Resource<OutgoingResponse>) -> Result<u16>;
        set_status_code(response: Resource<OutgoingResponse>, status: u16) -> Maybe<()>;
        headers(response: Resource<OutgoingResponse>) -> Result<Resource<Fields>>;
        drop(response: Resource<OutgoingResponse>) -> Result<()>;
    }
}

impl types::HostResponseOutparam for Http<'_> {
    forward! { HostResponseOutparam:
        set(param: Resource<ResponseOutparam>, response: core::result::Result<Resource<OutgoingResponse>, ErrorCode>)
            -> Result<()>;
        send_informational(param: Resource<ResponseOutparam>, status: u16, headers: Resource<Fields>) -> HttpResult<()>;
        drop(param: Resource<ResponseOutparam>) -> Result<()>;
    }
}
