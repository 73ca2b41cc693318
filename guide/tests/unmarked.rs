//! The blocks without a source are of a kind that needs none, and their commands exist.

use std::path::PathBuf;

use crate::blocks::Block;
use crate::files::{guide, read};
use crate::shown::each_block;

#[test]
fn a_block_without_a_source_is_of_a_kind_that_needs_none() {
    let mut wrong = Vec::new();
    each_block(|page, block| {
        if block.marker.is_none()
            && let Err(rule) = needs_no_source(page, block)
        {
            wrong.push(format!("guide/src/{page}:{}: {rule}", block.line));
        }
    });
    assert!(
        wrong.is_empty(),
        "{}\n\nput `<!-- code: FILE:ANCHOR -->` before a block, with a file that is compiled or compared by a test",
        wrong.join("\n")
    );
}

/// The commands with which a line of a `sh` block may begin.
const COMMANDS: [&str; 12] = [
    "ambit-cookie",
    "cargo",
    "cd",
    "cp",
    "curl",
    "docker",
    "git",
    "just",
    "kill",
    "mkdir",
    "openssl",
    "#",
];

/// The crates of other projects that a `toml` block may list.
const CRATES: [&str; 6] = [
    "axum",
    "serde",
    "tokio",
    "tokio-stream",
    "tower",
    "tracing-subscriber",
];

/// Without a source are only: commands to type, dependencies, remedies of errors (`ui-tests` compiles them), formulas
/// and diagrams.
fn needs_no_source(page: &str, block: &Block<'_>) -> Result<(), String> {
    let (fits, rule) = match block.language {
        "sh" => {
            let of_command = |line: &&str| {
                let is_variable = |word: &&str| word.contains('=');
                let first = line.split_whitespace().find(|word| !is_variable(word));
                first.is_none_or(|word| COMMANDS.contains(&word)) || line.starts_with("    ")
            };
            (
                block.lines.iter().all(of_command),
                "a `sh` block contains commands to type, without their output",
            )
        }
        "toml" => (
            is_dependencies(&block.lines),
            "a `toml` block without a source lists dependencies on ambit and on crates of `CRATES`",
        ),
        "diff" => (
            page.starts_with("reference/errors/"),
            "a `diff` without a source is the remedy of an error",
        ),
        "diagram" => {
            let drawn = |line: &&str| {
                line.contains(['│', '─', '┌', '└', '├', '▶', '▼', '→', '←', '|'])
                    || line.contains("->")
            };
            (
                block.lines.iter().any(drawn),
                "a `diagram` contains lines or arrows",
            )
        }
        "formula" => (
            block
                .lines
                .iter()
                .any(|line| line.contains(['=', '×', '≤', '>'])),
            "a `formula` contains an operator",
        ),
        _ => (false, "the block has no source"),
    };
    fits.then_some(()).ok_or_else(|| rule.to_owned())
}

/// Whether all lines are heads of dependency tables or dependencies whose features exist.
fn is_dependencies(lines: &[&str]) -> bool {
    lines.iter().all(|line| {
        let Some((package, rest)) = line.split_once(" = ") else {
            return line.is_empty() || matches!(*line, "[dependencies]" | "[dev-dependencies]");
        };
        let manifest = guide()
            .parent()
            .map(|root| root.join(package).join("Cargo.toml"));
        let Some(manifest) = manifest.filter(|path| path.is_file()) else {
            return CRATES.contains(&package);
        };
        let manifest = read(&manifest);
        let features = rest
            .split_once("features = [")
            .map_or("", |(_, features)| features);
        let mut features = features.split('"').skip(1).step_by(2);
        features.all(|feature| manifest.contains(&format!("\n{feature} = [")))
    })
}

/// The word after an option of a command line.
fn option<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = line.split_once(&format!("{name} "))?;
    rest.split_whitespace().next()
}

#[test]
fn commands_name_packages_and_programs_that_exist() {
    let root = guide().join("..");
    let workspace = read(&root.join("Cargo.toml"));
    let members = workspace
        .split_once("members = [")
        .map_or("", |(_, rest)| rest);
    let members: Vec<_> = members
        .split(']')
        .take(1)
        .flat_map(|list| list.split('"'))
        .collect();
    let manifests = members
        .iter()
        .map(|member| root.join(member).join("Cargo.toml"));
    let manifests: Vec<_> = manifests.filter(|path| path.is_file()).collect();
    let is_program = |manifest: &PathBuf, name: &str| {
        let folder = manifest.with_file_name("src/bin");
        let named = read(manifest).contains(&format!("name = \"{name}\""));
        named || folder.join(name).is_dir() || folder.join(format!("{name}.rs")).is_file()
    };
    let mut options = 0;
    each_block(|page, block| {
        let lines = block
            .lines
            .iter()
            .filter(|line| block.language == "sh" && line.starts_with("cargo "));
        for line in lines {
            if let Some(package) = option(line, " -p") {
                options += 1;
                let named =
                    |manifest: &PathBuf| read(manifest).contains(&format!("name = \"{package}\""));
                assert!(
                    manifests.iter().any(named),
                    "{page}: there is no package in `{line}`"
                );
            }
            if let Some(program) = option(line, " --bin") {
                options += 1;
                let exists = manifests
                    .iter()
                    .any(|manifest| is_program(manifest, program));
                assert!(exists, "{page}: there is no program in `{line}`");
            }
        }
    });
    assert!(options > 0, "no command names a package");
}
