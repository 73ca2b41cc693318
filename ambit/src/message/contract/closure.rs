//! The transitive closure of the types that a type refers to.

use std::collections::{BTreeMap, BTreeSet};

use crate::message::shape::{Body, Definition, Field, Shape};

/// Visits the named types in a shape.
pub(super) fn each_name<'a>(shape: &'a Shape, visit: &mut impl FnMut(&'a str)) {
    match shape {
        Shape::Leaf(_) => {}
        Shape::Named(name) => visit(name),
        Shape::Optional(part) | Shape::List(part) | Shape::Set(part) | Shape::Array(part, _) => {
            each_name(part, visit)
        }
        Shape::Map(one, other) | Shape::Fallible(one, other) => {
            each_name(one, visit);
            each_name(other, visit);
        }
        Shape::Tuple(parts) => parts.iter().for_each(|part| each_name(part, visit)),
    }
}

/// Returns the names of all types behind these shapes, sorted. A chain of types from another node may have any length,
/// so this does not recurse.
pub(super) fn behind<'a>(
    shapes: impl IntoIterator<Item = &'a Shape>,
    types: &'a BTreeMap<String, Definition>,
) -> BTreeSet<&'a str> {
    let mut all = BTreeSet::new();
    let mut open = Vec::new();
    for shape in shapes {
        each_name(shape, &mut |name| open.push(name));
    }
    while let Some(name) = open.pop() {
        if !all.insert(name) {
            continue;
        }
        if let Some(definition) = types.get(name) {
            for field in fields(&definition.body) {
                each_name(&field.shape, &mut |name| open.push(name));
            }
        }
    }
    all
}

/// Returns the fields of a struct, or of all variants.
pub(super) fn fields(body: &Body) -> Vec<&Field> {
    match body {
        Body::Struct(fields) => fields.iter().collect(),
        Body::Enum(variants) => variants
            .iter()
            .flat_map(|variant| &variant.fields)
            .collect(),
        Body::Opaque => Vec::new(),
    }
}
