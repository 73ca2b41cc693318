//! Encoding and decoding of a value: `Wire`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

use super::bounds;
use super::cx::{Cx, tag_of};
use super::schema::full_name;
use crate::message::model::{Body, Default, Field, Text, Variant};
use crate::quoting;

pub(super) fn impls(cx: &Cx<'_>, name: &Text) -> TokenStream {
    let Cx {
        wire, core, codec, ..
    } = cx;
    let result = quote!(#core::result::Result);
    let (put, take) = match &cx.message.body {
        Body::Struct(fields) => (put_struct(cx, fields), take_struct(cx, fields)),
        Body::Enum(variants) => (put_enum(cx, name, variants), take_enum(cx, name, variants)),
    };
    let input = input();
    let wire_impl = cx.implements(
        &quote!(#wire::Wire),
        Some(bounds::moves(cx)),
        &quote! {
            fn put<#codec: #wire::Codec>(&self, __out: &mut #wire::Out<'_, #codec>) -> #result<(), #wire::EncodeError> {
                #put
            }

            fn take<#codec: #wire::Codec>(#input: &mut #wire::In<'_, #codec>) -> #result<Self, #wire::DecodeError> {
                #take
            }
        },
    );
    let process = process(cx);
    quote!(#wire_impl #process)
}

/// Generates the impl that lets a plain process on another node receive it.
fn process(cx: &Cx<'_>) -> TokenStream {
    let Cx {
        ambit, wire, codec, ..
    } = cx;
    let (generics, _, _) = cx.generics().split_for_impl();
    let mut bounds = bounds::on_the_wire(cx);
    bounds.extend(bounds::at_home(cx));
    let clause = quoting::where_clause(cx.generics(), &bounds);
    let itself = cx.itself();
    quote! {
        #ambit::written::message_encoding! { [#generics] #itself, [#clause] #codec = <Self as #wire::Named>::NAME; }
    }
}

fn put_struct(cx: &Cx<'_>, fields: &[Field]) -> TokenStream {
    let Cx { core, .. } = cx;
    let values = fields.iter().map(|field| {
        let member = &field.member;
        quote!(&self.#member)
    });
    let fields = put_fields(cx, fields, values);
    quote!(#fields #core::result::Result::Ok(()))
}

fn put_enum(cx: &Cx<'_>, name: &Text, variants: &[Variant]) -> TokenStream {
    if variants.is_empty() {
        return quote!(match *self {});
    }
    let core = &cx.core;
    let arms = variants.iter().map(|variant| {
        let ident = &variant.ident;
        let members = variant.fields.iter().map(|field| &field.member);
        let bindings: Vec<_> = (0..variant.fields.len()).map(binding).collect();
        let begin = put_tag(cx, name, variant);
        let fields = put_fields(
            cx,
            &variant.fields,
            bindings.iter().map(|name| quote!(#name)),
        );
        quote!(Self::#ident { #(#members: #bindings),* } => { #begin #fields })
    });
    quote! {
        match self { #(#arms)* }
        #core::result::Result::Ok(())
    }
}

/// A variant that was present from the beginning is known to every peer.
fn put_tag(cx: &Cx<'_>, name: &Text, variant: &Variant) -> TokenStream {
    let (tag, since, text) = (
        tag_of(&variant.tag.value),
        variant.since(),
        &variant.tag.value,
    );
    let wire = &cx.wire;
    if since == 1 {
        return quote!(#wire::Out::tag(__out, #tag)?;);
    }
    let core = &cx.core;
    let name = full_name(cx, name, &quote!(&mut #core::default::Default::default()));
    quote!(#wire::Out::variant(__out, &|| #name, #tag, #text, #since)?;)
}

fn put_fields(
    cx: &Cx<'_>,
    fields: &[Field],
    values: impl Iterator<Item = TokenStream>,
) -> TokenStream {
    let Cx { wire, .. } = cx;
    let count = proc_macro2::Literal::usize_unsuffixed(fields.len());
    let each = fields.iter().zip(values).map(|(field, value)| {
        let (ty, tag) = (&field.ty, tag_of(&field.tag.value));
        quote!(<#ty as #wire::Wire>::put_field(#value, #tag, __out)?;)
    });
    quote!(#wire::Out::record(__out, #count)?; #(#each)*)
}

fn take_struct(cx: &Cx<'_>, fields: &[Field]) -> TokenStream {
    let core = &cx.core;
    let value = take_fields(cx, &quote!(Self), fields);
    quote!(#core::result::Result::Ok({ #value }))
}

fn take_enum(cx: &Cx<'_>, name: &Text, variants: &[Variant]) -> TokenStream {
    let Cx { wire, core, .. } = cx;
    let (name, input) = (&name.value, input());
    let arms = variants.iter().map(|variant| {
        let (ident, tag) = (&variant.ident, tag_of(&variant.tag.value));
        let value = take_fields(cx, &quote!(Self::#ident), &variant.fields);
        quote!(#tag => #core::result::Result::Ok({ #value }),)
    });
    quote! {
        match #wire::In::tag(#input)? {
            #(#arms)*
            __tag => #core::result::Result::Err(#wire::DecodeError::UnknownTag { of: #name, tag: __tag }),
        }
    }
}

/// Decodes a record, and builds the value that starts with `begin`.
fn take_fields(cx: &Cx<'_>, begin: &TokenStream, fields: &[Field]) -> TokenStream {
    let (wire, input) = (&cx.wire, input());
    if fields.is_empty() {
        return quote!(#wire::Record::end(#wire::In::record(#input)?); #begin {});
    }
    // The expression of a default is the user's, and must not see these variables.
    let record = Ident::new("__record", Span::mixed_site());
    let value = Ident::new("__value", Span::mixed_site());
    let each = fields.iter().map(|field| {
        let member = &field.member;
        let taken = take_field(cx, &record, field);
        quote!(#member: #taken?)
    });
    quote! {
        let mut #record = #wire::In::record(#input)?;
        let #value = #begin { #(#each),* };
        #wire::Record::end(#record);
        #value
    }
}

fn take_field(cx: &Cx<'_>, record: &Ident, field: &Field) -> TokenStream {
    let Cx { wire, core, .. } = cx;
    let (ty, text, tag) = (&field.ty, &field.tag.value, tag_of(&field.tag.value));
    let default = match &field.default {
        None => {
            return quote!(<#ty as #wire::Wire>::take_field(#text, #tag, &mut #record));
        }
        Some(Default::OfType) => quote!(|| <#ty as #core::default::Default>::default()),
        Some(Default::Expr(expr)) => quote!(|| -> #ty { #expr }),
    };
    quote!(<#ty as #wire::Wire>::take_field_or(#default, #tag, &mut #record))
}

fn input() -> Ident {
    Ident::new("__input", Span::mixed_site())
}

fn binding(position: usize) -> Ident {
    format_ident!("__field{position}", span = Span::mixed_site())
}
