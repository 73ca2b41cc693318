//! Collects the rules of several methods for one event, and finds the states without a rule.

use proc_macro2::Ident;
use quote::ToTokens;

use crate::diag::{Diag, text};
use crate::gen_server::model::{Call, Handler, Info, Reply, Role};
use crate::state_machine::model::{Event, Machine, Reaction, RuleIndex, States};

/// Builds the events from the reactions, and the messages of the server from the events.
pub(super) fn gather(machine: &mut Machine, diag: &Diag) {
    for position in 0..machine.reactions.len() {
        let Some(reaction) = machine.reactions.get(position) else {
            continue;
        };
        let known = machine
            .events
            .iter()
            .position(|event| is_of(reaction, event));
        if let Some(known) = known {
            let event = machine.events.get(known);
            let mut reactions = machine.reactions.iter();
            let first = reactions.find(|first| event.is_some_and(|event| is_of(first, event)));
            if first.is_some_and(|first| !agrees(first, reaction, diag))
                && let Some(second) = machine.reactions.get_mut(position)
            {
                second.handler.poisoned.get_or_insert_default();
            }
        } else {
            let event = Event {
                role: reaction.role,
                ident: reaction.event.clone(),
                table: vec![None; machine.states.len()],
            };
            declare(machine, position);
            machine.events.push(event);
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

/// Returns whether a method handles this event. A role without named events has a single event.
fn is_of(reaction: &Reaction, event: &Event) -> bool {
    let named = Machine::needs_an_answer(event.role);
    reaction.role == event.role && (!named || reaction.event == event.ident)
}

/// The message of an event, as the first of its methods declares it.
fn declare(machine: &mut Machine, position: usize) {
    let Some(reaction) = machine.reactions.get(position) else {
        return;
    };
    let handler = Handler {
        ident: reaction.event.clone(),
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

/// Checks that two methods for one event have the same arguments and reply; returns false if not.
fn agrees(first: &Reaction, second: &Reaction, diag: &Diag) -> bool {
    if first.handler.poisoned.is_some() || second.handler.poisoned.is_some() {
        return true;
    }
    let (one, other) = (shape(first), shape(second));
    if one == other || !Machine::needs_an_answer(first.role) {
        return true;
    }
    let message = format!(
        "`{}` also handles the event `{}`, so both methods must have the same arguments and reply: {one}",
        first.handler.ident, first.event
    );
    diag.error(&second.handler.ident, message);
    false
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
    let mut rest: Option<RuleIndex> = None;
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
                    if let Some(earlier) = rest {
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
                    } else {
                        rest = Some(rule_index);
                    }
                }
            }
        }
    }
    if let Some(rest) = rest {
        for rule_index in &mut event.table {
            rule_index.get_or_insert(rest);
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
    let Some(slot) = event.table.get_mut(index) else {
        return true;
    };
    if let Some(earlier) = *slot {
        let method = method_of(machine, earlier).unwrap_or(&event.ident);
        let message = format!(
            "`{method}` already has a rule for state `{state}`; remove one of the two rules"
        );
        diag.error(state, message);
        return false;
    }
    *slot = Some(rule_index);
    true
}

fn method_of(machine: &Machine, rule_index: RuleIndex) -> Option<&Ident> {
    let reaction = machine.reactions.get(rule_index.reaction)?;
    Some(&reaction.handler.ident)
}

/// An event can arrive in any state: each state must have a rule for it.
fn missing(machine: &Machine, event: &Event, diag: &Diag) -> bool {
    let states = machine.states.iter().zip(&event.table);
    let missing = states
        .filter(|(_, rule_index)| rule_index.is_none())
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
