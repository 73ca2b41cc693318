//! Messages with names that must compile, without a warning, under strict lints.

#![deny(
    warnings,
    missing_docs,
    unreachable_pub,
    elided_lifetimes_in_paths,
    unused_qualifications
)]
#![deny(missing_debug_implementations, unnameable_types)]
#![allow(
    clippy::use_self,
    reason = "types hold themselves as `Self` and by their names"
)]

use ambit::Message;
use ambit::message::{Named, Wire};

fn travels<T: Named + Wire + Message>() -> usize {
    T::TAGS.len()
}

mod shadowed_names {
    /// Each of these has the name of something that generated code uses.
    mod own {
        pub(super) struct Result;
        pub(super) struct Option;
        pub(super) struct String;
        pub(super) struct Vec;
        pub(super) struct Box;
        pub(super) struct Default;
        pub(super) struct From;
        pub(super) trait Wire {}
        pub(super) trait Schema {}
        pub(super) trait Codec {}
        impl Wire for super::Event {}
        impl Schema for super::Event {}
        impl Codec for super::Event {}
    }

    use own::{Box, Codec, Default, From, Option, Result, Schema, String, Vec, Wire};

    #[derive(ambit::Message)]
    #[message(name = "test.shadowed", version = 2)]
    enum Event {
        Ok(u64),
        Err {
            #[message(default)]
            input: u64,
            out: u8,
            record: u8,
            types: u8,
            tag: u8,
            value: u8,
            name: u8,
            field0: u8,
        },
        #[message(since = 2)]
        Some,
        None {},
    }

    #[ambit::wire(name = "test.shadowed-id")]
    struct Id {
        inner: u64,
    }

    fn is_own<T: Wire + Schema + Codec>() {}

    #[test]
    fn are_constructed() {
        is_own::<Event>();
        let _ = (Box, Default, From, Option, Result, String, Vec);
        let _ = [Event::Ok(1), Event::Some, Event::None {}];
        let _ = Event::Err {
            input: 1,
            out: 2,
            record: 3,
            types: 4,
            tag: 5,
            value: 6,
            name: 7,
            field0: 8,
        };
        let _ = Id { inner: 1 };
        assert_eq!(super::travels::<Event>(), 4);
    }
}

#[no_implicit_prelude]
mod without_prelude {
    #[derive(::ambit::Message)]
    #[message(name = "test.bare")]
    pub(crate) struct Bare<T> {
        #[message(default)]
        items: ::std::vec::Vec<T>,
        next: ::std::option::Option<::std::boxed::Box<Self>>,
    }

    #[::ambit::wire(name = "test.bare-id")]
    pub(crate) struct Id(u64);
}

mod odd_style {
    use ambit::prelude::*;

    #[derive(Message)]
    #[message(name = "test.raw")]
    #[allow(non_camel_case_types)]
    pub(crate) enum r#type {
        r#match {
            r#in: u8,
            r#as: Box<r#type>,
        },
        #[deprecated]
        old_one(#[deprecated] u8),
        _1st,
    }

    #[derive(Message)]
    #[message(name = "test.old")]
    #[deprecated]
    pub(crate) struct Old {
        #[deprecated]
        pub(crate) field: u8,
    }

    #[derive(Message)]
    #[deprecated]
    pub(crate) struct Local(#[deprecated] pub(crate) u8);

    #[wire(name = "test.old-id")]
    #[deprecated]
    pub(crate) struct Id(pub(crate) u8);

    #[derive(Message)]
    #[message(name = "test.parts", crate = self::renamed)]
    #[message(version = 2)]
    pub(crate) struct Parts<T, const A: bool, const B: char, const N: usize = { 1 + 1 }>(
        #[message(rename = "first")]
        #[message(default)]
        pub(crate) [T; 2],
        pub(crate) [[u8; 2]; N],
    )
    where
        T: Copy + Default;

    #[test]
    #[allow(deprecated)]
    fn are_constructed() {
        let (old, local, id) = (Old { field: 1 }, Local(2), Id(3));
        assert_eq!((old.field, local.0, id.0), (1, 2, 3));
    }

    pub(crate) mod renamed {
        pub(crate) use ambit::*;
    }
}

#[allow(unreachable_pub)]
mod private_parts {
    use ambit::prelude::*;

    #[derive(Message)]
    #[message(name = "test.hidden")]
    struct Hidden(u64);

    #[derive(serde::Serialize, serde::Deserialize)]
    struct Foreign(u64);

    /// Public, with private parts.
    #[derive(Message)]
    #[message(name = "test.open")]
    #[allow(missing_debug_implementations)]
    pub struct Open {
        hidden: Hidden,
        id: Id,
    }

    /// Public, around a private type.
    #[wire(name = "test.open-id")]
    #[allow(missing_debug_implementations)]
    pub struct Id(Foreign);

    #[test]
    fn are_constructed() {
        let open = Open {
            hidden: Hidden(1),
            id: Id(Foreign(2)),
        };
        assert_eq!((open.hidden.0, open.id.0.0), (1, 2));
    }
}

mod from_macros {
    use ambit::prelude::*;

    macro_rules! messages {
        ($($name:ident = $text:literal, $version:literal: $field:ty = $default:expr;)*) => {$(
            #[derive(Message)]
            #[message(name = $text, version = $version)]
            pub(crate) struct $name {
                #[message(rename = $text, default = $default)]
                pub(crate) field: $field,
                pub(crate) record: Vec<$field>,
            }
        )*};
    }

    messages! {
        First = "test.first", 1: u64 = 1 + 2;
        Second = "test.second", 2: Option<Vec<First>> = Some(Vec::new());
    }

    macro_rules! wrapper {
        ($name:ident, $text:literal, $inner:ty) => {
            #[wire(name = $text, version = 2)]
            pub(crate) struct $name($inner);
        };
    }

    wrapper!(Wrapped, "test.wrapped", Vec<u64>);
}

/// Uses names that generated code also uses; here they are the user's own.
const RECORD: u8 = 7;

#[test]
fn messages_of_every_style_travel() {
    let input = 5_u8;

    #[derive(Message)]
    #[message(name = "test.local")]
    struct Local {
        #[message(default = RECORD + 1)]
        field: u8,
    }

    #[derive(Message)]
    #[message(name = "test.nothing")]
    enum Nothing {}

    let local = Local { field: input };
    assert_eq!(local.field, 5);
    assert_eq!(travels::<Local>(), 1);
    assert_eq!(travels::<Nothing>(), 0);
    assert_eq!(travels::<without_prelude::Bare<u64>>(), 2);
    assert_eq!(travels::<without_prelude::Id>(), 0);
    assert_eq!(travels::<odd_style::r#type>(), 3);
    assert_eq!(travels::<odd_style::Parts<u64, true, ',', 1>>(), 2);
    assert_eq!(travels::<private_parts::Open>(), 2);
    assert_eq!(travels::<from_macros::Second>(), 2);
    assert_eq!(travels::<from_macros::Wrapped>(), 0);
}

#[test]
fn char_parameters_do_not_split_a_type_name() {
    let mut types = ambit::message::Types::default();
    let name = <odd_style::Parts<u64, true, ',', 1> as ambit::message::Schema>::shape(&mut types);
    assert_eq!(name.to_string(), "test.parts<u64, true, 44, 1>");
}
