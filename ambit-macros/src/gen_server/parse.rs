//! Parses the user's block into the model.
//!
//! Reads options, roles and signatures, removes the markers from the block, and reports every error within one method;
//! `check` reports errors that concern several methods.

mod attributes;
mod context_mark;
pub(crate) mod signature;

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Attribute, Expr, Receiver, Type};

use self::attributes::role_table;
pub(crate) use self::attributes::{
    CALL_TIMEOUT, DEFERRED, INIT, LOCAL_TAG, NO_CAST_TIMEOUT, SKIP_EXPIRED, TAG, server_options,
    server_options_of,
};
pub(crate) use self::context_mark::take_context_marks;
use self::signature::{ReplyKind, Signature, borrowed};
use super::model::{
    self, Arg, Call, Handler, Info, Init, InvalidMethod, Reply, Role, Server, ServerOptions,
    Terminate,
};
use crate::block::{Block, BlockItem, Method, OtherItem, OtherKind};
use crate::diag::{Diag, text};
use crate::forwarded_attributes::ForwardedAttributes;
use crate::markers::{Marker, Markers};
use crate::options::Options;
use crate::self_type::{SelfType, reads_self};

/// Reads the block, and leaves the user's own impl block in it.
pub(crate) fn server(
    options: ServerOptions,
    block: &mut Block,
    name: Ident,
    markers: &Markers,
    diag: &Diag,
) -> (Server, Vec<Ident>) {
    let self_ty = SelfType::new(&block.self_ty);
    let generics = self_ty.resolve_generics(&block.generics);
    let mut server = Server::new("gen_server", name, block.self_ty.clone(), generics, options);
    let mut hover = Vec::new();
    for item in &mut block.items {
        match item {
            BlockItem::Method(method) => {
                read_method(method, &mut server, &self_ty, markers, &mut hover, diag);
            }
            BlockItem::Other(other) => read_other(other, "gen_server", markers, diag),
        }
    }
    (server, hover)
}

/// Removes the marker from an item; a second marker is reported and dropped, and so is a supervisor's.
pub(crate) fn take_marker(
    attrs: &mut Vec<Attribute>,
    markers: &Markers,
    diag: &Diag,
) -> Option<Marker<Role>> {
    for foreign in markers.take(attrs, Markers::child) {
        diag.error(
            foreign.attribute,
            "`#[child]` can only be used in a `#[supervisor]` block; move this method to a `#[supervisor]` \
             block of another type",
        );
    }
    let mut found = markers.take(attrs, Markers::role).into_iter();
    let marker = found.next()?;
    for second in found {
        let already = marker.mark.a_marker();
        diag.error(
            second.attribute,
            format!("this method is already {already}; remove one of the two roles"),
        );
    }
    if marker.hidden {
        let role = marker.mark.marker();
        diag.error(
            &marker.attribute,
            format!("`{role}` cannot be in a `cfg_attr`; write `#[cfg(..)]` and `{role}` as two attributes"),
        );
    }
    Some(marker)
}

/// Reads an item that is not a method; `attribute` is that of the block.
pub(crate) fn read_other(other: &mut OtherItem, attribute: &str, markers: &Markers, diag: &Diag) {
    let marker = take_marker(&mut other.attrs, markers, diag);
    match (&other.kind, marker) {
        (OtherKind::Assoc, Some(marker)) => {
            let role = marker.mark.marker();
            diag.error(&*other, format!("`{role}` can only be applied to a method, `fn`; remove it"));
            other.leave_out_type();
        }
        (OtherKind::Macro(path), _) => diag.error(
            path,
            format!(
                "`#[{attribute}]` cannot see the methods that a macro call generates; write them out, or move \
                 the call to another impl block"
            ),
        ),
        (OtherKind::Unfinished(error), Some(_)) => diag.push(error.clone()),
        (OtherKind::Assoc | OtherKind::Unfinished(_), None) => {}
    }
}

fn read_method(
    method: &mut Method,
    server: &mut Server,
    self_ty: &SelfType,
    markers: &Markers,
    hover: &mut Vec<Ident>,
    diag: &Diag,
) {
    server.methods.push(model::Method {
        ident: method.sig.ident.clone(),
        attrs: ForwardedAttributes::of(&method.attrs),
    });
    let marker = take_marker(&mut method.attrs, markers, diag);
    let context_marks = take_context_marks(method, markers);
    let Some(marker) = marker else {
        server.unmarked.push(method.sig.ident.clone());
        if let Some(mark) = context_marks.first() {
            diag.error(
                mark,
                "`#[ctx]` can only be used in a method with a role; remove it",
            );
        }
        return;
    };
    hover.extend(marker.name().cloned());
    let before = diag.count();
    let options = options_of(&marker, server, diag);
    declared_in_the_protocol(method, &options, server, diag);
    let answers = ReplyKind {
        deferred: options.flag("deferred"),
        unknown: diag.count() > before,
        chooses: false,
    };
    let read = Signature::read(method, &marker, &context_marks, answers, self_ty, diag);
    let Signature {
        takes_context,
        args,
        port,
        message,
        output,
        doubled,
        mut bad,
    } = read;
    bad |= marker.hidden;
    let handler = Handler {
        ident: method.sig.ident.clone(),
        vis: method.vis.clone(),
        attrs: ForwardedAttributes::of(&method.attrs),
        tag: options.wire_name("tag").cloned(),
        is_async: method.sig.asyncness.is_some(),
        borrows: borrows(&method.sig),
        takes_context,
        args: named(args, marker.mark, server),
        output,
        poisoned: bad.then(|| InvalidMethod {
            generics: method.sig.generics.clone(),
        }),
    };
    method.takes_context = handler.takes_context;
    method.allow_shape();
    method.ignore_arguments(&doubled);
    match marker.mark {
        Role::Call => server
            .calls
            .push(call(handler, port, &options, self_ty, diag)),
        role => add_handler(server, role, handler, message, &options),
    }
}

/// Reads the options of a marker.
fn options_of(marker: &Marker<Role>, server: &Server, diag: &Diag) -> Options {
    if marker.hidden {
        return Options::default();
    }
    let table = role_table(marker.mark, server.options.remote.is_some());
    Options::of(&marker.attribute, table, diag)
}

/// Adds a method of any role except `call` to the server.
fn add_handler(
    server: &mut Server,
    role: Role,
    handler: Handler,
    message: Option<Type>,
    options: &Options,
) {
    match role {
        Role::Init => server.inits.push(Init { handler }),
        Role::Cast => server.casts.push(handler),
        Role::Info => server
            .infos
            .extend(message.map(|message| Info { handler, message })),
        Role::ContinueWith => server.continues.push(handler),
        Role::Terminate => {
            let after_panic = !options.flag("not_after_panic");
            server.terminates.push(Terminate {
                handler,
                after_panic,
            });
        }
        // Calls are added with their reply type, and the other markers are not those of a server.
        Role::Call
        | Role::Internal
        | Role::StateTimeout
        | Role::EventTimeout
        | Role::Timeout
        | Role::Enter
        | Role::Exit => {}
    }
}

/// Reports options that concern callers: a server with an external protocol cannot set them.
fn declared_in_the_protocol(method: &Method, options: &Options, server: &Server, diag: &Diag) {
    let Some(protocol) = &server.options.protocol else {
        return;
    };
    let concerns = [
        ("timeout", "the call timeout"),
        ("tag", "the wire tag of a method"),
    ];
    for (name, what) in concerns {
        if let Some(given) = options.given(name) {
            let message = format!(
                "the protocol defines {what}; move `{name}` to `{}` in `{}`",
                method.sig.ident,
                text(protocol)
            );
            diag.error(given, message);
        }
    }
}

/// Returns the arguments under the names of the fields.
fn named(args: Vec<Arg>, role: Role, server: &Server) -> Vec<Arg> {
    let is_bound = server.options.protocol.is_some() && matches!(role, Role::Call | Role::Cast);
    if !is_bound {
        return args;
    }
    Arg::of_protocol(args)
}

/// Reads the parts that only a call has.
pub(crate) fn call(
    mut handler: Handler,
    port: Option<Type>,
    options: &Options,
    self_ty: &SelfType,
    diag: &Diag,
) -> Call {
    let returned = handler.output.take().unwrap_or_else(unit);
    Call {
        reply: port.map_or(Reply::Returned(returned), Reply::Deferred),
        timeout: timeout(options, self_ty, diag),
        skip_expired: options.flag("skip_expired"),
        handler,
    }
}

/// Returns the `&self` of an async method.
pub(crate) fn borrows(sig: &syn::Signature) -> Option<Receiver> {
    sig.asyncness?;
    let shared =
        |receiver: &&Receiver| borrowed(receiver).is_some_and(|(_, is_mutable)| !is_mutable);
    sig.receiver().filter(shared).cloned()
}

pub(crate) fn unit() -> Type {
    Type::Tuple(syn::TypeTuple {
        attrs: Vec::new(),
        paren_token: syn::token::Paren::default(),
        elems: syn::punctuated::Punctuated::new(),
    })
}

/// Returns the timeout of callers.
pub(crate) fn timeout(options: &Options, self_ty: &SelfType, diag: &Diag) -> Option<Expr> {
    let timeout = options.expr("timeout")?;
    if reads_self(timeout.to_token_stream()) {
        let message = "the timeout applies to callers, which have no `self`; use a constant, or set it in the call: \
                       `handle.get().timeout(..)`";
        diag.error(timeout, message);
        return None;
    }
    Some(self_ty.resolve(timeout))
}
