//! The merged layers of a configuration: values with their locations.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::ConfigError;

/// A value, and the location where it was written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) place: String,
    pub(super) value: Value,
}

/// A value. Unlike `toml::Value` it keeps integers beyond `i64`, and variables whose type is not known yet.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Table(BTreeMap<String, Node>),
    List(Vec<Node>),
    Text(String),
    Integer(i128),
    Float(f64),
    Bool(bool),
    /// The text of an environment variable, which is parsed as the target type requires.
    Variable(String),
    /// A key of a table, whose text is parsed like that of a variable.
    Key(String),
}

impl Node {
    /// Returns a table without keys.
    pub(super) fn empty() -> Self {
        Self {
            place: "the configuration".into(),
            value: Value::Table(BTreeMap::new()),
        }
    }

    /// Merges another layer on top: tables are merged, any other value is replaced.
    pub(super) fn cover(&mut self, mut layer: Self) {
        match (&self.value, &layer.value) {
            (Value::Table(_), Value::Variable(_)) => layer.parse_table(),
            (Value::Variable(_), Value::Table(_)) => self.parse_table(),
            _ => {}
        }
        match (&mut self.value, layer.value) {
            (Value::Table(own), Value::Table(other)) => {
                for (key, node) in other {
                    match own.get_mut(&key) {
                        Some(known) => known.cover(node),
                        None => drop(own.insert(key, node)),
                    }
                }
            }
            (own, value) => {
                *own = value;
                self.place = layer.place;
            }
        }
    }

    /// Parses a variable that contains a table. An invalid one is reported when it is deserialized.
    fn parse_table(&mut self) {
        if let Value::Variable(text) = &self.value
            && text.trim_start().starts_with('{')
            && let Ok(table) = of_variable(&self.place, text)
        {
            self.value = table.value;
        }
    }
}

/// Parses the text of a TOML file.
pub(super) fn of_text(file: &str, text: &str) -> Result<Node, ConfigError> {
    let ends = text.bytes().enumerate();
    let ends: Vec<usize> = ends
        .filter_map(|(at, byte)| (byte == b'\n').then_some(at))
        .collect();
    let line = |span: Range<usize>| 1 + ends.partition_point(|end| *end < span.start);
    let table = DeTable::parse(text).map_err(|error| ConfigError::Syntax {
        file: file.to_owned(),
        line: line(error.span().unwrap_or_default()),
        why: one_line(&error),
    })?;
    let place = |span| format!("{file}:{}", line(span));
    Ok(Node {
        place: place(table.span()),
        value: of_table(table.get_ref(), &place)?,
    })
}

/// Parses a variable as TOML, for a target type that expects a list or a table.
pub(super) fn of_variable(place: &str, text: &str) -> Result<Node, String> {
    let parsed = DeValue::parse(text.trim()).map_err(|error| one_line(&error))?;
    let node = of_value(&parsed, &|_| place.to_owned());
    node.map_err(|error| match error {
        ConfigError::Invalid { why, .. } => why,
        other => other.to_string(),
    })
}

fn one_line(error: &toml::de::Error) -> String {
    error.message().replace('\n', ", ")
}

fn of_table(
    table: &DeTable<'_>,
    place: &dyn Fn(Range<usize>) -> String,
) -> Result<Value, ConfigError> {
    let mut nodes = BTreeMap::new();
    for (key, value) in table {
        // The location of the key is more precise than that of a table.
        let mut node = of_value(value, place)?;
        node.place = place(key.span());
        nodes.insert(key.get_ref().to_string(), node);
    }
    Ok(Value::Table(nodes))
}

fn of_value(
    value: &Spanned<DeValue<'_>>,
    place: &dyn Fn(Range<usize>) -> String,
) -> Result<Node, ConfigError> {
    let invalid = |what: &str| ConfigError::Invalid {
        place: place(value.span()),
        key: what.to_owned(),
        why: "the number is too large".into(),
    };
    let parsed = match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) => {
            let digits = number.as_str();
            let parsed = i128::from_str_radix(digits, number.radix());
            Value::Integer(parsed.map_err(|_| invalid(digits))?)
        }
        DeValue::Float(number) => {
            let digits = number.as_str();
            Value::Float(digits.parse().map_err(|_| invalid(digits))?)
        }
        DeValue::Boolean(yes) => Value::Bool(*yes),
        DeValue::Datetime(time) => Value::Text(time.to_string()),
        DeValue::Array(list) => {
            let nodes: Result<_, _> = list.iter().map(|one| of_value(one, place)).collect();
            Value::List(nodes?)
        }
        DeValue::Table(table) => of_table(table, place)?,
    };
    Ok(Node {
        place: place(value.span()),
        value: parsed,
    })
}

/// Builds a table from the variables that begin with the prefix: `PREFIX__TABLE__KEY`.
pub(super) fn of_variables(
    prefix: &str,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<Node, ConfigError> {
    let start = format!("{prefix}__");
    let mut found: Vec<_> = variables
        .into_iter()
        .filter(|(name, _)| name.starts_with(&start))
        .collect();
    found.sort();
    let mut root = Node::empty();
    for (name, text) in found {
        let path: Vec<_> = name[start.len()..]
            .split("__")
            .map(str::to_lowercase)
            .collect();
        put(&mut root, &name, &path, text)?;
    }
    Ok(root)
}

fn put(node: &mut Node, name: &str, path: &[String], text: String) -> Result<(), ConfigError> {
    let twice = |other: &str| ConfigError::Duplicate {
        one: other.to_owned(),
        other: name.to_owned(),
    };
    let Value::Table(table) = &mut node.value else {
        return Err(twice(&node.place));
    };
    let Some((key, rest)) = path.split_first() else {
        return Ok(());
    };
    if rest.is_empty() {
        if let Some(known) = table.get(key) {
            return Err(twice(&known.place));
        }
        let node = Node {
            place: name.to_owned(),
            value: Value::Variable(text),
        };
        table.insert(key.clone(), node);
        return Ok(());
    }
    let below = table.entry(key.clone()).or_insert_with(|| Node {
        place: name.to_owned(),
        value: Value::Table(BTreeMap::new()),
    });
    put(below, name, rest, text)
}
