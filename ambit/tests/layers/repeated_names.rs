//! The type names with several meanings in one crate are those that `docs/repeated_names.md` gives a reason for.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::modules::Crate;

/// Returns the names of types that more than one module of a crate defines.
fn repeated(sources: &Crate) -> BTreeSet<&str> {
    let mut modules: BTreeMap<&str, usize> = BTreeMap::new();
    for module in &sources.modules {
        for name in module.items.keys().filter(|name| is_type(name)) {
            *modules.entry(name).or_default() += 1;
        }
    }
    let repeated = modules.into_iter().filter(|(_, modules)| *modules > 1);
    repeated.map(|(name, _)| name).collect()
}

/// Returns whether a name is written like that of a type, rather than of a function or constant.
fn is_type(name: &str) -> bool {
    name.starts_with(char::is_uppercase) && name.contains(char::is_lowercase)
}

/// Returns the names in the first cells of a section's table.
fn listed<'a>(page: &'a str, heading: &str) -> BTreeSet<&'a str> {
    let (_, section) = page.split_once(heading).expect("a section of the crate");
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.map(|row| row.split('|').nth(1).unwrap());
    cells
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .collect()
}

#[test]
fn the_page_of_repeated_type_names_is_complete() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let page = fs::read_to_string(root.join("docs/repeated_names.md")).unwrap();
    for name in ["ambit", "ambit-macros", "ambit-dist"] {
        let sources = Crate::read(&root.join(name).join("src/lib.rs"));
        let listed = listed(&page, &format!("\n## `{name}`\n"));
        assert_eq!(repeated(&sources), listed, "the types of {name}");
    }
}
