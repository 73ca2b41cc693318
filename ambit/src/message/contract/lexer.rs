//! A lexer for one line of a contract.

use crate::message::contract::fingerprint::Fingerprint;
use crate::message::contract::names::{leaf, type_name, word};
use crate::message::contract::problem::ParseProblem;
use crate::message::shape::{Field, Shape};

/// The maximum nesting of a shape: texts come from other nodes, and each level uses some of the stack.
pub(super) const DEPTH: u32 = 64;

/// The maximum length of the excerpt of a line in an error.
const SHOWN: usize = 24;

/// The rest of a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    rest: &'a str,
}

impl<'a> Line<'a> {
    pub(super) fn new(rest: &'a str) -> Self {
        Self { rest }
    }

    /// Skips `text` if it is next; returns false otherwise.
    pub(super) fn eat(&mut self, text: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(text) else {
            return false;
        };
        self.rest = rest;
        true
    }

    /// Returns the error that `expected` is not next.
    pub(super) fn expected(&self, expected: &'static str) -> ParseProblem {
        ParseProblem::Expected {
            expected,
            found: self.rest.chars().take(SHOWN).collect(),
        }
    }

    /// Skips `text`, or returns the error that `expected` is not next.
    pub(super) fn take(&mut self, text: &str, expected: &'static str) -> Result<(), ParseProblem> {
        match self.eat(text) {
            true => Ok(()),
            false => Err(self.expected(expected)),
        }
    }

    /// Checks that the line ends here.
    pub(super) fn end(self) -> Result<(), ParseProblem> {
        match self.rest.is_empty() {
            true => Ok(()),
            false => Err(self.expected("the end of the line")),
        }
    }

    /// Reads a name.
    pub(super) fn name(&mut self, expected: &'static str) -> Result<String, ParseProblem> {
        if self.rest.starts_with('"') {
            return self.quoted();
        }
        match word(self.rest) {
            0 => Err(self.expected(expected)),
            length => Ok(self.split(length).to_owned()),
        }
    }

    /// Reads the name of a type.
    pub(super) fn type_name(&mut self) -> Result<String, ParseProblem> {
        if self.rest.starts_with('"') {
            return self.quoted();
        }
        match type_name(self.rest) {
            Some(length) => Ok(self.split(length).to_owned()),
            None => Err(self.expected("the name of a type")),
        }
    }

    /// Reads a number.
    pub(super) fn number<N: std::str::FromStr>(&mut self) -> Result<N, ParseProblem> {
        let digits = self.rest.find(|c: char| !c.is_ascii_digit());
        let length = digits.unwrap_or(self.rest.len());
        match self.rest[..length].parse() {
            Ok(number) => {
                self.split(length);
                Ok(number)
            }
            Err(_) => Err(self.expected("a number that is not too large")),
        }
    }

    /// Reads a version. Versions begin with 1.
    pub(super) fn version(&mut self) -> Result<u32, ParseProblem> {
        let at_version = *self;
        match self.number()? {
            0 => Err(at_version.expected("a version of at least 1")),
            version => Ok(version),
        }
    }

    /// Reads sixteen hexadecimal digits.
    pub(super) fn hash(&mut self) -> Result<Fingerprint, ParseProblem> {
        let digits = self.rest.find(|c: char| !c.is_ascii_hexdigit());
        let length = digits.unwrap_or(self.rest.len());
        match u64::from_str_radix(&self.rest[..length], 16) {
            Ok(number) if length == 16 => {
                self.split(length);
                Ok(Fingerprint::new(number))
            }
            _ => Err(self.expected("a hash of 16 hexadecimal digits")),
        }
    }

    /// Reads `by: u64`.
    pub(super) fn field(&mut self) -> Result<Field, ParseProblem> {
        let name = self.name("the name of a field")?;
        let optional = self.eat("?");
        self.take(": ", "`: ` and a type")?;
        Ok(Field {
            name,
            shape: self.shape()?,
            optional,
        })
    }

    /// Reads a type.
    pub(super) fn shape(&mut self) -> Result<Shape, ParseProblem> {
        self.shape_within(DEPTH)
    }

    fn shape_within(&mut self, depth: u32) -> Result<Shape, ParseProblem> {
        let depth = depth
            .checked_sub(1)
            .ok_or(ParseProblem::TooDeep { limit: DEPTH })?;
        if self.eat("(") {
            return self.parts(depth).map(Shape::Tuple);
        }
        let built_in = word(self.rest);
        let shape = match &self.rest[..built_in] {
            "option" => Shape::Optional(self.first("option<", depth)?),
            "list" => Shape::List(self.first("list<", depth)?),
            "set" => Shape::Set(self.first("set<", depth)?),
            "array" => {
                let item = self.first("array<", depth)?;
                self.take(", ", "`, ` and a length")?;
                Shape::Array(item, self.number()?)
            }
            "map" => Shape::Map(self.first("map<", depth)?, self.second(depth)?),
            "result" => Shape::Fallible(self.first("result<", depth)?, self.second(depth)?),
            simple => match leaf(simple) {
                Some(leaf) => {
                    self.split(built_in);
                    return Ok(Shape::Leaf(leaf));
                }
                None => return self.type_name().map(Shape::Named),
            },
        };
        self.take(">", "`>`")?;
        Ok(shape)
    }

    fn first(&mut self, open: &str, depth: u32) -> Result<Box<Shape>, ParseProblem> {
        let built_in = open.len() - 1;
        self.split(built_in);
        self.take("<", "`<` and a type")?;
        self.shape_within(depth).map(Box::new)
    }

    fn second(&mut self, depth: u32) -> Result<Box<Shape>, ParseProblem> {
        self.take(", ", "`, ` and a type")?;
        self.shape_within(depth).map(Box::new)
    }

    /// Reads the parts after `(`.
    fn parts(&mut self, depth: u32) -> Result<Vec<Shape>, ParseProblem> {
        let mut parts = Vec::new();
        while !self.eat(")") {
            if !parts.is_empty() {
                self.take(", ", "`, ` or `)`")?;
            }
            parts.push(self.shape_within(depth)?);
        }
        Ok(parts)
    }

    /// Reads a name between quotes; the opening quote is next.
    fn quoted(&mut self) -> Result<String, ParseProblem> {
        let mut name = String::new();
        self.split(1);
        loop {
            let mut left = self.rest.chars();
            let Some(c) = left.next() else {
                return Err(self.expected("`\"`"));
            };
            match c {
                '"' => {
                    self.rest = left.as_str();
                    return Ok(name);
                }
                '\\' => name.push(self.escaped()?),
                c => {
                    self.rest = left.as_str();
                    name.push(c);
                }
            }
        }
    }

    /// Reads an escaped character; the `\` is next.
    fn escaped(&mut self) -> Result<char, ParseProblem> {
        let wrong = self.expected("`\\\"`, `\\\\` or `\\u{..}`");
        let mut left = self.rest[1..].chars();
        match left.next() {
            Some(c @ ('"' | '\\')) => {
                self.rest = left.as_str();
                Ok(c)
            }
            Some('u') => {
                let digits = left.as_str().strip_prefix('{');
                // A character has at most six digits.
                let digits = digits.and_then(|rest| {
                    let end = rest.bytes().take(7).position(|byte| byte == b'}')?;
                    Some((&rest[..end], &rest[end + 1..]))
                });
                let (digits, rest) = digits.ok_or_else(|| wrong.clone())?;
                let number = u32::from_str_radix(digits, 16).map_err(|_| wrong.clone())?;
                self.rest = rest;
                char::from_u32(number).ok_or(wrong)
            }
            _ => Err(wrong),
        }
    }

    fn split(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }
}
