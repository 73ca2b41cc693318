//! Nested named types.

use ambit::message::BreakReason::{BodyChanged, FieldAdded, FieldRemoved, OpaqueChanged};
use serde::{Deserialize, Serialize};

use crate::contract::messages;
use crate::contract::pair::{breaks, changed, equal, fits, garbage, lacks};

messages! {
    #[message(name = "shop.leaf")]
    struct OldLeaf { price: u32 }
    #[message(name = "shop.branch")]
    struct OldBranch { leaf: OldLeaf }
    #[message(name = "shop.tree")]
    struct OldTree { branches: Vec<OldBranch> }
}

fn old_tree() -> OldTree {
    let leaf = OldLeaf { price: 3 };
    let branch = OldBranch { leaf };
    OldTree {
        branches: vec![branch.clone(), branch],
    }
}

#[test]
fn a_good_change_two_levels_down_is_good() {
    messages! {
        #[message(name = "shop.leaf")]
        struct Leaf { #[message(default = 1)] count: u8, price: u32 }
        #[message(name = "shop.branch")]
        struct Branch { leaf: Leaf }
        #[message(name = "shop.tree")]
        struct Tree { branches: Vec<Branch> }
    }
    let branch = Branch {
        leaf: Leaf { count: 1, price: 3 },
    };
    let tree = Tree {
        branches: vec![branch.clone(), branch],
    };
    fits::<OldTree, Tree>().same(&old_tree(), &tree);
}

#[test]
fn a_bad_change_two_levels_down_is_found() {
    messages! {
        #[message(name = "shop.leaf")]
        struct Leaf { price: String }
        #[message(name = "shop.branch")]
        struct Branch { leaf: Leaf }
        #[message(name = "shop.tree")]
        struct Tree { branches: Vec<Branch> }
    }
    let branch = Branch {
        leaf: Leaf {
            price: "three".to_owned(),
        },
    };
    breaks::<OldTree, Tree>(&[("field `branches.leaf.price`", changed("u32", "string"))])
        .read(&old_tree(), garbage)
        .back(
            &Tree {
                branches: vec![branch],
            },
            garbage,
        );
}

#[test]
fn a_parameter_may_not_change() {
    messages! {
        #[message(name = "shop.page")]
        struct Page<T> { items: Vec<T> }
    }
    let items = vec![u64::MAX];
    breaks::<Page<u64>, Page<u32>>(&[("", changed("shop.page<u64>", "shop.page<u32>"))])
        .read(&Page { items }, garbage)
        .back(&Page { items: vec![7] }, |read| {
            read == Ok(&Page { items: vec![7] })
        });
}

#[test]
fn the_type_of_a_parameter_may_change_compatibly() {
    messages! {
        #[message(name = "shop.page")]
        struct Page<T> { items: Vec<T> }
        #[message(name = "shop.leaf")]
        struct Leaf { price: u32, note: Option<u8> }
    }
    fits::<Page<OldLeaf>, Page<Leaf>>().same(
        &Page {
            items: vec![OldLeaf { price: 3 }],
        },
        &Page {
            items: vec![Leaf {
                price: 3,
                note: None,
            }],
        },
    );
}

messages! {
    #[message(name = "shop.list")]
    struct OldList { value: u64, next: Option<Box<Self>> }
}

fn old_list() -> OldList {
    let last = OldList {
        value: 2,
        next: None,
    };
    OldList {
        value: 1,
        next: Some(Box::new(last)),
    }
}

#[test]
fn a_type_that_holds_itself_may_change_in_good_ways() {
    messages! {
        #[message(name = "shop.list")]
        struct List { value: u64, #[message(default)] weight: u8, next: Option<Box<Self>> }
    }
    let last = List {
        value: 2,
        weight: 0,
        next: None,
    };
    let list = List {
        value: 1,
        weight: 0,
        next: Some(Box::new(last)),
    };
    fits::<OldList, List>().same(&old_list(), &list);
}

#[test]
fn a_bad_change_of_a_type_that_holds_itself_is_found_once() {
    messages! {
        #[message(name = "shop.list")]
        struct List { value: String, next: Option<Box<Self>> }
    }
    let list = List {
        value: "one".to_owned(),
        next: None,
    };
    breaks::<OldList, List>(&[("field `value`", changed("u64", "string"))])
        .read(&old_list(), garbage)
        .back(&list, garbage);
}

#[test]
fn a_type_may_be_renamed_in_the_source_only() {
    messages! {
        #[message(name = "shop.leaf")]
        struct Blossom { price: u32 }
        #[message(name = "shop.a")]
        struct A { price: u32 }
        #[message(name = "shop.b")]
        struct B { price: u32 }
    }
    equal::<OldLeaf, Blossom>().same(&OldLeaf { price: 3 }, &Blossom { price: 3 });
    // The bytes would be the same, but the new name may mean something else.
    breaks::<A, B>(&[("", changed("shop.a", "shop.b"))]).same(&A { price: 3 }, &B { price: 3 });
}

#[test]
fn a_struct_may_not_become_an_enum() {
    messages! {
        #[message(name = "shop.leaf")]
        enum Leaf { Priced { price: u32 } }
    }
    let reason = BodyChanged {
        old: "struct",
        new: "enum",
    };
    breaks::<OldLeaf, Leaf>(&[("", reason)])
        .read(&OldLeaf { price: 3 }, |read| read.is_err())
        .back(&Leaf::Priced { price: 3 }, |read| read.is_err());
}

#[test]
fn a_field_that_moves_into_another_struct_counts_as_removed() {
    messages! {
        #[message(name = "shop.branch")]
        struct Branch { price: u32 }
    }
    let old = OldBranch {
        leaf: OldLeaf { price: 3 },
    };
    breaks::<OldBranch, Branch>(&[
        (
            "field `leaf`",
            FieldRemoved {
                name: "leaf".to_owned(),
            },
        ),
        ("field `price`", FieldAdded),
    ])
    .read(&old, lacks("price"))
    .back(&Branch { price: 3 }, lacks("leaf"));
}

/// A type of another crate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Foreign(String);

#[test]
fn the_version_of_a_foreign_type_may_not_change() {
    #[ambit::wire(name = "other.foreign", version = 1)]
    #[derive(Debug, PartialEq)]
    struct Old(Foreign);
    #[ambit::wire(name = "other.foreign", version = 1)]
    #[derive(Debug, PartialEq)]
    struct Same(Foreign);
    #[ambit::wire(name = "other.foreign", version = 2)]
    #[derive(Debug, PartialEq)]
    struct New(Foreign);
    let foreign = Foreign("a".to_owned());
    equal::<Old, Same>().same(&Old(foreign.clone()), &Same(foreign.clone()));
    // The version states whether the bytes mean the same.
    breaks::<Old, New>(&[("", OpaqueChanged { old: 1, new: 2 })])
        .same(&Old(foreign.clone()), &New(foreign));
}
