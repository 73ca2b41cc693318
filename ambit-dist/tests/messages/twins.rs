//! In the compact form, types without enums are encoded byte for byte as by the codec itself.

use std::collections::BTreeMap;

use ambit::Message;
use ambit::message::{Codec, Form, Out, Wire};
use ambit_dist::{Bincode, Postcard};
use serde::Serialize;

#[derive(Message, Serialize)]
#[message(name = "test.numbers")]
struct Numbers {
    bytes: (u8, i8),
    words: (u16, i16, u32, i32),
    long: (u64, i64, u128, i128),
    sizes: (usize, isize),
    floats: (f32, f64),
    others: (bool, char, ()),
}

#[derive(Message, Serialize)]
#[message(name = "test.parts")]
struct Parts(
    String,
    Option<Box<Numbers>>,
    Vec<Unit>,
    BTreeMap<String, Vec<u8>>,
    [Pair<u16>; 2],
);

#[derive(Message, Serialize)]
#[message(name = "test.unit")]
struct Unit;

#[derive(Message, Serialize)]
#[message(name = "test.pair", version = 2)]
struct Pair<T: Default>(#[message(rename = "first")] T, #[message(default)] T);

fn numbers(long: u128) -> Numbers {
    Numbers {
        bytes: (long as u8, long as i8),
        words: (long as u16, long as i16, long as u32, long as i32),
        long: (long as u64, long as i64, long, long as i128),
        sizes: (long as usize, long as isize),
        floats: (long as f32, -(long as f64)),
        others: (long % 2 == 1, char::from(long as u8), ()),
    }
}

fn parts(long: u128) -> Parts {
    Parts(
        "ä€😀".repeat(long as usize % 100),
        long.is_multiple_of(2).then(|| Box::new(numbers(long))),
        vec![Unit, Unit],
        BTreeMap::from([(String::new(), vec![7; 300]), ("b".to_owned(), Vec::new())]),
        [Pair(long as u16, 0), Pair(250, 251)],
    )
}

fn compact<C: Codec>(value: &impl Wire) -> Vec<u8> {
    let mut out = Out::<C>::new(Form::Compact);
    value.put(&mut out).unwrap();
    out.into_bytes()
}

fn is_its_twin<T: Wire + Serialize>(value: &T) {
    let bincode = bincode::serde::encode_to_vec(value, bincode::config::standard()).unwrap();
    assert_eq!(compact::<Bincode>(value), bincode);
    assert_eq!(
        compact::<Postcard>(value),
        postcard::to_allocvec(value).unwrap()
    );
}

#[test]
fn structs_are_what_the_codec_writes() {
    for long in [0, 1, 127, 128, 250, 251, 65_535, 65_536, 1 << 40, u128::MAX] {
        is_its_twin(&numbers(long));
        is_its_twin(&parts(long));
    }
}
