//! `#[main]` and `#[test]`: an async function that runs as a process.
//!
//! The user's function stays whole, inside a plain function of the same name that starts the runtime.

mod run;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, ReturnType, Signature, Visibility, token};

use self::run::{entry_prints, printed_by_entry, run_tokens};
use crate::diag::{Diag, text};
use crate::fallback::not_a_function;
use crate::names::mentions;
use crate::options::{CRATE, OptionRule, OptionTable, Options, Shape};

const WORKER_THREADS: OptionRule = OptionRule {
    name: "worker_threads",
    shape: Shape::Expr("2"),
};

const MAIN: OptionTable = OptionTable {
    attribute: "#[ambit::main]",
    rules: &[
        OptionRule {
            name: "flavor",
            shape: Shape::Word(&["\"current_thread\"", "\"multi_thread\""]),
        },
        WORKER_THREADS,
        OptionRule {
            name: "stderr_reports",
            shape: Shape::Expr("false"),
        },
        CRATE,
    ],
};

const TEST: OptionTable = OptionTable {
    attribute: "#[ambit::test]",
    rules: &[
        OptionRule {
            name: "real_time",
            shape: Shape::Flag,
        },
        OptionRule {
            name: "flavor",
            shape: Shape::Word(&["\"multi_thread\"", "\"current_thread\""]),
        },
        WORKER_THREADS,
        OptionRule {
            name: "seed",
            shape: Shape::Expr("1"),
        },
        CRATE,
    ],
};

/// A function whose body has not been parsed.
pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    pub(crate) body: TokenTree,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let sig = input.parse()?;
        if !input.peek(token::Brace) {
            return Err(input.error("expected a function body"));
        }
        Ok(Self {
            attrs,
            vis,
            sig,
            body: input.parse()?,
        })
    }
}

/// Expands `#[ambit::main(options)]`.
pub(crate) fn main(options: TokenStream, item: &TokenStream) -> TokenStream {
    expand(options, item, &MAIN, |ambit, _, options| {
        let threads = worker_threads(ambit, options);
        let current_thread = options.word("flavor") == Some("\"current_thread\"");
        let stderr_reports = options.expr("stderr_reports");
        let stderr_reports = stderr_reports.map_or_else(|| quote!(true), ToTokens::to_token_stream);
        let options = quote!(#ambit::__private::MainOptions {
            worker_threads: #threads,
            current_thread: #current_thread,
            stderr_reports: #stderr_reports,
        });
        Entry {
            attribute: TokenStream::new(),
            runner: quote!(run_main),
            multi_thread: !current_thread,
            options,
        }
    })
}

/// Expands `#[ambit::test(options)]`.
pub(crate) fn test(options: TokenStream, item: &TokenStream) -> TokenStream {
    expand(options, item, &TEST, |ambit, name, options| {
        let core = quote!(#ambit::__private::core);
        let threads = worker_threads(ambit, options);
        let multi_thread = options.word("flavor") == Some("\"multi_thread\"");
        let real_time = options.flag("real_time");
        let seed = optional(ambit, options.expr("seed"));
        let options = quote!(#ambit::__private::TestOptions {
            name: #core::concat!(#core::module_path!(), "::", #core::stringify!(#name)),
            real_time: #real_time,
            multi_thread: #multi_thread,
            worker_threads: #threads,
            seed: #seed,
        });
        Entry {
            attribute: quote!(#[::core::prelude::v1::test]),
            runner: quote!(run_test),
            multi_thread,
            options,
        }
    })
}

/// The differences between the two attributes.
struct Entry {
    attribute: TokenStream,
    runner: TokenStream,
    multi_thread: bool,
    options: TokenStream,
}

/// Returns the item, which is not a function that can be parsed, and the error.
fn refused(item: &TokenStream, table: &OptionTable, error: syn::Error) -> TokenStream {
    let diag = Diag::default();
    let attribute = table.attribute;
    let message = format!("`{attribute}` can only be applied to an `async` function");
    not_a_function(item, error, &message, &diag);
    let errors = diag.into_tokens();
    quote!(#item #errors)
}

fn expand(
    options: TokenStream,
    item: &TokenStream,
    table: &OptionTable,
    entry: impl FnOnce(&TokenStream, &Ident, &Options) -> Entry,
) -> TokenStream {
    let mut function: Function = match syn::parse2(item.clone()) {
        Ok(function) => function,
        Err(error) => return refused(item, table, error),
    };
    let diag = Diag::default();
    let options = Options::read(options, table, &diag);
    let sound = check(&function.sig, table, &diag);
    refuse_second(table, &mut function.attrs, &diag);
    if !make_async(&mut function.sig) {
        let errors = diag.into_tokens();
        return quote!(#item #errors);
    }
    let ambit = options.ambit();
    let name = &function.sig.ident;
    let entry = entry(&ambit, name, &options);
    refuse_threads(&entry, &options, &diag);
    let Entry {
        attribute,
        runner,
        options,
        ..
    } = entry;
    let runs_program = attribute.is_empty();
    let run = match sound {
        true => run_tokens(&ambit, &function.sig, runs_program, (&runner, &options)),
        false => quote!(#ambit::__private::core::panic!("this function does not compile")),
    };
    let run = match entry_prints(&function.sig, runs_program) {
        true => printed_by_entry(&ambit, &run),
        false => run,
    };
    let errors = diag.into_tokens();
    let Function {
        attrs,
        vis,
        sig,
        body,
    } = &function;
    let output = match &sig.output {
        ReturnType::Default => TokenStream::new(),
        ReturnType::Type(arrow, ty) => quote!(#arrow #ty),
    };
    quote! {
        #(#attrs)*
        #attribute
        #vis fn #name() #output {
            #[allow(clippy::unused_async)]
            #sig #body
            #run
        }
        #errors
    }
}

/// Makes a function async, because the compiler would report each `.await` in its body; returns false for the return
/// type `impl Trait`, which the outer function cannot have.
fn make_async(sig: &mut Signature) -> bool {
    if sig.asyncness.is_none() {
        sig.constness = None;
        sig.asyncness = Some(token::Async::default());
        return !mentions(sig.output.to_token_stream(), "impl");
    }
    true
}

/// Reports a number of threads for a runtime with one thread.
fn refuse_threads(entry: &Entry, options: &Options, diag: &Diag) {
    // An invalid flavor has been reported; the intended one may be valid.
    if !entry.multi_thread
        && !options.is_unread("flavor")
        && let Some(threads) = options.given("worker_threads")
    {
        let message =
            "`worker_threads` requires the multi-threaded runtime; add `flavor = \"multi_thread\"`";
        diag.error(threads, message);
    }
}

/// Reports another attribute that makes the function a test, because it would run twice, or a program. It is removed,
/// because its own error would be a consequence.
fn refuse_second(table: &OptionTable, attrs: &mut Vec<Attribute>, diag: &Diag) {
    let (name, does) = match table.attribute == TEST.attribute {
        true => ("test", "makes this a test"),
        false => ("main", "starts the runtime"),
    };
    let is_second = |attr: &Attribute| {
        let last = attr.path().segments.last();
        last.is_some_and(|last| last.ident == name)
    };
    let Some(position) = attrs.iter().position(is_second) else {
        return;
    };
    let second = attrs.remove(position);
    let (attribute, path) = (table.attribute, text(second.path()));
    let message = format!("`{attribute}` already {does}; remove `#[{path}]`");
    diag.error(second, message);
}

/// Reports what prevents the function from running as a process.
fn check(sig: &Signature, table: &OptionTable, diag: &Diag) -> bool {
    let mut sound = true;
    let mut mistake = |at: &dyn ToTokens, message: String| {
        sound = false;
        diag.error(at, message);
    };
    let attribute = table.attribute;
    if sig.asyncness.is_none() {
        mistake(
            &sig.fn_token,
            match table.attribute == TEST.attribute {
                false => format!(
                    "`{attribute}` requires an `async` function; write `async fn {}`",
                    sig.ident
                ),
                true => format!(
                    "`{attribute}` requires an `async` function; write `async fn {}`, or replace `use ambit::*` \
                     with `use ambit::prelude::*` to use the `#[test]` of the standard library",
                    sig.ident
                ),
            },
        );
    }
    if let Some(param) = sig.generics.params.first() {
        mistake(
            param,
            format!(
                "a function with `{attribute}` cannot be generic; remove `{}`",
                text(param)
            ),
        );
    }
    if let Some(receiver) = sig.receiver() {
        mistake(
            receiver,
            format!("`{attribute}` can only be applied to a free function; remove `self`"),
        );
    }
    if let Some(second) = sig.inputs.iter().nth(1) {
        let message = format!(
            "a function with `{attribute}` takes no argument other than `inbox: Inbox<M>`; remove this argument"
        );
        mistake(second, message);
    }
    sound
}

fn worker_threads(ambit: &TokenStream, options: &Options) -> TokenStream {
    optional(ambit, options.expr("worker_threads"))
}

fn optional(ambit: &TokenStream, value: Option<&syn::Expr>) -> TokenStream {
    let option = quote!(#ambit::__private::core::option::Option);
    value.map_or_else(
        || quote!(#option::None),
        |value| quote!(#option::Some(#value)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(tokens: TokenStream) -> String {
        prettyplease::unparse(&syn::parse2(tokens).unwrap())
    }

    #[test]
    fn main_keeps_the_function_whole() {
        let item = quote! {
            /// Says hello.
            async fn main() -> Result<(), Error> { hello().await }
        };
        let expected = quote! {
            /// Says hello.
            fn main() -> Result<(), Error> {
                #[allow(clippy::unused_async)]
                async fn main() -> Result<(), Error> { hello().await }
                #[allow(unused_imports)]
                use ::ambit::__private::{ReturnedBox as _, ReturnedOther as _};
                let __returned = ::ambit::__private::Returned::new(::ambit::__private::run_main(
                    ::ambit::__private::MainOptions {
                        worker_threads: ::ambit::__private::core::option::Option::None,
                        current_thread: true,
                        stderr_reports: true,
                    },
                    |_: ::ambit::Inbox<::ambit::__private::NoMessage>| main(),
                ));
                (&__returned).__ambit_shown()
            }
        };
        assert_eq!(
            printed(main(quote!(flavor = "current_thread"), &item)),
            printed(expected)
        );
    }

    #[test]
    fn test_hands_the_inbox_over() {
        let item = quote! {
            #[should_panic]
            async fn fails(mut inbox: Inbox<u64>) { inbox.recv().await; }
        };
        let expected = quote! {
            #[should_panic]
            #[::core::prelude::v1::test]
            fn fails() {
                #[allow(clippy::unused_async)]
                async fn fails(mut inbox: Inbox<u64>) { inbox.recv().await; }
                ::ambit::__private::run_test(
                    ::ambit::__private::TestOptions {
                        name: ::ambit::__private::core::concat!(
                            ::ambit::__private::core::module_path!(),
                            "::",
                            ::ambit::__private::core::stringify!(fails)
                        ),
                        real_time: true,
                        multi_thread: false,
                        worker_threads: ::ambit::__private::core::option::Option::None,
                        seed: ::ambit::__private::core::option::Option::Some(7),
                    },
                    fails,
                )
            }
        };
        assert_eq!(
            printed(test(quote!(real_time, seed = 7), &item)),
            printed(expected)
        );
    }

    #[test]
    fn a_test_with_a_result_notes_whether_it_is_an_error() {
        let item = quote!(
            async fn fails() -> Result<(), u8> {
                Err(1)
            }
        );
        let expanded = printed(test(TokenStream::new(), &item));
        let noted = [
            "note_outcome(",
            "::ambit::__private::TestValue(value).__ambit_is_error()",
        ];
        for part in noted {
            assert!(expanded.contains(part), "{expanded}");
        }
        let main = printed(main(TokenStream::new(), &item));
        assert!(!main.contains("note_outcome"), "{main}");
    }
}
