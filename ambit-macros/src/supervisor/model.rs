//! The data about a supervisor after parsing its block.
//!
//! Facts only: this module neither generates tokens nor reads attributes. Words such as `OneForOne` are kept as the
//! user's tokens, so that an editor explains them at their source.

use proc_macro2::Ident;
use syn::{Expr, Generics, PatType, Path, Type, Visibility};

use crate::forwarded_attributes::ForwardedAttributes;

/// A supervisor: one impl block.
pub(crate) struct Supervisor {
    /// The last word of its type; all names are derived from it.
    pub(crate) name: Ident,
    pub(crate) self_ty: Type,
    /// The parameters and the where-clause of the impl block.
    pub(crate) generics: Generics,
    pub(crate) options: SupervisorOptions,
    /// In the order of their methods, which is the start order.
    pub(crate) children: Vec<Child>,
    /// The methods that are not children.
    pub(crate) plain: Vec<UnmarkedMethod>,
}

/// The options of `#[supervisor(..)]`.
pub(crate) struct SupervisorOptions {
    /// The path of the runtime crate, if it is not `::ambit`.
    pub(crate) krate: Option<Path>,
    /// The visibility of the handle, if it is not `pub`.
    pub(crate) vis: Option<Visibility>,
    /// A variant of `Strategy`.
    pub(crate) strategy: Option<Ident>,
    pub(crate) restarts: Option<Expr>,
    pub(crate) within: Option<Expr>,
    /// A variant of `AutoShutdown`.
    pub(crate) auto_shutdown: Option<Ident>,
}

/// A `#[child]` method.
pub(crate) struct Child {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) attrs: ForwardedAttributes,
    pub(crate) options: ChildOptions,
    /// Its arguments beside `self`.
    pub(crate) arguments: Vec<PatType>,
    /// The return type; `None` after an error that leaves callers without a handle.
    pub(crate) output: Option<Type>,
    /// The method's own parameters, which are an error; its return type may mention them.
    pub(crate) generics: Generics,
    /// Set after an error: callers keep the handle, and the child is never started.
    pub(crate) broken: bool,
}

/// The options of `#[child(..)]`.
pub(crate) struct ChildOptions {
    /// A variant of `Restart`.
    pub(crate) restart: Option<Ident>,
    pub(crate) shutdown: Option<Shutdown>,
    /// `true` or `false`.
    pub(crate) significant: Option<Ident>,
}

/// `shutdown = ..`
pub(crate) enum Shutdown {
    /// A variant of `Shutdown`.
    Word(Ident),
    /// A time, or a `Shutdown`.
    Expr(Box<Expr>),
}

/// A method without a marker.
pub(crate) struct UnmarkedMethod {
    pub(crate) ident: Ident,
    pub(crate) attrs: ForwardedAttributes,
}

impl Child {
    /// Returns whether the method takes the supervisor's handle, its only allowed argument.
    pub(crate) fn takes_subject(&self) -> bool {
        !self.arguments.is_empty()
    }
}
