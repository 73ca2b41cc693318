//! The form of this crate's own enums and structs: what the derive would write, for types that have no derive, because
//! they are there without the feature `remote` too.

/// `enum Type = "name" { Variant = "tag" { field as binding: Type, .. }, .. }`, or `struct Type = "name" { field: Type, .. }`.
macro_rules! parts {
    (enum $type:ty = $name:literal {
        $($variant:ident = $tag:literal $({ $($field:tt as $part:ident: $of:ty),* $(,)? })?),* $(,)?
    }) => {
        impl Schema for $type {
            fn shape(types: &mut Types) -> Shape {
                types.define::<Self>($name.to_owned(), 1, |_types| {
                    let mut variants = vec![$(Variant {
                        name: $tag.to_owned(),
                        since: 1,
                        fields: vec![$($(<$of as Wire>::field(_types, stringify!($field), false)),*)?],
                    }),*];
                    variants.sort_by(|one, other| one.name.cmp(&other.name));
                    Body::Enum(variants)
                })
            }
        }

        impl Wire for $type {
            fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
                match self {
                    $(Self::$variant $({ $($field: $part),* })? => {
                        const PARTS: &[&str] = &[$($(stringify!($field)),*)?];
                        out.tag(const { tag($tag) })?;
                        out.record(const { PARTS.len() as u16 })?;
                        $($(out.field(const { tag(stringify!($field)) }, $part)?;)*)?
                    })*
                }
                Ok(())
            }

            fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
                let found = input.tag()?;
                $(if found == const { tag($tag) } {
                    let mut _record = input.record()?;
                    let value = Self::$variant $({
                        $($field: _record.field(stringify!($field), const { tag(stringify!($field)) })?),*
                    })?;
                    _record.end();
                    return Ok(value);
                })*
                Err(DecodeError::UnknownTag { of: $name, tag: found })
            }
        }
    };
    (struct $type:ty = $name:literal { $($field:ident: $of:ty),* $(,)? }) => {
        impl Schema for $type {
            fn shape(types: &mut Types) -> Shape {
                types.define::<Self>($name.to_owned(), 1, |types| {
                    Body::Struct(vec![$(<$of as Wire>::field(types, stringify!($field), false)),*])
                })
            }
        }

        impl Wire for $type {
            fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
                const PARTS: &[&str] = &[$(stringify!($field)),*];
                out.record(const { PARTS.len() as u16 })?;
                $(out.field(const { tag(stringify!($field)) }, &self.$field)?;)*
                Ok(())
            }

            fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
                let mut record = input.record()?;
                let value = Self {
                    $($field: record.field(stringify!($field), const { tag(stringify!($field)) })?),*
                };
                record.end();
                Ok(value)
            }
        }
    };
}
