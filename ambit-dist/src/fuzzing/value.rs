//! Recursive values.

use std::collections::BTreeMap;

use ambit::Message;
use ambit::message::{Codec, DecodeError, Form, In, Out, Wire};

use crate::codecs::bincode::Bincode;
use crate::codecs::postcard::Postcard;

#[derive(Clone, Debug, Message, PartialEq)]
#[message(name = "fuzz.tree")]
enum Tree {
    Leaf,
    Text(String),
    Number { whole: i64, half: Option<u16> },
    Next(Box<Self>),
    Many(Vec<Self>),
    Named(BTreeMap<String, Self>),
}

/// Interprets the bytes as a tree, in each codec and form. Checks that they are refused or survive a round trip, and
/// that decoding uses no more stack and memory than their length justifies.
///
/// # Panics
/// Panics if a check fails.
pub fn value(bytes: &[u8]) {
    for form in [Form::Compact, Form::Framed] {
        read::<Bincode>(bytes, form);
        read::<Postcard>(bytes, form);
    }
}

fn read<C: Codec + Default>(bytes: &[u8], form: Form) {
    let take = |bytes: &[u8]| -> Result<Tree, DecodeError> {
        let mut input = In::<C>::new(bytes, form);
        let tree = Tree::take(&mut input)?;
        input.finish()?;
        Ok(tree)
    };
    let Ok(tree) = take(bytes) else { return };
    let mut out = Out::<C>::new(form);
    tree.put(&mut out).expect("what was read can be written");
    assert_eq!(take(&out.into_bytes()).as_ref(), Ok(&tree));
}

/// Returns some trees with a name for each, in every encoding.
#[must_use]
pub fn trees() -> Vec<(String, Vec<u8>)> {
    let number = Tree::Number {
        whole: -7,
        half: Some(300),
    };
    let texts = vec![Tree::Leaf, Tree::Text("tea".to_owned()), number.clone()];
    let named = BTreeMap::from([("a".to_owned(), number), (String::new(), Tree::Leaf)]);
    let deep = |depth| (0..depth).fold(Tree::Leaf, |tree, _| Tree::Next(Box::new(tree)));
    let trees = [
        ("leaf", Tree::Leaf),
        ("many", Tree::Many(texts)),
        ("named", Tree::Named(named)),
        ("deep", deep(100)),
    ];
    let mut all = Vec::new();
    for (name, tree) in &trees {
        for (form, of) in [(Form::Compact, "compact"), (Form::Framed, "framed")] {
            all.push((
                format!("bincode-{of}-{name}"),
                written::<Bincode>(tree, form),
            ));
            all.push((
                format!("postcard-{of}-{name}"),
                written::<Postcard>(tree, form),
            ));
        }
    }
    all
}

fn written<C: Codec + Default>(tree: &Tree, form: Form) -> Vec<u8> {
    let mut out = Out::<C>::new(form);
    tree.put(&mut out).expect("a tree can be written");
    out.into_bytes()
}
