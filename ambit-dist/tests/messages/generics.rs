//! Types with parameters, and recursive types.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::hash::Hash;

use ambit::Message;
use ambit::message::{
    Codec, DecodeError, EncodeError, Form, In, Named, Out, Schema, Shape, Types, Wire, decode,
    encode,
};
use ambit_dist::Bincode;

use crate::messages::bytes::{travels, ways};

#[derive(Message, Debug, PartialEq)]
#[message(name = "test.page")]
struct Page<T, const N: usize = 2> {
    items: Vec<T>,
    ends: [Option<T>; N],
}

#[derive(Message, Debug, PartialEq)]
#[message(name = "test.cache")]
struct Cache<K: Eq + Hash, V>
where
    V: Clone,
{
    entries: HashMap<K, V>,
}

trait Shop {
    type Item;
}

#[derive(Message, Debug, PartialEq)]
#[message(name = "test.books")]
struct Books;

impl Shop for Books {
    type Item = String;
}

/// An associated type of a parameter needs no explicit bound.
#[derive(Message)]
#[message(name = "test.shelf")]
struct Shelf<S: Shop> {
    shop: S,
    items: Vec<S::Item>,
    first: Option<<S as Shop>::Item>,
}

/// Parameters whose names could collide with generated ones.
#[derive(Message, Debug, PartialEq)]
#[message(name = "test.codec")]
enum Letters<C, __T> {
    C(C),
    T { t: __T },
}

#[derive(Message, Debug, PartialEq)]
#[message(name = "test.tree")]
struct Tree<T> {
    value: T,
    children: Vec<Self>,
    by_name: BTreeMap<String, Tree<T>>,
    next: Option<Box<Tree<T>>>,
}

#[derive(Message, Debug, PartialEq)]
#[message(name = "test.even")]
enum Even {
    Zero,
    After(Box<Odd>),
}

#[derive(Message, Debug, PartialEq)]
#[message(name = "test.odd")]
struct Odd {
    after: Box<Even>,
}

fn shape<T: Schema>() -> String {
    T::shape(&mut Types::default()).to_string()
}

fn definitions<T: Schema>() -> Vec<String> {
    let mut types = Types::default();
    T::shape(&mut types);
    types.into_definitions().unwrap().into_keys().collect()
}

impl<S: Shop + PartialEq> PartialEq for Shelf<S>
where
    S::Item: PartialEq,
{
    fn eq(&self, other: &Self) -> bool {
        self.shop == other.shop && self.items == other.items && self.first == other.first
    }
}

impl<S: Shop> Debug for Shelf<S> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "a shelf of {} items", self.items.len())
    }
}

#[test]
fn parameters_travel() {
    travels(&Page::<u16> {
        items: vec![1, 2, 3],
        ends: [Some(1), None],
    });
    travels(&Page::<String, 0> {
        items: vec!["a".to_owned()],
        ends: [],
    });
    travels(&Cache {
        entries: HashMap::from([("a".to_owned(), 1_u8)]),
    });
    travels(&Shelf {
        shop: Books,
        items: vec!["a".to_owned()],
        first: None,
    });
    travels(&Letters::<u8, bool>::C(1));
    travels(&Letters::<u8, bool>::T { t: true });
}

#[test]
fn parameters_stand_in_the_name() {
    assert_eq!(shape::<Page<u16>>(), "test.page<u16, 2>");
    let nested = "test.page<list<test.page<string, 1>>, 3>";
    assert_eq!(shape::<Page<Vec<Page<String, 1>>, 3>>(), nested);
    assert_eq!(Page::<u16>::NAME, "test.page");
}

/// Counts how often its schema is built.
#[derive(Clone, Debug, PartialEq)]
struct Counted(u8);

thread_local! {
    static SHAPES: Cell<usize> = const { Cell::new(0) };
}

impl Schema for Counted {
    fn shape(types: &mut Types) -> Shape {
        SHAPES.set(SHAPES.get() + 1);
        u8::shape(types)
    }
}

impl Wire for Counted {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        self.0.put(out)
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        u8::take(input).map(Self)
    }
}

#[test]
fn the_schema_of_a_generic_message_is_built_once_and_not_for_each_message() {
    let page = Page::<Counted> {
        items: vec![Counted(1)],
        ends: [None, None],
    };
    let sent = |_| {
        let bytes = encode::<Bincode, _>(&page, Form::Compact).unwrap();
        let read = decode::<Bincode, Page<Counted>>(&bytes, Form::Compact);
        assert_eq!(read.as_ref(), Ok(&page));
    };
    (0..1).for_each(sent);
    let first = SHAPES.get();
    (0..100).for_each(sent);
    // Once for the name, and three times for the definition, whose hash is written: for the parameter and two fields.
    assert_eq!((first, SHAPES.get()), (4, 4));
}

#[test]
fn the_bytes_of_one_parameter_are_none_of_another() {
    for way in ways() {
        let page = Page::<u16> {
            items: vec![1],
            ends: [None, None],
        };
        let bytes = way.encode(&page).unwrap();
        let wrong = DecodeError::WrongMessage {
            expected: "test.page",
        };
        assert_eq!(way.decode::<Page<u32>>(&bytes), Err(wrong));
    }
}

#[test]
fn types_that_hold_themselves_travel() {
    let leaf = |value| Tree {
        value,
        children: Vec::new(),
        by_name: BTreeMap::new(),
        next: None,
    };
    travels(&Tree {
        value: 1,
        children: vec![leaf(2), leaf(3)],
        by_name: BTreeMap::from([("four".to_owned(), leaf(4))]),
        next: Some(Box::new(leaf(5_u8))),
    });
    let one = Odd {
        after: Box::new(Even::Zero),
    };
    travels(&Even::After(Box::new(one)));
}

#[test]
fn types_that_hold_themselves_are_defined_once() {
    assert_eq!(definitions::<Tree<u8>>(), ["test.tree<u8>"]);
    assert_eq!(definitions::<Odd>(), ["test.even", "test.odd"]);
}
