//! Nothing on a page is typed there that could be taken from code: what a block shows has been compiled and run.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// One `{{#include path:anchor}}` of a page.
struct Include {
    page: PathBuf,
    path: PathBuf,
    anchor: Option<String>,
}

fn guide() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All files under a folder whose names end with `extension`.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).expect("the folder exists");
    for entry in entries {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|own| own == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn pages() -> Vec<PathBuf> {
    files(&guide().join("src"), "md")
}

fn include_of(page: &Path, line: &str) -> Option<Include> {
    let inside = line.strip_prefix("{{#include ")?.strip_suffix("}}")?;
    let (path, anchor) = match inside.split_once(':') {
        Some((path, anchor)) => (path, Some(anchor.to_owned())),
        None => (inside, None),
    };
    let folder = page.parent().expect("a page is in a folder");
    Some(Include {
        page: page.to_owned(),
        path: folder.join(path),
        anchor,
    })
}

/// The first line of an include that names lines, as in `{{#include path:3:}}`.
fn first_line(anchor: &str) -> Option<usize> {
    anchor.split(':').next()?.parse().ok()
}

fn includes() -> Vec<Include> {
    let of_page = |page: PathBuf| {
        let text = read(&page);
        let found: Vec<_> = text
            .lines()
            .filter_map(|line| include_of(&page, line))
            .collect();
        found
    };
    pages().into_iter().flat_map(of_page).collect()
}

/// The lines of the fenced blocks of a page, each with the word after its fence.
fn blocks(text: &str) -> Vec<(&str, Vec<&str>)> {
    let mut blocks: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match line.strip_prefix("```") {
            Some(_) if inside => inside = false,
            Some(language) => {
                inside = true;
                blocks.push((language, Vec::new()));
            }
            None if inside => blocks.last_mut().expect("a block has begun").1.push(line),
            None => {}
        }
    }
    blocks
}

#[test]
fn every_rust_block_consists_of_includes() {
    for page in pages() {
        for (language, lines) in blocks(&read(&page)) {
            let is_included = |line: &&str| line.is_empty() || include_of(&page, line).is_some();
            let is_typed = !lines.iter().all(is_included);
            let is_rust = language.is_empty() || language.starts_with("rust");
            assert!(
                !(is_rust && is_typed),
                "{}: {lines:#?} is typed on the page",
                page.display()
            );
            assert!(
                !language.contains(','),
                "{}: `{language}` may hide that a block is not run",
                page.display()
            );
        }
    }
}

#[test]
fn every_include_names_what_exists() {
    let includes = includes();
    assert!(!includes.is_empty(), "no page includes anything");
    for include in includes {
        let (page, path) = (include.page.display(), include.path.display());
        assert!(include.path.is_file(), "{page}: {path} does not exist");
        let Some(anchor) = include.anchor else {
            continue;
        };
        let text = read(&include.path);
        if let Some(first) = first_line(&anchor) {
            let count = text.lines().count();
            assert!(first <= count, "{page}: {path} has {count} lines");
            continue;
        }
        for mark in ["ANCHOR", "ANCHOR_END"] {
            let mark = format!("// {mark}: {anchor}");
            let count = text.lines().filter(|line| line.trim() == mark).count();
            assert_eq!(count, 1, "{page}: `{mark}` in {path}");
        }
    }
}

#[test]
fn every_anchor_is_on_a_page() {
    let shown: BTreeSet<(PathBuf, String)> = includes()
        .into_iter()
        .filter_map(|include| Some((include.path.canonicalize().ok()?, include.anchor?)))
        .collect();
    for path in files(&guide().join("code"), "rs") {
        let path = path.canonicalize().expect("it was listed");
        for line in read(&path).lines() {
            if let Some(anchor) = line.trim().strip_prefix("// ANCHOR: ") {
                let wanted = (path.clone(), anchor.to_owned());
                assert!(shown.contains(&wanted), "{wanted:?} is on no page");
            }
        }
    }
}

/// The targets of the links of a text that lead to files, without their fragments.
fn links(text: &str) -> Vec<&str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target.split('#').next().unwrap_or(target))
        .filter(|target| !target.is_empty() && !target.contains("://"))
        .collect()
}

#[test]
fn the_summary_names_every_page_and_every_link_leads_somewhere() {
    let source = guide().join("src");
    let summary = read(&source.join("SUMMARY.md"));
    let named: BTreeSet<PathBuf> = links(&summary)
        .iter()
        .map(|page| source.join(page))
        .collect();
    for page in pages() {
        assert!(
            page.ends_with("SUMMARY.md") || named.contains(&page),
            "SUMMARY.md does not name {}",
            page.display()
        );
        for link in links(&read(&page)) {
            let folder = page.parent().expect("a page is in a folder");
            let target = folder.join(link);
            assert!(target.exists(), "{}: {link} leads nowhere", page.display());
        }
    }
}

/// What a browser finds on a page: the ids that mdBook makes of its headings.
fn heading_ids(text: &str) -> BTreeSet<String> {
    let mut inside = false;
    let headings = text.lines().filter(|line| {
        inside ^= line.starts_with("```");
        !inside && line.starts_with('#')
    });
    let id = |heading: &str| {
        let text = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = text
            .chars()
            .filter(|c| c.is_alphanumeric() || " _-".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings.map(id).collect()
}

#[test]
fn every_fragment_of_a_link_is_a_heading() {
    for page in pages() {
        let text = read(&page);
        let targets = text.split("](").skip(1);
        let targets = targets.filter_map(|rest| rest.split_once(')')?.0.split_once('#'));
        for (file, fragment) in targets.filter(|(file, _)| !file.contains("://")) {
            let there = match file {
                "" => page.clone(),
                file => page.with_file_name(file),
            };
            assert!(
                heading_ids(&read(&there)).contains(fragment),
                "{}: {file}#{fragment} leads nowhere",
                page.display()
            );
        }
    }
}

#[test]
fn the_cookbook_lists_each_of_its_questions() {
    let source = guide().join("src");
    let list = read(&source.join("cookbook.md"));
    let mut recipes = 0;
    for page in pages() {
        let name = page.file_name().expect("it is a file").to_string_lossy();
        if !name.starts_with("cookbook_") {
            continue;
        }
        let text = read(&page);
        for question in text.lines().filter_map(|line| line.strip_prefix("## ")) {
            recipes += 1;
            assert!(
                list.contains(&format!("[{question}]({name}#")),
                "cookbook.md does not list `{question}`"
            );
        }
    }
    assert!(recipes >= 24, "{recipes} recipes");
}

#[test]
fn the_readme_shows_two_short_programs_and_its_links_lead_somewhere() {
    let root = guide().parent().expect("the guide is in the repository");
    let readme = read(&root.join("README.md"));
    let programs: Vec<_> = blocks(&readme)
        .into_iter()
        .filter(|(language, _)| language.starts_with("rust"))
        .collect();
    assert_eq!(programs.len(), 2, "for one machine, and for two");
    for ((language, lines), most) in programs.iter().zip([20, 26]) {
        assert_eq!(*language, "rust", "it is compiled and run as it is");
        assert!(lines.len() <= most, "and has at most {most} lines");
    }
    for link in links(&readme) {
        assert!(root.join(link).exists(), "README.md: {link} leads nowhere");
    }
}
