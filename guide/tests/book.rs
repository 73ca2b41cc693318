//! The pages hold together: the summary names each of them, and every link leads to a file and a heading.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::blocks::prose;
use crate::files::{guide, links, name, pages, read, targets};

/// The parts of the book, each a folder.
const PARTS: [(&str, &str); 5] = [
    ("Learn", "learn"),
    ("Concepts", "concepts"),
    ("How-to", "how_to"),
    ("Coming from", "coming_from"),
    ("Reference", "reference"),
];

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
            name(&page)
        );
        for link in links(&read(&page)) {
            let folder = page.parent().expect("a page is in a folder");
            let target = folder.join(link);
            assert!(target.exists(), "{}: {link} leads nowhere", name(&page));
        }
    }
}

#[test]
fn the_summary_lists_each_page_under_the_part_of_its_folder() {
    let summary = read(&guide().join("src/SUMMARY.md"));
    let parts: Vec<_> = summary.split("\n# ").skip(1).collect();
    let titles = parts.iter().filter_map(|part| part.lines().next());
    assert!(
        titles.eq(PARTS.map(|(title, _)| title)),
        "the titles of the parts"
    );
    for (part, (title, folder)) in parts.iter().zip(PARTS) {
        for link in links(part) {
            assert!(
                link.starts_with(&format!("{folder}/")),
                "{link} is listed under `{title}`"
            );
        }
    }
}

#[test]
fn every_page_has_one_title() {
    for page in pages() {
        let text = read(&page);
        let titles = prose(&text).filter(|line| line.starts_with("# ")).count();
        let summary = page.ends_with("SUMMARY.md");
        assert!(summary || titles == 1, "{}: {titles} titles", name(&page));
    }
}

/// The ids that mdBook and GitHub make of the headings of a page.
fn heading_ids(text: &str) -> BTreeSet<String> {
    let id = |heading: &str| {
        let text = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = text
            .chars()
            .filter(|c| c.is_alphanumeric() || " _-".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    prose(text)
        .filter(|line| line.starts_with('#'))
        .map(id)
        .collect()
}

#[test]
fn every_fragment_of_a_link_is_a_heading() {
    for page in pages() {
        let text = read(&page);
        let fragments = targets(&text)
            .into_iter()
            .filter_map(|target| target.split_once('#'));
        for (file, fragment) in fragments {
            let there = match file {
                "" => page.clone(),
                file => page.with_file_name(file),
            };
            assert!(
                heading_ids(&read(&there)).contains(fragment),
                "{}: {file}#{fragment} leads nowhere",
                name(&page)
            );
        }
    }
}

#[test]
fn the_cookbook_lists_each_of_its_questions() {
    let list = read(&guide().join("src/how_to/cookbook.md"));
    let mut recipes = 0;
    for page in pages() {
        let file = page.file_name().expect("it is a file").to_string_lossy();
        if !file.starts_with("cookbook_") {
            continue;
        }
        let text = read(&page);
        for question in text.lines().filter_map(|line| line.strip_prefix("## ")) {
            recipes += 1;
            assert!(
                list.contains(&format!("[{question}]({file}#")),
                "cookbook.md does not list `{question}`"
            );
        }
    }
    assert!(recipes >= 24, "{recipes} recipes");
}
