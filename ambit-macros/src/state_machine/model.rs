//! What the macro knows about a state machine once the block has been read. Facts only, as for a server.

use proc_macro2::Ident;
use syn::{Expr, Token, Type};

use crate::gen_server::model::{Handler, Reply, Role, Server, ServerOptions};

/// What `#[state_machine(..)]` says.
pub(crate) struct MachineOptions {
    pub(crate) server: ServerOptions,
    pub(crate) states: Vec<Ident>,
    /// It says nothing about them.
    pub(crate) lacks_states: bool,
}

/// A state machine: one impl block.
pub(crate) struct Machine {
    /// What it is as a server, with one message per event.
    pub(crate) server: Server,
    pub(crate) states: Vec<Ident>,
    /// Where it may begin; it does in the first, unless `#[init]` chooses another.
    pub(crate) initial: Vec<Ident>,
    /// One per method that handles something.
    pub(crate) reactions: Vec<Reaction>,
    /// What can happen, in the order in which the block mentions it; made of the reactions by `check`.
    pub(crate) events: Vec<Event>,
    /// A rule could not be read: what the rules say together is not known.
    pub(crate) is_vague: bool,
}

/// A method, and in which states it runs.
pub(crate) struct Reaction {
    pub(crate) role: Role,
    pub(crate) handler: Handler,
    /// What it handles; the method's own name, unless it says `event = ..`.
    pub(crate) event: Ident,
    pub(crate) rules: Vec<Rule>,
    /// How a call is answered.
    pub(crate) reply: Option<Reply>,
    /// The type of an info.
    pub(crate) message: Option<Type>,
    pub(crate) timeout: Option<Expr>,
    pub(crate) skip_expired: bool,
    /// After which time a state timeout is due.
    pub(crate) after: Option<Expr>,
}

/// `Locked | Jammed => Open | stay`
pub(crate) struct Rule {
    pub(crate) states: States,
    pub(crate) does: Does,
}

/// The left side of a rule.
pub(crate) enum States {
    Named(Vec<Ident>),
    /// Those that no other rule of the event names; without a token if no rule is written.
    Rest(Option<Token![_]>),
}

/// The right side of a rule.
#[derive(Clone)]
pub(crate) enum Does {
    /// The method runs, and chooses among these; nothing is as good as staying.
    Run(Vec<Target>),
    /// The machine does it without the method.
    Itself(Itself, Ident),
}

/// What a machine does with an event that its state does not handle.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Itself {
    Postpone,
    Ignore,
    Refuse,
    Stop,
}

/// Where a method may lead.
#[derive(Clone)]
pub(crate) enum Target {
    State(Ident),
    Stay(Ident),
    Repeat(Ident),
}

/// Something that can happen.
pub(crate) struct Event {
    pub(crate) role: Role,
    pub(crate) ident: Ident,
    /// What each state does about it: a method and one of its rules. Nothing after a mistake, or where nothing need
    /// be done.
    pub(crate) table: Vec<Option<Place>>,
}

/// A rule of a reaction, by their positions.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) reaction: usize,
    pub(crate) rule: usize,
}

impl Itself {
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

impl Does {
    /// The first word of what is written on the right side, if anything is.
    pub(crate) fn word(&self) -> Option<&Ident> {
        match self {
            Self::Run(targets) => targets.first().map(Target::ident),
            Self::Itself(_, word) => Some(word),
        }
    }
}

impl Target {
    /// The word the user wrote.
    pub(crate) fn ident(&self) -> &Ident {
        match self {
            Self::State(ident) | Self::Stay(ident) | Self::Repeat(ident) => ident,
        }
    }
}

impl Reaction {
    /// The targets of each rule under which the method runs.
    pub(crate) fn runs(&self) -> impl Iterator<Item = &[Target]> {
        self.rules.iter().filter_map(|rule| match &rule.does {
            Does::Run(targets) => Some(targets.as_slice()),
            Does::Itself(..) => None,
        })
    }

    /// Where it chooses to go, if it declares several targets.
    pub(crate) fn choices(&self) -> Option<&[Target]> {
        self.runs().find(|targets| targets.len() > 1)
    }
}

impl Machine {
    pub(crate) fn rule(&self, place: Place) -> Option<(&Reaction, &Rule)> {
        let reaction = self.reactions.get(place.reaction)?;
        Some((reaction, reaction.rules.get(place.rule)?))
    }

    /// Tells whether `role` is something that comes to a machine whatever it does, so that each state must say what it
    /// does about it.
    pub(crate) fn needs_an_answer(role: Role) -> bool {
        matches!(
            role,
            Role::Call | Role::Cast | Role::Info | Role::Internal | Role::Timeout
        )
    }
}
