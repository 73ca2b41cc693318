//! Parses the user's trait into the model of a server that is all interface.
//!
//! Signatures are parsed like those of a server; parts that a protocol cannot have are reported and removed first.

mod attributes;
mod shape;

use proc_macro2::Ident;
use quote::quote;
use syn::{FnArg, Type, parse_quote};

pub(super) use self::attributes::options;
use self::attributes::role_table;
use self::shape::Shape;
use super::item::Trait;
use crate::argument;
use crate::block::{BlockItem, Method, OtherItem, OtherKind};
use crate::diag::{Diag, text};
use crate::forwarded_attributes::ForwardedAttributes;
use crate::gen_server::model::{Arg, Handler, InvalidMethod, Role, Server, ServerOptions};
use crate::gen_server::parse::signature::{ReplyKind, Signature};
use crate::gen_server::parse::{call, read_other, take_context_marks, take_marker};
use crate::markers::{Marker, Markers};
use crate::options::Options;
use crate::plain_attributes::is_plain;
use crate::self_type::{SelfType, defaults_without_self};

/// Reads the trait; also returns the markers, for editors.
pub(super) fn protocol(
    options: &Options,
    item: &mut Trait,
    markers: &Markers,
    diag: &Diag,
) -> (Server, Vec<Ident>) {
    let dynamic = dynamic(item);
    let self_ty = SelfType::new(&dynamic);
    let options = ServerOptions {
        krate: options.path("crate").cloned(),
        vis: Some(item.vis.clone()),
        remote: options.wire_name("remote").cloned(),
        mailbox: None,
        overflow: None,
        in_place: None,
        protocol: None,
    };
    let generics = self_ty.resolve_generics(&defaults_without_self(&item.generics));
    let protocol = Server::new("protocol", item.ident.clone(), dynamic, generics, options);
    let mut reader = Reader {
        protocol,
        self_ty: &self_ty,
        markers,
        hover: Vec::new(),
        diag,
    };
    for item in &mut item.items {
        match item {
            BlockItem::Method(method) => reader.method(method),
            BlockItem::Other(other) => reader.other(other),
        }
    }
    (reader.protocol, reader.hover)
}

/// Reports the attributes that the compiler would never see, because a protocol's methods are not in the remaining
/// trait.
fn unknown_attributes(method: &Method, diag: &Diag) {
    let arguments = method.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(argument) => Some(argument),
        FnArg::Receiver(_) => None,
    });
    let of_arguments = arguments.flat_map(|argument| &argument.attrs);
    let of_arguments = of_arguments.filter(|attribute| !argument::is_marked(attribute));
    for attribute in method.attrs.iter().chain(of_arguments) {
        let path = attribute.path();
        if path.is_ident("cfg_attr") || is_plain(attribute) {
            continue;
        }
        let message = format!(
            "`#[{}]` has no effect in a protocol, whose methods have no code; remove it, or put it on the methods of \
             the servers",
            text(path)
        );
        diag.error(attribute, message);
    }
}

/// `dyn Kv<K, V>`
fn dynamic(item: &Trait) -> Type {
    let (name, (_, generics, _)) = (&item.ident, item.generics.split_for_impl());
    parse_quote!(dyn #name #generics)
}

struct Reader<'a> {
    protocol: Server,
    self_ty: &'a SelfType,
    markers: &'a Markers,
    hover: Vec<Ident>,
    diag: &'a Diag,
}

impl Reader<'_> {
    fn method(&mut self, method: &mut Method) {
        let diag = self.diag;
        let marker = take_marker(&mut method.attrs, self.markers, diag);
        // The argument itself is reported.
        take_context_marks(method, self.markers);
        let Some(marker) = marker else {
            let message = format!(
                "method `{}` has no role; mark it with `#[call]` if it has a reply, or with `#[cast]` if not",
                method.sig.ident
            );
            diag.error(&method.sig.ident, message);
            return;
        };
        if !matches!(marker.mark, Role::Call | Role::Cast) {
            let message = format!(
                "{} cannot be part of a protocol; move it to the `#[gen_server(protocol = {})]` block of each server",
                marker.mark.a_marker(),
                self.protocol.name
            );
            diag.error(&marker.attribute, message);
            return;
        }
        self.hover.extend(marker.name().cloned());
        self.message(method, &marker);
    }

    fn message(&mut self, method: &mut Method, marker: &Marker<Role>) {
        let diag = self.diag;
        unknown_attributes(method, diag);
        let before = diag.count();
        let options = if marker.hidden {
            Options::default()
        } else {
            let is_remote = self.protocol.options.remote.is_some();
            Options::of(&marker.attribute, role_table(marker.mark, is_remote), diag)
        };
        let unknown = diag.count() > before;
        let generics = method.sig.generics.clone();
        let shape = Shape::check(&self.protocol.name, method, marker.mark, diag);
        let answers = ReplyKind {
            deferred: options.flag("deferred"),
            unknown,
            chooses: false,
        };
        let read = Signature::read(method, marker, &[], answers, self.self_ty, diag);
        let bad = read.bad || shape.is_bad || marker.hidden;
        let handler = Handler {
            ident: method.sig.ident.clone(),
            vis: self
                .protocol
                .options
                .vis
                .clone()
                .unwrap_or(syn::Visibility::Inherited),
            attrs: ForwardedAttributes::of(&method.attrs),
            tag: options.wire_name("tag").cloned(),
            is_async: false,
            borrows: None,
            takes_context: false,
            args: Arg::of_protocol(read.args),
            output: read.output,
            poisoned: bad.then_some(InvalidMethod { generics }),
        };
        match marker.mark {
            Role::Call => {
                let call = call(handler, read.port, &options, self.self_ty, self.diag);
                self.protocol.calls.push(call);
            }
            _ => self.protocol.casts.push(handler),
        }
    }

    fn other(&self, other: &mut OtherItem) {
        read_other(other, "protocol", self.markers, self.diag);
        match &other.kind {
            OtherKind::Assoc => {
                let message = "a protocol can only contain methods; remove this item, or use a type parameter, `trait Kv<K>`";
                self.diag.error(quote!(#other), message);
            }
            OtherKind::Unfinished(error) => self.diag.push(error.clone()),
            OtherKind::Macro(_) => {}
        }
    }
}
