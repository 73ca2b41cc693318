//! The framed form, byte by byte.

use std::ops::Range;

use ambit::message::{
    Body, Budget, Codec, DecodeError, EncodeError, Field, Form, In, Out, Schema, Shape, Types,
    Wire, tag,
};
use ambit_dist::{Bincode, Postcard};

use crate::codecs::{read, write};

/// A record whose fields vary between tests.
#[derive(Debug, PartialEq)]
pub(crate) struct Order {
    pub(crate) pieces: u32,
    pub(crate) note: Option<String>,
    pub(crate) parts: Vec<Self>,
}

impl Schema for Order {
    fn shape(types: &mut Types) -> Shape {
        types.define::<Self>("shop.order".to_owned(), 1, |types| {
            let field = |name: &str, shape| Field {
                name: name.to_owned(),
                shape,
                optional: name != "pieces",
            };
            let parts = Vec::<Self>::shape(types);
            Body::Struct(vec![
                field("pieces", u32::shape(types)),
                field("note", Option::<String>::shape(types)),
                field("parts", parts),
            ])
        })
    }
}

impl Wire for Order {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        out.record(3)?;
        out.field(tag("pieces"), &self.pieces)?;
        out.field(tag("note"), &self.note)?;
        out.field(tag("parts"), &self.parts)
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        let mut record = input.record()?;
        let order = Self {
            pieces: record.field("pieces", tag("pieces"))?,
            note: record.field("note", tag("note"))?,
            parts: record.field_or(tag("parts"), Vec::new)?,
        };
        record.end();
        Ok(order)
    }
}

/// Builds a record of these fields.
fn record(fields: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = (fields.len() as u16).to_le_bytes().to_vec();
    for (name, value) in fields {
        bytes.extend(tag(name).to_le_bytes());
        bytes.extend((value.len() as u32).to_le_bytes());
        bytes.extend(*value);
    }
    bytes
}

fn order(bytes: &[u8]) -> Result<Order, DecodeError> {
    let read_by_bincode = read::<Bincode, Order>(bytes, Form::Framed);
    assert_eq!(
        read_by_bincode,
        read::<Postcard, Order>(bytes, Form::Framed)
    );
    read_by_bincode
}

const NOTE: &[u8] = &[1, 1, b'a'];

fn noted(pieces: u32) -> Order {
    Order {
        pieces,
        note: Some("a".to_owned()),
        parts: vec![],
    }
}

#[test]
fn fields_are_found_in_any_order_among_unknown_ones() {
    let whole: [(&str, &[u8]); 4] = [
        ("pieces", &[3]),
        ("note", NOTE),
        ("unknown", &[1, 2, 3]),
        ("parts", &[0]),
    ];
    for turn in 0..4 {
        let mut fields = whole;
        fields.rotate_left(turn);
        assert_eq!(order(&record(&fields)), Ok(noted(3)));
        fields.reverse();
        assert_eq!(order(&record(&fields)), Ok(noted(3)));
    }
}

#[test]
fn an_absent_field_is_an_error_or_takes_its_default() {
    assert_eq!(
        order(&record(&[("note", NOTE)])),
        Err(DecodeError::MissingField { field: "pieces" })
    );
    let bare = Order {
        note: None,
        ..noted(3)
    };
    assert_eq!(order(&record(&[("pieces", &[3])])), Ok(bare));
}

#[test]
fn a_repeated_field_is_rejected_whether_known_or_not() {
    let twice = |name| Err(DecodeError::RepeatedField { tag: tag(name) });
    let fields: [(&str, &[u8]); 3] = [("pieces", &[3]), ("note", NOTE), ("pieces", &[4])];
    assert_eq!(order(&record(&fields)), twice("pieces"));
    let fields: [(&str, &[u8]); 3] = [("pieces", &[3]), ("other", &[]), ("other", &[])];
    assert_eq!(order(&record(&fields)), twice("other"));
    // Among many fields.
    let names: Vec<_> = (0..200).map(|at| format!("field {at}")).collect();
    let mut many: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &[][..])).collect();
    many.push(("pieces", &[3]));
    assert!(order(&record(&many)).is_ok());
    many.push(("field 7", &[]));
    assert_eq!(order(&record(&many)), twice("field 7"));
}

#[test]
fn a_field_is_used_up() {
    assert_eq!(
        order(&record(&[("pieces", &[3, 0])])),
        Err(DecodeError::TrailingBytes { left: 1 })
    );
    assert_eq!(
        order(&record(&[("pieces", &[])])),
        Err(DecodeError::Truncated)
    );
}

#[test]
fn a_field_does_not_reach_beyond_its_record() {
    let mut bytes = record(&[("pieces", &[3])]);
    bytes[6..10].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(order(&bytes), Err(DecodeError::Truncated));
    let mut more = record(&[("pieces", &[3])]);
    more[0] = 2;
    assert_eq!(order(&more), Err(DecodeError::Truncated));
}

#[test]
fn records_are_read_down_to_the_depth_in_both_forms() {
    let nested = |levels: u32| {
        (1..levels).fold(noted(0), |inner, pieces| Order {
            parts: vec![inner],
            ..noted(pieces)
        })
    };
    for form in crate::codecs::FORMS {
        let deepest = nested(128);
        let bytes = write::<Bincode, _>(&deepest, form).unwrap();
        assert_eq!(read::<Bincode, Order>(&bytes, form), Ok(deepest));
        let budget = Budget::new(127, usize::MAX);
        let mut input = In::<Bincode>::new(&bytes, form).within(budget);
        let deep = Err(DecodeError::TooDeep { limit: 127 });
        assert_eq!(Order::take(&mut input), deep);
        // Refuse values that no reader accepts.
        let deep = Err(EncodeError::TooDeep { limit: 128 });
        assert_eq!(write::<Bincode, _>(&nested(129), form), deep);
    }
}

#[test]
fn the_elements_of_fields_count_together() {
    let half = vec![(); 40_000];
    let limit = Budget::FREE_ELEMENTS;
    assert_eq!(
        write::<Postcard, Range<Vec<()>>>(&(half.clone()..half), Form::Framed),
        Err(EncodeError::TooManyElements { limit })
    );
    let claimed = write::<Postcard, _>(&40_000_u64, Form::Compact).unwrap();
    let bytes = record(&[("start", &claimed), ("end", &claimed)]);
    let read = read::<Postcard, Range<Vec<()>>>(&bytes, Form::Framed);
    assert!(
        matches!(read, Err(DecodeError::TooManyElements { .. })),
        "{read:?}"
    );
}

#[test]
fn an_end_of_a_range_without_a_name_is_missing() {
    let only_start = record(&[("start", &[1])]);
    assert_eq!(
        read::<Postcard, Range<u8>>(&only_start, Form::Framed),
        Err(DecodeError::MissingField { field: "end" })
    );
}
