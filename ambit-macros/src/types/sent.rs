//! The types that are, by their names, certainly `Send` or certainly not.

use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{
    GenericArgument, PathArguments, PathSegment, Token, Type, TypeParamBound, TypePath,
    TypeTraitObject,
};

use crate::names::mentions;

/// Names of types that are `Send`.
const SENT: &[&str] = &[
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32",
    "u64", "u128", "usize", "Duration", "Instant", "PathBuf", "Pid", "String",
];

/// Types that are `Send` if their arguments are in these lists, with the number of their arguments: a `Result<T>` is an
/// alias with an error that is not seen here. The listed types are `Sync` too.
const SENT_WITH: &[(&str, usize)] = &[
    ("Arc", 1),
    ("BTreeMap", 2),
    ("BTreeSet", 1),
    ("Box", 1),
    ("HashMap", 2),
    ("HashSet", 1),
    ("Option", 1),
    ("Result", 2),
    ("Vec", 1),
    ("VecDeque", 1),
];

/// Returns whether a type is, by its name, one of std's that are `Send`. Most types are, and a bound on each costs more
/// compile time than its method. (A user's own type of such a name that is not `Send` gets the compiler's error.)
pub(crate) fn is_surely_sent(ty: &Type) -> bool {
    is_sent(ty, false)
}

/// The same; `is_shared` asks for a type that is `Sync` too.
///
/// The types of function pointers and closures are here also because two bounds on one of them, written once in full
/// and once as an alias, contradict each other: each spelling of `fn(&u8)` is a type of its own until it is compared.
fn is_sent(ty: &Type, is_shared: bool) -> bool {
    match ty {
        Type::Group(group) => is_sent(&group.elem, is_shared),
        Type::Paren(paren) => is_sent(&paren.elem, is_shared),
        Type::Array(array) => is_sent(&array.elem, is_shared),
        Type::Tuple(tuple) => tuple.elems.iter().all(|ty| is_sent(ty, is_shared)),
        Type::FnPtr(_) => true,
        Type::TraitObject(object) => {
            has_bound(object, "Send") && (!is_shared || has_bound(object, "Sync"))
        }
        Type::Path(TypePath {
            qself: None, path, ..
        }) => path.segments.last().is_some_and(|last| {
            path.segments.len() == 1 && is_sent_if_arguments_are(last, is_shared)
        }),
        _ => false,
    }
}

fn is_sent_if_arguments_are(word: &PathSegment, is_shared: bool) -> bool {
    let name = word.ident.to_string();
    match &word.arguments {
        PathArguments::None => SENT.contains(&name.as_str()),
        PathArguments::AngleBracketed(arguments) => {
            let arguments = &arguments.args;
            let is_shared = is_shared || name == "Arc";
            let sent = |argument: &GenericArgument| matches!(argument, GenericArgument::Type(ty) if is_sent(ty, is_shared));
            let is_listed = SENT_WITH.iter().any(|(listed, count)| {
                name == *listed && (*count == arguments.len() || has_function(arguments))
            });
            is_listed && arguments.iter().all(sent)
        }
        PathArguments::Parenthesized(_) => false,
    }
}

/// Returns whether there is the type of a function or a closure among the arguments. It must have no bound, as above.
fn has_function(arguments: &Punctuated<GenericArgument, Token![,]>) -> bool {
    let tokens = || arguments.to_token_stream();
    mentions(tokens(), "fn") || mentions(tokens(), "dyn")
}

/// Returns whether a type is, by its name, one that is hardly ever `Send`: it contains an `Rc`, or is a pointer.
pub(crate) fn is_surely_not_sent(ty: &Type) -> bool {
    matches!(ty, Type::Ptr(_)) || mentions(ty.to_token_stream(), "Rc")
}

/// Returns whether a trait object has a bound of this name.
pub(super) fn has_bound(object: &TypeTraitObject, name: &str) -> bool {
    object.bounds.iter().any(|bound| {
        matches!(bound, TypeParamBound::Trait(bound) if bound.path.segments.last().is_some_and(|last| last.ident == name))
    })
}
