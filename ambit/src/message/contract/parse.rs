//! The parser of contracts.
//!
//! Nodes send such texts to each other: parsing takes time and memory in proportion to the size of any text.

use std::collections::BTreeSet;
use std::str::FromStr;

use crate::message::contract::Contract;
use crate::message::contract::closure::each_name;
use crate::message::contract::fingerprint::Fingerprint;
use crate::message::contract::lexer::Line;
use crate::message::contract::problem::{ParseError, ParseProblem};
use crate::message::contract::text::{FORMAT, VERSION};
use crate::message::shape::{Body, Definition, Field, Interface, Method, Shape, Variant};

impl Contract {
    /// The maximum size of the text of a contract: 1 MiB, which is enough for about 25,000 methods and fields.
    pub const MAX_TEXT: usize = 1 << 20;
}

impl FromStr for Contract {
    type Err = ParseError;

    /// Parses the text of a contract, in any order. Empty lines, and those that begin with `#`, are ignored.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        Reader::default().read_all(text)
    }
}

/// Parses the text of a contract file, in which the line of each type must end with a hash.
pub(super) fn file(text: &str) -> Result<Contract, ParseError> {
    let reader = Reader {
        needs_hashes: true,
        ..Reader::default()
    };
    reader.read_all(text)
}

/// The state after the lines so far.
#[derive(Debug, Default)]
struct Reader {
    contract: Contract,
    line: usize,
    begun: bool,
    section: Section,
    /// The names in the section: methods, or fields, or variants.
    names: BTreeSet<String>,
    /// The names in the last variant.
    fields: BTreeSet<String>,
    /// The types that were referred to, each with its line number.
    mentioned: Vec<(usize, String)>,
    /// True if each type must have a hash.
    needs_hashes: bool,
    /// The recorded hash of a type's lines, and its line number.
    hashes: Vec<(usize, String, Fingerprint)>,
}

/// The section that indented lines belong to.
#[derive(Debug, Default)]
enum Section {
    #[default]
    None,
    Protocol(String, Interface),
    Type(String, Definition),
}

impl Reader {
    fn read_all(mut self, text: &str) -> Result<Contract, ParseError> {
        if text.len() > Contract::MAX_TEXT {
            let limit = Contract::MAX_TEXT;
            let problem = ParseProblem::TooLarge { limit };
            return Err(ParseError { line: 1, problem });
        }
        let mut last = 0;
        for (line, text) in (1..).zip(text.lines()) {
            last = line;
            self.line = line;
            let read = self.read(text.trim_end());
            read.map_err(|problem| ParseError { line, problem })?;
        }
        self.finish(last)
    }

    fn read(&mut self, text: &str) -> Result<(), ParseProblem> {
        let content = text.trim_start_matches(' ');
        let line = Line::new(content);
        match text.len() - content.len() {
            _ if content.is_empty() || content.starts_with('#') => Ok(()),
            0 if self.begun => self.head(line),
            0 => self.format(line),
            2 => self.member(line),
            4 => self.part(line),
            _ => Err(line.expected("an indent of 0, 2 or 4 spaces")),
        }
    }

    /// `ambit contract 1`
    fn format(&mut self, mut line: Line<'_>) -> Result<(), ParseProblem> {
        line.take(FORMAT, "`ambit contract 1`")?;
        line.take(" ", "a space and a number")?;
        let found: u32 = line.number()?;
        if found != VERSION {
            return Err(ParseProblem::Format { found });
        }
        self.begun = true;
        line.end()
    }

    /// `protocol shop.counter`, `struct shop.item version 1`, with a hash or without
    fn head(&mut self, mut line: Line<'_>) -> Result<(), ParseProblem> {
        self.close();
        if line.eat("protocol ") {
            let name = line.name("the name of a protocol")?;
            new(&name, !self.contract.protocols.contains_key(&name))?;
            self.section = Section::Protocol(name, Interface::default());
            return line.end();
        }
        let body = match () {
            () if line.eat("struct ") => Body::Struct(Vec::new()),
            () if line.eat("enum ") => Body::Enum(Vec::new()),
            () if line.eat("opaque ") => Body::Opaque,
            () => return Err(line.expected("`protocol`, `struct`, `enum` or `opaque`")),
        };
        let name = line.type_name()?;
        new(&name, !self.contract.types.contains_key(&name))?;
        line.take(" version ", "` version ` and a number")?;
        let version = line.version()?;
        if line.eat(" hash ") {
            self.hashes.push((self.line, name.clone(), line.hash()?));
        } else if self.needs_hashes {
            return Err(line.expected("` hash ` and the hash of the type"));
        }
        self.section = Section::Type(name, Definition { version, body });
        line.end()
    }

    /// Closes the current section, and adds it to the contract.
    fn close(&mut self) {
        self.names.clear();
        match std::mem::take(&mut self.section) {
            Section::None => {}
            Section::Protocol(name, interface) => {
                self.contract.protocols.insert(name, interface);
            }
            Section::Type(name, definition) => {
                self.contract.types.insert(name, definition);
            }
        }
    }

    /// A method, a field of a struct, or a variant.
    fn member(&mut self, mut line: Line<'_>) -> Result<(), ParseProblem> {
        let (here, mentioned) = (self.line, &mut self.mentioned);
        match &mut self.section {
            Section::Protocol(_, interface) => {
                let method = method(&mut line)?;
                new(&method.name, self.names.insert(method.name.clone()))?;
                let args = method.args.iter().map(|arg| &arg.shape);
                args.chain(&method.reply)
                    .for_each(|shape| mention(shape, here, mentioned));
                interface.methods.push(method);
            }
            Section::Type(_, Definition { body, .. }) => match body {
                Body::Struct(fields) => {
                    let field = line.field()?;
                    add_field(field, fields, &mut self.names, here, mentioned)?;
                }
                Body::Enum(variants) => {
                    let variant = variant(&mut line)?;
                    new(&variant.name, self.names.insert(variant.name.clone()))?;
                    self.fields.clear();
                    variants.push(variant);
                }
                Body::Opaque => return Err(line.expected("nothing inside an `opaque` type")),
            },
            Section::None => return Err(line.expected("a line without an indent")),
        }
        line.end()
    }

    /// A field of a variant.
    fn part(&mut self, mut line: Line<'_>) -> Result<(), ParseProblem> {
        let Section::Type(_, definition) = &mut self.section else {
            return Err(line.expected("no field: there is no variant before it"));
        };
        let Body::Enum(variants) = &mut definition.body else {
            return Err(line.expected("an indent of 2 spaces"));
        };
        let Some(variant) = variants.last_mut() else {
            return Err(line.expected("a variant, with an indent of 2 spaces"));
        };
        let (here, mentioned) = (self.line, &mut self.mentioned);
        let field = line.field()?;
        add_field(
            field,
            &mut variant.fields,
            &mut self.fields,
            here,
            mentioned,
        )?;
        line.end()
    }

    fn finish(mut self, last: usize) -> Result<Contract, ParseError> {
        self.close();
        if !self.begun {
            let problem = Line::new("").expected("`ambit contract 1`");
            let line = last.max(1);
            return Err(ParseError { line, problem });
        }
        for (line, name) in self.mentioned {
            if !self.contract.types.contains_key(&name) {
                let problem = ParseProblem::Undefined { name };
                return Err(ParseError { line, problem });
            }
        }
        let contract = self.contract.sorted();
        for (line, name, hash) in self.hashes {
            let definition = contract.types.get(&name);
            if definition.is_some_and(|found| Fingerprint::of_lines(&name, found) != hash) {
                let problem = ParseProblem::Merged { name };
                return Err(ParseError { line, problem });
            }
        }
        Ok(contract)
    }
}

/// `call add(by: u64) -> u64`
fn method(line: &mut Line<'_>) -> Result<Method, ParseProblem> {
    let is_call = line.eat("call ");
    if !is_call {
        line.take("cast ", "`call` or `cast`")?;
    }
    let name = line.name("the name of a method")?;
    line.take("(", "`(` and the arguments")?;
    let mut args: Vec<Field> = Vec::new();
    let mut names = BTreeSet::new();
    while !line.eat(")") {
        if !args.is_empty() {
            line.take(", ", "`, ` or `)`")?;
        }
        let arg = line.field()?;
        new(&arg.name, names.insert(arg.name.clone()))?;
        args.push(arg);
    }
    let reply = match is_call {
        true => {
            line.take(" -> ", "` -> ` and the type of the answer")?;
            Some(line.shape()?)
        }
        false => None,
    };
    Ok(Method { name, args, reply })
}

/// `refunded since 2`
fn variant(line: &mut Line<'_>) -> Result<Variant, ParseProblem> {
    let name = line.name("the name of a variant")?;
    let since = match line.eat(" since ") {
        true => line.version()?,
        false => 1,
    };
    Ok(Variant {
        name,
        since,
        fields: Vec::new(),
    })
}

fn add_field(
    field: Field,
    fields: &mut Vec<Field>,
    names: &mut BTreeSet<String>,
    line: usize,
    mentioned: &mut Vec<(usize, String)>,
) -> Result<(), ParseProblem> {
    new(&field.name, names.insert(field.name.clone()))?;
    mention(&field.shape, line, mentioned);
    fields.push(field);
    Ok(())
}

fn new(name: &str, is_new: bool) -> Result<(), ParseProblem> {
    match is_new {
        true => Ok(()),
        false => Err(ParseProblem::Twice {
            name: name.to_owned(),
        }),
    }
}

/// Records the named types in a shape.
fn mention(shape: &Shape, line: usize, mentioned: &mut Vec<(usize, String)>) {
    each_name(shape, &mut |name| mentioned.push((line, name.to_owned())));
}
