//! The call that runs the user's function as a process, and what happens to an error that it returns.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{ReturnType, Signature};

/// Generates the call that runs the function as a process.
pub(super) fn run_tokens(
    ambit: &TokenStream,
    sig: &Signature,
    runs_program: bool,
    (runner, options): (&TokenStream, &TokenStream),
) -> TokenStream {
    let (private, name) = (quote!(#ambit::__private), &sig.ident);
    let is_noted = !runs_program && may_be_result(sig);
    let inbox = Ident::new("inbox", Span::mixed_site());
    let (ty, future) = match sig.inputs.is_empty() {
        true => (
            quote!(: #ambit::Inbox<#private::NoMessage>),
            quote!(#name()),
        ),
        false => (TokenStream::new(), quote!(#name(#inbox))),
    };
    match (is_noted, sig.inputs.is_empty()) {
        (true, _) => {
            let future = noted(&private, &future);
            quote!(#private::#runner(#options, |#inbox #ty| #future))
        }
        (false, true) => quote!(#private::#runner(#options, |_ #ty| #future)),
        (false, false) => quote!(#private::#runner(#options, #name)),
    }
}

/// Generates the future of a test that may return an error: the test kit learns whether it did.
fn noted(private: &TokenStream, future: &TokenStream) -> TokenStream {
    let value = Ident::new("value", Span::mixed_site());
    quote! {
        async move {
            #[allow(unused_imports)]
            use #private::NoTestResult as _;
            let #value = #future.await;
            #private::note_outcome(#value, |#value| #private::TestValue(#value).__ambit_is_error())
        }
    }
}

/// Returns whether the standard library would print an error that the function returns.
pub(super) fn entry_prints(sig: &Signature, runs_program: bool) -> bool {
    runs_program && sig.ident == "main" && may_be_result(sig)
}

/// Returns whether the return type may be a `Result`. Any named type may be an alias of one; the generated code decides
/// by the type itself.
fn may_be_result(sig: &Signature) -> bool {
    let ReturnType::Type(_, ty) = &sig.output else {
        return false;
    };
    !matches!(&**ty, syn::Type::Never(_) | syn::Type::Tuple(_))
}

/// Generates code that prints an error as a message, as far as its type allows.
pub(super) fn printed_by_entry(ambit: &TokenStream, run: &TokenStream) -> TokenStream {
    let private = quote!(#ambit::__private);
    quote! {
        #[allow(unused_imports)]
        use #private::{ReturnedBox as _, ReturnedOther as _};
        let __returned = #private::Returned::new(#run);
        (&__returned).__ambit_shown()
    }
}
