//! The table of a crate's public errors: compares `{}` and `{:?}` of each variant with a committed file.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

/// The words that a remedy may begin with.
const REMEDIES: &[&str] = &[
    "a retry is safe",
    "add ",
    "admit ",
    "allow ",
    "ask ",
    "await ",
    "call ",
    "check ",
    "choose ",
    "connect ",
    "continue ",
    "delete ",
    "disconnect ",
    "do not ",
    "find it",
    "give ",
    "issue ",
    "join ",
    "keep ",
    "leave ",
    "let ",
    "listen ",
    "load ",
    "look ",
    "create ",
    "make ",
    "open ",
    "raise ",
    "read ",
    "register ",
    "remove ",
    "restart ",
    "retry ",
    "run ",
    "see ",
    "send ",
    "set ",
    "shorten ",
    "start ",
    "stop ",
    "take ",
    "terminate ",
    "track ",
    "update ",
    "use ",
    "wait",
    "write ",
    "`connect`",
    "`which_children`",
    "`sim::limit`",
    "did you mean",
    "its `#[init]` returned",
];

pub(crate) struct Row {
    name: String,
    display: String,
    debug: String,
}

/// Creates a row. `name` is the variant, such as `CallError::Timeout`, or the type.
pub(crate) fn row(name: &str, error: &dyn Error) -> Row {
    Row {
        name: name.to_owned(),
        display: error.to_string(),
        debug: format!("{error:?}"),
    }
}

/// Creates a row for each of these variants.
macro_rules! rows {
    ($rows:ident, $type:ident: $($variant:ident $(($($field:expr),*))? $({$($name:ident: $value:expr),*})?),* $(,)?) => {
        $($rows.push($crate::support::error_table::row(
            concat!(stringify!($type), "::", stringify!($variant)),
            &$type::$variant $(($($field),*))? $({$($name: $value),*})?,
        ));)*
    };
}

pub(crate) use rows;

/// Compares the rows with `file`, and checks each text; `causes` names the errors without a remedy.
pub(crate) fn check(rows: &[Row], file: &Path, causes: &[&str]) {
    let mut table = String::new();
    for row in rows {
        let display = row.display.replace('\n', "\n    ");
        writeln!(
            table,
            "{}\n    {display}\n    Error: {}",
            row.name, row.debug
        )
        .unwrap();
    }
    if env::var_os("AMBIT_ERRORS").is_some_and(|what| what == "write") {
        fs::write(file, &table).unwrap();
    }
    let written = fs::read_to_string(file).unwrap_or_default();
    for (now, then) in table.lines().zip(written.lines()) {
        assert_eq!(
            now,
            then,
            "write {} with `AMBIT_ERRORS=write`",
            file.display()
        );
    }
    assert_eq!(
        table.len(),
        written.len(),
        "write {} with `AMBIT_ERRORS=write`",
        file.display()
    );
    for row in rows {
        check_text(row, causes.contains(&row.name.as_str()));
    }
}

fn check_text(row: &Row, is_cause: bool) {
    let Row {
        name,
        display,
        debug,
    } = row;
    // A user-defined name may be in capitals.
    let mut first = display.chars();
    let is_sentence = first.next().is_some_and(char::is_uppercase)
        && first.next().is_some_and(char::is_lowercase);
    assert!(!is_sentence, "{name} begins in upper case: {display}");
    assert!(
        !display.ends_with('.'),
        "{name} ends with a full stop: {display}"
    );
    let breaks = [':', ';', ',', '?', '(', '.'];
    let parts = display
        .split(breaks)
        .skip(1)
        .map(|part| part.trim_start().to_lowercase());
    let parts = parts.map(|part| {
        part.trim_start_matches("or ")
            .trim_start_matches("and ")
            .to_owned()
    });
    let remedy = parts.flat_map(|part| {
        let then = part.split_once(" so ").map(|(_, rest)| rest.to_owned());
        [Some(part), then].into_iter().flatten()
    });
    let mut remedy = remedy.map(|part| part.trim_start_matches("so ").to_owned());
    let has_remedy = remedy.any(|part| REMEDIES.iter().any(|verb| part.starts_with(verb)));
    assert!(
        has_remedy != is_cause,
        "{name}: a remedy is said: {has_remedy}: {display}"
    );
    // Implementation details of the library must not appear.
    for inner in [
        "Arc", "Failed {", "Panicked", "Report(", "Detail(", "Mutex", "0x",
    ] {
        assert!(!debug.contains(inner), "{name} shows `{inner}`: {debug}");
    }
    assert!(
        debug.len() <= 40 + 2 * display.len().max(60),
        "{name} is a dump: {debug}"
    );
}

/// Returns the public errors in the sources below `root` that have no row.
pub(crate) fn missing(root: &Path, rows: &[Row]) -> BTreeSet<String> {
    let known: BTreeSet<&str> = rows.iter().map(|row| &*row.name).collect();
    let mut all = BTreeSet::new();
    in_folder(root, &mut all);
    assert!(all.len() > 20, "the sources were not found");
    all.retain(|name| !known.contains(&**name));
    all
}

fn in_folder(folder: &Path, all: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            in_folder(&path, all);
        } else if path.extension().is_some_and(|end| end == "rs") {
            in_file(&fs::read_to_string(path).unwrap(), all);
        }
    }
}

/// Collects variants with an `#[error(..)]`, and types with one.
fn in_file(text: &str, all: &mut BTreeSet<String>) {
    let (mut of, mut says) = (None::<String>, false);
    for line in text.lines() {
        let line_of = |head: &str| {
            let rest = line.strip_prefix(head)?;
            let end = rest
                .find(|c: char| !c.is_alphanumeric())
                .unwrap_or(rest.len());
            Some(rest[..end].to_owned())
        };
        if let Some(name) = line_of("pub enum ") {
            (of, says) = (Some(name), false);
        } else if let Some(name) = line_of("pub struct ") {
            if std::mem::take(&mut says) {
                all.insert(name);
            }
            of = None;
        } else if line.starts_with('}')
            || line.starts_with("struct ")
            || line.starts_with("enum ")
            || line.starts_with("pub(crate) ")
        {
            (of, says) = (None, false);
        } else if line.trim_start().starts_with("#[error(") {
            says = true;
        } else if let (true, Some(of)) = (says, &of)
            && let Some(variant) = line_of("    ")
            && variant.starts_with(char::is_uppercase)
        {
            all.insert(format!("{of}::{variant}"));
            says = false;
        }
    }
}
