//! Tests of the expansion, without a compiler: its snapshots are in `snapshots/`, and it must handle an unfinished
//! block.
//!
//! `UPDATE_EXPECT=1 cargo test -p ambit-macros` writes the snapshots.

use std::collections::BTreeMap;
use std::path::Path;

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Attribute, File, Item, Meta};

use crate::block::{Block, BlockItem};
use crate::message::tests::expand_type;
use crate::protocol::item::Trait;
use crate::{gen_server, protocol, rpc, state_machine, supervisor};

mod unfinished;

const FIXTURES: [&str; 14] = [
    "minimal",
    "every_role",
    "generics",
    "cfg",
    "no_init",
    "options",
    "remote",
    "ten_handlers",
    "supervisor",
    "generic_supervisor",
    "state_machine",
    "protocol",
    "generic_protocol",
    "server_of_protocol",
];

#[test]
fn minimal() {
    check("minimal");
}

#[test]
fn every_role() {
    check("every_role");
}

#[test]
fn generics() {
    check("generics");
}

#[test]
fn cfg() {
    check("cfg");
}

#[test]
fn no_init() {
    check("no_init");
}

#[test]
fn options() {
    check("options");
}

#[test]
fn remote() {
    check("remote");
}

#[test]
fn ten_handlers() {
    check("ten_handlers");
}

#[test]
fn supervisor_block() {
    check("supervisor");
}

#[test]
fn generic_supervisor() {
    check("generic_supervisor");
}

#[test]
fn state_machine_block() {
    check("state_machine");
}

#[test]
fn message_types() {
    check("message");
}

#[test]
fn protocol_of_a_trait() {
    check("protocol");
}

#[test]
fn generic_protocol() {
    check("generic_protocol");
}

#[test]
fn server_of_a_protocol() {
    check("server_of_protocol");
}

#[test]
fn remote_functions() {
    check("rpc");
}

/// The budget: 39 lines of code for a handler, with its share of the code that each server has once. Documentation costs
/// the compiler next to nothing.
#[test]
fn a_handler_is_written_in_thirty_nine_lines() {
    let handlers = 10;
    let code = |text: &str| {
        let lines = text.lines().map(str::trim_start);
        lines.filter(|line| !line.starts_with("///")).count()
    };
    let fixture = fixture("ten_handlers");
    let written = code(&expand_file(&fixture)) - code(&prettyplease::unparse(&fixture));
    assert!(
        written <= 39 * handlers,
        "{written} lines for {handlers} handlers"
    );
}

/// Compares the expansion of a fixture with its snapshot.
fn check(name: &str) {
    let expanded = expand_file(&fixture(name));
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("snapshots")
        .join(format!("{name}.rs"));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(path, expanded).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    let difference = expanded
        .lines()
        .zip(expected.lines())
        .find(|(new, old)| new != old);
    assert!(
        expanded == expected,
        "the expansion of fixtures/{name}.rs is not what snapshots/{name}.rs says, first at {difference:?}; \
         if it should be, run with UPDATE_EXPECT=1 and read the difference"
    );
}

pub(crate) fn fixture(name: &str) -> File {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(format!("{name}.rs"));
    syn::parse_file(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Expands the servers, supervisors and messages of a file, and formats everything.
fn expand_file(file: &File) -> String {
    let items = file.items.iter().map(|item| match Attributed::of(item) {
        Some(block) => (block.expand)(block.options, &block.block),
        None => expand_function(item).unwrap_or_else(|| expand_type(item)),
    });
    let mut file: File = syn::parse2(items.collect()).unwrap();
    file.items = file.items.into_iter().flat_map(shown).collect();
    prettyplease::unparse(&file)
}

/// Expands a function that other nodes can call.
fn expand_function(item: &Item) -> Option<TokenStream> {
    let Item::Fn(item) = item else {
        return None;
    };
    let mut item = item.clone();
    let is_rpc = |attribute: &Attribute| attribute.path().is_ident("rpc");
    let options = item.attrs.remove(item.attrs.iter().position(is_rpc)?);
    let options = match options.meta {
        Meta::List(list) => list.tokens,
        Meta::Path(_) | Meta::NameValue(_) => TokenStream::new(),
    };
    Some(rpc::expand(options, &item.to_token_stream()))
}

/// The macros around generated items are left out: one asks for the feature, the other drops the items of a second
/// block.
fn shown(item: Item) -> Vec<Item> {
    let items = |tokens: TokenStream| {
        let items = syn::parse2::<File>(tokens).unwrap().items;
        items.into_iter().flat_map(shown).collect()
    };
    match item {
        Item::Mod(module) if module.ident.to_string().starts_with("only_one_block_for_") => {
            Vec::new()
        }
        Item::Macro(call) => match call
            .mac
            .path
            .segments
            .last()
            .unwrap()
            .ident
            .to_string()
            .as_str()
        {
            "remote" => items(call.mac.tokens),
            // The block's own number comes first.
            "first" => items(call.mac.tokens.into_iter().skip(1).collect()),
            _ => vec![Item::Macro(call)],
        },
        other => vec![other],
    }
}

/// A block or a trait with one of our attributes, which is removed.
struct Attributed {
    options: TokenStream,
    block: TokenStream,
    expand: fn(TokenStream, &TokenStream) -> TokenStream,
    /// The number of functions for one message in the expansion: the user's, and the handle's.
    functions: usize,
}

impl Attributed {
    fn of(item: &Item) -> Option<Self> {
        let mut item = item.clone();
        let is_trait = matches!(item, Item::Trait(_));
        let attrs = match &mut item {
            Item::Impl(block) => &mut block.attrs,
            Item::Trait(item) => &mut item.attrs,
            _ => return None,
        };
        let expand = |attribute: &Attribute| match attribute.path() {
            path if path.is_ident("gen_server") => Some(gen_server::expand as _),
            path if path.is_ident("supervisor") => Some(supervisor::expand as _),
            path if path.is_ident("state_machine") => Some(state_machine::expand as _),
            path if path.is_ident("protocol") => Some(protocol::expand as _),
            _ => None,
        };
        let mut found = attrs.iter().enumerate();
        let (position, expand) = found
            .find_map(|(position, attribute)| expand(attribute).map(|expand| (position, expand)))?;
        let options = match attrs.remove(position).meta {
            Meta::List(list) => list.tokens,
            Meta::Path(_) | Meta::NameValue(_) => TokenStream::new(),
        };
        let has_protocol = options.to_string().contains("protocol");
        Some(Self {
            options,
            block: item.to_token_stream(),
            expand,
            functions: if is_trait || has_protocol { 1 } else { 2 },
        })
    }
}

/// Every fixture's block, cut after every token, keeps the handle's methods before the cut.
#[test]
fn unfinished_blocks_keep_their_methods() {
    std::thread::scope(|scope| {
        for name in FIXTURES {
            scope.spawn(move || keeps_its_methods(name));
        }
    });
}

fn keeps_its_methods(name: &str) {
    let file = fixture(name);
    // The last: the items that a supervisor starts come before it.
    let block = file.items.iter().rev().find_map(Attributed::of).unwrap();
    let tokens = block.block.clone();
    let methods = messages(&tokens);
    for cut in 0..=count(&tokens) {
        let expanded = (block.expand)(block.options.clone(), &truncated(&tokens, cut));
        let mut found = BTreeMap::new();
        count_definitions(expanded, &mut found);
        for (method, end) in &methods {
            let expected = if *end <= cut { block.functions } else { 0 };
            let found = found.get(&method.to_string()).copied().unwrap_or_default();
            assert!(found >= expected, "{name} cut at {cut} lost `{method}`");
        }
    }
}

/// Returns the calls, casts and children of a block, and after how many tokens each is complete.
fn messages(tokens: &TokenStream) -> Vec<(Ident, usize)> {
    let items = syn::parse2::<Trait>(tokens.clone()).map(|item| item.items);
    // Its methods end with a semicolon.
    let is_trait = items.is_ok();
    let items = items.unwrap_or_else(|_| syn::parse2::<Block>(tokens.clone()).unwrap().items);
    let names = items.iter().filter_map(|item| match item {
        BlockItem::Method(method) => Some(&method.sig.ident),
        BlockItem::Other(_) => None,
    });
    let (before, body) = split_body(tokens);
    let mut seen = before;
    let mut ends = Vec::new();
    for tree in body {
        let is_body = match &tree {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            TokenTree::Punct(punct) => punct.as_char() == ';' && is_trait,
            TokenTree::Ident(_) | TokenTree::Literal(_) => false,
        };
        seen += count(&tree.into());
        if is_body {
            ends.push(seen);
        }
    }
    let roles = items.iter().filter_map(|item| match item {
        BlockItem::Method(method) => Some(method.attrs.iter().any(|attribute| {
            ["call", "cast", "child"]
                .iter()
                .any(|role| attribute.path().is_ident(role))
        })),
        BlockItem::Other(_) => None,
    });
    let methods = names.cloned().zip(ends).zip(roles);
    methods
        .filter(|(_, is_message)| *is_message)
        .map(|(method, _)| method)
        .collect()
}

/// Returns the number of tokens before the items of a block, and the items.
fn split_body(tokens: &TokenStream) -> (usize, TokenStream) {
    let mut before = 0;
    for tree in tokens.clone() {
        if let TokenTree::Group(group) = &tree
            && group.delimiter() == Delimiter::Brace
        {
            return (before + 1, group.stream());
        }
        before += count(&tree.into());
    }
    (before, TokenStream::new())
}

/// Counts tokens; a delimiter counts as one on each side.
pub(crate) fn count(tokens: &TokenStream) -> usize {
    let each = tokens.clone().into_iter().map(|tree| match tree {
        TokenTree::Group(group) => 2 + count(&group.stream()),
        TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => 1,
    });
    each.sum()
}

/// Returns the first tokens, with the open delimiters closed.
pub(crate) fn truncated(tokens: &TokenStream, mut left: usize) -> TokenStream {
    let mut out = TokenStream::new();
    for tree in tokens.clone() {
        if left == 0 {
            break;
        }
        match tree {
            TokenTree::Group(group) => {
                let inner = truncated(&group.stream(), left - 1);
                left = left.saturating_sub(2 + count(&group.stream()));
                out.extend([TokenTree::Group(Group::new(group.delimiter(), inner))]);
            }
            other => {
                left -= 1;
                out.extend([other]);
            }
        }
    }
    out
}

/// Returns how often a function of this name is defined.
fn definitions(tokens: TokenStream, name: &Ident) -> usize {
    let mut found = BTreeMap::new();
    count_definitions(tokens, &mut found);
    found.get(&name.to_string()).copied().unwrap_or_default()
}

/// Counts how often each function is defined.
fn count_definitions(tokens: TokenStream, found: &mut BTreeMap<String, usize>) {
    let mut after_fn = false;
    for tree in tokens {
        match tree {
            TokenTree::Group(group) => count_definitions(group.stream(), found),
            TokenTree::Ident(ident) => {
                if after_fn {
                    *found.entry(ident.to_string()).or_default() += 1;
                }
                after_fn = ident == "fn";
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => after_fn = false,
        }
    }
}

#[test]
fn an_unfinished_signature_is_one_error_and_costs_no_other_method() {
    let block = quote! {
        impl Counter {
            #[call] fn get(&self) -> u64 { self.value }
            #[call] fn half(&self) ->
            #[cast] fn reset(&mut self) { self.value = ; }
        }
    };
    let expanded = gen_server::expand(TokenStream::new(), &block);
    assert_eq!(
        definitions(expanded.clone(), &quote::format_ident!("get")),
        2
    );
    assert_eq!(
        definitions(expanded.clone(), &quote::format_ident!("reset")),
        2
    );
    assert_eq!(expanded.to_string().matches("compile_error").count(), 1);
}

#[test]
fn a_generic_info_is_handled_nowhere() {
    let block = quote!(impl Counter { #[info] fn on_any<T>(&mut self, message: T) {} });
    let expanded = gen_server::expand(TokenStream::new(), &block).to_string();
    assert!(!expanded.contains("Handles < T >"));
}

/// The layers are separate: the model generates no tokens, parsing no names, and only parsing reads attributes.
#[test]
fn layers_keep_apart() {
    for attribute in [
        "gen_server",
        "message",
        "protocol",
        "state_machine",
        "supervisor",
    ] {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("src")
            .join(attribute);
        let mut files = Vec::new();
        collect(&sources, &mut files);
        for path in files {
            let text = std::fs::read_to_string(&path).unwrap();
            let name = path.strip_prefix(&sources).unwrap().display().to_string();
            let forbidden: &[&str] = match name.split(['/', '.']).next() {
                Some("model") => &["quote!", "names::"],
                Some("parse") => &["format_ident!", "names::"],
                Some("expand") => &["Meta", ".path()", "parse_nested_meta"],
                _ => &[],
            };
            for word in forbidden {
                assert!(!text.contains(word), "{attribute}/{name} contains `{word}`");
            }
        }
    }
}

fn collect(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files)
        } else {
            files.push(path)
        }
    }
}
