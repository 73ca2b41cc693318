//! A function that other nodes can call.

use proc_macro2::{Ident, TokenStream};
use syn::{Expr, Type, Visibility};

use crate::forwarded_attributes::ForwardedAttributes;
use crate::gen_server::model::Arg;
use crate::message::Text;

/// A function that other nodes can call.
pub(super) struct Rpc {
    /// As the user wrote it, without visibility and `cfg`.
    pub(super) function: TokenStream,
    pub(super) ident: Ident,
    pub(super) vis: Visibility,
    pub(super) forwarded: ForwardedAttributes,
    pub(super) args: Vec<Arg>,
    pub(super) output: Type,
    pub(super) is_async: bool,
    pub(super) name: Text,
    pub(super) timeout: Option<Expr>,
    /// `::ambit`
    pub(super) ambit: TokenStream,
}
