//! Makes a second block for a type one error, instead of one for each item that both generate.
//!
//! Each block defines a module of the same name, and passes its generated items through a macro in it. The module of a
//! second block is the error; its path leads to the first block's macro, which recognises its own block and drops the
//! items of any other.
//!
//! The compiler resolves the path of a macro early, and rejects a name that both a glob import and a macro define. A
//! module with `use super::*` may have a server of the same name as its parent, so the module's name differs if the
//! blocks begin in another column, in another file or in another directory. `elsewhere` finds a second block in another
//! module. `docs/design/028-second-block.md` has the alternatives.

mod block;
mod elsewhere;
mod position;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;

pub(crate) use self::block::Block;
use self::block::place_of;
use self::position::Position;

/// Wraps the items generated for a block.
pub(crate) fn only(block: &Block<'_>, items: &TokenStream) -> TokenStream {
    let name = block.name;
    let position = Position::of(name.span());
    let items = elsewhere::declared(block, &position, items);
    let module = format_ident!(
        "only_one_block_for_{}_{:04x}",
        name.unraw(),
        position.module()
    );
    let number = position.block();
    let here = place_of(block.self_ty);
    let local_module = Ident::new(&module.to_string(), here);
    let definition = quote_spanned! {here=>
        #[doc(hidden)]
        #[allow(nonstandard_style, unused_imports)]
        mod #local_module {
            macro_rules! first { (#number $($items:tt)*) => { $($items)* }; ($($second:tt)*) => {}; }
            pub(super) use first;
        }
    };
    quote! {
        #definition
        #module::first! { #number #items }
    }
}
