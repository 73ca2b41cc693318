//! The types that can be sent: owned and named ones.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, TokenStreamExt, quote};
use syn::{
    GenericArgument, Lifetime, PathArguments, Type, TypeImplTrait, TypeParamBound, TypePath,
    TypeReference, TypeTraitObject,
};

use crate::diag::text;

mod sent;

use self::sent::has_bound;
pub(crate) use self::sent::{is_surely_not_sent, is_surely_sent};

/// The reason why a type cannot be in an enum variant, or be a server.
pub(crate) enum Obstacle<'a> {
    Reference(&'a TypeReference),
    Lifetime(&'a Lifetime),
    /// `Cow<str>` or one of its kind, which hides a lifetime.
    Cow(&'a TypePath),
    ImplTrait(&'a TypeImplTrait),
    /// `_`, which the compiler reports itself.
    Infer,
}

impl Obstacle<'_> {
    /// Returns the text of the error; `what` describes the position of the type, `verb` is the remedy.
    pub(crate) fn message(&self, what: &str, verb: &str) -> String {
        let (instead, found) = match self {
            Self::Reference(reference) => (instead(reference), text(reference)),
            Self::Cow(cow) => (format!("`{}`", text(static_cow(cow))), text(cow)),
            Self::ImplTrait(opaque) => {
                let found = text(opaque);
                return format!(
                    "{what} must have a concrete type; {verb} a concrete type instead of `{found}`"
                );
            }
            Self::Lifetime(_) | Self::Infer => {
                return format!("{what} must be owned; {verb} owned data or an `Arc`");
            }
        };
        format!("{what} must be owned; {verb} {instead} instead of `{found}`")
    }
}

impl ToTokens for Obstacle<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Reference(reference) => reference.to_tokens(tokens),
            Self::Lifetime(lifetime) => lifetime.to_tokens(tokens),
            Self::Cow(cow) => cow.to_tokens(tokens),
            Self::ImplTrait(opaque) => opaque.to_tokens(tokens),
            Self::Infer => tokens.append_all(quote!(_)),
        }
    }
}

/// Finds the first part of a type that cannot be sent.
pub(crate) fn obstacle(ty: &Type) -> Option<Obstacle<'_>> {
    match ty {
        Type::Reference(reference) => match &reference.lifetime {
            Some(lifetime) if lifetime.ident == "static" => obstacle(&reference.elem),
            _ => Some(Obstacle::Reference(reference)),
        },
        Type::ImplTrait(opaque) => Some(Obstacle::ImplTrait(opaque)),
        Type::Infer(_) => Some(Obstacle::Infer),
        Type::Array(array) => obstacle(&array.elem),
        Type::Slice(slice) => obstacle(&slice.elem),
        Type::Group(group) => obstacle(&group.elem),
        Type::Paren(paren) => obstacle(&paren.elem),
        Type::Ptr(pointer) => obstacle(&pointer.elem),
        Type::Tuple(tuple) => tuple.elems.iter().find_map(obstacle),
        Type::Path(path) if is_borrowed_cow(path) => Some(Obstacle::Cow(path)),
        Type::Path(path) => {
            let in_self = path.qself.as_ref().and_then(|qself| obstacle(&qself.ty));
            in_self.or_else(|| {
                path.path
                    .segments
                    .iter()
                    .find_map(|segment| in_arguments(&segment.arguments))
            })
        }
        Type::TraitObject(object) => object.bounds.iter().find_map(in_bound),
        _ => None,
    }
}

/// Returns whether a type is a function pointer or a shared closure, alone or in a container of std: it is certainly
/// `Clone`. Other types get a bound, which function pointers cannot have: each spelling of one is a type of its own.
pub(crate) fn is_surely_cloned_function(ty: &Type) -> bool {
    match ty {
        Type::Group(group) => is_surely_cloned_function(&group.elem),
        Type::Paren(paren) => is_surely_cloned_function(&paren.elem),
        Type::FnPtr(_) => true,
        Type::Path(_) => match only_argument(ty) {
            Some((name, closure)) if name == "Arc" => is_closure(closure),
            Some((name, ty)) if CLONED_WITH.contains(&name.to_string().as_str()) => {
                is_surely_cloned_function(ty)
            }
            _ => false,
        },
        _ => false,
    }
}

/// Returns the type of the reply through a port that is written as `ReplyTo<T>`.
pub(crate) fn value_of_port(port: &Type) -> Option<&Type> {
    let Type::Path(TypePath {
        qself: None, path, ..
    }) = port
    else {
        return None;
    };
    let word = path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &word.arguments else {
        return None;
    };
    let mut arguments = arguments.args.iter();
    match (arguments.next(), arguments.next()) {
        (Some(GenericArgument::Type(value)), None) if word.ident == "ReplyTo" => Some(value),
        _ => None,
    }
}

/// Returns whether a type is `Box<dyn FnOnce(..)>`, or one of its kind: it is certainly not `Clone`.
pub(crate) fn is_boxed_closure(ty: &Type) -> bool {
    matches!(only_argument(ty), Some((name, closure)) if name == "Box" && is_closure(closure))
}

fn is_closure(ty: &Type) -> bool {
    matches!(ty, Type::TraitObject(object) if ["Fn", "FnMut", "FnOnce"].iter().any(|name| has_bound(object, name)))
}

/// Containers that are `Clone` if their argument is.
const CLONED_WITH: [&str; 4] = ["Box", "Option", "Vec", "VecDeque"];

/// Splits a type of one word with one argument.
fn only_argument(ty: &Type) -> Option<(&Ident, &Type)> {
    let Type::Path(TypePath {
        qself: None, path, ..
    }) = ty
    else {
        return None;
    };
    let mut words = path.segments.iter();
    let (Some(word), None) = (words.next(), words.next()) else {
        return None;
    };
    let PathArguments::AngleBracketed(arguments) = &word.arguments else {
        return None;
    };
    let mut arguments = arguments.args.iter();
    match (arguments.next(), arguments.next()) {
        (Some(GenericArgument::Type(ty)), None) => Some((&word.ident, ty)),
        _ => None,
    }
}

fn in_arguments(arguments: &PathArguments) -> Option<Obstacle<'_>> {
    let PathArguments::AngleBracketed(arguments) = arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Lifetime(lifetime) => in_lifetime(lifetime),
        GenericArgument::Type(ty) => obstacle(ty),
        GenericArgument::AssocType(assoc) => obstacle(&assoc.ty),
        _ => None,
    })
}

fn in_bound(bound: &TypeParamBound) -> Option<Obstacle<'_>> {
    match bound {
        TypeParamBound::Lifetime(lifetime) => in_lifetime(lifetime),
        TypeParamBound::Trait(bound) if bound.lifetimes.is_none() => bound
            .path
            .segments
            .iter()
            .find_map(|segment| in_arguments(&segment.arguments)),
        _ => None,
    }
}

fn in_lifetime(lifetime: &Lifetime) -> Option<Obstacle<'_>> {
    (lifetime.ident != "static").then_some(Obstacle::Lifetime(lifetime))
}

/// Returns whether a type is a `Cow` of one of std's unsized types, without a lifetime.
fn is_borrowed_cow(path: &TypePath) -> bool {
    let Some(word) = path.path.segments.last() else {
        return false;
    };
    let PathArguments::AngleBracketed(arguments) = &word.arguments else {
        return false;
    };
    let mut arguments = arguments.args.iter();
    match (arguments.next(), arguments.next()) {
        (Some(GenericArgument::Type(ty)), None) if word.ident == "Cow" => match ty {
            Type::Slice(_) => true,
            Type::Path(path) => owned_path(path) != text(path),
            _ => false,
        },
        _ => false,
    }
}

/// Returns a `Cow` with the lifetime that it can be sent with.
fn static_cow(cow: &TypePath) -> TypePath {
    let mut cow = cow.clone();
    if let Some(word) = cow.path.segments.last_mut()
        && let PathArguments::AngleBracketed(arguments) = &mut word.arguments
    {
        arguments.args.insert(0, syn::parse_quote!('static));
    }
    cow
}

/// Returns the replacement for a borrowed type: a type that the macro accepts, or a description of one.
fn instead(borrowed: &TypeReference) -> String {
    owned(&borrowed.elem).map_or_else(str::to_owned, |ty| format!("`{ty}`"))
}

/// Returns the sized type to use instead of a slice or a trait object, which the compiler refuses where a value is
/// passed.
pub(crate) fn sized_instead(ty: &Type) -> Option<Type> {
    match ty {
        Type::Group(group) => sized_instead(&group.elem),
        Type::Paren(paren) => sized_instead(&paren.elem),
        Type::TraitObject(object) => syn::parse_str(&boxed(object)).ok(),
        Type::Slice(_) => syn::parse_str(&owned(ty).ok()?).ok(),
        _ => None,
    }
}

/// Returns the type itself if it owns its data, or the owned type to use instead; `None` where only the user can choose
/// one.
pub(crate) fn owned_type(ty: &Type) -> Option<Type> {
    match ty {
        ty if obstacle(ty).is_none() => Some(ty.clone()),
        Type::Group(group) => owned_type(&group.elem),
        Type::Paren(paren) => owned_type(&paren.elem),
        Type::Path(path) if is_borrowed_cow(path) => Some(Type::Path(static_cow(path))),
        Type::Reference(reference) => match &*reference.elem {
            Type::Path(path) if owned_path(path) == text(path) => owned_type(&reference.elem),
            Type::Reference(_) => owned_type(&reference.elem),
            elem => syn::parse_str(&owned(elem).ok()?).ok(),
        },
        _ => None,
    }
}

fn owned(ty: &Type) -> Result<String, &'static str> {
    match ty {
        Type::Group(group) => owned(&group.elem),
        Type::Paren(paren) => owned(&paren.elem),
        Type::Slice(slice) => Ok(format!("Vec<{}>", owned(&slice.elem)?)),
        Type::ImplTrait(_) => Err("a concrete type"),
        ty if obstacle(ty).is_none() => Ok(match ty {
            Type::TraitObject(object) => boxed(object),
            Type::Path(path) => owned_path(path),
            other => text(other),
        }),
        Type::Reference(reference) => owned(&reference.elem),
        _ => Err("owned data"),
    }
}

/// Returns a trait object that can be sent.
fn boxed(object: &TypeTraitObject) -> String {
    let send = if has_bound(object, "Send") {
        ""
    } else {
        " + Send"
    };
    format!("Box<{}{send}>", text(object))
}

/// Returns the owned counterpart of an unsized type of the standard library; other types are owned already.
fn owned_path(path: &TypePath) -> String {
    let name = text(path);
    let (module, last) = name.rsplit_once("::").unwrap_or(("", &name));
    match last {
        "str" => "String".to_owned(),
        "Path" => within(module, "PathBuf"),
        "OsStr" => within(module, "OsString"),
        "CStr" => within(module, "CString"),
        _ => name,
    }
}

fn within(module: &str, name: &str) -> String {
    if module.is_empty() {
        name.to_owned()
    } else {
        format!("{module}::{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advice(borrowed: &str) -> String {
        instead(&syn::parse_str(borrowed).unwrap())
    }

    #[test]
    fn closures_and_functions_are_sent_as_they_say() {
        let sent = |ty: &str| is_surely_sent(&syn::parse_str(ty).unwrap());
        assert!(sent("fn(&u8) -> u8"));
        assert!(sent("Vec<Option<for<'a> fn(&'a Job) -> &'a str>>"));
        assert!(sent("Box<dyn FnOnce(Job) + Send>"));
        assert!(sent("Arc<dyn Fn(Job) + Send + Sync>"));
        assert!(sent("(u8, Box<dyn Job + Send + 'static>)"));
        assert!(!sent("Box<dyn FnOnce(Job)>"));
        assert!(!sent("Arc<dyn Fn(Job) + Send>"));
        assert!(!sent("Arc<Vec<Box<dyn Fn(Job) + Send>>>"));
        assert!(!sent("Rc<dyn Fn(Job) + Send>"));
    }

    #[test]
    fn advice_names_the_owned_type() {
        assert_eq!(advice("&str"), "`String`");
        assert_eq!(advice("&&mut str"), "`String`");
        assert_eq!(advice("&std::path::Path"), "`std::path::PathBuf`");
        assert_eq!(advice("&[Order]"), "`Vec<Order>`");
        assert_eq!(advice("&[&str]"), "`Vec<String>`");
        assert_eq!(advice("&[&'static str]"), "`Vec<&'static str>`");
        assert_eq!(advice("&dyn Job"), "`Box<dyn Job + Send>`");
        assert_eq!(advice("&(dyn Job + Send)"), "`Box<dyn Job + Send>`");
    }

    #[test]
    fn advice_is_never_a_type_that_is_refused_next() {
        assert_eq!(advice("&impl Display"), "a concrete type");
        assert_eq!(advice("&[impl Display]"), "a concrete type");
        assert_eq!(advice("&Cow<'_, str>"), "owned data");
        assert_eq!(advice("&(u64, &str)"), "owned data");
    }
}
