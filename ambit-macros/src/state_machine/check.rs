//! Rules that concern more than one method of a state machine.
//!
//! First each rule on its own, then the rules of an event together, then the reachability of the states. After an error
//! in the rules the later steps are skipped: their errors would be consequences.

mod events;
mod reach;

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{GenericArgument, PathArguments, Type};

use super::model::{Machine, Reaction, RuleEffect, States, Target, UnhandledEvent};
use crate::diag::{Diag, text};
use crate::gen_server;
use crate::gen_server::check::duplicates::DuplicateKeys;
use crate::gen_server::model::{Reply, Role};
use crate::names;
use crate::options::meant;

/// Checks a block as a whole, and gathers its events.
pub(super) fn machine(machine: &mut Machine, diag: &Diag) {
    let mut checked = Rules {
        states: &machine.states,
        diag,
        bad: false,
    };
    for state in &machine.initial {
        checked.known(state);
    }
    machine.is_vague |= checked.bad;
    for reaction in &mut machine.reactions {
        checked.bad = false;
        checked.reaction(reaction);
        if !checked.bad {
            checked.choice(&machine.server.name, reaction);
        }
        if checked.bad {
            // Callers keep it; the code that runs it would be a second error.
            reaction.handler.poisoned.get_or_insert_default();
            machine.is_vague = true;
        }
    }
    distinct_methods(machine);
    events::gather(machine, diag);
    distinct_types(machine, diag);
    if !machine.is_vague {
        reach::everything(machine, diag);
        started(machine, diag);
        armed(machine, diag);
    }
    gen_server::check::server(&mut machine.server, diag);
}

/// Removes the methods with the name of an earlier one, which the compiler reports.
fn distinct_methods(machine: &mut Machine) {
    let mut seen = DuplicateKeys::default();
    let before = machine.reactions.len();
    machine.reactions.retain(|reaction| {
        let handler = &reaction.handler;
        seen.earlier(handler.ident.clone(), handler).is_none()
    });
    machine.is_vague |= machine.reactions.len() < before;
}

/// Checks rules one by one.
struct Rules<'a> {
    states: &'a [Ident],
    diag: &'a Diag,
    bad: bool,
}

impl Rules<'_> {
    fn mistake(&mut self, at: impl ToTokens, message: impl std::fmt::Display) {
        self.bad = true;
        self.diag.error(at, message);
    }

    /// Checks that this is a state; if no states are declared, that has been reported.
    fn known(&mut self, state: &Ident) {
        if self.states.is_empty() || self.states.contains(state) {
            return;
        }
        let names: Vec<_> = self.states.iter().map(Ident::to_string).collect();
        let listed: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
        let message = format!(
            "unknown state `{state}`{} the states of this machine are {}",
            meant(&state.to_string(), names.iter().map(String::as_str)),
            listed.join(", ")
        );
        self.mistake(state, message);
    }

    fn reaction(&mut self, reaction: &Reaction) {
        for rule in &reaction.rules {
            if let States::Named(states) = &rule.states {
                for state in states {
                    self.known(state);
                }
            }
            match &rule.effect {
                RuleEffect::Run(targets) => self.targets(reaction, &rule.states, targets),
                RuleEffect::Itself(effect, word) => self.unhandled(reaction, *effect, word),
            }
        }
    }

    fn targets(&mut self, reaction: &Reaction, from: &States, targets: &[Target]) {
        if let (Role::Enter | Role::Exit, Some(first)) = (reaction.role, targets.first()) {
            let a_marker = reaction.role.a_marker();
            let message = format!(
                "{a_marker} method runs during a state change and cannot start another one; remove `=> ..`, and \
                 send an event with `ctx.next_event(..)` to change the state again"
            );
            return self.mistake(first.ident(), message);
        }
        for (position, target) in targets.iter().enumerate() {
            let word = target.ident();
            if targets
                .iter()
                .take(position)
                .any(|earlier| earlier.ident() == word)
            {
                self.mistake(
                    word,
                    format!("duplicate target `{word}`; remove one of them"),
                );
            }
            let Target::State(state) = target else {
                continue;
            };
            self.known(state);
            if let States::Named(from) = from
                && from.iter().all(|from| from == state)
            {
                let message = format!(
                    "this rule changes from `{state}` to itself; write `stay`, or `repeat` to run `#[enter]` again"
                );
                self.mistake(state, message);
            }
        }
    }

    fn unhandled(&mut self, reaction: &Reaction, effect: UnhandledEvent, word: &Ident) {
        let marker = reaction.role.marker();
        match (reaction.role, effect) {
            (Role::Enter | Role::Exit, _) => {
                self.mistake(
                    word,
                    format!("`{marker}` takes only states; remove `=> {word}`"),
                );
            }
            (Role::Call, UnhandledEvent::Ignore) => self.mistake(
                word,
                "a `#[call]` cannot be ignored, because its caller waits for the reply; write `refuse`, which \
                 fails the call with `CallError::NoReply`, or `postpone`",
            ),
            (Role::Call, _)
            | (_, UnhandledEvent::Postpone | UnhandledEvent::Ignore | UnhandledEvent::Stop) => {}
            (_, UnhandledEvent::Refuse) => {
                let a_marker = reaction.role.a_marker();
                self.mistake(word, format!("{a_marker} cannot be refused, because it has no reply; write `ignore`"));
            }
        }
    }

    /// Checks that a method with several targets has one set of targets, and returns a matching type; the compiler
    /// decides whether it is the right one.
    fn choice(&mut self, machine: &Ident, reaction: &Reaction) {
        if reaction.choices().is_none() {
            return;
        }
        self.same_choices(reaction);
        let (name, output) = (&reaction.handler.ident, &reaction.handler.output);
        let choice = choice_of(machine, name);
        let answers = matches!(reaction.reply, Some(Reply::Returned(_)));
        let is_pair = |ty: &Type| matches!(ty, Type::Tuple(tuple) if tuple.elems.len() == 2);
        let message = match output {
            Some(ty) if answers && !is_pair(ty) => {
                let reply = reply_in(ty, &choice).unwrap_or_else(|| text(ty));
                format!("(..) -> ({choice}, {reply})")
            }
            None if answers => format!("(..) -> ({choice}, ())"),
            None => format!("(..) -> {choice}"),
            Some(_) => return,
        };
        let with_answer = if answers { " and the reply" } else { "" };
        let message = format!(
            "`{name}` declares several targets, so it must return the next target{with_answer}; use the \
             generated type, `fn {name}{message}`"
        );
        self.mistake(name, message);
    }

    /// A method with several targets returns one type, so all its rules have the same targets.
    fn same_choices(&mut self, reaction: &Reaction) {
        let Some(choices) = reaction.choices() else {
            return;
        };
        let same = |targets: &[Target]| {
            let offered = |target: &Target| {
                let mut choices = choices.iter();
                choices.any(|choice| choice.ident() == target.ident())
            };
            targets.len() == choices.len() && targets.iter().all(offered)
        };
        if !reaction.runs().all(same) {
            let name = &reaction.handler.ident;
            let event = &reaction.event;
            let message = format!(
                "`{name}` returns the next target, so all its rules must have the same targets; write another \
                 method for the other states, with `event = {event}`"
            );
            self.mistake(name, message);
        }
    }
}

/// Returns the reply in a type that contains the next target already: `()` for `DoorUnlockTo`, and `Result<u64, E>` for
/// `Result<(DoorUnlockTo, u64), E>`.
fn reply_in(ty: &Type, choice: &Ident) -> Option<String> {
    match ty {
        Type::Tuple(pair) => {
            let mut parts = pair.elems.iter();
            let (first, second) = (parts.next()?, parts.next()?);
            reply_in(first, choice).map(|_| text(second))
        }
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            if last.ident == *choice {
                return Some("()".to_owned());
            }
            let PathArguments::AngleBracketed(arguments) = &last.arguments else {
                return None;
            };
            let mut arguments = arguments.args.iter();
            let GenericArgument::Type(first) = arguments.next()? else {
                return None;
            };
            let first = reply_in(first, choice)?;
            let others = arguments.map(|argument| format!(", {}", text(argument)));
            Some(format!(
                "{}<{first}{}>",
                last.ident,
                others.collect::<String>()
            ))
        }
        _ => None,
    }
}

/// Returns the type of a method's targets.
pub(super) fn choice_of(machine: &Ident, method: &Ident) -> Ident {
    let suffix = format!("{}To", names::variant(method));
    let mut name = names::suffixed(machine, &suffix);
    name.set_span(method.span());
    name
}

/// Checks that two timeouts do not share a variant, and two methods with several targets do not share a type. The second
/// timeout is removed, because the compiler would report its variant again; the expansion omits the second type.
fn distinct_types(machine: &mut Machine, diag: &Diag) {
    let timeouts = machine.events.iter();
    let timeouts = timeouts.filter(|event| event.role == Role::Timeout);
    let timeouts: Vec<Ident> = timeouts.map(|event| event.ident.clone()).collect();
    let variant = |name: &Ident| format!("variant `{}`", names::variant(name));
    let doubled = both_generate(&timeouts, variant, diag);
    machine
        .events
        .retain(|event| event.role != Role::Timeout || !doubled.contains(&event.ident));
    let choosing = machine.reactions.iter();
    let choosing = choosing.filter(|reaction| reaction.choices().is_some());
    let choosing: Vec<Ident> = choosing
        .map(|reaction| reaction.handler.ident.clone())
        .collect();
    let server = &machine.server.name;
    let choice = |name: &Ident| format!("type `{}`", choice_of(server, name));
    let alike = both_generate(&choosing, choice, diag);
    machine.is_vague |= !doubled.is_empty() || !alike.is_empty();
}

/// Reports and returns the names for which the same item is generated as for an earlier, different name.
fn both_generate(names: &[Ident], generated: impl Fn(&Ident) -> String, diag: &Diag) -> Vec<Ident> {
    let mut found = Vec::new();
    for (position, name) in names.iter().enumerate() {
        let own = generated(name);
        let mut earlier = names.iter().take(position);
        if let Some(other) = earlier.find(|other| *other != name && generated(other) == own) {
            diag.error(name, gen_server::check::both_generate(other, &own));
            found.push(name.clone());
        }
    }
    found
}

/// Checks that the initial states other than the first can be chosen: by an `#[init]` method that takes the context.
fn started(machine: &Machine, diag: &Diag) {
    let mut inits = machine.server.inits.iter().map(|init| &init.handler);
    if inits.any(|init| init.takes_context || init.poisoned.is_some()) {
        return;
    }
    let first = machine.states.first();
    let chosen = machine.initial.iter().find(|state| Some(*state) != first);
    if let Some(state) = chosen {
        let states = names::suffixed(&machine.server.name, "State");
        let message = format!(
            "the machine never starts in `{state}`, because `#[init]` does not take the context to choose it; take \
             `ctx: &mut Context<Self>` and call `ctx.start_in({states}::{state})`, or list `{state}` first in `states`"
        );
        diag.error(state, message);
    }
}

/// Checks that each timeout can be set: by a method that takes the context, or by an `after` option.
fn armed(machine: &Machine, diag: &Diag) {
    let mut handlers = machine.reactions.iter().map(|reaction| &reaction.handler);
    let mut inits = machine.server.inits.iter().map(|init| &init.handler);
    if handlers.any(|handler| handler.takes_context) || inits.any(|init| init.takes_context) {
        return;
    }
    for reaction in &machine.reactions {
        let (name, set) = (
            &reaction.handler.ident,
            match reaction.role {
                Role::StateTimeout if reaction.after.is_none() => {
                    "ctx.state_timeout(..)`, or write \
                                                              `after = Duration::from_secs(10)"
                }
                Role::EventTimeout => "ctx.event_timeout(..)",
                Role::Timeout => "ctx.timeout(..)",
                _ => continue,
            },
        );
        let message = format!(
            "`{name}` never runs, because no method takes the context to set this timeout; set it with `{set}`"
        );
        diag.error(name, message);
    }
}
