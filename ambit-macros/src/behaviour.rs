//! The head of a block, before its braces: whether it can be a server, a state machine or a supervisor.
//!
//! An error here stops the expansion, because each generated item would repeat it in its own words: a lifetime on the
//! block gave fifteen errors.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::{Attribute, GenericParam, Path, Type};

use crate::block::{Block, BlockItem, OtherKind};
use crate::diag::{Diag, text};
use crate::markers::Markers;
use crate::types::{Obstacle, obstacle};

/// The behaviour that a block implements, in the words of its error messages.
#[derive(Clone, Copy)]
pub(crate) struct Behaviour {
    /// The word of the attribute.
    pub(crate) attribute: &'static str,
    /// `a server`
    noun: &'static str,
    /// The generated code that a trait impl would conflict with.
    writes: &'static str,
    /// A type of this behaviour.
    pub(crate) example: &'static str,
}

impl Behaviour {
    pub(crate) const SERVER: Self = Self {
        attribute: "gen_server",
        noun: "a server",
        writes: "the `GenServer` impl",
        example: "Counter",
    };
    pub(crate) const SUPERVISOR: Self = Self {
        attribute: "supervisor",
        noun: "a supervisor",
        writes: "the trait impls",
        example: "App",
    };

    pub(crate) const MACHINE: Self = Self {
        attribute: "state_machine",
        noun: "a state machine",
        writes: "the trait impls",
        example: "Door",
    };
    const ALL: [Self; 3] = [Self::SERVER, Self::MACHINE, Self::SUPERVISOR];

    fn borrows(self) -> String {
        let noun = self.noun;
        format!(
            "{noun} cannot borrow data, because it outlives its callers; use owned data or an `Arc`"
        )
    }
}

/// Returns the name of the type, or reports why this cannot be such a block.
pub(crate) fn type_name(behaviour: Behaviour, block: &mut Block, diag: &Diag) -> Option<Ident> {
    if second_attribute(behaviour, block, diag) {
        return None;
    }
    if let Some((of_trait, _)) = &block.of_trait {
        let Behaviour {
            attribute, writes, ..
        } = behaviour;
        let ty = text(&block.self_ty);
        let mut message = format!(
            "`#[{attribute}]` generates {writes}; put it on an inherent impl block, `impl {ty}`"
        );
        if may_be_a_protocol(behaviour, block, of_trait) {
            let protocol = text(of_trait);
            message += &format!(
                "; if `{protocol}` is a protocol, write `#[gen_server(protocol = {protocol})] impl {ty}`"
            );
        }
        diag.error(of_trait, message);
        return None;
    }
    let lifetime = block.generics.params.iter().find_map(|param| match param {
        GenericParam::Lifetime(param) => Some(&param.lifetime),
        GenericParam::Type(_) | GenericParam::Const(_) => None,
    });
    if let Some(lifetime) = lifetime {
        diag.error(lifetime, behaviour.borrows());
        return None;
    }
    last_word(behaviour, &block.self_ty, diag)
}

/// Reports that the block has another attribute of a behaviour, the same one or another, and removes it. Returns whether
/// it is another one: with the same one, the block is expanded as without it.
fn second_attribute(behaviour: Behaviour, block: &mut Block, diag: &Diag) -> bool {
    let named = |attribute: &Attribute| {
        let last = attribute.path().segments.last()?;
        Behaviour::ALL
            .into_iter()
            .find(|behaviour| last.ident == behaviour.attribute)
    };
    let Some(other) = block.attrs.iter().find_map(named) else {
        return false;
    };
    block.attrs.retain(|attribute| named(attribute).is_none());
    let is = |known: Behaviour, other: Behaviour| known.attribute == other.attribute;
    if is(behaviour, other) {
        let name = behaviour.attribute;
        let message = format!("`#[{name}]` is already on this block; remove one of the two");
        diag.error(&block.self_ty, message);
        return false;
    }
    let both = Behaviour::ALL.into_iter();
    let both = both.filter(|known| is(*known, behaviour) || is(*known, other));
    let nouns: Vec<_> = both.map(|behaviour| behaviour.noun).collect();
    let message = format!(
        "`{}` cannot be both {}; remove one of the two attributes",
        text(&block.self_ty),
        nouns.join(" and ")
    );
    diag.error(&block.self_ty, message);
    true
}

fn last_word(behaviour: Behaviour, ty: &Type, diag: &Diag) -> Option<Ident> {
    match ty {
        Type::Group(group) => last_word(behaviour, &group.elem, diag),
        Type::Path(path) if path.qself.is_none() => {
            let last = path.path.segments.last()?;
            owns_its_data(behaviour, ty, diag).then(|| last.ident.clone())
        }
        other => {
            let Behaviour { noun, example, .. } = behaviour;
            let message = format!(
                "{noun} must be a named type; write `struct {example}` and `impl {example}`"
            );
            diag.error(other, message);
            None
        }
    }
}

fn owns_its_data(behaviour: Behaviour, ty: &Type, diag: &Diag) -> bool {
    match obstacle(ty) {
        None => return true,
        // The compiler reports these itself.
        Some(Obstacle::ImplTrait(_) | Obstacle::Infer) => {}
        Some(borrowed) => diag.error(borrowed, behaviour.borrows()),
    }
    false
}

/// Returns whether the user may have implemented a protocol as if it were a trait.
fn may_be_a_protocol(behaviour: Behaviour, block: &Block, of_trait: &Path) -> bool {
    let name = of_trait.segments.last();
    behaviour.attribute == Behaviour::SERVER.attribute
        && name.is_some_and(|name| name.ident != "GenServer")
        && !has_associated(block)
}

/// Returns whether the block has an associated type or const, which no protocol has.
fn has_associated(block: &Block) -> bool {
    block.items.iter().any(
        |item| matches!(item, BlockItem::Other(other) if matches!(other.kind, OtherKind::Assoc)),
    )
}

/// Returns the remains of an invalid block, such that the compiler adds no errors of its own.
pub(crate) fn remainder(mut block: Block, markers: &Markers) -> TokenStream {
    if matches!(
        block.self_ty,
        Type::Slice(_) | Type::Tuple(_) | Type::Array(_) | Type::Reference(_)
    ) {
        return TokenStream::new();
    }
    let is_marked = |item: &BlockItem| match item {
        BlockItem::Method(method) => method
            .attrs
            .iter()
            .any(|attribute| markers.is_on_method(&attribute.meta)),
        BlockItem::Other(_) => false,
    };
    // A block with markers was meant to be an inherent one, and so was one that implements a protocol as if it were a
    // trait.
    if block.of_trait.is_some() && (block.items.iter().any(is_marked) || !has_associated(&block)) {
        block.of_trait = None;
        block
            .items
            .retain(|item| matches!(item, BlockItem::Method(_)));
    }
    block.into_token_stream()
}
