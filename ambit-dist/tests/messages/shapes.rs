//! Every shape of a Rust type.

use ambit::Message;
use ambit::message::{Named, tag};

use crate::messages::bytes::travels;

#[derive(Message, Debug, PartialEq)]
#[message(name = "test.unit")]
struct Unit;

#[derive(Message, Debug, PartialEq)]
#[message(name = "test.no_fields")]
struct NoFields {}

#[derive(Message, Debug, PartialEq)]
#[message(name = "test.empty_tuple")]
struct EmptyTuple();

#[derive(Message, Debug, PartialEq)]
#[message(name = "test.pair")]
struct Pair(u64, String);

#[derive(Message, Debug, PartialEq)]
#[message(name = "test.named", version = 3)]
struct Fields {
    r#type: u8,
    text: String,
    unit: Unit,
    pairs: Vec<Pair>,
    maybe: Option<Box<Pair>>,
}

#[derive(Message, Debug, PartialEq)]
#[message(name = "test.variants", version = 2)]
enum Variants {
    Unit,
    Tuple(u8, Pair),
    Named {
        r#in: bool,
        list: Vec<Unit>,
    },
    Empty {},
    EmptyTuple(),
    r#Raw,
    #[message(tag = "paid", since = 2)]
    Payed(#[message(rename = "amount")] u64),
}

#[derive(Message, Debug, PartialEq)]
#[message(name = "test.nothing")]
enum Nothing {}

#[test]
fn structs_of_every_shape_travel() {
    travels(&Unit);
    travels(&NoFields {});
    travels(&EmptyTuple());
    travels(&Pair(u64::MAX, "ä".to_owned()));
    travels(&Fields {
        r#type: 255,
        text: String::new(),
        unit: Unit,
        pairs: vec![Pair(0, "a".to_owned()), Pair(300, "b".repeat(300))],
        maybe: Some(Box::new(Pair(1, "c".to_owned()))),
    });
}

#[test]
fn variants_of_every_shape_travel() {
    travels(&Variants::Unit);
    travels(&Variants::Tuple(7, Pair(8, "nine".to_owned())));
    travels(&Variants::Named {
        r#in: true,
        list: vec![Unit, Unit],
    });
    travels(&Variants::Empty {});
    travels(&Variants::EmptyTuple());
    travels(&Variants::Raw);
    travels(&Variants::Payed(1 << 40));
}

#[test]
fn parts_of_no_size_stay_apart_in_a_row() {
    #[derive(Message, Debug, PartialEq)]
    #[message(name = "test.row")]
    struct Row(Vec<Unit>, Vec<()>, [EmptyTuple; 3], Vec<Variants>);

    let empties = [EmptyTuple(), EmptyTuple(), EmptyTuple()];
    let variants = vec![Variants::Unit, Variants::Empty {}, Variants::Raw];
    travels(&Row(vec![Unit, Unit], vec![(), ()], empties, variants));
}

#[test]
fn names_and_tags_are_those_of_the_source_unless_renamed() {
    assert_eq!(Fields::NAME, "test.named");
    assert_eq!(Fields::VERSION, 3);
    assert_eq!(Unit::VERSION, 1);
    assert_eq!(Unit::TAGS, []);
    assert_eq!(Nothing::TAGS, []);
    let texts =
        |tags: &[(&'static str, u32)]| tags.iter().map(|(text, _)| *text).collect::<Vec<_>>();
    assert_eq!(texts(Pair::TAGS), ["0", "1"]);
    assert_eq!(
        texts(Fields::TAGS),
        ["type", "text", "unit", "pairs", "maybe"]
    );
    let variants = [
        "Unit",
        "Tuple",
        "Named",
        "Empty",
        "EmptyTuple",
        "Raw",
        "paid",
    ];
    assert_eq!(texts(Variants::TAGS), variants);
}

#[test]
fn the_macro_computes_the_tags_that_the_library_computes() {
    for (text, number) in [Pair::TAGS, Fields::TAGS, Variants::TAGS].concat() {
        assert_eq!(number, tag(text), "{text}");
    }
}
