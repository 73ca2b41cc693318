//! Parses the user's block into the model, as for a server.

mod attributes;
mod rules;

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Expr, Meta, Type};

pub(super) use self::attributes::options;
use self::attributes::{flags, role_table, ungrouped};
use self::rules::RulesAndOptions;
use super::model::{Machine, MachineOptions, Reaction, Rule, States};
use crate::block::{Block, BlockItem, Method};
use crate::diag::{Diag, text};
use crate::forwarded_attributes::ForwardedAttributes;
use crate::gen_server::model::{
    self, Handler, Init, InvalidMethod, Reply, Role, Server, Terminate,
};
use crate::gen_server::parse::signature::{ReplyKind, Signature};
use crate::gen_server::parse::{
    borrows, read_other, take_context_marks, take_marker, timeout, unit,
};
use crate::markers::{Marker, Markers};
use crate::options::Options;
use crate::self_type::SelfType;
use crate::spelling::canonical;
use crate::state_machine::model::{RuleEffect, Target};

/// Reads the block, and leaves the user's own impl block in it.
pub(crate) fn machine(
    options: MachineOptions,
    block: &mut Block,
    name: Ident,
    markers: &Markers,
    diag: &Diag,
) -> (Machine, Vec<Ident>) {
    let self_ty = SelfType::new(&block.self_ty);
    if options.lacks_states {
        let message = format!(
            "missing states of `{name}`; write `#[state_machine(states = [Locked, Open])]`, with the initial \
             state first"
        );
        diag.error(&block.self_ty, message);
    }
    let (ty, generics) = (
        block.self_ty.clone(),
        self_ty.resolve_generics(&block.generics),
    );
    let server = Server::new("state_machine", name, ty, generics, options.server);
    let mut reader = Reader {
        machine: Machine {
            server,
            initial: options.states.first().cloned().into_iter().collect(),
            is_vague: options.states.is_empty(),
            states: options.states,
            state_docs: options.state_docs,
            reactions: Vec::new(),
            events: Vec::new(),
        },
        self_ty: &self_ty,
        markers,
        hover: Vec::new(),
        diag,
    };
    for item in &mut block.items {
        match item {
            BlockItem::Method(method) => reader.method(method),
            BlockItem::Other(other) => read_other(other, "state_machine", markers, diag),
        }
    }
    (reader.machine, reader.hover)
}

struct Reader<'a> {
    machine: Machine,
    self_ty: &'a SelfType,
    markers: &'a Markers,
    hover: Vec<Ident>,
    diag: &'a Diag,
}

impl Reader<'_> {
    fn method(&mut self, method: &mut Method) {
        let diag = self.diag;
        self.machine.server.methods.push(model::Method {
            ident: method.sig.ident.clone(),
            attrs: ForwardedAttributes::of(&method.attrs),
        });
        let marker = take_marker(&mut method.attrs, self.markers, diag);
        let context_marks = take_context_marks(method, self.markers);
        let Some(marker) = marker else {
            self.machine.server.unmarked.push(method.sig.ident.clone());
            if let Some(mark) = context_marks.first() {
                let message = "`#[ctx]` can only be used in a method with a role; remove it";
                diag.error(mark, message);
            }
            return;
        };
        self.hover.extend(marker.name().cloned());
        let before = diag.count();
        let (written, options) = self.written(&marker);
        let chooses = written
            .rules
            .iter()
            .any(|rule| matches!(&rule.effect, RuleEffect::Run(targets) if targets.len() > 1));
        let answers = ReplyKind {
            deferred: options.flag("deferred"),
            unknown: diag.count() > before,
            chooses,
        };
        let read = Signature::read(method, &marker, &context_marks, answers, self.self_ty, diag);
        let nothing_else = takes_nothing(marker.mark, &read, diag);
        let handler = Handler {
            ident: method.sig.ident.clone(),
            vis: method.vis.clone(),
            attrs: ForwardedAttributes::of(&method.attrs),
            tag: options.wire_name("tag").cloned(),
            is_async: method.sig.asyncness.is_some(),
            borrows: borrows(&method.sig),
            takes_context: read.takes_context,
            args: read.args,
            output: read.output,
            poisoned: (read.bad || marker.hidden || !nothing_else).then(|| InvalidMethod {
                generics: method.sig.generics.clone(),
            }),
        };
        method.takes_context = handler.takes_context;
        method.allow_shape();
        method.ignore_arguments(&read.doubled);
        self.add_handler(
            &marker,
            written,
            &options,
            handler,
            (read.message, read.port),
        );
    }

    /// Adds a method to the machine, by its role.
    fn add_handler(
        &mut self,
        marker: &Marker<Role>,
        written: RulesAndOptions,
        options: &Options,
        handler: Handler,
        (message, port): (Option<Type>, Option<Type>),
    ) {
        match marker.mark {
            Role::ContinueWith => {
                let message = "`#[continue_with]` is not supported in a state machine; write `#[internal]`, and \
                               `ctx.next_event(..)` instead of `ctx.continue_with(..)`";
                self.diag.error(&marker.attribute, message);
            }
            Role::Init => {
                self.begins(written.rules);
                self.machine.server.inits.push(Init { handler });
            }
            Role::Terminate => {
                self.in_all_states(&written.rules);
                let after_panic = !options.flag("not_after_panic");
                let terminate = Terminate {
                    handler,
                    after_panic,
                };
                self.machine.server.terminates.push(terminate);
            }
            role => {
                let reaction = Reaction {
                    role,
                    event: canonical(self.event(options).unwrap_or_else(|| handler.ident.clone())),
                    rules: written.rules,
                    reply: None,
                    message,
                    timeout: timeout(options, self.self_ty, self.diag),
                    skip_expired: options.flag("skip_expired"),
                    after: options.expr("after").cloned(),
                    handler,
                };
                self.reaction(reaction, port, options.flag("deferred"), written.bad);
            }
        }
    }

    /// Reads a method that handles an event; `bad` if some of its rules could not be parsed.
    fn reaction(&mut self, mut reaction: Reaction, port: Option<Type>, deferred: bool, bad: bool) {
        if reaction.rules.is_empty() && !bad {
            reaction.rules.push(everywhere());
        }
        if reaction.role == Role::Call {
            self.answers(&mut reaction, port, deferred);
        }
        if reaction.role != Role::Info || reaction.message.is_some() {
            self.machine.reactions.push(reaction);
        }
    }

    /// Splits the marker into rules and options.
    fn written(&mut self, marker: &Marker<Role>) -> (RulesAndOptions, Options) {
        if marker.hidden {
            self.machine.is_vague = true;
            return (RulesAndOptions::default(), Options::default());
        }
        let table = role_table(marker.mark, self.machine.server.options.remote.is_some());
        let (flags, states) = (flags(marker.mark), &self.machine.states);
        let written = RulesAndOptions::read(&marker.attribute, flags, states, self.diag);
        self.machine.is_vague |= written.bad;
        let options = match &marker.attribute.meta {
            Meta::List(_) => Options::read(written.options.clone(), table, self.diag),
            Meta::Path(_) | Meta::NameValue(_) => Options::of(&marker.attribute, table, self.diag),
        };
        self.machine.is_vague |= options.is_unread("after");
        (written, options)
    }

    /// `event = press`
    fn event(&self, options: &Options) -> Option<Ident> {
        let expr = options.expr("event")?;
        match ungrouped(expr) {
            Expr::Path(path) if path.path.get_ident().is_some() => path.path.get_ident().cloned(),
            other => {
                let message = "expected the name of an event; write `event = press`";
                self.diag.error(other, message);
                None
            }
        }
    }

    /// `#[init(Locked | Open)]`
    fn begins(&mut self, rules: Vec<Rule>) {
        let message = "`#[init]` takes only the initial states, such as `#[init(Open)]`; remove everything else";
        for rule in rules {
            if let Some(word) = rule.effect.word() {
                self.mistake(word, message);
            }
            match rule.states {
                States::Named(states) => self.machine.initial.extend(states),
                States::Rest(token) => self.mistake(token, message),
            }
        }
    }

    /// `#[terminate]` has no rules.
    fn in_all_states(&mut self, rules: &[Rule]) {
        let message = "`#[terminate]` runs in every state; remove the state here, and read it with `ctx.state()`";
        match rules.first().map(|rule| &rule.states) {
            Some(States::Named(states)) => self.mistake(states.first(), message),
            Some(States::Rest(token)) => self.mistake(token, message),
            None => {}
        }
    }

    fn mistake(&mut self, at: impl ToTokens, message: &str) {
        self.machine.is_vague = true;
        self.diag.error(at, message);
    }

    /// Returns the reply of a call: its return value without the target.
    fn answers(&mut self, reaction: &mut Reaction, port: Option<Type>, deferred: bool) {
        let output = reaction.handler.output.clone();
        reaction.reply = Some(match (port, output) {
            (Some(port), _) => Reply::Deferred(port),
            (None, output) if reaction.choices().is_none() || deferred => {
                Reply::Returned(output.unwrap_or_else(unit))
            }
            (None, Some(Type::Tuple(tuple))) if tuple.elems.len() == 2 => {
                Reply::Returned(tuple.elems.last().cloned().unwrap_or_else(unit))
            }
            // `check` reports any other return type.
            (None, _) => {
                reaction.handler.poisoned.get_or_insert_default();
                Reply::Returned(unit())
            }
        });
    }
}

/// Returns the rule of a method that names no state.
fn everywhere() -> Rule {
    Rule {
        states: States::Rest(None),
        effect: RuleEffect::Run(Vec::<Target>::new()),
    }
}

/// Checks that handlers of events of the machine itself take only the context.
fn takes_nothing(role: Role, read: &Signature, diag: &Diag) -> bool {
    let told = matches!(
        role,
        Role::StateTimeout | Role::EventTimeout | Role::Timeout | Role::Enter | Role::Exit
    );
    let first = read.args.first().filter(|_| told);
    if let Some(arg) = first {
        let message = format!(
            "{} method takes no argument other than `ctx: &mut Context<Self>`; store `{}` in the machine",
            role.a_marker(),
            text(&arg.ident)
        );
        diag.error(&arg.ident, message);
    }
    first.is_none()
}
