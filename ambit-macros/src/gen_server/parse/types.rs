//! Which types can travel: what is owned and named.

use syn::{
    GenericArgument, Lifetime, PathArguments, Type, TypeImplTrait, TypeParamBound, TypeReference,
};

use crate::diag::text;

/// Why a type cannot stand in an enum variant.
pub(super) enum Obstacle<'a> {
    Reference(&'a TypeReference),
    Lifetime(&'a Lifetime),
    ImplTrait(&'a TypeImplTrait),
    /// `_`, of which the compiler complains itself.
    Infer,
}

/// Finds the first part of a type that cannot travel.
pub(super) fn obstacle(ty: &Type) -> Option<Obstacle<'_>> {
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

/// Names the owned type to use in the place of a borrowed one.
pub(super) fn owned(reference: &TypeReference) -> String {
    match &*reference.elem {
        Type::Slice(slice) => format!("Vec<{}>", text(&slice.elem)),
        Type::TraitObject(object) => format!("Box<{} + Send>", text(object)),
        Type::Path(path) => {
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
        other => text(other),
    }
}

fn within(module: &str, name: &str) -> String {
    if module.is_empty() {
        name.to_owned()
    } else {
        format!("{module}::{name}")
    }
}
