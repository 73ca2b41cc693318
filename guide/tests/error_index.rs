//! Generates the list of the error index: the texts of all errors in alphabetical order, each with the entries that
//! explain it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::files::{files, guide, read};
use crate::{blocks, sources::Source};

/// A section of a page of the index that explains an error.
pub(crate) struct Entry {
    /// The page, such as `calls.md`.
    pub(crate) page: String,
    pub(crate) heading: String,
    pub(crate) text: String,
}

/// The pages of the index: a name such as `calls.md` and the text of each.
pub(crate) fn pages() -> Vec<(String, String)> {
    let folder = guide().join("src/reference/errors");
    let name = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.expect("names are text").to_owned()
    };
    files(&folder, "md")
        .iter()
        .map(|path| (name(path), read(path)))
        .collect()
}

pub(crate) fn entries() -> Vec<Entry> {
    let of_page = |(page, text): (String, String)| {
        let sections: Vec<_> = text.split("\n## ").skip(1).map(str::to_owned).collect();
        sections.into_iter().map(move |text| Entry {
            page: page.clone(),
            heading: text.lines().next().unwrap_or_default().to_owned(),
            text,
        })
    };
    pages().into_iter().flat_map(of_page).collect()
}

/// The Markdown list.
pub(crate) fn list() -> String {
    let mut by_text: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for entry in entries() {
        let link = format!(
            "[{}](errors/{}#{})",
            entry.heading,
            entry.page,
            id(&entry.heading)
        );
        for text in texts(&entry) {
            let links = by_text
                .entry((text.to_lowercase().replace('`', ""), text))
                .or_default();
            if !links.contains(&link) {
                links.push(link.clone());
            }
        }
    }
    let line = |((_, text), links): (&(String, String), &Vec<String>)| {
        format!("- {}: {}", escaped(text), links.join(", "))
    };
    by_text.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn id(heading: &str) -> String {
    let kept = heading.to_lowercase();
    let kept = kept
        .chars()
        .filter(|c| c.is_alphanumeric() || " _-".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// What the compiler prints after `error: ` or `error[E0277]: ` in the cases of an entry.
fn texts(entry: &Entry) -> Vec<String> {
    let markers = blocks::blocks(&entry.text);
    let markers = markers.iter().filter_map(|block| block.marker);
    let outputs: Vec<Source> = markers.flat_map(blocks::sources).collect();
    let outputs = outputs
        .iter()
        .filter(|source| source.path.extension().is_some_and(|own| own == "stderr"));
    let lines: Vec<_> = outputs
        .flat_map(|source| errors(&read(&source.path)))
        .collect();
    lines
}

fn errors(output: &str) -> Vec<String> {
    let text = |line: &str| {
        let rest = line.strip_prefix("error")?;
        let (code, text) = rest.split_once(": ")?;
        (code.is_empty() || code.starts_with('[')).then(|| text.to_owned())
    };
    output.lines().filter_map(text).collect()
}

/// The text as Markdown: outside of backticks nothing is markup.
fn escaped(text: &str) -> String {
    let mut code = false;
    let mut escaped = String::new();
    for c in text.chars() {
        code ^= c == '`';
        if !code && "<>*_[]#".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
