//! What the bounds of a server depend on.

use proc_macro2::TokenStream;

use super::checked_types::CheckedTypes;
use crate::gen_server::model::Server;
use crate::names::Names;

/// The data about a server that its bounds depend on.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) server: &'a Server,
    pub(super) names: &'a Names,
    pub(super) checked: &'a CheckedTypes,
    pub(super) private: &'a TokenStream,
}
