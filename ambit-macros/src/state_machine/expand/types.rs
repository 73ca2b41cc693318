//! The states, the names of the timeouts, and the targets of each method with several.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::{Attribute, LitStr};

use super::cx::Cx;
use crate::gen_server::model::Role;
use crate::names::variant;
use crate::quoting::{docs, lenient};
use crate::spans::deferred;
use crate::state_machine::model::{Reaction, Target};

pub(super) fn items(cx: &Cx<'_>) -> TokenStream {
    let name = &cx.machine.server.name;
    let states = cx.machine.states.iter().zip(&cx.machine.state_docs);
    let states = states.map(|(state, written)| {
        let doc = docs(
            written,
            &format!(" `{state}`, one of the states of `{name}`."),
        );
        quote!(#doc #state)
    });
    let states = plain_enum(
        cx,
        &cx.types.state,
        &format!(" The states of `{name}`."),
        &states.collect::<Vec<_>>(),
    );
    let wire = wire(cx);
    let timeouts = cx
        .machine
        .events
        .iter()
        .filter(|event| event.role == Role::Timeout);
    let timeouts = timeouts.map(|event| {
        let (doc, name) = (
            docs(
                &[],
                &format!(" Set with `ctx.timeout(..)`, handled as `{}`.", event.ident),
            ),
            variant(&event.ident),
        );
        quote!(#doc #name)
    });
    let timeouts = plain_enum(
        cx,
        &cx.types.timeout,
        &format!(" The names of the timeouts of `{name}`."),
        &timeouts.collect::<Vec<_>>(),
    );
    let choices = choices(cx);
    let conversions = conversions(cx);
    quote!(#wire #states #timeouts #choices #conversions)
}

/// The derive that lets the states of a remote machine travel, as `house.door.state`.
fn wire(cx: &Cx<'_>) -> Option<TokenStream> {
    let remote = cx.machine.server.options.remote.as_ref()?;
    let name = LitStr::new(&format!("{}.state", remote.value()), remote.span());
    let ambit = &cx.base.ambit;
    Some(quote!(#[derive(#ambit::Message)] #[message(name = #name, crate = #ambit)]))
}

/// Generates an enum of names.
fn plain_enum(cx: &Cx<'_>, name: &Ident, doc: &str, variants: &[TokenStream]) -> TokenStream {
    let (vis, core, lenient) = (&cx.base.vis, &cx.base.core, lenient());
    let doc = docs(&[], doc);
    quote! {
        #doc
        #lenient
        #[allow(clippy::exhaustive_enums)]
        #[derive(
            #core::clone::Clone, #core::marker::Copy, #core::fmt::Debug,
            #core::cmp::PartialEq, #core::cmp::Eq, #core::hash::Hash,
        )]
        #vis enum #name { #(#variants,)* }
    }
}

/// Generates the targets of each method with several. Methods of one name are under different `cfg`s, and so are their
/// types.
fn choices(cx: &Cx<'_>) -> TokenStream {
    let reactions = cx.machine.reactions.iter();
    let named = reactions.filter_map(|reaction| Some((cx.choice(reaction)?, reaction)));
    let named: Vec<(Ident, &Reaction)> = named.collect();
    let each = named
        .iter()
        .enumerate()
        .map(|(position, (name, reaction))| {
            let mut earlier = named.iter().take(position);
            let is_new = !earlier.any(|(other, _)| other == name);
            let same: Vec<_> = named.iter().filter(|(other, _)| other == name).collect();
            let is_conditional =
                same.len() > 1 && same.iter().all(|(_, other)| other.handler.attrs.has_cfg());
            if is_conditional {
                choice(cx, name, reaction, &reaction.handler.attrs.cfgs)
            } else {
                is_new.then(|| choice(cx, name, reaction, &[])).flatten()
            }
        });
    each.flatten().collect()
}

/// `DoorUnlockTo`
fn choice(
    cx: &Cx<'_>,
    name: &Ident,
    reaction: &Reaction,
    cfgs: &[Attribute],
) -> Option<TokenStream> {
    let (module, state) = (&cx.module, &cx.types.state);
    let targets = known(cx, reaction.choices()?);
    let variants = targets.iter().map(|target| {
        let name = offered(target, &targets);
        let doc = match target {
            Target::State(state) => format!(" Changes to `{state}`."),
            Target::Stay(_) => " Keeps the current state.".to_owned(),
            Target::Repeat(_) => " Keeps the current state, and runs `#[enter]` again.".to_owned(),
        };
        let doc = docs(&[], &doc);
        quote!(#doc #name)
    });
    let method = &reaction.handler.ident;
    let doc = format!(" The targets of `{}::{method}`.", cx.machine.server.name);
    let definition = plain_enum(cx, name, &doc, &variants.collect::<Vec<_>>());
    let arms = targets.iter().map(|target| {
        let (name, next) = (offered(target, &targets), next(cx, target));
        quote!(Self::#name => #next)
    });
    Some(quote! {
        #(#cfgs)*
        #definition

        #(#cfgs)*
        #[automatically_derived]
        impl #module::Choice for #name {
            type State = #state;
            fn next(self) -> #module::Next<#state> { match self { #(#arms,)* } }
        }
    })
}

/// Returns the targets that exist, without duplicates; the others have been reported.
fn known<'t>(cx: &Cx<'_>, targets: &'t [Target]) -> Vec<&'t Target> {
    let mut known: Vec<&Target> = Vec::new();
    for target in targets {
        let is_there = match target {
            Target::State(state) => cx.machine.states.contains(state),
            Target::Stay(_) | Target::Repeat(_) => true,
        };
        if is_there && !known.iter().any(|known| known.ident() == target.ident()) {
            known.push(target);
        }
    }
    known
}

/// Returns the variant of a target. If a state has the name of a built-in target, the built-in one ends in an
/// underscore.
fn offered(target: &Target, all: &[&Target]) -> Ident {
    let ours = |name: &str, word: &Ident| {
        let is_state =
            |other: &&Target| matches!(other, Target::State(state) if state.unraw() == name);
        let end = if all.iter().any(is_state) { "_" } else { "" };
        Ident::new(&format!("{name}{end}"), word.span())
    };
    match target {
        Target::State(state) => state.clone(),
        Target::Stay(word) => ours("Stay", word),
        Target::Repeat(word) => ours("Repeat", word),
    }
}

/// Returns a target as a `Next`.
pub(super) fn next(cx: &Cx<'_>, target: &Target) -> TokenStream {
    let (module, state) = (&cx.module, &cx.types.state);
    match target {
        Target::State(to) => quote!(#module::Next::To(#state::#to)),
        Target::Stay(_) => quote!(#module::Next::Stay),
        Target::Repeat(_) => quote!(#module::Next::Repeat),
    }
}

/// Generates the conversions from messages to events, for `ctx.next_event` and `ctx.postpone`.
fn conversions(cx: &Cx<'_>) -> TokenStream {
    let (module, lib, core) = (&cx.module, &cx.base.ambit, &cx.base.core);
    let (server, generics) = (&cx.machine.server.self_ty, cx.base.ty_generics());
    let names = &cx.base.names;
    let (call, cast, next) = (&names.call, &names.cast, &names.next);
    let ambit_machine = quote!(#lib::StateMachine);
    let clause = cx.base.where_clause(&[
        deferred(
            server,
            &quote!(#ambit_machine<Protocol = #server, Internal = #next #generics>),
        ),
        deferred(
            server,
            &quote!(#lib::Protocol<Call = #call #generics, Cast = #cast #generics>),
        ),
    ]);
    let of = |role: Role| {
        let (variant, name) = cx.message(role)?;
        let variant = Ident::new(variant, proc_macro2::Span::call_site());
        Some(cx.base.trait_impl(
            &quote!(#core::convert::From<#name #generics>),
            &quote!(#module::StateEvent<#server>),
            &clause,
            &quote! {
                fn from(__message: #name #generics) -> Self { Self::#variant(__message) }
            },
        ))
    };
    [Role::Call, Role::Cast, Role::Internal]
        .into_iter()
        .filter_map(of)
        .collect()
}
