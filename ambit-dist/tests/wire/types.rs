//! Definitions: once in each stream, before their first use.

use ambit_dist::wire::{CloseCode, Definitions, InternTable, Interned, Limits, WireError};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::cases;

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn whatever_is_interned_is_defined_once_and_before_its_use(keys in vec(0..20u64, 0..100)) {
        let limits = Limits::default();
        let (mut known, mut definitions) = (InternTable::new(&limits), Definitions::new(&limits));
        for key in keys {
            let id = match known.intern(&key, 1).unwrap() {
                Interned::Known(id) => id,
                Interned::Define(id) => {
                    prop_assert_eq!(definitions.define(id, "x", &[], || key), Ok(()));
                    id
                }
            };
            prop_assert_eq!(definitions.get(id), Ok(&key));
        }
    }

    /// A writer that stays within its limits is never refused by a reader with the same limits.
    #[test]
    fn both_sides_reach_their_limits_at_the_same_definition(sizes in vec(0..30usize, 0..20)) {
        let limits = Limits::default().types(12).definition_bytes(200);
        let (mut known, mut definitions) = (InternTable::new(&limits), Definitions::new(&limits));
        for (key, bytes) in sizes.into_iter().enumerate() {
            let contract = vec![0; bytes];
            let written = known.intern(&key, bytes);
            let id = match &written {
                Ok(Interned::Known(id) | Interned::Define(id)) => *id,
                Err(_) => u32::try_from(key + 1).unwrap(),
            };
            let read = definitions.define(id, "", &contract, || ());
            prop_assert_eq!(read.clone().err(), written.err());
            if read.is_err() {
                break;
            }
        }
    }
}

fn defined(limits: &Limits) -> Definitions<&'static str> {
    let mut definitions = Definitions::new(limits);
    assert_eq!(definitions.define(1, "a", b"", || "first"), Ok(()));
    definitions
}

#[test]
fn a_number_is_defined_once_and_none_is_left_out() {
    let mut definitions = defined(&Limits::default());
    for id in [0, 1, 3, u32::MAX] {
        let error = definitions.define(id, "b", b"", || "other").unwrap_err();
        assert_eq!(error, WireError::OutOfTurn { id, next: 2 });
        assert_eq!(error.close_code(), CloseCode::Malformed);
    }
    assert_eq!(definitions.get(1), Ok(&"first"));
}

#[test]
fn a_number_is_not_used_before_it_is_defined() {
    let definitions = defined(&Limits::default());
    for id in [0, 2, u32::MAX] {
        let error = definitions.get(id).unwrap_err();
        assert_eq!(error, WireError::Undefined { id });
        assert_eq!(error.close_code(), CloseCode::Malformed);
    }
}

#[test]
fn a_definition_beyond_a_limit_is_refused_before_its_entry_is_made() {
    let limits = Limits::default()
        .name(3)
        .contract(3)
        .types(2)
        .definition_bytes(5);
    let refused = |name: &str, contract: &[u8]| {
        let mut definitions = defined(&limits);
        let entry = || panic!("nothing is made of a definition that is refused");
        let error = definitions.define(2, name, contract, entry).unwrap_err();
        assert_eq!(error.close_code(), CloseCode::TooLarge, "{error}");
    };
    refused("abcd", b"");
    refused("", b"abcd");
    refused("abc", b"ab");
    let mut definitions = defined(&limits);
    assert_eq!(definitions.define(2, "ab", b"ab", || "second"), Ok(()));
    let error = definitions.define(3, "", b"", || "third").unwrap_err();
    assert_eq!(error.close_code(), CloseCode::TooLarge);
}

#[test]
fn a_writer_with_a_full_intern_table_still_finds_existing_definitions() {
    let mut known = InternTable::new(&Limits::default().types(1));
    assert_eq!(known.intern(&"a", 1), Ok(Interned::Define(1)));
    assert!(known.intern(&"b", 1).is_err());
    assert_eq!(known.intern(&"a", 1), Ok(Interned::Known(1)));
}
