//! Names that are compared although they may be spelled with or without `r#`.

use proc_macro2::Ident;
use syn::ext::IdentExt;

/// Returns the spelling of a name without `r#`, unless it is a keyword: the same name may be written in both ways.
pub(crate) fn canonical(name: Ident) -> Ident {
    match syn::parse_str::<Ident>(&name.unraw().to_string()) {
        Ok(mut plain) => {
            plain.set_span(name.span());
            plain
        }
        Err(_) => name,
    }
}
