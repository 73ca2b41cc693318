//! The data about a server after parsing its block.
//!
//! Facts only: this module neither generates tokens nor reads attributes. In every type that a generated item outside
//! the impl block may mention, `Self` has already been replaced by the server's type.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::parse::Parser;
use syn::{Attribute, Expr, Generics, LitStr, Path, Receiver, Type, Visibility};

use crate::forwarded_attributes::ForwardedAttributes;

/// A server: one impl block.
pub(crate) struct Server {
    /// The attribute of the block, for error messages.
    pub(crate) attribute: &'static str,
    /// The last word of its type; all names are derived from it.
    pub(crate) name: Ident,
    pub(crate) self_ty: Type,
    /// The parameters and the where-clause of the impl block.
    pub(crate) generics: Generics,
    pub(crate) options: ServerOptions,
    /// At most one, unless each is under a separate `cfg`.
    pub(crate) inits: Vec<Init>,
    pub(crate) calls: Vec<Call>,
    pub(crate) casts: Vec<Handler>,
    pub(crate) infos: Vec<Info>,
    pub(crate) continues: Vec<Handler>,
    pub(crate) terminates: Vec<Terminate>,
    /// True if a method of a state machine is async, whatever its role.
    pub(crate) has_async_reactions: bool,
    /// All methods of the block.
    pub(crate) methods: Vec<Method>,
    /// The names of the methods without a role.
    pub(crate) unmarked: Vec<Ident>,
}

/// The options of `#[gen_server(..)]`.
pub(crate) struct ServerOptions {
    /// The path of the runtime crate, if it is not `::ambit`.
    pub(crate) krate: Option<Path>,
    /// The visibility of the generated types, if it is not `pub`.
    pub(crate) vis: Option<Visibility>,
    /// Its name on the wire, if other nodes can send to it.
    pub(crate) remote: Option<LitStr>,
    pub(crate) mailbox: Option<Mailbox>,
    pub(crate) overflow: Option<Overflow>,
    pub(crate) in_place: Option<InPlace>,
    /// The protocol it implements, if external.
    pub(crate) protocol: Option<Path>,
}

/// `mailbox = ..`
pub(crate) enum Mailbox {
    Bounded(Box<Expr>),
    Unbounded,
}

/// `overflow = ..`
#[derive(Clone, Copy)]
pub(crate) enum Overflow {
    Wait,
    Reject,
    DropNewest,
    DropOldest,
}

/// `in_place = ..`
#[derive(Clone, Copy)]
pub(crate) enum InPlace {
    Auto,
    Never,
    Always,
}

/// A method, with a role or without.
pub(crate) struct Method {
    pub(crate) ident: Ident,
    pub(crate) attrs: ForwardedAttributes,
}

/// The role a marker gives to a method.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Init,
    Call,
    Cast,
    Info,
    ContinueWith,
    Terminate,
    // The remaining roles exist only in a state machine.
    Internal,
    StateTimeout,
    EventTimeout,
    Timeout,
    Enter,
    Exit,
}

/// The common data of all methods with a role.
#[derive(Clone)]
pub(crate) struct Handler {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) attrs: ForwardedAttributes,
    /// The name on the wire, if it differs from its own.
    pub(crate) tag: Option<LitStr>,
    pub(crate) is_async: bool,
    /// `&self` of an async method, which borrows the state while it waits.
    pub(crate) borrows: Option<Receiver>,
    /// True if the method takes the context.
    pub(crate) takes_context: bool,
    /// The arguments that are sent, without the receiver, the context and the reply port.
    pub(crate) args: Vec<Arg>,
    /// The return type; `None` means nothing is returned, including an explicit `()`.
    pub(crate) output: Option<Type>,
    /// Set after an error: the method is declared to callers, but the server never calls it.
    pub(crate) poisoned: Option<InvalidMethod>,
}

/// The remains of a method that cannot be generated.
#[derive(Clone, Default)]
pub(crate) struct InvalidMethod {
    /// The method's own parameters, which its argument types may mention.
    pub(crate) generics: Generics,
}

/// An argument that is sent to the server.
#[derive(Clone)]
pub(crate) struct Arg {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    /// The name on the wire, if it differs from its own.
    pub(crate) renamed: Option<LitStr>,
    /// The lints that the user allows on it.
    pub(crate) lints: Vec<Attribute>,
}

impl Arg {
    /// Returns the arguments with their names in a protocol, where `_key` is `key`: a server need not use all
    /// arguments. Two arguments that would get the same name keep their own.
    pub(crate) fn of_protocol(args: Vec<Self>) -> Vec<Self> {
        let plain: Vec<Ident> = args.iter().map(Self::plain).collect();
        let is_free = |at: usize| {
            let mut others = plain.iter().enumerate();
            !others.any(|(other, name)| other != at && name.unraw() == plain[at].unraw())
        };
        let args = args.into_iter().enumerate();
        args.map(|(at, arg)| match is_free(at) {
            true => Self {
                ident: plain[at].clone(),
                ..arg
            },
            false => arg,
        })
        .collect()
    }

    /// Returns its name without leading underscores: `r#type` for `_type`.
    fn plain(&self) -> Ident {
        let name = self.ident.to_string();
        let plain = name.trim_start_matches('_');
        let span = self.ident.span();
        // The reply port has the name `reply`, and some names are only valid with their underscore.
        if plain == name || plain == "reply" || NEVER_RAW.contains(&plain) {
            return self.ident.clone();
        }
        // Whether `gen` is a keyword depends on the edition of the user's crate.
        if plain != "gen"
            && let Ok(mut plain) = syn::parse_str::<Ident>(plain)
        {
            plain.set_span(span);
            return plain;
        }
        match Ident::parse_any.parse_str(plain) {
            Ok(_) => Ident::new_raw(plain, span),
            Err(_) => self.ident.clone(),
        }
    }
}

/// The keywords that no identifier can have as its name.
const NEVER_RAW: [&str; 4] = ["self", "Self", "super", "crate"];

/// `#[init]`
pub(crate) struct Init {
    pub(crate) handler: Handler,
}

/// `#[call]`
pub(crate) struct Call {
    pub(crate) handler: Handler,
    pub(crate) reply: Reply,
    pub(crate) timeout: Option<Expr>,
    pub(crate) skip_expired: bool,
}

/// How a call is replied to.
#[derive(Clone)]
pub(crate) enum Reply {
    /// With the return value of the method.
    Returned(Type),
    /// Later, through a port of this type.
    Deferred(Type),
}

/// `#[info]`
pub(crate) struct Info {
    pub(crate) handler: Handler,
    pub(crate) message: Type,
}

/// `#[terminate]`
pub(crate) struct Terminate {
    pub(crate) handler: Handler,
    pub(crate) after_panic: bool,
}

impl Role {
    /// All roles of a server, in the order of error messages.
    pub(crate) const SERVER: [Self; 6] = [
        Self::Init,
        Self::Call,
        Self::Cast,
        Self::Info,
        Self::ContinueWith,
        Self::Terminate,
    ];

    /// All roles of a state machine.
    pub(crate) const MACHINE: [Self; 12] = [
        Self::Init,
        Self::Call,
        Self::Cast,
        Self::Info,
        Self::Internal,
        // Only for an error message that names the replacement.
        Self::ContinueWith,
        Self::StateTimeout,
        Self::EventTimeout,
        Self::Timeout,
        Self::Enter,
        Self::Exit,
        Self::Terminate,
    ];

    /// Returns the name of the marker.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::Call => "call",
            Self::Cast => "cast",
            Self::Info => "info",
            Self::ContinueWith => "continue_with",
            Self::Terminate => "terminate",
            Self::Internal => "internal",
            Self::StateTimeout => "state_timeout",
            Self::EventTimeout => "event_timeout",
            Self::Timeout => "timeout",
            Self::Enter => "enter",
            Self::Exit => "exit",
        }
    }

    /// Returns the marker as the user writes it.
    pub(crate) fn marker(self) -> String {
        format!("#[{}]", self.name())
    }

    /// Returns the marker with its article, for use in a sentence.
    pub(crate) fn a_marker(self) -> String {
        let article = if self.name().starts_with(['e', 'i']) {
            "an"
        } else {
            "a"
        };
        format!("{article} `{}`", self.marker())
    }
}

impl Handler {
    /// Returns whether the server runs this method.
    pub(crate) fn runs(&self) -> bool {
        self.poisoned.is_none()
    }

    /// Returns its name on the wire.
    pub(crate) fn wire_name(&self) -> String {
        let own = || self.ident.unraw().to_string();
        self.tag.as_ref().map_or_else(own, LitStr::value)
    }
}

impl Server {
    /// Creates a server without methods.
    pub(crate) fn new(
        attribute: &'static str,
        name: Ident,
        self_ty: Type,
        generics: Generics,
        options: ServerOptions,
    ) -> Self {
        Self {
            attribute,
            name,
            self_ty,
            generics,
            options,
            inits: Vec::new(),
            calls: Vec::new(),
            casts: Vec::new(),
            infos: Vec::new(),
            continues: Vec::new(),
            terminates: Vec::new(),
            has_async_reactions: false,
            methods: Vec::new(),
            unmarked: Vec::new(),
        }
    }

    /// Returns the methods with a role, except `#[terminate]`.
    pub(crate) fn handlers(&self) -> impl Iterator<Item = &Handler> {
        let calls = self.calls.iter().map(|call| &call.handler);
        let infos = self.infos.iter().map(|info| &info.handler);
        let inits = self.inits.iter().map(|init| &init.handler);
        let others = self.casts.iter().chain(&self.continues);
        calls.chain(infos).chain(inits).chain(others)
    }

    /// Returns the types of everything that is sent to the server, and of its replies.
    pub(crate) fn sent_types(&self) -> impl Iterator<Item = &Type> {
        let calls = self.calls.iter().map(|call| &call.handler);
        let inits = self.inits.iter().map(|init| &init.handler);
        let handlers = calls.chain(&self.casts).chain(&self.continues).chain(inits);
        let args = handlers
            .flat_map(|handler| &handler.args)
            .map(|arg| &arg.ty);
        let replies = self.calls.iter().map(|call| match &call.reply {
            Reply::Returned(ty) | Reply::Deferred(ty) => ty,
        });
        let infos = self.infos.iter().map(|info| &info.message);
        args.chain(replies).chain(infos)
    }

    /// Returns the attributes of the methods with this name in the user's block.
    pub(crate) fn own(&self, name: &str) -> Vec<&ForwardedAttributes> {
        let named = self.methods.iter().filter(|method| method.ident == name);
        named.map(|method| &method.attrs).collect()
    }
}
