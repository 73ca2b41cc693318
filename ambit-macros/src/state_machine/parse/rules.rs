//! Parses the parentheses of a marker: rules such as `Locked => Open | stay`, and options.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Expr, Meta, Token};

use crate::diag::Diag;
use crate::options::skip_to_comma;
use crate::spelling::canonical;
use crate::state_machine::model::{Rule, RuleEffect, States, Target, UnhandledEvent};

/// Rules and options, separated.
#[derive(Default)]
pub(super) struct RulesAndOptions {
    pub(super) rules: Vec<Rule>,
    /// The attribute with only its options.
    pub(super) options: TokenStream,
    /// True if a rule could not be parsed.
    pub(super) bad: bool,
}

impl RulesAndOptions {
    /// Reads an attribute whose options without a value are `flags`, in a machine with these states.
    pub(super) fn read(
        attribute: &Attribute,
        flags: &[&str],
        states: &[Ident],
        diag: &Diag,
    ) -> Self {
        let mut written = Self::default();
        let Meta::List(list) = &attribute.meta else {
            return written;
        };
        let parse = |input: ParseStream<'_>| {
            while !input.is_empty() {
                if is_option(input, flags, states) {
                    written.option(input)?;
                } else if let Err(error) = written.rule(input) {
                    diag.push(error);
                    written.bad = true;
                    skip_to_comma(input)?;
                }
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(())
        };
        written.bad |= diag.ok(parse.parse2(list.tokens.clone())).is_none();
        written
    }

    fn option(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        let name = input.call(Ident::parse_any)?;
        let mut option = name.into_token_stream();
        if let Some(equals) = input.parse::<Option<Token![=]>>()? {
            equals.to_tokens(&mut option);
            if !input.is_empty() && !input.peek(Token![,]) {
                input.parse::<Expr>()?.to_tokens(&mut option);
            }
        }
        while !input.is_empty() && !input.peek(Token![,]) {
            option.extend([input.parse::<TokenTree>()?]);
        }
        self.options.extend(quote!(#option,));
        Ok(())
    }

    fn rule(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        let states = if let Some(rest) = input.parse::<Option<Token![_]>>()? {
            States::Rest(Some(rest))
        } else {
            States::Named(words(input)?)
        };
        let effect = match input.parse::<Option<Token![=>]>>()? {
            Some(_) => effect(words(input)?)?,
            None => RuleEffect::Run(Vec::new()),
        };
        if !input.is_empty() && !input.peek(Token![,]) {
            return Err(input.error(SHAPE));
        }
        self.rules.push(Rule { states, effect });
        Ok(())
    }
}

const SHAPE: &str =
    "expected a rule, such as `Locked => Open`, `Locked | Open => stay` or `_ => postpone`";

/// Returns whether an option comes next: a name with a value, or a word that is not a state.
fn is_option(input: ParseStream<'_>, flags: &[&str], states: &[Ident]) -> bool {
    if !input.peek(Ident::peek_any) || input.peek(Token![_]) {
        return false;
    }
    if input.peek2(Token![=>]) || input.peek2(Token![|]) {
        return false;
    }
    if input.peek2(Token![=]) {
        return true;
    }
    let name = input.fork().call(Ident::parse_any);
    name.is_ok_and(|name| {
        let word = name.to_string();
        let is_name = word.starts_with(|first: char| first.is_lowercase());
        flags.contains(&word.as_str()) || (is_name && !states.contains(&state_name(name)))
    })
}

/// `Locked | Open`
fn words(input: ParseStream<'_>) -> syn::Result<Vec<Ident>> {
    let mut words = Vec::new();
    loop {
        let word = input.call(Ident::parse_any);
        let word = word.map_err(|error| syn::Error::new(error.span(), SHAPE))?;
        words.push(state_name(word));
        if input.parse::<Option<Token![|]>>()?.is_none() {
            return Ok(words);
        }
    }
}

/// Returns the name of a state as it is compared. A state with the name of an effect keeps its `r#`.
pub(super) fn state_name(word: Ident) -> Ident {
    let plain = canonical(word.clone());
    let is_effect = UnhandledEvent::ALL
        .into_iter()
        .any(|effect| plain == effect.word());
    match is_effect || plain == "stay" || plain == "repeat" {
        true => word,
        false => plain,
    }
}

fn effect(words: Vec<Ident>) -> syn::Result<RuleEffect> {
    let unhandled = |word: &Ident| {
        UnhandledEvent::ALL
            .into_iter()
            .find(|effect| word == effect.word())
    };
    if let [only] = words.as_slice()
        && let Some(effect) = unhandled(only)
    {
        return Ok(RuleEffect::Itself(effect, only.clone()));
    }
    let targets = words.into_iter().map(|word| {
        if unhandled(&word).is_some() {
            let message = if word == "stop" {
                "`stop` cannot be combined with other targets; to stop the machine in the method, use `ctx.stop(..)`".to_owned()
            } else {
                format!("`{word}` cannot be combined with other targets, because the method does not run; \
                         remove the other targets")
            };
            return Err(syn::Error::new_spanned(word, message));
        }
        Ok(match word.to_string().as_str() {
            "stay" => Target::Stay(word),
            "repeat" => Target::Repeat(word),
            _ => Target::State(word),
        })
    });
    targets.collect::<syn::Result<_>>().map(RuleEffect::Run)
}
