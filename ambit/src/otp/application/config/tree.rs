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
    pub(super) fn cover(&mut self, layer: Self) {
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
}

/// Parses the text of a TOML file.
pub(super) fn of_text(file: &str, text: &str) -> Result<Node, ConfigError> {
    let place = Places::of(file, text);
    let table = DeTable::parse(text).map_err(|error| ConfigError::Syntax {
        file: file.to_owned(),
        line: place.line(error.span()),
        why: error.message().replace('\n', ", "),
    })?;
    let span = table.span();
    Ok(Node {
        place: place.at(span),
        value: place.table(table.get_ref())?,
    })
}

/// Parses a variable as TOML, for a target type that expects a list or a table.
pub(super) fn of_variable(place: &str, text: &str) -> Result<Node, String> {
    let line = format!("value = {text}");
    let parsed = of_text(place, &line).map_err(|error| match error {
        ConfigError::Syntax { why, .. } | ConfigError::Invalid { why, .. } => why,
        other => other.to_string(),
    })?;
    let Value::Table(mut table) = parsed.value else {
        return Err("it is no value".into());
    };
    let mut node = table.remove("value").ok_or("it is no value")?;
    node.put(place);
    Ok(node)
}

impl Node {
    /// Sets the location of this node and of all nodes in it to `place`.
    fn put(&mut self, place: &str) {
        place.clone_into(&mut self.place);
        match &mut self.value {
            Value::Table(table) => table.values_mut().for_each(|node| node.put(place)),
            Value::List(list) => list.iter_mut().for_each(|node| node.put(place)),
            _ => {}
        }
    }
}

/// Maps offsets in a file to lines.
struct Places<'a> {
    file: &'a str,
    /// The offset where each line except the first begins.
    lines: Vec<usize>,
}

impl<'a> Places<'a> {
    fn of(file: &'a str, text: &str) -> Self {
        let ends = text.match_indices('\n');
        let lines = ends.map(|(end, _)| end + 1).collect();
        Self { file, lines }
    }

    fn line(&self, span: Option<Range<usize>>) -> usize {
        let at = span.map_or(0, |span| span.start);
        1 + self.lines.partition_point(|begin| *begin <= at)
    }

    fn at(&self, span: Range<usize>) -> String {
        format!("{}:{}", self.file, self.line(Some(span)))
    }

    fn table(&self, table: &DeTable<'_>) -> Result<Value, ConfigError> {
        let mut nodes = BTreeMap::new();
        for (key, value) in table {
            // The location of the key is more precise than that of a table.
            let mut node = self.node(value)?;
            node.place = self.at(key.span());
            nodes.insert(key.get_ref().to_string(), node);
        }
        Ok(Value::Table(nodes))
    }

    fn node(&self, value: &Spanned<DeValue<'_>>) -> Result<Node, ConfigError> {
        let place = self.at(value.span());
        let invalid = |what: &str| ConfigError::Invalid {
            place: place.clone(),
            key: what.to_owned(),
            why: "the number is too large".into(),
        };
        let value = match value.get_ref() {
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
                let nodes: Result<_, _> = list.iter().map(|one| self.node(one)).collect();
                Value::List(nodes?)
            }
            DeValue::Table(table) => self.table(table)?,
        };
        Ok(Node { place, value })
    }
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
