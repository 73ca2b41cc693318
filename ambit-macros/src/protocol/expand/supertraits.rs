//! The requirements on a server: one hidden trait per method, with an error text for a missing method. A server
//! implements it if its block has a method of that name.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;

use crate::diag::text;
use crate::gen_server::expand::Cx;
use crate::gen_server::model::{Call, Handler, Reply};
use crate::names::{number, variant};
use crate::quoting::where_none_is;

/// Returns the supertraits of the protocol's trait, pointing at its methods.
pub(in crate::protocol) fn demanded(cx: &Cx<'_>) -> Vec<Ident> {
    let mut demanded: Vec<Ident> = Vec::new();
    for method in methods(cx) {
        let demand = demand(cx, method);
        if !demanded.contains(&demand) {
            demanded.push(demand);
        }
    }
    demanded
}

/// `KvHandlesGet`, with an underscore for each earlier method of another name but the same variant: a call `v1` and a
/// cast `v_1`.
fn demand(cx: &Cx<'_>, method: &Handler) -> Ident {
    let (name, own) = (cx.server.name.unraw(), variant(&method.ident));
    let earlier = methods(cx).map(|other| &other.ident);
    let earlier = earlier.take_while(|other| **other != method.ident);
    let mut alike: Vec<&Ident> = earlier.filter(|other| variant(other) == own).collect();
    alike.dedup();
    let end = "_".repeat(alike.len());
    format_ident!("{name}Handles{own}{end}", span = method.ident.span())
}

/// Generates these traits.
pub(super) fn items(cx: &Cx<'_>) -> TokenStream {
    let mut seen: Vec<&Ident> = Vec::new();
    let each = methods(cx).filter_map(|method| {
        let is_new = !seen.contains(&&method.ident);
        seen.push(&method.ident);
        is_new.then(|| item(cx, method))
    });
    each.collect()
}

fn item(cx: &Cx<'_>, method: &Handler) -> TokenStream {
    let (vis, private, name) = (&cx.vis, &cx.private, demand(cx, method));
    let signature = Signature::of(cx, method);
    let (protocol, short) = (&cx.server.name, signature.short());
    let message = format!("`{{Self}}` does not handle `{short}` of the protocol `{protocol}`");
    let label = match method.args.is_empty() {
        true => format!("missing method `{}`", method.ident),
        false => format!(
            "method `{}` is missing, or has a different number of arguments",
            method.ident
        ),
    };
    let note = format!("add `{}` to its `#[gen_server]` block", signature.full());
    let (number, args) = (number(&method.ident), method.args.len());
    // One method under several `cfg`s; where none of them applies, nothing is required.
    let same = methods(cx).filter(|other| other.ident == method.ident);
    let attrs: Vec<_> = same.map(|method| &method.attrs).collect();
    let always = attrs.iter().any(|attrs| !attrs.has_cfg());
    let none = where_none_is(&attrs).filter(|_| !always);
    let free =
        none.map(|cfg| quote!(#cfg impl<__S: ?#private::core::marker::Sized> #name for __S {}));
    let handled = attrs.iter().map(|attrs| {
        let cfgs = &attrs.cfgs;
        quote! {
            #(#cfgs)*
            #[diagnostic::do_not_recommend]
            impl<__S: #private::Handled<#number, #args> + ?#private::core::marker::Sized> #name for __S {}
        }
    });
    quote! {
        #[doc(hidden)]
        #[allow(dead_code, non_camel_case_types)]
        #[diagnostic::on_unimplemented(message = #message, label = #label, note = #note)]
        #vis trait #name {}
        #(#handled)*
        #free
    }
}

/// Returns a method as a server would write it, for error messages.
struct Signature<'a> {
    method: &'a Handler,
    call: Option<&'a Call>,
}

impl<'a> Signature<'a> {
    fn of(cx: &Cx<'a>, method: &'a Handler) -> Self {
        let mut calls = cx.server.calls.iter();
        let call = calls.find(|call| call.handler.ident == method.ident);
        Self { method, call }
    }

    fn role(&self) -> &'static str {
        match self.call {
            None => "#[cast]",
            Some(Call {
                reply: Reply::Returned(_),
                ..
            }) => "#[call]",
            Some(Call {
                reply: Reply::Deferred(_),
                ..
            }) => "#[call(deferred)]",
        }
    }

    fn short(&self) -> String {
        let args = if self.method.args.is_empty() {
            ""
        } else {
            ".."
        };
        format!("{} fn {}({args})", self.role(), self.method.ident)
    }

    fn full(&self) -> String {
        let mut args = String::from("&mut self");
        for arg in &self.method.args {
            args += &format!(", {}: {}", arg.ident, text(&arg.ty));
        }
        let mut output = String::new();
        match self.call.map(|call| &call.reply) {
            Some(Reply::Deferred(port)) => args += &format!(", reply: {}", text(port)),
            Some(Reply::Returned(ty)) if text(ty) != "()" => output = format!(" -> {}", text(ty)),
            _ => {}
        }
        let full = format!("{} fn {}({args}){output}", self.role(), self.method.ident);
        // Braces have a special meaning in the attribute.
        full.replace('{', "{{").replace('}', "}}")
    }
}

/// Returns the methods of the protocol, without the broken ones.
pub(super) fn methods<'a>(cx: &Cx<'a>) -> impl Iterator<Item = &'a Handler> {
    let calls = cx.server.calls.iter().map(|call| &call.handler);
    calls
        .chain(&cx.server.casts)
        .filter(|handler| handler.runs())
}
