//! The data about a state machine after parsing its block. Facts only, as for a server.

use proc_macro2::Ident;
use syn::{Attribute, Expr, Token, Type};

use crate::gen_server::model::{Handler, Reply, Role, Server, ServerOptions};

/// The options of `#[state_machine(..)]`.
pub(crate) struct MachineOptions {
    pub(crate) server: ServerOptions,
    pub(crate) states: Vec<Ident>,
    /// The documentation of each state.
    pub(crate) state_docs: Vec<Vec<Attribute>>,
    /// True if the option is missing.
    pub(crate) lacks_states: bool,
}

/// A state machine: one impl block.
pub(crate) struct Machine {
    /// The machine as a server, with one message per event.
    pub(crate) server: Server,
    pub(crate) states: Vec<Ident>,
    /// The documentation of each state.
    pub(crate) state_docs: Vec<Vec<Attribute>>,
    /// The initial states; the first is used unless `#[init]` chooses another.
    pub(crate) initial: Vec<Ident>,
    /// One per method that handles an event.
    pub(crate) reactions: Vec<Reaction>,
    /// The events, in the order of the block; `check` builds them from the reactions.
    pub(crate) events: Vec<Event>,
    /// True if a rule could not be parsed: then the rules cannot be checked together.
    pub(crate) is_vague: bool,
}

/// A method, with the states in which it runs.
pub(crate) struct Reaction {
    pub(crate) role: Role,
    pub(crate) handler: Handler,
    /// The event it handles; the method's own name, unless `event = ..` is set.
    pub(crate) event: Ident,
    pub(crate) rules: Vec<Rule>,
    /// How a call is replied to.
    pub(crate) reply: Option<Reply>,
    /// The type of an info.
    pub(crate) message: Option<Type>,
    pub(crate) timeout: Option<Expr>,
    pub(crate) skip_expired: bool,
    /// The duration of a state timeout.
    pub(crate) after: Option<Expr>,
}

/// `Locked | Jammed => Open | stay`
pub(crate) struct Rule {
    pub(crate) states: States,
    pub(crate) effect: RuleEffect,
}

/// The left side of a rule.
pub(crate) enum States {
    Named(Vec<Ident>),
    /// The states that no other rule of the event names; without a token if no rule is written.
    Rest(Option<Token![_]>),
}

/// The right side of a rule.
#[derive(Clone)]
pub(crate) enum RuleEffect {
    /// The method runs, and chooses among these targets; no target means `stay`.
    Run(Vec<Target>),
    /// The machine acts without the method.
    Itself(UnhandledEvent, Ident),
}

/// The action of a machine for an event that its state does not handle.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnhandledEvent {
    Postpone,
    Ignore,
    Refuse,
    Stop,
}

/// A target of a method.
#[derive(Clone)]
pub(crate) enum Target {
    State(Ident),
    Stay(Ident),
    Repeat(Ident),
}

/// An event.
pub(crate) struct Event {
    pub(crate) role: Role,
    pub(crate) ident: Ident,
    /// The reaction of each state: a method and one of its rules, or several under different `cfg`s. Empty after an
    /// error, or where no reaction is required.
    pub(crate) table: Vec<Vec<RuleIndex>>,
}

/// A rule of a reaction, by their indices.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct RuleIndex {
    pub(crate) reaction: usize,
    pub(crate) rule: usize,
}

impl UnhandledEvent {
    pub(crate) const ALL: [Self; 4] = [Self::Postpone, Self::Ignore, Self::Refuse, Self::Stop];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Postpone => "postpone",
            Self::Ignore => "ignore",
            Self::Refuse => "refuse",
            Self::Stop => "stop",
        }
    }
}

impl RuleEffect {
    /// Returns the first word of the right side, if there is one.
    pub(crate) fn word(&self) -> Option<&Ident> {
        match self {
            Self::Run(targets) => targets.first().map(Target::ident),
            Self::Itself(_, word) => Some(word),
        }
    }
}

impl Target {
    /// Returns the word the user wrote.
    pub(crate) fn ident(&self) -> &Ident {
        match self {
            Self::State(ident) | Self::Stay(ident) | Self::Repeat(ident) => ident,
        }
    }
}

impl Reaction {
    /// Returns the targets of each rule under which the method runs.
    pub(crate) fn runs(&self) -> impl Iterator<Item = &[Target]> {
        self.rules.iter().filter_map(|rule| match &rule.effect {
            RuleEffect::Run(targets) => Some(targets.as_slice()),
            RuleEffect::Itself(..) => None,
        })
    }

    /// Returns the targets it chooses from, if it declares several.
    pub(crate) fn choices(&self) -> Option<&[Target]> {
        self.runs().find(|targets| targets.len() > 1)
    }
}

impl Machine {
    pub(crate) fn rule(&self, rule_index: RuleIndex) -> Option<(&Reaction, &Rule)> {
        let reaction = self.reactions.get(rule_index.reaction)?;
        Some((reaction, reaction.rules.get(rule_index.rule)?))
    }

    /// Returns whether events of `role` can arrive in any state, so that each state must have a rule for them.
    pub(crate) fn needs_an_answer(role: Role) -> bool {
        matches!(
            role,
            Role::Call | Role::Cast | Role::Info | Role::Internal | Role::Timeout
        )
    }
}
