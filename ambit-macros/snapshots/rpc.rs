/// A request for `area`, which another node can run.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
pub struct area {
    w: f64,
    h: f64,
}
/// Multiplies.
#[must_use = "a request does nothing unless it is sent or run"]
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
pub fn area(w: f64, h: f64) -> area {
    area { w, h }
}
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::message::Schema for area
where
    f64: ::ambit::message::Wire,
{
    fn shape(__types: &mut ::ambit::message::Types) -> ::ambit::message::Shape {
        let __name = ::ambit::__private::core::convert::From::from("area");
        ::ambit::message::Types::define::<
            Self,
        >(
            __types,
            __name,
            1,
            |__types| {
                ::ambit::message::Body::Struct(
                    ::ambit::__private::core::convert::From::from([
                        ::ambit::__private::wire::argument::<f64>(__types, "w"),
                        ::ambit::__private::wire::argument::<f64>(__types, "h"),
                    ]),
                )
            },
        )
    }
}
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::message::Wire for area
where
    f64: ::ambit::message::Wire,
{
    fn put<__T: ::ambit::message::Codec>(
        &self,
        __out: &mut ::ambit::message::Out<'_, __T>,
    ) -> ::ambit::__private::core::result::Result<(), ::ambit::message::EncodeError> {
        ::ambit::message::Out::record(__out, 2)?;
        ::ambit::message::Out::field(__out, 4060888886, &self.w)?;
        ::ambit::message::Out::field(__out, 3977000791, &self.h)?;
        ::ambit::__private::core::result::Result::Ok(())
    }
    #[allow(unused_mut)]
    fn take<__T: ::ambit::message::Codec>(
        __input: &mut ::ambit::message::In<'_, __T>,
    ) -> ::ambit::__private::core::result::Result<Self, ::ambit::message::DecodeError> {
        let mut __record = ::ambit::message::In::record(__input)?;
        let __value = Self {
            w: ::ambit::message::Record::field(&mut __record, "w", 4060888886)?,
            h: ::ambit::message::Record::field(&mut __record, "h", 3977000791)?,
        };
        ::ambit::message::Record::end(__record);
        ::ambit::__private::core::result::Result::Ok(__value)
    }
}
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::message::Rpc for area
where
    f64: ::ambit::message::Wire,
{
    const NAME: &'static ::ambit::__private::core::primitive::str = "area";
    const TIMEOUT: ::ambit::__private::Duration = ::ambit::__private::Duration::from_secs(
        5,
    );
    type Output = f64;
    fn run(
        self,
    ) -> impl ::ambit::__private::Future<
        Output = Self::Output,
    > + ::ambit::__private::Send {
        #[allow(clippy::needless_pass_by_value, clippy::unused_async)]
        async fn area(w: f64, h: f64) -> f64 {
            w * h
        }
        area(self.w, self.h)
    }
    fn method(__types: &mut ::ambit::message::Types) -> ::ambit::message::Method {
        let __args = [
            ::ambit::__private::wire::argument::<f64>(__types, "w"),
            ::ambit::__private::wire::argument::<f64>(__types, "h"),
        ];
        let __output = <f64 as ::ambit::message::Schema>::shape(__types);
        ::ambit::__private::wire::method(
            "area",
            __args,
            ::ambit::__private::core::option::Option::Some(__output),
        )
    }
    fn put_arguments<__T: ::ambit::message::Codec>(
        &self,
        __out: &mut ::ambit::message::Out<'_, __T>,
    ) -> ::ambit::__private::core::result::Result<(), ::ambit::message::EncodeError> {
        ::ambit::message::Out::record(__out, 2)?;
        ::ambit::message::Out::field(__out, 890022063, &self.w)?;
        ::ambit::message::Out::field(__out, 873244444, &self.h)?;
        ::ambit::__private::core::result::Result::Ok(())
    }
    #[allow(unused_mut)]
    fn take_arguments<__T: ::ambit::message::Codec>(
        __input: &mut ::ambit::message::In<'_, __T>,
    ) -> ::ambit::__private::core::result::Result<Self, ::ambit::message::DecodeError> {
        let mut __record = ::ambit::message::In::record(__input)?;
        let __value = Self {
            w: ::ambit::message::Record::field(&mut __record, "w", 890022063)?,
            h: ::ambit::message::Record::field(&mut __record, "h", 873244444)?,
        };
        ::ambit::message::Record::end(__record);
        ::ambit::__private::core::result::Result::Ok(__value)
    }
}
#[cfg(unix)]
/// A request for `halves`, which another node can run.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
struct halves {
    value: u64,
}
#[cfg(unix)]
/// Makes a request for `halves`.
#[must_use = "a request does nothing unless it is sent or run"]
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
fn halves(value: u64) -> halves {
    halves { value }
}
#[cfg(unix)]
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::message::Schema for halves
where
    u64: ::ambit::message::Wire,
    Result<u64, Odd>: ::ambit::message::Wire,
{
    fn shape(__types: &mut ::ambit::message::Types) -> ::ambit::message::Shape {
        let __name = ::ambit::__private::core::convert::From::from("geo.halves");
        ::ambit::message::Types::define::<
            Self,
        >(
            __types,
            __name,
            1,
            |__types| {
                ::ambit::message::Body::Struct(
                    ::ambit::__private::core::convert::From::from([
                        ::ambit::__private::wire::argument::<u64>(__types, "value"),
                    ]),
                )
            },
        )
    }
}
#[cfg(unix)]
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::message::Wire for halves
where
    u64: ::ambit::message::Wire,
    Result<u64, Odd>: ::ambit::message::Wire,
{
    fn put<__T: ::ambit::message::Codec>(
        &self,
        __out: &mut ::ambit::message::Out<'_, __T>,
    ) -> ::ambit::__private::core::result::Result<(), ::ambit::message::EncodeError> {
        ::ambit::message::Out::record(__out, 1)?;
        ::ambit::message::Out::field(__out, 1113510858, &self.value)?;
        ::ambit::__private::core::result::Result::Ok(())
    }
    #[allow(unused_mut)]
    fn take<__T: ::ambit::message::Codec>(
        __input: &mut ::ambit::message::In<'_, __T>,
    ) -> ::ambit::__private::core::result::Result<Self, ::ambit::message::DecodeError> {
        let mut __record = ::ambit::message::In::record(__input)?;
        let __value = Self {
            value: ::ambit::message::Record::field(&mut __record, "value", 1113510858)?,
        };
        ::ambit::message::Record::end(__record);
        ::ambit::__private::core::result::Result::Ok(__value)
    }
}
#[cfg(unix)]
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::message::Rpc for halves
where
    u64: ::ambit::message::Wire,
    Result<u64, Odd>: ::ambit::message::Wire,
{
    const NAME: &'static ::ambit::__private::core::primitive::str = "geo.halves";
    const TIMEOUT: ::ambit::__private::Duration = Duration::from_millis(250);
    type Output = Result<u64, Odd>;
    fn run(
        self,
    ) -> impl ::ambit::__private::Future<
        Output = Self::Output,
    > + ::ambit::__private::Send {
        #[allow(clippy::needless_pass_by_value, clippy::unused_async)]
        #[inline]
        fn halves(mut value: u64) -> Result<u64, Odd> {
            value /= 2;
            Ok(value)
        }
        async move { halves(self.value) }
    }
    fn method(__types: &mut ::ambit::message::Types) -> ::ambit::message::Method {
        let __args = [::ambit::__private::wire::argument::<u64>(__types, "value")];
        let __output = <Result<u64, Odd> as ::ambit::message::Schema>::shape(__types);
        ::ambit::__private::wire::method(
            "geo.halves",
            __args,
            ::ambit::__private::core::option::Option::Some(__output),
        )
    }
    fn put_arguments<__T: ::ambit::message::Codec>(
        &self,
        __out: &mut ::ambit::message::Out<'_, __T>,
    ) -> ::ambit::__private::core::result::Result<(), ::ambit::message::EncodeError> {
        ::ambit::message::Out::record(__out, 1)?;
        ::ambit::message::Out::field(__out, 890022063, &self.value)?;
        ::ambit::__private::core::result::Result::Ok(())
    }
    #[allow(unused_mut)]
    fn take_arguments<__T: ::ambit::message::Codec>(
        __input: &mut ::ambit::message::In<'_, __T>,
    ) -> ::ambit::__private::core::result::Result<Self, ::ambit::message::DecodeError> {
        let mut __record = ::ambit::message::In::record(__input)?;
        let __value = Self {
            value: ::ambit::message::Record::field(&mut __record, "value", 890022063)?,
        };
        ::ambit::message::Record::end(__record);
        ::ambit::__private::core::result::Result::Ok(__value)
    }
}
