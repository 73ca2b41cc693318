//! Generates `docs/conformance.md` from the cases, the template and the names of the tests, and fails when the
//! committed page is stale. `just conformance` writes it.

mod cases;
mod names;
mod page;
mod rules;
mod selftest;

use std::fs;
use std::path::Path;

use cases::Contract;

#[test]
fn the_page_matches_the_cases_and_the_tests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let docs = root.join("docs");
    let read = |name: &str| fs::read_to_string(docs.join(name)).unwrap_or_default();
    let template = read("conformance/template.md");
    let contract =
        Contract::parse(&read("conformance/cases.txt")).unwrap_or_else(|why| panic!("{why}"));
    let tests = names::in_workspace(root);
    let mut wrong = rules::problems(&contract, &tests, &template);
    let lock = fs::read_to_string(root.join("Cargo.lock")).unwrap();
    wrong.extend(rules::outdated(&contract, &lock));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let page = page::render(&contract, &tests, &template);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(docs.join("conformance.md"), page).unwrap();
        return;
    }
    let committed = read("conformance.md");
    let difference = page
        .lines()
        .zip(committed.lines())
        .find(|(new, old)| new != old);
    assert!(
        page == committed,
        "docs/conformance.md is stale, first at {difference:?}; `just conformance` writes it, \
         or UPDATE_EXPECT=1 cargo test -p ambit --test all conformance_page::"
    );
}
