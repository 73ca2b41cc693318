//! Makes a second block for a type one error, instead of one for each item that both generate.
//!
//! Each block defines a module of the same name, and passes its generated items through a macro in it. The module of a
//! second block is the error; its path leads to the first block's macro, which recognises its own block and drops the
//! items of any other.
//!
//! The compiler resolves the path of a macro early, and rejects a name that both a glob import and a macro define. A
//! module with `use super::*` may have a server of the same name as its parent, so the module's name differs if the
//! blocks begin in another column, in another file or in another directory. `docs/design/028-second-block.md` has the
//! alternatives.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Type;
use syn::ext::IdentExt;

use crate::names;

/// Wraps the items generated for the block of a type.
pub(crate) fn of_type(name: &Ident, self_ty: &Type, items: &TokenStream) -> TokenStream {
    let position = Position::of(name.span());
    let module = format_ident!(
        "only_one_block_for_{}_{:04x}",
        name.unraw(),
        position.module()
    );
    let block = position.block();
    let first = self_ty.to_token_stream().into_iter().next();
    let here = first.map_or_else(Span::call_site, |tree| tree.span());
    let here = here.resolved_at(Span::call_site());
    let local_module = Ident::new(&module.to_string(), here);
    let definition = quote_spanned! {here=>
        #[doc(hidden)]
        #[allow(nonstandard_style, unused_imports)]
        mod #local_module {
            macro_rules! first { (#block $($items:tt)*) => { $($items)* }; ($($second:tt)*) => {}; }
            pub(super) use first;
        }
    };
    quote! {
        #definition
        #module::first! { #block #items }
    }
}

/// The position of a block in the sources.
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
