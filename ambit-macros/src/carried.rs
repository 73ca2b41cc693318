//! The attributes of a method that what is generated for it carries as well.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::{Attribute, Meta, Path};

/// The attributes that go to generated items.
#[derive(Clone, Default)]
pub(crate) struct Carried {
    pub(crate) cfgs: Vec<Attribute>,
    /// What stands in the parentheses of each `cfg`.
    pub(crate) conditions: Vec<TokenStream>,
    pub(crate) docs: Vec<Attribute>,
    /// `deprecated`, `must_use`, `allow`, and `expect` as an `allow`: for the method that callers see.
    pub(crate) lints: Vec<Attribute>,
}

impl Carried {
    /// Sorts out the attributes of a method that generated items carry as well.
    pub(crate) fn of(attrs: &[Attribute]) -> Self {
        let mut carried = Self::default();
        for attribute in attrs {
            let Some(name) = attribute.path().get_ident().map(Ident::to_string) else {
                continue;
            };
            match name.as_str() {
                "cfg" => {
                    carried.conditions.extend(condition(attribute));
                    carried.cfgs.push(attribute.clone());
                }
                "doc" => carried.docs.push(attribute.clone()),
                "deprecated" | "must_use" | "allow" => carried.lints.push(attribute.clone()),
                "expect" => carried.lints.extend(allowed(attribute)),
                "cfg_attr" if adds_docs(attribute) => carried.docs.push(attribute.clone()),
                _ => {}
            }
        }
        carried
    }

    /// Tells whether `cfg` decides on the method.
    pub(crate) fn has_cfg(&self) -> bool {
        !self.cfgs.is_empty()
    }
}

fn condition(attribute: &Attribute) -> Option<TokenStream> {
    match &attribute.meta {
        Meta::List(list) => Some(list.tokens.clone()),
        Meta::Path(_) | Meta::NameValue(_) => None,
    }
}

/// Turns `#[expect(..)]` into `#[allow(..)]`: what the user expects of the method need not happen
/// in the generated one, and an expectation that fails is a warning.
fn allowed(attribute: &Attribute) -> Option<Attribute> {
    let mut attribute = attribute.clone();
    let Meta::List(list) = &mut attribute.meta else {
        return None;
    };
    let span = list.path.get_ident()?.span();
    list.path = Path::from(Ident::new("allow", span));
    Some(attribute)
}

/// Tells whether a `cfg_attr` adds documentation.
fn adds_docs(attribute: &Attribute) -> bool {
    let Meta::List(list) = &attribute.meta else {
        return false;
    };
    let after_comma = list
        .tokens
        .clone()
        .into_iter()
        .skip_while(|tree| !matches!(tree, TokenTree::Punct(punct) if punct.as_char() == ','));
    after_comma
        .into_iter()
        .nth(1)
        .is_some_and(|tree| tree.to_string() == "doc")
}
