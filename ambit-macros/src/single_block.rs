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

mod elsewhere;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Generics, Type};

use crate::names;

/// A block that generates items for a type.
pub(crate) struct Block<'a> {
    /// `::ambit`
    pub(crate) ambit: &'a TokenStream,
    pub(crate) name: &'a Ident,
    pub(crate) self_ty: &'a Type,
    pub(crate) generics: &'a Generics,
}

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

/// Returns the span of generated tokens that point at a type.
fn place_of(ty: &Type) -> Span {
    let first = ty.to_token_stream().into_iter().next();
    let here = first.map_or_else(Span::call_site, |tree| tree.span());
    here.resolved_at(Span::call_site())
}

/// The position of a block in the sources.
#[derive(Clone, PartialEq, Eq)]
struct Position {
    file: String,
    line: usize,
    column: usize,
}

impl Position {
    /// Returns the same position for all spans outside the compiler.
    fn of(span: Span) -> Self {
        if !proc_macro::is_available() {
            return Self {
                file: String::new(),
                line: 0,
                column: 0,
            };
        }
        let span = span.unwrap();
        Self {
            file: span.file(),
            line: span.line(),
            column: span.column(),
        }
    }

    /// Returns a short number that blocks in one module share.
    fn module(&self) -> u64 {
        let file = in_its_directory(&self.file);
        let number = names::hash(format!("{file}:{}", self.column).bytes());
        (number ^ (number >> 32)) & 0xffff
    }

    /// Returns a number that no two blocks of a crate share, except by accident.
    fn number(&self) -> u64 {
        let file = in_its_directory(&self.file);
        names::hash(format!("{file}:{}:{}", self.line, self.column).bytes())
    }

    /// Returns a name that no two blocks of a file share.
    fn block(&self) -> Ident {
        format_ident!("at_{}_{}", self.line, self.column)
    }
}

/// Returns the name of a file with that of its directory, which names the module of a `mod.rs`. Further directories may
/// be outside the crate, and differ between machines.
fn in_its_directory(file: &str) -> String {
    let words: Vec<&str> = file.split(['/', '\\']).collect();
    let first = words.len().saturating_sub(2);
    words.get(first..).unwrap_or_default().join("/")
}

#[cfg(test)]
mod tests {
    use super::in_its_directory;

    #[test]
    fn files_of_one_name_differ_by_their_directory() {
        assert_eq!(in_its_directory("shop/src/till/mod.rs"), "till/mod.rs");
        assert_eq!(
            in_its_directory("shop/src/till/drawer/mod.rs"),
            "drawer/mod.rs"
        );
        assert_eq!(
            in_its_directory("C:\\shop\\src\\till\\mod.rs"),
            "till/mod.rs"
        );
        assert_eq!(in_its_directory("main.rs"), "main.rs");
        assert_eq!(in_its_directory(""), "");
    }
}
