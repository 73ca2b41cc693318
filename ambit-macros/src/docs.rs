//! The user's documentation on generated items: its examples run once, on the user's item, and its links keep their
//! targets.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Expr, Lit, Meta, MetaNameValue, Type};

/// Returns the documentation of a method of the type `owner` for the handle's method of the same name.
pub(crate) fn on_handle(
    written: &[Attribute],
    owner: &Type,
    handle_has: &dyn Fn(&str) -> bool,
) -> TokenStream {
    let owner = path_of(owner);
    let target = |name: Option<&str>| match name {
        Some(name) if handle_has(name) => "Self",
        _ => owner.as_str(),
    };
    let mut links = Links {
        word: "Self",
        target: &target,
        in_code: false,
    };
    again(written, &mut |line| links.line(line))
}

/// Returns the documentation of a method of a protocol for the handle, which alone has the method: its examples run
/// there, and its links to `Kv::get` lead to `KvSubject::get`.
pub(crate) fn moved(
    written: &[Attribute],
    protocol: &str,
    handle: &str,
    handle_has: &dyn Fn(&str) -> bool,
) -> TokenStream {
    let target = |name: Option<&str>| match name {
        Some(name) if handle_has(name) => handle,
        _ => protocol,
    };
    let mut links = Links {
        word: protocol,
        target: &target,
        in_code: false,
    };
    let each = written.iter().map(|attribute| {
        let text = text(attribute).unwrap_or_default();
        let lines: Vec<_> = text.split('\n').map(|line| links.line(line)).collect();
        let copy = lines.join("\n");
        match copy == text {
            true => quote!(#attribute),
            false => quote!(#[doc = #copy]),
        }
    });
    each.collect()
}

/// Changes the documentation of a protocol, whose remaining trait has no methods: its links to `Self::get` and `Kv::get`
/// lead to `KvSubject::get`.
pub(crate) fn on_protocol(
    written: &mut [Attribute],
    protocol: &str,
    handle: &str,
    handle_has: &dyn Fn(&str) -> bool,
) {
    let target = |itself: &'static str| {
        move |name: Option<&str>| match name {
            Some(name) if handle_has(name) => handle,
            _ if itself.is_empty() => protocol,
            _ => itself,
        }
    };
    let (of_self, of_name) = (target("Self"), target(""));
    let links = |word, target| Links {
        word,
        target,
        in_code: false,
    };
    let (mut of_self, mut of_name) = (links("Self", &of_self), links(protocol, &of_name));
    for attribute in written {
        let Some(text) = text(attribute) else {
            continue;
        };
        let lines = text
            .split('\n')
            .map(|line| of_name.line(&of_self.line(line)));
        let copy = lines.collect::<Vec<_>>().join("\n");
        if copy != text {
            *attribute = syn::parse_quote!(#[doc = #copy]);
        }
    }
}

/// Returns the documentation of a function, for another function of the same type.
pub(crate) fn beside(written: &[Attribute]) -> TokenStream {
    again(written, &mut |line| line.to_owned())
}

fn again(written: &[Attribute], line: &mut dyn FnMut(&str) -> String) -> TokenStream {
    let texts = written.iter().filter_map(text);
    // The text of `#[doc = include_str!("..")]` is unknown.
    let is_unknown = |attribute: &Attribute| {
        let is_doc = attribute.path().is_ident("doc");
        is_doc && matches!(attribute.meta, Meta::NameValue(_)) && text(attribute).is_none()
    };
    let has_examples =
        texts.clone().any(|text| may_be_code(&text)) || written.iter().any(is_unknown);
    let mut leads_elsewhere = false;
    let each = written.iter().map(|attribute| {
        let meta = match text(attribute) {
            Some(text) => {
                let lines: Vec<_> = text.split('\n').map(&mut *line).collect();
                let copy = lines.join("\n");
                leads_elsewhere |= copy != text;
                quote!(doc = #copy)
            }
            None => {
                let meta = &attribute.meta;
                quote!(#meta)
            }
        };
        let is_plain = attribute.path().is_ident("doc");
        match has_examples && is_plain {
            true => quote!(#[cfg_attr(not(doctest), #meta)]),
            false => quote!(#[#meta]),
        }
    });
    let each: TokenStream = each.collect();
    // The target of a link may be less visible than the handle.
    let lenient = leads_elsewhere.then(|| quote!(#[allow(rustdoc::private_intra_doc_links)]));
    quote!(#lenient #each)
}

/// Returns the path of a type as in a link, without its arguments.
fn path_of(ty: &Type) -> String {
    match ty {
        Type::Path(path) => {
            let leading = path.path.leading_colon.map_or("", |_| "::");
            let segments = path.path.segments.iter();
            let names: Vec<_> = segments.map(|part| part.ident.to_string()).collect();
            format!("{leading}{}", names.join("::"))
        }
        Type::Group(group) => path_of(&group.elem),
        Type::Paren(paren) => path_of(&paren.elem),
        other => other.to_token_stream().to_string(),
    }
}

/// Returns the text of `#[doc = "text"]`, that is of `/// text`.
fn text(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(MetaNameValue { path, value, .. }) = &attribute.meta else {
        return None;
    };
    let Expr::Lit(literal) = value else {
        return None;
    };
    match &literal.lit {
        Lit::Str(text) if path.is_ident("doc") => Some(text.value()),
        _ => None,
    }
}

/// Returns whether a line begins a code block, or is indented like one.
fn may_be_code(text: &str) -> bool {
    text.lines().any(|line| {
        let begun = line.trim_start();
        begun.starts_with("```") || begun.starts_with("~~~") || line.starts_with("     ")
    })
}

/// Keeps the targets of links through `Self`, or through another name, as they were on the user's item.
struct Links<'a> {
    /// `Self`, or the name of the user's item.
    word: &'a str,
    /// Returns the replacement of the word before a function of this name, or alone.
    target: &'a dyn Fn(Option<&str>) -> &'a str,
    in_code: bool,
}

impl Links<'_> {
    fn line(&mut self, line: &str) -> String {
        let begun = line.trim_start();
        if begun.starts_with("```") || begun.starts_with("~~~") {
            self.in_code = !self.in_code;
        }
        if self.in_code || !line.contains(self.word) {
            return line.to_owned();
        }
        let mut written = String::new();
        let mut depth = 0_usize;
        let mut rest = line;
        while let Some(first) = rest.chars().next() {
            let before = written.chars().next_back();
            match first {
                '[' => depth += 1,
                ']' => depth = depth.saturating_sub(1),
                // The target of `[text](target)`.
                '(' if before == Some(']') => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                // The target of `[text]: target`.
                ':' if before == Some(']') => depth += 1,
                _ => {}
            }
            let is_word = !before.is_some_and(is_name);
            if depth > 0
                && is_word
                && let Some(after) = rest.strip_prefix(self.word)
            {
                written.push_str(self.itself(after));
                rest = after;
                continue;
            }
            written.push(first);
            rest = &rest[first.len_utf8()..];
        }
        written
    }

    /// Returns the path that replaces the word.
    fn itself(&self, after: &str) -> &str {
        if after.starts_with(is_name) {
            return self.word;
        }
        let path = after.strip_prefix("::");
        let name = path.and_then(|path| path.split(|c| !is_name(c)).next());
        (self.target)(name)
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> String {
        let target = |name: Option<&str>| match name {
            Some("get") => "Self",
            _ => "Counter",
        };
        let mut links = Links {
            word: "Self",
            target: &target,
            in_code: false,
        };
        let lines: Vec<_> = text.lines().map(|text| links.line(text)).collect();
        lines.join("\n")
    }

    #[test]
    fn links_lead_where_they_led() {
        assert_eq!(line("As [`Self::get`]."), "As [`Self::get`].");
        assert_eq!(line("As [`Self::helper`]."), "As [`Counter::helper`].");
        assert_eq!(
            line("Of [`Self`], [Self::LIMIT]."),
            "Of [`Counter`], [Counter::LIMIT]."
        );
        assert_eq!(
            line("See [the limit](Self::LIMIT) and [one][Self::get]."),
            "See [the limit](Counter::LIMIT) and [one][Self::get]."
        );
        assert_eq!(line("[limit]: Self::LIMIT"), "[limit]: Counter::LIMIT");
    }

    #[test]
    fn a_link_has_the_path_of_the_block() {
        let written: Attribute = syn::parse_quote!(#[doc = "Below [`Self::LIMIT`]."]);
        let owner: Type = syn::parse_quote!(state::Counter<K>);
        let copy = on_handle(&[written], &owner, &|_| false).to_string();
        assert!(copy.contains("Below [`state::Counter::LIMIT`]."), "{copy}");
    }

    #[test]
    fn links_to_a_method_of_a_protocol_lead_to_the_handle() {
        let written: Attribute =
            syn::parse_quote!(#[doc = "As [`Kv::get`] of [`Kv`], not `Kv::get`, [`KvX::get`]."]);
        let copy = moved(&[written], "Kv", "KvSubject", &|name| name == "get").to_string();
        let expected = "As [`KvSubject::get`] of [`Kv`], not `Kv::get`, [`KvX::get`].";
        assert!(copy.contains(expected), "{copy}");
    }

    #[test]
    fn links_of_a_protocol_to_its_methods_lead_to_the_handle() {
        let mut written: [Attribute; 2] = [
            syn::parse_quote!(#[doc = "As [`Self::get`], [one](Kv::get) of [`Self`] and [`Kv`]."]),
            syn::parse_quote!(#[doc = "Not [`Self::LIMIT`]."]),
        ];
        on_protocol(&mut written, "Kv", "KvSubject", &|name| name == "get");
        let texts = written.map(|attribute| text(&attribute).unwrap());
        let first = "As [`KvSubject::get`], [one](KvSubject::get) of [`Self`] and [`Kv`].";
        assert_eq!(texts, [first, "Not [`Self::LIMIT`]."]);
    }

    #[test]
    fn examples_in_an_unknown_text_run_once() {
        let written: Attribute = syn::parse_quote!(#[doc = include_str!("x.md")]);
        let copy = beside(&[written]).to_string();
        assert!(copy.contains("not (doctest)"), "{copy}");
    }

    #[test]
    fn text_that_is_not_a_link_is_kept() {
        let texts = [
            "Self is [here], Self too.",
            "`Self::helper` (Self::helper)",
            "[`Selfish`] [`MySelf::x`]",
            "```\nlet x: [Self; 3];\n```",
        ];
        for text in texts {
            assert_eq!(line(text), text);
        }
        assert_eq!(
            line("```\n[Self]\n```\n[Self]"),
            "```\n[Self]\n```\n[Counter]"
        );
    }
}
