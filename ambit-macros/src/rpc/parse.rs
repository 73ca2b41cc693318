//! Parses the user's function into the model.

use std::collections::BTreeSet;

use proc_macro2::Ident;
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::{
    Attribute, FnArg, GenericArgument, GenericParam, Pat, PatType, PathArguments, ReturnType,
    Signature, Type,
};

use super::model::Rpc;
use crate::argument;
use crate::diag::{Diag, text};
use crate::entry::Function;
use crate::forwarded_attributes::ForwardedAttributes;
use crate::gen_server::model::Arg;
use crate::message::Text;
use crate::options::Options;
use crate::types::{Obstacle, obstacle};
use crate::wire_name;

/// Reads the function; returns `None` if other nodes cannot call it.
pub(super) fn rpc(function: Function, options: &Options, diag: &Diag) -> Option<Rpc> {
    let Function {
        attrs,
        vis,
        mut sig,
        body,
    } = function;
    let mut reader = Reader {
        diag,
        is_async: sig.asyncness.is_some(),
        bad: false,
    };
    reader.signature(&sig);
    let inputs = sig.inputs.iter();
    let args: Vec<_> = inputs.filter_map(|input| reader.arg(input)).collect();
    if has_one_name_twice(&args) {
        // The compiler reports it.
        reader.bad = true;
    } else {
        argument::different_names(&args, diag);
        argument::different_hashes(&args, diag);
    }
    argument::strip(&mut sig);
    let output = reader.output(&sig.output);
    let types = args.iter().map(|arg| &arg.ty).chain([&output]);
    reader.hidden_module(&sig.ident, types);
    let name = reader.name(&sig.ident, options);
    if reader.bad {
        return None;
    }
    let forwarded = ForwardedAttributes::of(&attrs);
    let kept = attrs.iter().filter(|attr| !is_moved(attr));
    Some(Rpc {
        function: quote!(#(#kept)* #sig #body),
        ident: sig.ident,
        vis,
        forwarded,
        args,
        output,
        is_async: sig.asyncness.is_some(),
        name,
        timeout: options.expr("timeout").cloned(),
        ambit: options.ambit(),
    })
}

fn has_one_name_twice(args: &[Arg]) -> bool {
    let mut seen = BTreeSet::new();
    !args.iter().all(|arg| seen.insert(&arg.ident))
}

/// Finds a path of several words in a type that begins with `name`: `uuid::Uuid`, but not `::uuid::Uuid`.
fn beginning_with<'t>(ty: &'t Type, name: &Ident) -> Option<&'t Ident> {
    match ty {
        Type::Group(group) => beginning_with(&group.elem, name),
        Type::Paren(paren) => beginning_with(&paren.elem, name),
        Type::Array(array) => beginning_with(&array.elem, name),
        Type::Tuple(tuple) => tuple.elems.iter().find_map(|ty| beginning_with(ty, name)),
        Type::Path(path) if path.qself.is_none() => {
            let path = &path.path;
            let first = path.segments.first().map(|segment| &segment.ident);
            let is_several = path.leading_colon.is_none() && path.segments.len() > 1;
            first
                .filter(|first| is_several && *first == name)
                .or_else(|| {
                    let arguments = path.segments.iter().map(|segment| &segment.arguments);
                    arguments
                        .flat_map(types_in)
                        .find_map(|ty| beginning_with(ty, name))
                })
        }
        _ => None,
    }
}

fn types_in(arguments: &PathArguments) -> impl Iterator<Item = &Type> {
    let arguments = match arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        PathArguments::None | PathArguments::Parenthesized(_) => None,
    };
    arguments
        .into_iter()
        .flatten()
        .filter_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        })
}

/// Returns the attributes that callers see; the others concern the body.
fn is_moved(attribute: &Attribute) -> bool {
    ["cfg", "doc", "deprecated", "must_use"]
        .iter()
        .any(|name| attribute.path().is_ident(name))
}

struct Reader<'d> {
    diag: &'d Diag,
    is_async: bool,
    bad: bool,
}

impl Reader<'_> {
    fn mistake(&mut self, at: impl ToTokens, message: impl std::fmt::Display) {
        self.bad = true;
        self.diag.error(at, message);
    }

    fn signature(&mut self, sig: &Signature) {
        if let Some(param) = sig.generics.params.first() {
            let (name, instead) = match param {
                GenericParam::Type(param) => {
                    (text(&param.ident), "write one function for each type")
                }
                GenericParam::Const(param) => (text(&param.ident), "take it as an argument"),
                GenericParam::Lifetime(param) => (text(&param.lifetime), "take owned values"),
            };
            let message = format!(
                "an `#[rpc]` function cannot have the generic parameter `{name}`; {instead}"
            );
            self.mistake(param, message);
        }
        if let Some(receiver) = sig.receiver() {
            let message = "`#[rpc]` can only be applied to a free function; remove `self`, or make it a \
                           `#[call]` of a server with `#[gen_server(remote = \"shop.counter\")]`";
            self.mistake(receiver, message);
        }
        if let syn::Safety::Unsafe(keyword) = &sig.safety {
            let message = "an `#[rpc]` function cannot be `unsafe`, because remote callers cannot uphold its safety contract; remove `unsafe`";
            self.mistake(keyword, message);
        }
    }

    fn arg(&mut self, input: &FnArg) -> Option<Arg> {
        let FnArg::Typed(argument) = input else {
            return None;
        };
        self.no_cfg(argument);
        match obstacle(&argument.ty) {
            // The compiler reports the hidden lifetime itself.
            Some(Obstacle::Cow(_)) if self.is_async => self.bad = true,
            _ => {
                let what = "arguments of `#[rpc]` functions";
                self.check_sendable(&argument.ty, what, "take");
            }
        }
        match &*argument.pat {
            Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none() => Some(Arg {
                ident: name.ident.clone(),
                ty: (*argument.ty).clone(),
                renamed: argument::wire_name(argument, self.diag),
                lints: argument::lints(argument),
            }),
            other => {
                let message = "an argument of an `#[rpc]` function must have a name; take `value: ..`, and match on it in \
                     the body";
                self.mistake(other, message);
                None
            }
        }
    }

    fn no_cfg(&mut self, argument: &PatType) {
        let mut attrs = argument.attrs.iter();
        if let Some(cfg) = attrs.find(|attribute| attribute.path().is_ident("cfg")) {
            let message =
                "`#[cfg]` is not supported on arguments; put `#[cfg(..)]` on the function";
            self.mistake(cfg, message);
        }
    }

    fn output(&mut self, output: &ReturnType) -> Type {
        match output {
            ReturnType::Default => syn::parse_quote!(()),
            ReturnType::Type(_, ty) if matches!(**ty, Type::Never(_)) => {
                let message = "an `#[rpc]` function that never returns cannot reply; return `()`";
                self.mistake(ty, message);
                (**ty).clone()
            }
            ReturnType::Type(_, ty) => {
                self.check_sendable(ty, "return values of `#[rpc]` functions", "return");
                (**ty).clone()
            }
        }
    }

    /// Reports a type that is local to this node; `what` describes it, `do` is the remedy.
    fn check_sendable(&mut self, ty: &Type, what: &str, verb: &str) {
        match obstacle(ty) {
            None | Some(Obstacle::Infer) => {}
            // A lifetime parameter has been reported already.
            Some(Obstacle::Lifetime(_)) => self.bad = true,
            Some(obstacle) => self.mistake(&obstacle, obstacle.message(what, verb)),
        }
    }

    /// Reports a type of the signature whose path begins with the name of the function: there, that is the request.
    fn hidden_module<'t>(&mut self, name: &Ident, mut types: impl Iterator<Item = &'t Type>) {
        let Some(at) = types.find_map(|ty| beginning_with(ty, name)) else {
            return;
        };
        let message = format!(
            "`{name}` is the type of the requests here, and hides the module or crate of this name; rename the \
             function, or write `::{name}::` for a crate"
        );
        self.mistake(at, message);
    }

    /// Returns its name on the wire.
    fn name(&mut self, ident: &Ident, options: &Options) -> Text {
        if let Some(name) = options.wire_name("name") {
            if let Some(mistake) = wire_name::mistake_in_prefix(&name.value()) {
                self.mistake(name, format!("{mistake}; write `name = \"geo.area\"`"));
            }
            return Text {
                value: name.value(),
                at: name.to_token_stream(),
            };
        }
        let value = ident.unraw().to_string();
        if let Some(mistake) = wire_name::mistake_in_tag(&value)
            && !options.is_unread("name")
        {
            let message = format!("{mistake}; write `#[rpc(name = \"geo.area\")]`");
            self.mistake(ident, message);
        }
        Text {
            value,
            at: ident.to_token_stream(),
        }
    }
}
