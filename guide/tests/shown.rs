//! A page shows code from files that are compiled and run, and shows what is in them now.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::blocks::{self, Block};
use crate::files::{files, guide, name, pages, read};
use crate::sources::{Source, mark};

/// Each block with its page.
pub(crate) fn each_block(mut check: impl FnMut(&str, &Block<'_>)) {
    for page in pages() {
        let text = read(&page);
        for block in blocks::blocks(&text) {
            check(&name(&page), &block);
        }
    }
}

/// What is different on a page, with the first line that differs.
fn difference(page: &str, text: &str) -> Option<String> {
    let rendered = match blocks::rendered(text) {
        Ok(rendered) if rendered == text => return None,
        Ok(rendered) => rendered,
        Err(error) => return Some(format!("guide/src/{page}, {error}")),
    };
    let lines = rendered.lines().zip(text.lines());
    let same = lines.take_while(|(new, old)| new == old).count();
    let marker = text
        .lines()
        .take(same + 1)
        .filter(|line| line.starts_with("<!-- "));
    let marker = marker.last().unwrap_or("the end of the page");
    Some(format!(
        "guide/src/{page}:{}: the block of `{marker}` is stale\n  source: {}\n  page:   {}",
        same + 1,
        rendered.lines().nth(same).unwrap_or_default(),
        text.lines().nth(same).unwrap_or_default()
    ))
}

#[test]
fn every_block_is_as_its_source() {
    let pages = pages().into_iter();
    let stale: Vec<_> = pages
        .filter_map(|page| difference(&name(&page), &read(&page)))
        .collect();
    assert!(
        stale.is_empty(),
        "{}\n\n`just guide` writes the blocks, or UPDATE_EXPECT=1 cargo test -p guide --test pages",
        stale.join("\n")
    );
}

#[test]
fn every_block_has_a_plain_language() {
    each_block(|page, block| {
        let plain = block.language.chars().all(|c| c.is_ascii_lowercase());
        assert!(
            plain && !block.language.is_empty(),
            "guide/src/{page}:{}: `{}` is not the name of a language",
            block.line,
            block.language
        );
    });
}

/// The sources of all blocks.
fn shown() -> Vec<Source> {
    let mut shown = Vec::new();
    each_block(|_, block| shown.extend(block.marker.into_iter().flat_map(blocks::sources)));
    assert!(shown.len() > 100, "{} sources", shown.len());
    shown
}

#[test]
fn every_anchor_is_on_a_page() {
    let of_source = |source: Source| {
        let path = source.path.canonicalize().ok()?;
        Some((path, source.anchor()?.to_owned()))
    };
    let shown: BTreeSet<(PathBuf, String)> = shown().into_iter().filter_map(of_source).collect();
    for path in files(&guide().join("code"), "rs") {
        let path = path.canonicalize().expect("it was listed");
        for (_, anchor) in read(&path).lines().filter_map(mark) {
            let wanted = (path.clone(), anchor.to_owned());
            assert!(shown.contains(&wanted), "{wanted:?} is on no page");
        }
    }
}

/// A file under `code` is a module of a program or of the tests, or they read it: an orphan would be checked by
/// nothing.
#[test]
fn every_source_is_compiled_or_compared() {
    let rust = files(&guide().join("code"), "rs").into_iter();
    let rust = rust.chain(files(&guide().join("tests"), "rs"));
    // The rivals are dependencies of the measuring programs only.
    let rust = rust.chain(files(&guide().join("../benches/src"), "rs"));
    let texts: Vec<_> = rust.map(|path| (read(&path), path)).collect();
    let manifest = read(&guide().join("Cargo.toml"));
    let is_used = |path: &Path| {
        let file = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let stem = file.trim_end_matches(".rs");
        let uses = [format!("mod {stem};"), format!("{file}\"")];
        let used = |text: &str| uses.iter().any(|used| text.contains(used));
        used(&manifest) || texts.iter().any(|(text, of)| of != path && used(text))
    };
    let code = guide().join("code");
    let own = shown()
        .into_iter()
        .filter(|source| source.path.starts_with(&code));
    for source in own {
        assert!(
            is_used(&source.path),
            "nothing uses {}",
            source.path.display()
        );
    }
}
