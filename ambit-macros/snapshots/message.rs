/// What happens in the shop.
#[derive(Clone, Debug)]
pub enum Event {
    Opened,
    Created { id: u64, note: String, r#kind: u8 },
    Payed(u64, Option<Box<Event>>),
    Refunded { id: u64 },
}
#[allow(deprecated)]
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::Message for Event
where
    for<'__used> Event: ::ambit::__private::Payload,
{}
#[allow(deprecated)]
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::message::Schema for Event {
    fn shape(__types: &mut ::ambit::message::Types) -> ::ambit::message::Shape {
        let __name = ::ambit::__private::core::convert::From::from("shop.event");
        ::ambit::message::Types::define::<
            Self,
        >(
            __types,
            __name,
            2u32,
            |__types| ::ambit::message::Body::Enum(
                ::ambit::__private::core::convert::From::from([
                    ::ambit::message::Variant {
                        name: ::ambit::__private::core::convert::From::from("Created"),
                        since: 1u32,
                        fields: ::ambit::__private::core::convert::From::from([
                            <u64 as ::ambit::message::Wire>::field(__types, "id", false),
                            <String as ::ambit::message::Wire>::field(
                                __types,
                                "note",
                                true,
                            ),
                            <u8 as ::ambit::message::Wire>::field(__types, "type", true),
                        ]),
                    },
                    ::ambit::message::Variant {
                        name: ::ambit::__private::core::convert::From::from("Opened"),
                        since: 1u32,
                        fields: ::ambit::__private::std::vec::Vec::new(),
                    },
                    ::ambit::message::Variant {
                        name: ::ambit::__private::core::convert::From::from("Refunded"),
                        since: 2u32,
                        fields: ::ambit::__private::core::convert::From::from([
                            <u64 as ::ambit::message::Wire>::field(__types, "id", false),
                        ]),
                    },
                    ::ambit::message::Variant {
                        name: ::ambit::__private::core::convert::From::from("paid"),
                        since: 1u32,
                        fields: ::ambit::__private::core::convert::From::from([
                            <u64 as ::ambit::message::Wire>::field(__types, "0", false),
                            <Option<
                                Box<Event>,
                            > as ::ambit::message::Wire>::field(__types, "1", false),
                        ]),
                    },
                ]),
            ),
        )
    }
}
#[allow(deprecated)]
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::message::Named for Event {
    const NAME: &'static ::ambit::__private::core::primitive::str = "shop.event";
    const VERSION: ::ambit::__private::core::primitive::u32 = 2u32;
    const TAGS: &'static [(
        &'static ::ambit::__private::core::primitive::str,
        ::ambit::__private::core::primitive::u32,
    )] = &[
        ("Opened", 0x0f03e400),
        ("Created", 0x09de135b),
        ("paid", 0x8e447707),
        ("Refunded", 0x4360ca3e),
    ];
}
#[allow(deprecated)]
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::message::Wire for Event
where
    for<'__used> Event: ::ambit::__private::Payload,
{
    fn put<__T: ::ambit::message::Codec>(
        &self,
        __out: &mut ::ambit::message::Out<'_, __T>,
    ) -> ::ambit::__private::core::result::Result<(), ::ambit::message::EncodeError> {
        match self {
            Self::Opened {} => {
                ::ambit::message::Out::tag(__out, 0x0f03e400)?;
                ::ambit::message::Out::record(__out, 0)?;
            }
            Self::Created { id: __field0, note: __field1, r#kind: __field2 } => {
                ::ambit::message::Out::tag(__out, 0x09de135b)?;
                ::ambit::message::Out::record(__out, 3)?;
                <u64 as ::ambit::message::Wire>::put_field(__field0, 0x37386ae0, __out)?;
                <String as ::ambit::message::Wire>::put_field(
                    __field1,
                    0x919a0c3d,
                    __out,
                )?;
                <u8 as ::ambit::message::Wire>::put_field(__field2, 0x5127f14d, __out)?;
            }
            Self::Payed { 0: __field0, 1: __field1 } => {
                ::ambit::message::Out::tag(__out, 0x8e447707)?;
                ::ambit::message::Out::record(__out, 2)?;
                <u64 as ::ambit::message::Wire>::put_field(__field0, 0x350ca8af, __out)?;
                <Option<
                    Box<Event>,
                > as ::ambit::message::Wire>::put_field(__field1, 0x340ca71c, __out)?;
            }
            Self::Refunded { id: __field0 } => {
                ::ambit::message::Out::variant(
                    __out,
                    &|| ::ambit::__private::core::convert::From::from("shop.event"),
                    0x4360ca3e,
                    "Refunded",
                    2u32,
                )?;
                ::ambit::message::Out::record(__out, 1)?;
                <u64 as ::ambit::message::Wire>::put_field(__field0, 0x37386ae0, __out)?;
            }
        }
        ::ambit::__private::core::result::Result::Ok(())
    }
    fn take<__T: ::ambit::message::Codec>(
        __input: &mut ::ambit::message::In<'_, __T>,
    ) -> ::ambit::__private::core::result::Result<Self, ::ambit::message::DecodeError> {
        match ::ambit::message::In::tag(__input)? {
            0x0f03e400 => {
                ::ambit::__private::core::result::Result::Ok({
                    ::ambit::message::Record::end(
                        ::ambit::message::In::record(__input)?,
                    );
                    Self::Opened {}
                })
            }
            0x09de135b => {
                ::ambit::__private::core::result::Result::Ok({
                    let mut __record = ::ambit::message::In::record(__input)?;
                    let __value = Self::Created {
                        id: <u64 as ::ambit::message::Wire>::take_field(
                            "id",
                            0x37386ae0,
                            &mut __record,
                        )?,
                        note: <String as ::ambit::message::Wire>::take_field_or(
                            || <String as ::ambit::__private::core::default::Default>::default(),
                            0x919a0c3d,
                            &mut __record,
                        )?,
                        r#kind: <u8 as ::ambit::message::Wire>::take_field_or(
                            || -> u8 { 1 + 1 },
                            0x5127f14d,
                            &mut __record,
                        )?,
                    };
                    ::ambit::message::Record::end(__record);
                    __value
                })
            }
            0x8e447707 => {
                ::ambit::__private::core::result::Result::Ok({
                    let mut __record = ::ambit::message::In::record(__input)?;
                    let __value = Self::Payed {
                        0: <u64 as ::ambit::message::Wire>::take_field(
                            "0",
                            0x350ca8af,
                            &mut __record,
                        )?,
                        1: <Option<
                            Box<Event>,
                        > as ::ambit::message::Wire>::take_field(
                            "1",
                            0x340ca71c,
                            &mut __record,
                        )?,
                    };
                    ::ambit::message::Record::end(__record);
                    __value
                })
            }
            0x4360ca3e => {
                ::ambit::__private::core::result::Result::Ok({
                    let mut __record = ::ambit::message::In::record(__input)?;
                    let __value = Self::Refunded {
                        id: <u64 as ::ambit::message::Wire>::take_field(
                            "id",
                            0x37386ae0,
                            &mut __record,
                        )?,
                    };
                    ::ambit::message::Record::end(__record);
                    __value
                })
            }
            __tag => {
                ::ambit::__private::core::result::Result::Err(::ambit::message::DecodeError::UnknownTag {
                    of: "shop.event",
                    tag: __tag,
                })
            }
        }
    }
}
::ambit::written::message_encoding! {
    [] Event, [where for < '__used > Event : ::ambit::__private::Payload,] __T = < Self
    as ::ambit::message::Named > ::NAME;
}
/// Some of many.
pub struct Page<T: Clone, const N: usize = 1>
where
    T: Shelf,
{
    items: [Vec<T>; N],
    first: Option<T::Label>,
}
#[allow(deprecated)]
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl<T: Clone, const N: usize> ::ambit::Message for Page<T, N>
where
    T: Shelf,
    T: ::ambit::__private::Payload,
    for<'__used> Page<T, N>: ::ambit::__private::Payload,
{}
#[allow(deprecated)]
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl<T: Clone, const N: usize> ::ambit::message::Schema for Page<T, N>
where
    T: Shelf,
    T: ::ambit::message::Wire,
    T::Label: ::ambit::message::Wire,
{
    fn shape(__types: &mut ::ambit::message::Types) -> ::ambit::message::Shape {
        let __name = ::ambit::__private::std::format!(
            "shop.page<{}, {}>", < T as ::ambit::message::Schema > ::shape(__types), N
        );
        ::ambit::message::Types::define::<
            Self,
        >(
            __types,
            __name,
            1u32,
            |__types| ::ambit::message::Body::Struct(
                ::ambit::__private::core::convert::From::from([
                    <[Vec<
                        T,
                    >; N] as ::ambit::message::Wire>::field(__types, "items", false),
                    <Option<
                        T::Label,
                    > as ::ambit::message::Wire>::field(__types, "first", false),
                ]),
            ),
        )
    }
}
#[allow(deprecated)]
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl<T: Clone, const N: usize> ::ambit::message::Named for Page<T, N>
where
    T: Shelf,
    T: ::ambit::message::Wire,
    T::Label: ::ambit::message::Wire,
{
    const NAME: &'static ::ambit::__private::core::primitive::str = "shop.page";
    const VERSION: ::ambit::__private::core::primitive::u32 = 1u32;
    const TAGS: &'static [(
        &'static ::ambit::__private::core::primitive::str,
        ::ambit::__private::core::primitive::u32,
    )] = &[("items", 0x3a79338f), ("first", 0x4881d841)];
    fn message_tag() -> ::ambit::__private::core::primitive::u32 {
        ::ambit::message::glue::tag_of_type::<
            Self,
        >(|| {
            ::ambit::__private::std::format!(
                "shop.page<{}, {}>", < T as ::ambit::message::Schema > ::shape(& mut
                ::ambit::__private::core::default::Default::default()), N
            )
        })
    }
}
#[allow(deprecated)]
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl<T: Clone, const N: usize> ::ambit::message::Wire for Page<T, N>
where
    T: Shelf,
    T: ::ambit::message::Wire,
    T::Label: ::ambit::message::Wire,
    for<'__used> Page<T, N>: ::ambit::__private::Payload,
{
    fn put<__T: ::ambit::message::Codec>(
        &self,
        __out: &mut ::ambit::message::Out<'_, __T>,
    ) -> ::ambit::__private::core::result::Result<(), ::ambit::message::EncodeError> {
        ::ambit::message::Out::record(__out, 2)?;
        <[Vec<
            T,
        >; N] as ::ambit::message::Wire>::put_field(&self.items, 0x3a79338f, __out)?;
        <Option<
            T::Label,
        > as ::ambit::message::Wire>::put_field(&self.first, 0x4881d841, __out)?;
        ::ambit::__private::core::result::Result::Ok(())
    }
    fn take<__T: ::ambit::message::Codec>(
        __input: &mut ::ambit::message::In<'_, __T>,
    ) -> ::ambit::__private::core::result::Result<Self, ::ambit::message::DecodeError> {
        ::ambit::__private::core::result::Result::Ok({
            let mut __record = ::ambit::message::In::record(__input)?;
            let __value = Self {
                items: <[Vec<
                    T,
                >; N] as ::ambit::message::Wire>::take_field(
                    "items",
                    0x3a79338f,
                    &mut __record,
                )?,
                first: <Option<
                    T::Label,
                > as ::ambit::message::Wire>::take_field(
                    "first",
                    0x4881d841,
                    &mut __record,
                )?,
            };
            ::ambit::message::Record::end(__record);
            __value
        })
    }
}
::ambit::written::message_encoding! {
    [< T : Clone, const N : usize >] Page < T, N >, [where T : Shelf, T :
    ::ambit::message::Wire, T::Label : ::ambit::message::Wire, T :
    ::ambit::__private::Payload, for < '__used > Page < T, N > :
    ::ambit::__private::Payload,] __T = < Self as ::ambit::message::Named > ::NAME;
}
pub trait Shelf {
    type Label;
}
/// Stays here.
pub struct Local<T>(T);
#[allow(deprecated)]
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl<T> ::ambit::Message for Local<T>
where
    T: ::ambit::__private::Payload,
    Local<T>: ::ambit::__private::Payload,
{}
/// How long it takes.
#[derive(Debug)]
pub struct Lasting(std::time::Duration);
#[allow(deprecated)]
#[automatically_derived]
impl ::ambit::Message for Lasting
where
    Lasting: ::ambit::__private::Payload,
{}
#[allow(deprecated)]
#[automatically_derived]
impl ::ambit::__private::core::convert::From<std::time::Duration> for Lasting {
    fn from(__inner: std::time::Duration) -> Self {
        Self { 0: __inner }
    }
}
#[allow(deprecated)]
#[automatically_derived]
impl ::ambit::__private::core::convert::From<Lasting> for std::time::Duration {
    fn from(__wrapper: Lasting) -> Self {
        __wrapper.0
    }
}
#[allow(deprecated)]
#[automatically_derived]
impl ::ambit::message::Schema for Lasting {
    fn shape(__types: &mut ::ambit::message::Types) -> ::ambit::message::Shape {
        let __name = ::ambit::__private::core::convert::From::from("shop.Duration");
        ::ambit::message::Types::define_wrapper::<
            Self,
            std::time::Duration,
        >(__types, __name, 3u32)
    }
}
#[allow(deprecated)]
#[automatically_derived]
impl ::ambit::message::Named for Lasting {
    const NAME: &'static ::ambit::__private::core::primitive::str = "shop.Duration";
    const VERSION: ::ambit::__private::core::primitive::u32 = 3u32;
    const TAGS: &'static [(
        &'static ::ambit::__private::core::primitive::str,
        ::ambit::__private::core::primitive::u32,
    )] = &[];
}
#[allow(deprecated)]
#[automatically_derived]
impl ::ambit::message::Wire for Lasting
where
    for<'only_if_used> Lasting: ::ambit::__private::Payload,
{
    fn put<__T: ::ambit::message::Codec>(
        &self,
        __out: &mut ::ambit::message::Out<'_, __T>,
    ) -> ::ambit::__private::core::result::Result<(), ::ambit::message::EncodeError> {
        <std::time::Duration as ::ambit::__private::Foreign>::put(&self.0, __out)
    }
    fn take<__T: ::ambit::message::Codec>(
        __input: &mut ::ambit::message::In<'_, __T>,
    ) -> ::ambit::__private::core::result::Result<Self, ::ambit::message::DecodeError> {
        ::ambit::__private::core::result::Result::map(
            <std::time::Duration as ::ambit::__private::Foreign>::take(__input),
            |__inner| Self { 0: __inner },
        )
    }
}
::ambit::written::message_encoding! {
    [] Lasting, [where for < 'only_if_used > Lasting : ::ambit::__private::Payload,] __T
    = "shop.Duration";
}
