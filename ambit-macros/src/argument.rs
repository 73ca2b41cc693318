//! Attributes of arguments: the name on the wire, `#[message(rename = "ttl")]`, and lints.
//!
//! The compiler does not know `#[message]` on an argument, so the macro removes it after reading it.

use syn::ext::IdentExt;
use syn::{Attribute, FnArg, LitStr, Meta, PatType, Signature};

use crate::diag::Diag;
use crate::forwarded_attributes::ForwardedAttributes;
use crate::gen_server::model::Arg;
use crate::options::{OptionRule, OptionTable, Options, Shape};
use crate::wire_name::tag;

const ARGUMENT: OptionTable = OptionTable {
    attribute: "#[message]",
    rules: &[
        OptionRule {
            name: "rename",
            shape: Shape::WireTag("ttl"),
        },
        OptionRule {
            name: "default",
            shape: Shape::Refused(
                "arguments cannot have a default value; remove `default`, and use `Option<..>` for an optional \
                 argument",
            ),
        },
    ],
};

/// Returns the attribute that sets the name of an argument on the wire.
pub(crate) fn marked(argument: &PatType) -> Option<&Attribute> {
    argument.attrs.iter().find(is_marked)
}

/// Returns whether an attribute is `#[message]`.
pub(crate) fn is_marked(attribute: &&Attribute) -> bool {
    attribute.path().is_ident("message")
}

/// Returns the name of an argument on the wire, if it differs from its own.
pub(crate) fn wire_name(argument: &PatType, diag: &Diag) -> Option<LitStr> {
    let mut all = argument.attrs.iter().filter(is_marked);
    let first = all.next()?;
    for second in all {
        let message = "`#[message]` is set more than once for this argument; remove one of them";
        diag.error(second, message);
    }
    if matches!(first.meta, Meta::Path(_)) {
        let message =
            "`#[message]` alone has no effect; write `#[message(rename = \"ttl\")]`, or remove it";
        diag.error(first, message);
    }
    let options = Options::of(first, &ARGUMENT, diag);
    options.wire_name("rename").cloned()
}

/// Returns the names of arguments on the wire. `_ttl` is `ttl` there, so that an argument can be unused in one version.
/// Two arguments that would get the same name keep their own.
pub(crate) fn wire_names(args: &[Arg]) -> Vec<String> {
    let own = |arg: &Arg| match &arg.renamed {
        Some(renamed) => renamed.value(),
        None => arg.ident.unraw().to_string(),
    };
    let plain = |arg: &Arg| {
        let own = own(arg);
        let plain = own.trim_start_matches('_');
        match plain.is_empty() || arg.renamed.is_some() {
            true => own,
            false => plain.to_owned(),
        }
    };
    let all: Vec<String> = args.iter().map(plain).collect();
    let names = args.iter().zip(&all).map(|(arg, name)| {
        let is_free = all.iter().filter(|other| *other == name).count() == 1;
        if is_free { name.clone() } else { own(arg) }
    });
    names.collect()
}

/// Checks that the arguments of one method or function have different names on the wire.
pub(crate) fn different_names(args: &[Arg], diag: &Diag) {
    let names = wire_names(args);
    for (arg, name) in args.iter().zip(&names) {
        let mut others = args.iter().zip(&names);
        let same = others.find(|(other, taken)| other.ident != arg.ident && *taken == name);
        if let (Some(renamed), Some((other, _))) = (&arg.renamed, same) {
            let message = format!(
                "`{}` and `{}` have the same wire name; choose another name, `rename = \"..\"`",
                other.ident, arg.ident
            );
            diag.error(renamed, message);
        }
    }
}

/// Checks that the names of arguments have different hashes, by which a request that is sent as a value is read.
pub(crate) fn different_hashes(args: &[Arg], diag: &Diag) {
    let names = wire_names(args);
    for (position, (arg, name)) in args.iter().zip(&names).enumerate() {
        let number = tag(name);
        let mut before = names[..position].iter();
        if let Some(other) = before.find(|other| tag(other) == number && *other != name) {
            let message = format!(
                "the argument names `{other}` and `{name}` have the same hash, {number:#010x}; choose another name, \
                 `#[message(rename = \"..\")]`"
            );
            match &arg.renamed {
                Some(renamed) => diag.error(renamed, message),
                None => diag.error(&arg.ident, message),
            }
        }
    }
}

/// Returns the lints that the user allows on an argument, for the fields and arguments generated from it.
pub(crate) fn lints(argument: &PatType) -> Vec<Attribute> {
    let mut lints = ForwardedAttributes::of(&argument.attrs).lints;
    lints.retain(|attribute| attribute.path().is_ident("allow"));
    lints
}

/// Removes the attributes that the compiler does not know.
pub(crate) fn strip(sig: &mut Signature) {
    for input in &mut sig.inputs {
        if let FnArg::Typed(argument) = input {
            argument.attrs.retain(|attribute| !is_marked(&attribute));
        }
    }
}
