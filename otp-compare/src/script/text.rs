//! The text of a script: one Erlang term.

use std::fmt::{self, Display, Formatter};

use crate::script::{
    Action, Admin, AutoShutdown, ExitClass, How, Id, Kind, Node, Outcome, Restart, Script,
    Shutdown, Step, Strategy,
};

impl Display for Script {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { seed, settles, .. } = self;
        let nodes: Vec<_> = self.nodes.iter().map(Node::to_string).collect();
        let steps: Vec<_> = self.steps.iter().map(Step::to_string).collect();
        let (nodes, steps) = (nodes.join(",\n   "), steps.join(",\n   "));
        write!(
            f,
            "{{script, {seed}, {settles},\n  [{nodes}],\n  [{steps}]}}."
        )
    }
}

impl Display for Node {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { id, kind, .. } = self;
        let parent = self
            .parent
            .map_or_else(|| "none".into(), |id| id.to_string());
        let (restart, shutdown) = (self.restart, self.shutdown);
        let (significant, initial) = (self.significant, self.initial);
        write!(
            f,
            "{{node, {id}, {parent}, {restart}, {shutdown}, {significant}, {initial}, {kind}}}"
        )
    }
}

impl Display for Kind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Worker { traps, lingers } => write!(f, "{{worker, {traps}, {lingers}}}"),
            Self::Supervisor {
                strategy,
                intensity,
                period,
                auto_shutdown,
            } => write!(
                f,
                "{{supervisor, {strategy}, {intensity}, {period}, {auto_shutdown}}}"
            ),
            Self::Dynamic {
                restart,
                shutdown,
                intensity,
                period,
            } => write!(
                f,
                "{{dynamic, {restart}, {shutdown}, {intensity}, {period}}}"
            ),
        }
    }
}

impl Display for Step {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}, {}}}", self.at, self.action)
    }
}

impl Display for Action {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boot => f.write_str("{boot}"),
            Self::Arm(id, outcomes) => {
                let outcomes: Vec<_> = outcomes.iter().map(Outcome::to_string).collect();
                write!(f, "{{arm, {id}, [{}]}}", outcomes.join(", "))
            }
            Self::Exit(id, how) => write!(f, "{{exit, {id}, {how}}}"),
            Self::Kill(id) => write!(f, "{{kill, {id}}}"),
            Self::Signal(id, how) => write!(f, "{{signal, {id}, {how}}}"),
            Self::Admin(admin, id) => write!(f, "{{{admin}, {id}}}"),
            Self::During(id, admin) => write!(f, "{{during, {id}, {admin}}}"),
        }
    }
}

impl Display for Id {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let letter = if self.supervises { 's' } else { 'w' };
        write!(f, "{letter}{}", self.number)
    }
}

impl Display for Shutdown {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Brutal => f.write_str("brutal_kill"),
            Self::Millis(millis) => write!(f, "{millis}"),
            Self::Infinity => f.write_str("infinity"),
        }
    }
}

/// Implements `Display` for enums whose variants are single atoms in Erlang.
macro_rules! atoms {
    ($($name:ident { $($variant:ident => $atom:literal,)+ })+) => {$(
        impl Display for $name {
            fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
                f.pad(match self { $(Self::$variant => $atom,)+ })
            }
        }
    )+};
}

atoms! {
    Strategy {
        OneForOne => "one_for_one",
        OneForAll => "one_for_all",
        RestForOne => "rest_for_one",
    }
    Restart {
        Permanent => "permanent",
        Transient => "transient",
        Temporary => "temporary",
    }
    AutoShutdown {
        Never => "never",
        Any => "any_significant",
        All => "all_significant",
    }
    Outcome {
        Works => "ok",
        Ignores => "ignore",
        Fails => "fail",
        Panics => "panic",
    }
    How {
        Normal => "normal",
        Shutdown => "shutdown",
        Detail => "detail",
        Error => "error",
        Panic => "panic",
    }
    Admin {
        Terminate => "terminate",
        Restart => "restart",
        Delete => "delete",
        Start => "start",
    }
    ExitClass {
        Normal => "normal",
        Shutdown => "shutdown",
        Detail => "detail",
        Crash => "crash",
        Killed => "killed",
    }
}
