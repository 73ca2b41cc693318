//! Deferred bounds on the enums of messages of a server with async methods: after the error of a
//! [`CheckedTypes`](super::checked_types::CheckedTypes) they prevent another one about the enum.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::Type;

use super::bounds_source::Source;
use crate::gen_server::model::Handler;
use crate::spans::deferred;

/// Returns the deferred bounds on the messages of callers.
pub(super) fn of_messages(source: Source<'_>) -> Vec<TokenStream> {
    let Source { server, names, .. } = source;
    if server.options.protocol.is_some() {
        return Vec::new();
    }
    let calls = server
        .calls
        .iter()
        .map(|call| (&call.handler, Some(call.reply.ty())));
    let casts = server.casts.iter().map(|cast| (cast, None));
    let of_calls = of_enum(source, &names.call, calls);
    of_calls
        .into_iter()
        .chain(of_enum(source, &names.cast, casts))
        .collect()
}

/// The same for the messages that only the server itself names.
pub(super) fn of_own_messages(source: Source<'_>) -> Vec<TokenStream> {
    let Source { server, names, .. } = source;
    let infos = server.infos.iter();
    let infos = infos.map(|info| (&info.handler, Some(&info.message)));
    let continues = server.continues.iter().map(|next| (next, None));
    let inits = server.inits.iter().map(|init| (&init.handler, None));
    let all = [
        of_enum(source, &names.info, infos),
        of_enum(source, &names.next, continues),
        of_enum(source, &names.args, inits),
    ];
    all.into_iter().flatten().collect()
}

/// Returns the bound on one type, unless the compiler must check it because some of its methods may not exist.
fn of_enum<'a>(
    source: Source<'_>,
    name: &Ident,
    handlers: impl Iterator<Item = (&'a Handler, Option<&'a Type>)> + Clone,
) -> Option<TokenStream> {
    let Source {
        server,
        checked,
        private,
        ..
    } = source;
    let mut types = handlers.clone().flat_map(|(handler, other)| {
        let args = handler.args.iter().map(|arg| &arg.ty);
        args.chain(other)
    });
    let matters = types.any(|ty| checked.are_for(server, ty));
    let mut handlers = handlers.map(|(handler, _)| handler);
    let is_whole = handlers.all(Handler::is_certain);
    let (_, generics, _) = server.generics.split_for_impl();
    (matters && is_whole).then(|| deferred(&quote!(#name #generics), &quote!(#private::Payload)))
}
