//! The options that an attribute accepts, and how the value of one is read.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Expr, Ident, Lit, LitStr, Path, Token, Type, Visibility, token};

use crate::diag::{Diag, text};
use crate::similar::similar;
use crate::wire_name;

/// The options that an attribute accepts.
pub(crate) struct OptionTable {
    /// The attribute as the user writes it: `#[call]`.
    pub(crate) attribute: &'static str,
    /// Its options.
    pub(crate) rules: &'static [OptionRule],
}

/// One option of an attribute.
pub(crate) struct OptionRule {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
}

/// `crate = path`, which every attribute takes.
pub(crate) const CRATE: OptionRule = OptionRule {
    name: "crate",
    shape: Shape::Path,
};

/// The form of an option after its name.
#[derive(Clone, Copy)]
pub(crate) enum Shape {
    /// Nothing.
    Flag,
    /// `= <expression>`, with an example.
    Expr(&'static str),
    /// `= "a name on the wire"`, with an example.
    WireName(&'static str),
    /// The same for a tag, the name of a part: `= "a tag"`.
    WireTag(&'static str),
    /// The same, never suggested by an error message.
    UnofferedTag,
    /// Nothing, or `= <expression>`.
    MaybeExpr,
    /// `= <one of these words>`.
    Word(&'static [&'static str]),
    /// `= <path>`.
    Path,
    /// `= <path of a trait>`, with or without arguments; with an example.
    Trait(&'static str),
    /// `= <visibility>`.
    Vis,
    /// The option is known, but refused with this message.
    Refused(&'static str),
}

/// The value of an option that was given.
pub(crate) enum Value {
    Flag,
    Expr(Expr),
    Word(String, Span),
    WireName(LitStr),
    Path(Path),
    Vis(Visibility),
}

impl OptionTable {
    /// Returns the accepted options, as the end of an error message.
    pub(super) fn takes(&self) -> String {
        let usages: Vec<_> = self
            .rules
            .iter()
            .filter(|rule| rule.is_offered())
            .map(|rule| format!("`{}`", rule.usage()))
            .collect();
        match usages.split_last() {
            None => format!("write `{}` without options", self.attribute),
            Some((last, [])) => format!("supported option: {last}"),
            Some((last, rest)) => format!("supported options: {} and {last}", rest.join(", ")),
        }
    }
}

impl OptionRule {
    /// Returns whether error messages may suggest the option.
    pub(super) fn is_offered(&self) -> bool {
        !matches!(self.shape, Shape::Refused(_) | Shape::UnofferedTag)
    }

    /// Returns the syntax of the option, for error messages.
    fn usage(&self) -> String {
        let name = self.name;
        match self.shape {
            Shape::Flag | Shape::Refused(_) => name.to_owned(),
            Shape::UnofferedTag => format!("{name} = \"..\""),
            Shape::MaybeExpr => format!("{name} = .."),
            Shape::Expr(example) => format!("{name} = {example}"),
            Shape::WireName(example) | Shape::WireTag(example) => format!("{name} = \"{example}\""),
            Shape::Word(words) => format!("{name} = {}", words.join(" | ")),
            Shape::Path => format!("{name} = path::to::ambit"),
            Shape::Trait(example) => format!("{name} = {example}"),
            Shape::Vis => format!("{name} = pub(crate)"),
        }
    }

    /// Reads the value after the name; returns `None` after a reported error.
    pub(super) fn value(
        &self,
        name: &Ident,
        input: ParseStream<'_>,
        diag: &Diag,
    ) -> syn::Result<Option<Value>> {
        if let Shape::Refused(message) = self.shape {
            diag.error(name, message);
            return Ok(None);
        }
        if let Shape::Flag = self.shape {
            if input.peek(Token![=]) {
                diag.error(
                    name,
                    format!("option `{name}` does not take a value; write `{name}`"),
                );
                return Ok(None);
            }
            return Ok(Some(Value::Flag));
        }
        if matches!(self.shape, Shape::MaybeExpr) && !input.peek(Token![=]) {
            return Ok(Some(Value::Flag));
        }
        let equals: Option<Token![=]> = input.parse()?;
        if equals.is_none() || input.is_empty() || input.peek(Token![,]) {
            diag.error(
                name,
                format!("option `{name}` requires a value; write `{}`", self.usage()),
            );
            return Ok(None);
        }
        if matches!(self.shape, Shape::Vis) && !is_visibility(input) {
            let found: Expr = input.parse()?;
            let message = format!(
                "expected a visibility, found `{}`; write `{}`",
                text(&found),
                self.usage()
            );
            diag.error(&found, message);
            return Ok(None);
        }
        match self.shape {
            Shape::Path => self.path(input, diag),
            Shape::Trait(_) => Ok(self.path_of_trait(name, input, diag)),
            Shape::Vis => input.parse().map(|vis| Some(Value::Vis(vis))),
            Shape::Word(words) => self.word(words, input, diag),
            Shape::WireName(_) => self.wire_name(wire_name::mistake_in, input, diag),
            Shape::WireTag(_) | Shape::UnofferedTag => {
                self.wire_name(wire_name::mistake_in_tag, input, diag)
            }
            Shape::Expr(_) | Shape::MaybeExpr | Shape::Flag | Shape::Refused(_) => {
                input.parse().map(|expr| Some(Value::Expr(expr)))
            }
        }
    }

    /// Reads a path. One in quotes is reported, and used: whatever follows from the option is right.
    fn path(&self, input: ParseStream<'_>, diag: &Diag) -> syn::Result<Option<Value>> {
        if input.peek(Ident::peek_any) || input.peek(Token![::]) || input.peek(token::Group) {
            let path = input.call(Path::parse_mod_style)?;
            return Ok(Some(Value::Path(path)));
        }
        let found: Expr = input.parse()?;
        let quoted = match literal(&found) {
            Some(Lit::Str(text)) => text.parse_with(Path::parse_mod_style).ok(),
            _ => None,
        };
        let usage = match &quoted {
            Some(path) => format!("without quotes; write `{} = {}`", self.name, text(path)),
            None => format!("found `{}`; write `{}`", text(&found), self.usage()),
        };
        diag.error(&found, format!("expected a path, {usage}"));
        Ok(quoted.map(Value::Path))
    }

    fn wire_name(
        &self,
        mistake_in: fn(&str) -> Option<&'static str>,
        input: ParseStream<'_>,
        diag: &Diag,
    ) -> syn::Result<Option<Value>> {
        let found: Expr = input.parse()?;
        let mistake = match literal(&found) {
            Some(Lit::Str(text)) => match mistake_in(&text.value()) {
                None => return Ok(Some(Value::WireName(text.clone()))),
                Some(mistake) => mistake,
            },
            _ => "a wire name must be a string literal",
        };
        diag.error(&found, format!("{mistake}; write `{}`", self.usage()));
        Ok(None)
    }

    fn path_of_trait(&self, name: &Ident, input: ParseStream<'_>, diag: &Diag) -> Option<Value> {
        let message = format!(
            "option `{name}` requires the name of a trait; write `{}`",
            self.usage()
        );
        match input.parse().map(in_no_group) {
            Ok(Type::Path(path)) if path.qself.is_none() => return Some(Value::Path(path.path)),
            Ok(other) => diag.error(other, message),
            Err(_) => diag.error(name, message),
        }
        None
    }

    fn word(
        &self,
        words: &[&str],
        input: ParseStream<'_>,
        diag: &Diag,
    ) -> syn::Result<Option<Value>> {
        let found: Expr = input.parse()?;
        let word = text(&found);
        if words.contains(&word.as_str()) {
            return Ok(Some(Value::Word(word, found.span())));
        }
        diag.error(
            &found,
            format!(
                "unknown value `{word}`{} write `{}`",
                meant(&word, words.iter().copied()),
                self.usage()
            ),
        );
        Ok(None)
    }
}

/// Returns whether a visibility follows that is not the empty one, which parses from no tokens.
fn is_visibility(input: ParseStream<'_>) -> bool {
    input.peek(Token![pub]) || input.peek(token::Group)
}

/// Returns a type without the invisible groups in which another macro passes it on.
fn in_no_group(ty: Type) -> Type {
    match ty {
        Type::Group(group) => in_no_group(*group.elem),
        ty => ty,
    }
}

/// Returns the literal of an expression; tokens that another macro passes on are in an invisible group.
pub(crate) fn literal(value: &Expr) -> Option<&Lit> {
    match value {
        Expr::Group(group) => literal(&group.expr),
        Expr::Lit(literal) => Some(&literal.lit),
        _ => None,
    }
}

/// Returns the text between an unknown word and the list of known words.
pub(crate) fn meant<'n>(found: &str, names: impl IntoIterator<Item = &'n str>) -> String {
    similar(found, names).map_or_else(
        || ";".to_owned(),
        |name| format!("; did you mean `{name}`?"),
    )
}
