//! Collects the rules of several methods for one event, and finds the states without a rule.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::LitStr;

use crate::diag::{Diag, text};
use crate::forwarded_attributes::ForwardedAttributes;
use crate::gen_server::model::{Call, Handler, Info, Reply, Role};
use crate::state_machine::model::{Event, Machine, Reaction, RuleIndex, States};

/// A message of the machine, which one or more methods handle.
struct Message {
    /// The first of its methods, which declares it.
    first: usize,
    /// The attributes of that method, with a condition under which at least one of the methods is compiled.
    attrs: ForwardedAttributes,
}

/// Builds the events from the reactions, and the messages of the server from the events.
pub(super) fn gather(machine: &mut Machine, diag: &Diag) {
    let messages = messages(machine, diag);
    one_event_per_type(machine, &messages, diag);
    let mut reactions = machine.reactions.iter();
    machine.server.has_async_reactions = reactions.any(|reaction| reaction.handler.is_async);
    for message in messages {
        declare(machine, message);
    }
    for reaction in &machine.reactions {
        if !machine.events.iter().any(|event| is_of(reaction, event)) {
            machine.events.push(Event {
                role: reaction.role,
                ident: reaction.event.clone(),
                table: vec![Vec::new(); machine.states.len()],
            });
        }
    }
    let mut events = std::mem::take(&mut machine.events);
    let rules_are_clear = !machine.is_vague;
    for event in &mut events {
        let mut bad = fill(machine, event, diag);
        if !bad && rules_are_clear && Machine::needs_an_answer(event.role) {
            bad |= missing(machine, event, diag);
        }
        machine.is_vague |= bad;
    }
    machine.events = events;
}

/// Collects the messages. Two methods of one event have the same message, unless they are under different `cfg`s.
fn messages(machine: &mut Machine, diag: &Diag) -> Vec<Message> {
    let mut messages: Vec<Message> = Vec::new();
    let mut wrong: Vec<usize> = Vec::new();
    let mut skipping: Vec<usize> = Vec::new();
    for (position, reaction) in machine.reactions.iter().enumerate() {
        let handler = &reaction.handler;
        let mut same = None;
        let mut other = None;
        for message in &mut messages {
            let Some(first) = machine.reactions.get(message.first) else {
                continue;
            };
            if first.role != reaction.role || first.event != reaction.event {
                continue;
            }
            if !differ(first, reaction) {
                same_options(first, reaction, diag);
                if same.is_none() && first.skip_expired {
                    skipping.push(position);
                }
                same.get_or_insert(message);
            } else if !first.handler.attrs.is_alternative(&handler.attrs) {
                other.get_or_insert(first);
            }
        }
        match (same, other) {
            (_, Some(first)) => {
                disagree(first, reaction, diag);
                wrong.push(position);
            }
            (Some(message), None) => message.attrs.or(&handler.attrs),
            (None, None) => messages.push(Message {
                first: position,
                attrs: handler.attrs.clone(),
            }),
        }
    }
    // The option of the first method is that of the event.
    for position in skipping {
        if let Some(later) = machine.reactions.get_mut(position) {
            later.skip_expired = true;
        }
    }
    for position in wrong {
        if let Some(second) = machine.reactions.get_mut(position) {
            second.handler.poisoned.get_or_insert_default();
        }
    }
    messages
}

/// Checks that two `#[info]` methods for one type name the same event.
fn one_event_per_type(machine: &mut Machine, messages: &[Message], diag: &Diag) {
    let infos = messages.iter().filter_map(|message| {
        let reaction = machine.reactions.get(message.first)?;
        let ty = reaction.message.as_ref()?.to_token_stream().to_string();
        Some((ty, reaction))
    });
    let infos: Vec<_> = infos.collect();
    let mut is_vague = false;
    for (position, (ty, later)) in infos.iter().enumerate() {
        let is_same = |(other, first): &&(String, &Reaction)| {
            let (first, later) = (&first.handler.attrs, &later.handler.attrs);
            other == ty && !first.is_alternative(later)
        };
        if let Some((_, first)) = infos[..position].iter().find(is_same) {
            let (event, name) = (&first.event, &later.handler.ident);
            let message = format!(
                "`{}` also handles messages of this type, so both methods must have the same event; write \
                 `event = {event}` on `{name}`",
                first.handler.ident
            );
            diag.error(name, message);
            is_vague = true;
        }
    }
    machine.is_vague |= is_vague;
}

/// Returns whether a method handles this event. A role without named events has a single event.
fn is_of(reaction: &Reaction, event: &Event) -> bool {
    let named = Machine::needs_an_answer(event.role);
    reaction.role == event.role && (!named || reaction.event == event.ident)
}

/// Adds a message to the server, as the first of its methods declares it.
fn declare(machine: &mut Machine, message: Message) {
    let Some(reaction) = machine.reactions.get(message.first) else {
        return;
    };
    let handler = Handler {
        ident: reaction.event.clone(),
        attrs: message.attrs,
        // The machine's own expansion handles return types and borrows.
        output: None,
        borrows: None,
        ..reaction.handler.clone()
    };
    let server = &mut machine.server;
    match reaction.role {
        Role::Call => server.calls.push(Call {
            handler,
            reply: reaction
                .reply
                .clone()
                .unwrap_or_else(|| Reply::Returned(crate::gen_server::parse::unit())),
            timeout: reaction.timeout.clone(),
            skip_expired: reaction.skip_expired,
        }),
        Role::Cast => server.casts.push(handler),
        Role::Info => server.infos.extend(
            reaction
                .message
                .clone()
                .map(|message| Info { handler, message }),
        ),
        Role::Internal => server.continues.push(handler),
        _ => {}
    }
}

/// Returns whether two methods for one event have different arguments or replies.
fn differ(first: &Reaction, second: &Reaction) -> bool {
    let is_bad = first.handler.poisoned.is_some() || second.handler.poisoned.is_some();
    !is_bad && Machine::needs_an_answer(first.role) && shape(first) != shape(second)
}

/// Checks that a later method of an event sets no other options than the first, whose options the event has.
fn same_options(first: &Reaction, later: &Reaction, diag: &Diag) {
    let message = |option: &str| {
        format!(
            "`{option}` is an option of the event `{}`, and is set on its first method, `{}`",
            later.event, first.handler.ident
        )
    };
    if let Some(timeout) = &later.timeout
        && first.timeout.as_ref().map(text) != Some(text(timeout))
    {
        diag.error(timeout, message("timeout"));
    }
    if let Some(tag) = &later.handler.tag
        && first.handler.tag.as_ref().map(LitStr::value) != Some(tag.value())
    {
        diag.error(tag, message("tag"));
    }
    if later.skip_expired && !first.skip_expired {
        diag.error(&later.handler.ident, message("skip_expired"));
    }
    let arguments = first.handler.args.iter().zip(&later.handler.args);
    for (first, later) in arguments {
        if let Some(renamed) = &later.renamed
            && first.renamed.as_ref().map(LitStr::value) != Some(renamed.value())
        {
            diag.error(renamed, message("rename"));
        }
    }
}

fn disagree(first: &Reaction, second: &Reaction, diag: &Diag) {
    let message = format!(
        "`{}` also handles the event `{}`, so both methods must have the same arguments and reply: {}",
        first.handler.ident,
        first.event,
        shape(first)
    );
    diag.error(&second.handler.ident, message);
}

/// Returns the arguments of an event, as text.
fn shape(reaction: &Reaction) -> String {
    let args = reaction.handler.args.iter();
    let args = args.map(|arg| format!("{}: {}", arg.ident, text(&arg.ty)));
    let args: Vec<_> = args
        .chain(
            reaction
                .message
                .iter()
                .map(|message| text(message.to_token_stream())),
        )
        .collect();
    let answer = match &reaction.reply {
        None => String::new(),
        Some(Reply::Returned(ty)) => format!(" -> {}", text(ty)),
        Some(Reply::Deferred(port)) => format!(" through {}", text(port)),
    };
    format!("`({}){answer}`", args.join(", "))
}

/// Finds the rule of each state; returns true after an error.
fn fill(machine: &Machine, event: &mut Event, diag: &Diag) -> bool {
    let mut rests: Vec<RuleIndex> = Vec::new();
    let mut bad = false;
    for (at, reaction) in machine.reactions.iter().enumerate() {
        if !is_of(reaction, event) {
            continue;
        }
        for (rule, written) in reaction.rules.iter().enumerate() {
            let rule_index = RuleIndex { reaction: at, rule };
            match &written.states {
                States::Named(states) => {
                    for state in states {
                        bad |= !take(machine, event, state, rule_index, diag);
                    }
                }
                States::Rest(token) => {
                    let Some(earlier) = earlier(machine, &rests, rule_index) else {
                        rests.push(rule_index);
                        continue;
                    };
                    let name = &reaction.handler.ident;
                    let method = method_of(machine, earlier).unwrap_or(name);
                    let message = format!(
                        "`{method}` already has a rule for all other states; remove one of the two rules"
                    );
                    match token {
                        Some(token) => diag.error(token, message),
                        None => diag.error(name, message),
                    }
                    bad = true;
                }
            }
        }
    }
    for rest in rests {
        for rules in &mut event.table {
            if earlier(machine, rules, rest).is_none() {
                rules.push(rest);
            }
        }
    }
    bad
}

/// Records the rule of one state; returns false if it already has one.
fn take(
    machine: &Machine,
    event: &mut Event,
    state: &Ident,
    rule_index: RuleIndex,
    diag: &Diag,
) -> bool {
    let Some(index) = machine.states.iter().position(|known| known == state) else {
        return true;
    };
    let Some(rules) = event.table.get_mut(index) else {
        return true;
    };
    if let Some(earlier) = earlier(machine, rules, rule_index) {
        let method = method_of(machine, earlier).unwrap_or(&event.ident);
        let message = format!(
            "`{method}` already has a rule for state `{state}`; remove one of the two rules"
        );
        diag.error(state, message);
        return false;
    }
    rules.push(rule_index);
    true
}

/// Returns the rule that is already there instead of another one; rules under different `cfg`s are there together.
fn earlier(machine: &Machine, rules: &[RuleIndex], other: RuleIndex) -> Option<RuleIndex> {
    let attrs = |rule_index: RuleIndex| {
        let reaction = machine.reactions.get(rule_index.reaction);
        reaction.map(|reaction| &reaction.handler.attrs)
    };
    let other = attrs(other)?;
    let is_alternative =
        |rule_index: RuleIndex| attrs(rule_index).is_some_and(|attrs| attrs.is_alternative(other));
    let mut rules = rules.iter().copied();
    rules.find(|rule_index| !is_alternative(*rule_index))
}

fn method_of(machine: &Machine, rule_index: RuleIndex) -> Option<&Ident> {
    let reaction = machine.reactions.get(rule_index.reaction)?;
    Some(&reaction.handler.ident)
}

/// An event can arrive in any state: each state must have a rule for it.
fn missing(machine: &Machine, event: &Event, diag: &Diag) -> bool {
    let states = machine.states.iter().zip(&event.table);
    let missing = states
        .filter(|(_, rules)| rules.is_empty())
        .map(|(state, _)| state);
    let missing: Vec<_> = missing.map(|state| format!("`{state}`")).collect();
    let Some(first) = missing.first() else {
        return false;
    };
    let Some(reaction) = machine
        .reactions
        .iter()
        .find(|reaction| is_of(reaction, event))
    else {
        return false;
    };
    let instead = if event.role == Role::Call {
        "postpone` (until the state changes), `_ => refuse` or `_ => stop"
    } else {
        "postpone` (until the state changes), `_ => ignore` or `_ => stop"
    };
    let message = format!(
        "non-exhaustive rules: {} not covered for event `{}`; add a rule such as `{} => stay`, or one for all \
         other states: `_ => {instead}`",
        missing.join(" and "),
        event.ident,
        first.trim_matches('`')
    );
    diag.error(&reaction.handler.ident, message);
    true
}
