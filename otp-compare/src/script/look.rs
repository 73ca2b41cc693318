//! Queries on a script.

use crate::script::{Action, ExitClass, How, Id, Kind, Node, Script, Step, Strategy};

impl Script {
    /// Returns the node of this name.
    ///
    /// # Panics
    /// If there is none: scripts refer only to their own nodes.
    pub fn node(&self, id: Id) -> &Node {
        let found = self.nodes.iter().find(|node| node.id == id);
        found.unwrap_or_else(|| panic!("the script names {id}, which is not one of its nodes"))
    }

    /// Returns the name of the root.
    pub fn root(&self) -> Id {
        self.nodes[0].id
    }

    /// Returns the children of a supervisor, in order, including those that only a step starts.
    pub fn children(&self, id: Id) -> impl Iterator<Item = &Node> {
        self.nodes
            .iter()
            .filter(move |node| node.parent == Some(id))
    }

    /// Returns the strategy of a node's supervisor.
    pub fn strategy_over(&self, id: Id) -> Option<Strategy> {
        match self.node(self.node(id).parent?).kind {
            Kind::Supervisor { strategy, .. } => Some(strategy),
            Kind::Worker { .. } | Kind::Dynamic { .. } => None,
        }
    }

    /// Returns true if its supervisor is a dynamic one.
    pub fn is_dynamic(&self, id: Id) -> bool {
        let parent = self.node(id).parent.map(|parent| self.node(parent).kind);
        matches!(parent, Some(Kind::Dynamic { .. }))
    }

    /// Returns true if `id` is `above` or a descendant of it.
    pub fn is_under(&self, id: Id, above: Id) -> bool {
        let mut next = Some(id);
        while let Some(one) = next {
            if one == above {
                return true;
            }
            next = self.node(one).parent;
        }
        false
    }

    /// Returns the number of levels of the tree, including the root.
    pub fn levels(&self) -> usize {
        let above = |node: &Node| {
            self.nodes
                .iter()
                .filter(|one| self.is_under(node.id, one.id))
                .count()
        };
        self.nodes.iter().map(above).max().unwrap_or(0)
    }

    /// Returns the number of steps that are faults.
    pub fn faults(&self) -> usize {
        let is_fault = |step: &&Step| !matches!(step.action, Action::Boot | Action::Arm(..));
        self.steps.iter().filter(is_fault).count()
    }
}

impl Action {
    /// Returns the target of the action.
    pub fn id(&self) -> Option<Id> {
        match self {
            Self::Boot => None,
            Self::Arm(id, _)
            | Self::Exit(id, _)
            | Self::Kill(id)
            | Self::Signal(id, _)
            | Self::Admin(_, id)
            | Self::During(id, _) => Some(*id),
        }
    }

    /// Returns the exit class of the process, if the action ends one.
    pub fn exit_class(&self) -> Option<ExitClass> {
        Some(match self {
            Self::Exit(_, How::Normal) => ExitClass::Normal,
            Self::Exit(_, How::Shutdown) => ExitClass::Shutdown,
            Self::Exit(_, How::Detail) => ExitClass::Detail,
            Self::Exit(_, How::Error | How::Panic) => ExitClass::Crash,
            Self::Kill(_) => ExitClass::Killed,
            _ => return None,
        })
    }
}
