//! Links the functions of HTTP that take memory. They replace the functions of wasmtime-wasi-http, and call them.

use wasmtime::Result;
use wasmtime::component::{ComponentNamedList, Lift, LinkerInstance, Lower, Resource};
use wasmtime_wasi_http::p2::HeaderResult;
use wasmtime_wasi_http::p2::bindings::http::outgoing_handler::Host as _;
use wasmtime_wasi_http::p2::bindings::http::types::{
    self, HeaderError, Host as _, HostFields, HostIncomingResponse, HostOutgoingBody as _,
    HostOutgoingRequest, HostOutgoingResponse, Method, RequestOptions,
};
use wasmtime_wasi_http::p2::body::{HostFutureTrailers, HostOutgoingBody};
use wasmtime_wasi_http::p2::types::{
    HostFutureIncomingResponse, HostIncomingResponse as IncomingResponse,
    HostOutgoingRequest as OutgoingRequest, HostOutgoingResponse as OutgoingResponse,
};
use wasmtime_wasi_http::{FieldMap, WasiHttpCtxView, WasiHttpView as _};

use super::http_memory::{BODY, CONNECTION, ENTRY, FIELDS, NAME, Sending, VALUE, size};
use crate::call::runtime::enter;
use crate::call::state::State;
use crate::permission::limits::Limit;

/// Links the functions of `wasi:http/types` that take memory.
pub(super) fn link_types<D: Send + 'static>(
    types: &mut LinkerInstance<'_, State<D>>,
) -> Result<()> {
    counted(types, "[constructor]fields", |http, (): ()| {
        let fields = HostFields::new(http)?;
        Ok((taken(http, &fields), (fields,)))
    })?;
    counted(types, "[static]fields.from-list", |http, (entries,): (Vec<(String, Vec<u8>)>,)| {
        let answer = http.from_list(entries);
        let answer = plain(http, answer)?;
        Ok((answer.as_ref().map_or(0, |fields| taken(http, fields)), (answer,)))
    })?;
    counted(types, "[method]fields.clone", |http, (fields,): (Resource<FieldMap>,)| {
        let fields = HostFields::clone(http, fields)?;
        Ok((taken(http, &fields), (fields,)))
    })?;
    type Append = (Resource<FieldMap>, String, Vec<u8>);
    counted(types, "[method]fields.append", |http, (fields, name, value): Append| {
        let more = NAME + VALUE + (name.len() + value.len()) as u64;
        let answer = http.append(fields, name, value);
        Ok((more, (plain(http, answer)?,)))
    })?;
    type Set = (Resource<FieldMap>, String, Vec<Vec<u8>>);
    counted(types, "[method]fields.set", |http, (fields, name, values): Set| {
        let answer = http.set(again(&fields), name, values);
        let answer = plain(http, answer)?;
        if answer.is_ok() {
            repack(http, &fields)?;
        }
        Ok((taken(http, &fields), (answer,)))
    })?;
    counted(types, "[method]fields.delete", |http, parameters: (Resource<FieldMap>, String)| {
        let (fields, name) = parameters;
        let answer = HostFields::delete(http, again(&fields), name);
        let answer = plain(http, answer)?;
        if answer.is_ok() {
            repack(http, &fields)?;
        }
        Ok((0, (answer,)))
    })?;

    type Request = Resource<OutgoingRequest>;
    counted(types, "[constructor]outgoing-request", |http, (fields,): (Resource<FieldMap>,)| {
        let request = HostOutgoingRequest::new(http, fields)?;
        Ok((taken(http, &request), (request,)))
    })?;
    counted(types, "[method]outgoing-request.body", |http, (request,): (Request,)| {
        Ok((ENTRY + BODY, (HostOutgoingRequest::body(http, request)?,)))
    })?;
    counted(types, "[method]outgoing-request.headers", |http, (request,): (Request,)| {
        let fields = HostOutgoingRequest::headers(http, request)?;
        Ok((taken(http, &fields), (fields,)))
    })?;
    counted(
        types,
        "[method]outgoing-request.set-method",
        |http, parameters: (Request, Method)| {
            let (request, method) = parameters;
            let more = if let Method::Other(name) = &method { name.len() } else { 0 };
            Ok((more as u64, (http.set_method(request, method)?,)))
        },
    )?;
    type SetText = (Request, Option<String>);
    counted(types, "[method]outgoing-request.set-path-with-query", |http, parameters: SetText| {
        let (request, path) = parameters;
        let more = path.as_ref().map_or(0, String::len);
        Ok((more as u64, (http.set_path_with_query(request, path)?,)))
    })?;
    counted(types, "[method]outgoing-request.set-authority", |http, parameters: SetText| {
        let (request, authority) = parameters;
        let more = authority.as_ref().map_or(0, String::len);
        Ok((more as u64, (http.set_authority(request, authority)?,)))
    })?;

    type Response = Resource<OutgoingResponse>;
    counted(types, "[constructor]outgoing-response", |http, (fields,): (Resource<FieldMap>,)| {
        let response = HostOutgoingResponse::new(http, fields)?;
        Ok((taken(http, &response), (response,)))
    })?;
    counted(types, "[method]outgoing-response.body", |http, (response,): (Response,)| {
        Ok((ENTRY + BODY, (HostOutgoingResponse::body(http, response)?,)))
    })?;
    counted(types, "[method]outgoing-response.headers", |http, (response,): (Response,)| {
        let fields = HostOutgoingResponse::headers(http, response)?;
        Ok((taken(http, &fields), (fields,)))
    })?;

    type Future = Resource<HostFutureIncomingResponse>;
    counted(types, "[method]future-incoming-response.get", |http, (future,): (Future,)| {
        let answer = types::HostFutureIncomingResponse::get(http, future)?;
        let response = answer.as_ref().and_then(|it| it.as_ref().ok()?.as_ref().ok());
        Ok((response.map_or(0, |response| taken(http, response)), (answer,)))
    })?;
    counted(types, "[method]incoming-response.headers", |http, parameters| {
        let (response,): (Resource<IncomingResponse>,) = parameters;
        let fields = HostIncomingResponse::headers(http, response)?;
        Ok((taken(http, &fields), (fields,)))
    })?;
    counted(types, "[method]future-trailers.get", |http, parameters| {
        let (future,): (Resource<HostFutureTrailers>,) = parameters;
        let answer = types::HostFutureTrailers::get(http, future)?;
        let fields = answer.as_ref().and_then(|it| it.as_ref().ok()?.as_ref().ok()?.as_ref());
        Ok((fields.map_or(0, |fields| taken(http, fields)), (answer,)))
    })?;
    type Finish = (Resource<HostOutgoingBody>, Option<Resource<FieldMap>>);
    types.func_wrap("[static]outgoing-body.finish", |mut store, (body, trailers): Finish| {
        let state: &mut State<D> = store.data_mut();
        if let Some(trailers) = &trailers {
            let size = taken(&state.http(), trailers);
            state.http_memory().0.gone.more(size)?;
        }
        let http = &mut state.http();
        let answer = match http.finish(body, trailers) {
            Ok(()) => Ok(()),
            Err(error) => Err(http.convert_error_code(error)?),
        };
        Ok((answer,))
    })
}

/// Links the function of `wasi:http/outgoing-handler`. It runs on the library's runtime instead of the caller's.
/// wasmtime's own function to link it would require all of `wasi:http/types` too.
///
/// The memory of a request that was sent cannot be measured any more, and the request has a connection. So its memory
/// counts separately until the response is read or dropped.
pub(super) fn link_handler<D: Send + 'static>(
    handler: &mut LinkerInstance<'_, State<D>>,
) -> Result<()> {
    type Handle = (Resource<OutgoingRequest>, Option<Resource<RequestOptions>>);
    handler.func_wrap("handle", |mut store, (request, options): Handle| {
        let state: &mut State<D> = store.data_mut();
        let size = taken(&state.http(), &request);
        let memory = state.held(Limit::HostMemory).with(size + CONNECTION)?;
        let descriptor = state.descriptor()?;
        state.send(Sending::new(memory, descriptor));
        let _entered = enter();
        let http = &mut state.http();
        let answer = match http.handle(request, options) {
            Ok(future) => Ok(future),
            Err(error) => Err(http.convert_error_code(error)?),
        };
        state.sent();
        Ok((answer,))
    })
}

/// Links a function that returns how many bytes it took in addition to its result.
fn counted<D: Send + 'static, P, R>(
    instance: &mut LinkerInstance<'_, State<D>>,
    name: &str,
    function: impl Fn(&mut WasiHttpCtxView<'_>, P) -> Result<(u64, R)> + Send + Sync + 'static,
) -> Result<()>
where
    P: ComponentNamedList + Lift + 'static,
    R: ComponentNamedList + Lower + 'static,
{
    instance.func_wrap(name, move |mut store, parameters: P| {
        let state: &mut State<D> = store.data_mut();
        let (taken, answer) = function(&mut state.http(), parameters)?;
        if taken > 0 {
            let (memory, table) = state.http_memory();
            memory.take(table, taken)?;
        }
        Ok(answer)
    })
}

/// Returns the memory of the value behind a handle.
fn taken<T: 'static>(http: &WasiHttpCtxView<'_>, resource: &Resource<T>) -> u64 {
    http.table.get(resource).map_or(0, |entry| size(entry))
}

/// Copies fields from which something was removed, since fields keep their capacity otherwise.
fn repack(http: &mut WasiHttpCtxView<'_>, fields: &Resource<FieldMap>) -> Result<()> {
    let fields = http.table.get_mut(fields)?;
    let mut packed = FieldMap::new_mutable(usize::MAX);
    for (name, value) in fields.iter() {
        packed.append_raw(name.clone(), value.clone())?;
    }
    packed.set_mutable(FIELDS);
    *fields = packed;
    Ok(())
}

fn again<T: 'static>(resource: &Resource<T>) -> Resource<T> {
    Resource::new_borrow(resource.rep())
}

fn plain<T>(
    http: &mut WasiHttpCtxView<'_>,
    answer: HeaderResult<T>,
) -> Result<Result<T, HeaderError>> {
    Ok(match answer {
        Ok(value) => Ok(value),
        Err(error) => Err(http.convert_header_error(error)?),
    })
}
