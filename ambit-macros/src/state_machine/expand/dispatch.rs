//! The handling of each event in each state: one arm per rule.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::Attribute;

use super::arm::{Arm, moved, only};
use super::cx::Cx;
use super::enter::entered;
use crate::gen_server::expand::match_arm::run;
use crate::gen_server::expand::{bindings, locals};
use crate::gen_server::model::{Handler, Reply, Role};
use crate::names::{plain_name, variant};
use crate::spans::spanned;
use crate::state_machine::model::{
    Event, Machine, Reaction, RuleEffect, RuleIndex, States, Target, UnhandledEvent,
};

/// Generates `StateMachine`, and the other impls of the machine.
pub(super) fn items(cx: &Cx<'_>) -> TokenStream {
    let (lib, module) = (&cx.base.ambit, &cx.module);
    let (state, timeout) = (&cx.types.state, &cx.types.timeout);
    let (info, next, generics) = (
        &cx.base.names.info,
        &cx.base.names.next,
        cx.base.ty_generics(),
    );
    let arms = arms(cx);
    let (now, later) = (now(cx, &arms), later(cx, &arms));
    let server = cx.machine.server.self_ty.to_token_stream();
    let clause = cx.base.bounds_where();
    let machine = cx.base.trait_impl(
        &quote!(#lib::StateMachine),
        &server,
        &clause,
        &quote! {
            type State = #state;
            type Message = #info #generics;
            type Internal = #next #generics;
            type Timeout = #timeout;
            #now
            #later
        },
    );
    let has = [
        (Role::StateTimeout, "HasStateTimeout"),
        (Role::EventTimeout, "HasEventTimeout"),
    ];
    let has = has
        .into_iter()
        .filter(|(role, _)| cx.has(*role))
        .map(|(_, name)| {
            let name = Ident::new(name, Span::call_site());
            cx.base.trait_impl(
                &quote!(#module::#name),
                &server,
                &clause,
                &TokenStream::new(),
            )
        });
    quote! {
        #[allow(deprecated, unreachable_code, unreachable_patterns, unused_variables)]
        #machine
        #(#has)*
    }
}

fn now(cx: &Cx<'_>, arms: &[Arm<'_>]) -> TokenStream {
    let (lib, module, core) = (&cx.base.ambit, &cx.module, &cx.base.core);
    let state = &cx.types.state;
    let plain = arms
        .iter()
        .filter(|arm| arm.waits.is_none())
        .map(Arm::written);
    quote! {
        fn handle_event(
            &mut self,
            __state: #state,
            __event: #module::StateEvent<Self>,
            __ctx: &mut #lib::Context<Self>,
        ) -> #core::result::Result<#module::Next<#state>, #module::StateEvent<Self>> {
            let __next = match (__state, __event) {
                #(#plain)*
                (_, __event) => return #core::result::Result::Err(__event),
            };
            #core::result::Result::Ok(__next)
        }
    }
}

fn later(cx: &Cx<'_>, arms: &[Arm<'_>]) -> Option<TokenStream> {
    let (lib, module, state) = (&cx.base.ambit, &cx.module, &cx.types.state);
    let methods: Vec<_> = arms.iter().filter_map(|arm| arm.waits).collect();
    let first = *methods.first()?;
    let later = arms
        .iter()
        .filter(|arm| arm.waits.is_some())
        .map(Arm::written);
    let head = quote! {
        async fn handle_event_later(
            &mut self,
            __state: #state,
            __event: #module::StateEvent<Self>,
            __ctx: &mut #lib::Context<Self>,
        ) -> #module::Next<#state>
    };
    // The compiler reports a future that is not `Send` at the head, as for a server.
    let head = if methods.iter().all(|method| *method == first) {
        spanned(head, first)
    } else {
        spanned(head, &cx.machine.server.self_ty)
    };
    Some(quote! {
        #head {
            match (__state, __event) {
                #(#later)*
                (_, __event) => #module::unhandled(__event, __ctx),
            }
        }
    })
}

fn arms<'a>(cx: &'a Cx<'a>) -> Vec<Arm<'a>> {
    let entered = cx
        .machine
        .states
        .iter()
        .flat_map(|state| entered(cx, state));
    let events = cx
        .machine
        .events
        .iter()
        .filter(|event| event.role != Role::Enter);
    entered
        .chain(events.flat_map(|event| of_event(cx, event)))
        .collect()
}

/// Returns the arms of one event: one per rule, for all its states.
fn of_event<'a>(cx: &'a Cx<'a>, event: &'a Event) -> Vec<Arm<'a>> {
    let mut places: Vec<RuleIndex> = Vec::new();
    for rule_index in event.table.iter().flatten() {
        if !places.contains(rule_index) {
            places.push(*rule_index);
        }
    }
    if event.table.iter().any(|rules| rules.len() > 1) {
        // A rule for all other states may share a state with a rule that is under another `cfg`.
        places.sort_by_key(|rule_index| is_rest(cx.machine, *rule_index));
    }
    let arms = places.into_iter().filter_map(|rule_index| {
        let (reaction, rule) = cx.machine.rule(rule_index)?;
        if !declared(cx, event) || !reaction.handler.runs() {
            return None;
        }
        let states = in_states(cx, event, rule_index);
        Some(match &rule.effect {
            RuleEffect::Run(targets) => running(cx, event, reaction, &states, targets),
            RuleEffect::Itself(effect, _) => {
                unhandled(cx, event, &states, *effect, &reaction.handler.attrs.cfgs)
            }
        })
    });
    arms.collect()
}

fn is_rest(machine: &Machine, rule_index: RuleIndex) -> bool {
    let rule = machine.rule(rule_index);
    rule.is_some_and(|(_, rule)| matches!(rule.states, States::Rest(_)))
}

/// Returns whether the enum has a variant for it.
fn declared(cx: &Cx<'_>, event: &Event) -> bool {
    let server = &cx.machine.server;
    let is = |handler: &Handler| handler.ident == event.ident && handler.runs();
    match event.role {
        Role::Call => server.calls.iter().any(|call| is(&call.handler)),
        Role::Cast => server.casts.iter().any(is),
        Role::Info => server.infos.iter().any(|info| is(&info.handler)),
        Role::Internal => server.continues.iter().any(is),
        _ => true,
    }
}

/// `DoorState::Locked | DoorState::Open`, or `_` for all.
fn in_states(cx: &Cx<'_>, event: &Event, rule_index: RuleIndex) -> TokenStream {
    let name = &cx.types.state;
    let mut table = event.table.iter();
    if table.all(|rules| rules.contains(&rule_index)) {
        return quote!(_);
    }
    let states = cx.machine.states.iter().zip(&event.table);
    let states = states.filter(|(_, rules)| rules.contains(&rule_index));
    let states = states.map(|(state, _)| quote!(#name::#state));
    quote!(#(#states)|*)
}

/// Returns the event as a pattern; it binds the arguments, or nothing.
fn pattern(cx: &Cx<'_>, event: &Event, handler: Option<&Handler>) -> TokenStream {
    let module = &cx.module;
    let Some((kind, message)) = cx.message(event.role) else {
        let kind = match event.role {
            Role::StateTimeout => quote!(StateTimeout),
            Role::EventTimeout => quote!(EventTimeout),
            _ => quote!(Exit { .. }),
        };
        return quote!(#module::StateEvent::#kind);
    };
    let (kind, variant) = (Ident::new(kind, Span::call_site()), variant(&event.ident));
    let inner = match (event.role, handler) {
        (Role::Timeout, _) => TokenStream::new(),
        (Role::Info, Some(_)) => quote!((__info)),
        (Role::Info, None) => quote!((..)),
        (_, None) => quote!({ .. }),
        (role, Some(handler)) => {
            let bound = bindings(handler);
            let reply = (role == Role::Call).then(|| quote!(reply: __reply));
            quote!({ #bound #reply })
        }
    };
    quote!(#module::StateEvent::#kind(#message::#variant #inner))
}

/// Returns the code for a rule that runs the method.
fn running<'a>(
    cx: &Cx<'_>,
    event: &Event,
    reaction: &'a Reaction,
    states: &TokenStream,
    targets: &[Target],
) -> Arm<'a> {
    let handler = &reaction.handler;
    let event = pattern(cx, event, Some(handler));
    let mut body = if reaction.role == Role::Call {
        answered(cx, reaction, targets)
    } else {
        let args = match reaction.role {
            Role::Info => quote!(, __info),
            _ => {
                let names = locals(handler);
                quote!(#(, #names)*)
            }
        };
        moved(cx, reaction, &run(handler, &args), targets)
    };
    if reaction.skip_expired {
        let (private, module) = (&cx.base.private, &cx.module);
        body = quote! {
            if #private::skip_expired(&__reply, __ctx) { #module::Next::Stay } else { #body }
        };
    }
    Arm {
        cfgs: &handler.attrs.cfgs,
        pattern: quote!((#states, #event)),
        body: quote!({ #body }),
        waits: handler.is_async.then_some(&handler.ident),
    }
}

/// A call: the reply first, then the target.
fn answered(cx: &Cx<'_>, reaction: &Reaction, targets: &[Target]) -> TokenStream {
    let (private, module) = (&cx.base.private, &cx.module);
    let (handler, names) = (&reaction.handler, locals(&reaction.handler));
    if let Some(Reply::Deferred(_)) = &reaction.reply {
        let run = run(handler, &quote!(#(, #names)*, __reply));
        if let Some(choice) = cx.choice(reaction) {
            let run = spanned(run, &handler.output);
            return quote!(<#choice as #module::Choice>::next(#run));
        }
        let only = only(cx, targets);
        return quote!(#run; #only);
    }
    let run = run(handler, &quote!(#(, #names)*));
    let answer = quote!(#private::answer(__value, __reply, __ctx););
    if let Some(choice) = cx.choice(reaction) {
        // The compiler reports another type at the method's return type.
        let run = spanned(run, &handler.output);
        return quote! {
            let (__to, __value): (#choice, _) = #run;
            #answer
            #module::Choice::next(__to)
        };
    }
    let only = only(cx, targets);
    quote!(let __value = #run; #answer #only)
}

/// Returns the code for a rule that does not run the method.
fn unhandled<'a>(
    cx: &Cx<'_>,
    event: &Event,
    states: &TokenStream,
    effect: UnhandledEvent,
    cfgs: &'a [Attribute],
) -> Arm<'a> {
    let (private, lib, module) = (&cx.base.private, &cx.base.ambit, &cx.module);
    let any = pattern(cx, event, None);
    let name = plain_name(&event.ident);
    let (pattern, body) = match effect {
        UnhandledEvent::Postpone => (
            quote!((#states, __event @ #any)),
            quote!({ #lib::Context::postpone(__ctx, __event); #module::Next::Stay }),
        ),
        UnhandledEvent::Ignore | UnhandledEvent::Refuse => {
            (quote!((#states, #any)), quote!(#module::Next::Stay))
        }
        UnhandledEvent::Stop => (
            quote!((#states, #any)),
            quote!(#private::refused(#name, &__state)),
        ),
    };
    Arm {
        cfgs,
        pattern,
        body,
        waits: None,
    }
}
