//! Checks that every public method of `ambit` has a case in the scaling suite, or a reason in its `exempt.txt` to have
//! none.
//!
//! The check reads the sources line by line, which is enough for the layout of rustfmt. So it needs neither the
//! features of the suite nor valgrind, and `cargo test` runs it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// `Type::method reason`, `Type::* reason` or `function reason`, one per line.
const EXEMPT: &str = include_str!("bin/scaling/exempt.txt");

#[test]
fn each_public_method_has_a_case_in_the_scaling_suite_or_a_reason() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut public, mut cases) = (BTreeSet::new(), String::new());
    read(&own.join("../ambit/src"), &mut |source| {
        methods(source, &mut public)
    })
    .unwrap();
    read(&own.join("src/bin/scaling/cases"), &mut |source| {
        cases.push_str(source)
    })
    .unwrap();
    let covered: BTreeSet<&str> = covered(&cases).collect();
    assert!(covered.len() > 200, "{} methods are covered", covered.len());
    let gaps = compare(&public, &covered, EXEMPT);
    assert!(gaps.is_empty(), "{}", gaps.join("\n"));
}

/// Returns the methods in the lists of `case!("area/operation", n, ["Type::method", ..], ..)`.
fn covered(source: &str) -> impl Iterator<Item = &str> {
    let cases = source.split("case!(").skip(1);
    let lists = cases.filter_map(|case| Some(case.split_once('[')?.1.split_once(']')?.0));
    lists.flat_map(|list| list.split('"').skip(1).step_by(2))
}

fn compare(public: &BTreeSet<String>, covered: &BTreeSet<&str>, exempt: &str) -> Vec<String> {
    let mut gaps = Vec::new();
    let mut left: BTreeSet<&str> = public.iter().map(String::as_str).collect();
    for name in covered {
        if !left.remove(name) {
            gaps.push(format!("a case covers `{name}`, which does not exist"));
        }
    }
    for line in exempt
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let (name, reason) = line.split_once(' ').unwrap_or((line, ""));
        let matches = |known: &&str| match name.strip_suffix('*') {
            Some(start) => known.starts_with(start),
            None => *known == name,
        };
        let found: Vec<&str> = left
            .iter()
            .copied()
            .filter(|known| matches(known))
            .collect();
        if found.is_empty() || reason.trim().is_empty() {
            gaps.push(format!(
                "`{line}` in exempt.txt exempts nothing, or has no reason"
            ));
        }
        for name in found {
            left.remove(name);
        }
    }
    let missing = |name: &&str| format!("`{name}` has neither a case nor a line in exempt.txt");
    gaps.extend(left.iter().map(missing));
    gaps
}

/// Passes each file under `folder` to `each`.
fn read(folder: &Path, each: &mut dyn FnMut(&str)) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            read(&path, each)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            each(&fs::read_to_string(&path)?);
        }
    }
    Ok(())
}

/// Adds the public methods and functions of a file.
fn methods(source: &str, public: &mut BTreeSet<String>) {
    let mut owner: Option<&str> = None;
    let mut is_open = false;
    for line in source.lines() {
        if line.starts_with("impl") {
            is_open = !line.ends_with("{}");
            owner = inherent(line).filter(|_| is_open);
        } else if line.starts_with('}') {
            (owner, is_open) = (None, false);
        } else if let Some(name) = function(line) {
            match owner {
                Some(owner) => public.insert(format!("{owner}::{name}")),
                None if !is_open && line.starts_with("pub") => public.insert(name.into()),
                None => false,
            };
        }
    }
}

/// Returns the type of `impl<A: B<C>> Type<A> {`; `None` for a trait impl.
fn inherent(line: &str) -> Option<&str> {
    let mut rest = line.strip_prefix("impl")?;
    if rest.starts_with('<') {
        let mut depth = 0;
        let end = rest.char_indices().find_map(|(at, letter)| {
            match letter {
                '<' => depth += 1,
                '>' if !rest[..at].ends_with('-') => depth -= 1,
                _ => {}
            }
            (depth == 0).then_some(at)
        })?;
        rest = &rest[end + 1..];
    }
    let is_trait = rest.contains(" for ");
    let name = rest.trim_start().split(['<', ' ', '{']).next()?;
    (!is_trait && !name.is_empty()).then_some(name)
}

/// Returns the name in `pub fn name(`, `pub async fn name<`.
fn function(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix("pub ")?;
    let rest = rest.strip_prefix("const ").unwrap_or(rest);
    let rest = rest.strip_prefix("async ").unwrap_or(rest);
    rest.strip_prefix("fn ")?.split(['(', '<']).next()
}

#[test]
fn public_methods_are_found_by_the_type_they_belong_to() {
    let source = "impl<K: Eq, P: Into<K>> Registry<K, P> {\n    pub fn len(&self) {}\n    fn own() {}\n}\n\
                  impl Clone for Other {\n    pub fn no() {}\n}\nimpl Copy for Other {}\npub async fn link<T>(t: T) {}\n";
    let mut public = BTreeSet::new();
    methods(source, &mut public);
    let public: Vec<_> = public.iter().map(String::as_str).collect();
    assert_eq!(public, ["Registry::len", "link"]);
}

#[test]
fn an_item_without_a_case_or_a_reason_is_a_gap() {
    let public = ["A::one", "A::two", "B::one", "free"]
        .map(String::from)
        .into();
    let gaps = |exempt| compare(&public, &["A::one"].into(), exempt).len();
    assert_eq!(gaps("A::two a reason\nB::* a reason\nfree a reason\n"), 0);
    assert_eq!(gaps("A::two\nB::* a reason\nfree a reason\n"), 1);
    assert_eq!(gaps("B::* a reason\nC::* a reason\n"), 3);
}
