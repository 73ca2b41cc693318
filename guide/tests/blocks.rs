//! The blocks of a page, and the comments before them that name their sources.
//!
//! - `<!-- code: code/server.rs:anchor -->` and the fenced block after it: the block shows the source. Several sources
//!   are separated by `, `; the block shows them with an empty line between them.
//! - `<!-- text: ../docs/table.md -->` … `<!-- end -->`: the page contains the Markdown of the source.
//! - `<!-- list: errors -->` … `<!-- end -->`: the page contains a generated list.

use crate::error_index;
use crate::sources::Source;

/// A fenced block of a page.
pub(crate) struct Block<'a> {
    /// The number of the line with its fence.
    pub(crate) line: usize,
    pub(crate) language: &'a str,
    /// What its marker names.
    pub(crate) marker: Option<&'a str>,
    pub(crate) lines: Vec<&'a str>,
}

const END: &str = "<!-- end -->";

fn comment<'a>(line: &'a str, kind: &str) -> Option<&'a str> {
    let rest = line.strip_prefix("<!-- ")?.strip_prefix(kind)?;
    rest.strip_prefix(": ")?.strip_suffix(" -->")
}

/// The sources that a marker names.
pub(crate) fn sources(marker: &str) -> impl Iterator<Item = Source> + '_ {
    marker.split(", ").map(Source::parse)
}

/// The backticks and the language of a fence.
fn fence(line: &str) -> Option<(&str, &str)> {
    let language = line.trim_start_matches('`');
    let ticks = &line[..line.len() - language.len()];
    (ticks.len() >= 3).then_some((ticks, language))
}

pub(crate) fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut lines = text.lines().enumerate();
    let mut before = "";
    while let Some((number, line)) = lines.next() {
        if let Some((ticks, language)) = fence(line) {
            let inside = lines.by_ref().map(|(_, line)| line);
            blocks.push(Block {
                line: number + 1,
                language,
                marker: comment(before, "code"),
                lines: inside.take_while(|line| *line != ticks).collect(),
            });
        }
        before = line;
    }
    blocks
}

/// The lines of a page outside of its blocks.
pub(crate) fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut open = None;
    text.lines().filter(move |line| {
        match (open, fence(line)) {
            (None, Some((ticks, _))) => open = Some(ticks),
            (Some(ticks), _) if *line == ticks => open = None,
            (None, None) => return true,
            _ => {}
        }
        false
    })
}

/// The page with all blocks, texts and lists as their sources are.
pub(crate) fn rendered(page: &str) -> Result<String, String> {
    let mut text = String::new();
    let mut lines = page.lines().enumerate().peekable();
    while let Some((number, line)) = lines.next() {
        let at = |error: String| format!("line {}: {error}", number + 1);
        push(&mut text, line);
        if let Some(marker) = comment(line, "code") {
            let opening = lines.peek().map_or("", |(_, line)| *line);
            if let Some((ticks, _)) = fence(opening) {
                push(&mut text, opening);
                lines.next();
                lines.by_ref().find(|(_, line)| *line == ticks);
            } else {
                push(&mut text, &format!("```{}", language(marker)));
            }
            push(&mut text, &code(marker).map_err(at)?);
            push(&mut text, fence(opening).map_or("```", |(ticks, _)| ticks));
        } else if let Some(generated) = generated(line) {
            push(
                &mut text,
                &format!("\n{}\n\n{END}", generated.map_err(at)?.trim()),
            );
            if !lines.by_ref().any(|(_, line)| line == END) {
                return Err(at(format!("`{END}` is missing")));
            }
        } else if let Some((ticks, _)) = fence(line) {
            for (_, line) in lines.by_ref() {
                push(&mut text, line);
                if line == ticks {
                    break;
                }
            }
        }
    }
    Ok(text)
}

fn push(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

fn code(marker: &str) -> Result<String, String> {
    let parts: Vec<_> = sources(marker)
        .map(|source| source.code())
        .collect::<Result<_, _>>()?;
    let code = parts.join("\n\n");
    if code.lines().any(|line| fence(line).is_some()) {
        return Err(format!("`{marker}` contains a fence"));
    }
    Ok(code)
}

fn generated(line: &str) -> Option<Result<String, String>> {
    if let Some(path) = comment(line, "text") {
        return Some(Source::parse(path).code());
    }
    match comment(line, "list")? {
        "errors" => Some(Ok(error_index::list())),
        name => Some(Err(format!("no list `{name}`"))),
    }
}

/// The language of a block that the marker begins.
fn language(marker: &str) -> &str {
    let path = marker.split([',', ':']).next().unwrap_or(marker);
    match path.rsplit('.').next() {
        Some("rs") => "rust",
        Some("sh") => "sh",
        Some("toml") => "toml",
        Some("diff") => "diff",
        _ => "text",
    }
}

#[test]
fn a_marker_alone_gets_its_block() {
    let page = "# Title\n\n<!-- code: code/first_server.txt -->\n\nAnd text.\n";
    let rendered = rendered(page).expect("the source exists");
    let block = "-->\n```text\nCounter#1 says 42\nalive: false\n```\n\nAnd text.\n";
    assert!(rendered.ends_with(block), "{rendered}");
}

#[test]
fn a_stale_block_is_replaced_and_a_fresh_one_stays() {
    let stale = "<!-- code: code/first_server.txt -->\n```text\nCounter#1 says 41\n```\nend\n";
    let fresh = rendered(stale).expect("the source exists");
    assert!(
        fresh.contains("says 42") && !fresh.contains("says 41"),
        "{fresh}"
    );
    assert!(fresh.ends_with("```\nend\n"), "{fresh}");
    assert_eq!(rendered(&fresh).as_ref(), Ok(&fresh));
}

#[test]
fn a_source_that_does_not_exist_is_an_error() {
    for missing in [
        "code/none.rs",
        "code/server.rs:none",
        "code/server.rs:100000:",
    ] {
        let error = rendered(&format!("\n<!-- code: {missing} -->\n"));
        assert!(
            error.is_err_and(|text| text.starts_with("line 2: ")),
            "{missing}"
        );
    }
}

#[test]
fn a_part_loses_its_anchors_and_its_indentation() {
    let source = Source::parse("code/let_it_crash.rs:data");
    let code = source.code().expect("the anchor exists");
    assert!(!code.contains("ANCHOR"), "{code}");
    assert!(code.lines().any(|line| !line.starts_with(' ')), "{code}");
}
