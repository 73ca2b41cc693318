//! The README: its programs run as they are, its links lead somewhere, its figures and tables are those of the
//! repository.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::blocks::{blocks, prose};
use crate::files::{files, guide, links, read};

fn root() -> &'static Path {
    guide().parent().expect("the guide is in the repository")
}

fn readme() -> String {
    read(&root().join("README.md"))
}

#[test]
fn the_readme_shows_two_short_programs_and_its_links_lead_somewhere() {
    let readme = readme();
    let programs: Vec<_> = blocks(&readme)
        .into_iter()
        .filter(|block| block.language.starts_with("rust"))
        .collect();
    assert_eq!(programs.len(), 2, "for one machine, and for two");
    for (program, most) in programs.iter().zip([37, 26]) {
        assert_eq!(program.language, "rust", "it is compiled and run as it is");
        assert!(program.lines.len() <= most, "and has at most {most} lines");
    }
    for link in links(&readme) {
        assert!(
            root().join(link).exists(),
            "README.md: {link} leads nowhere"
        );
    }
}

/// The cells of a row of a table, without bold.
fn cells(line: &str) -> Option<Vec<String>> {
    let inside = line.strip_prefix('|')?.strip_suffix('|')?;
    let cells = inside.split('|').map(|cell| cell.trim().replace("**", ""));
    Some(cells.collect())
}

/// The cells of each row by column name, for the rows of the first table whose first column is not empty.
fn table(lines: &[Vec<String>], first: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut rows = lines
        .iter()
        .skip_while(|row| !row.contains(&first.to_owned()));
    let names = rows.next().expect("the table has this column");
    let body = rows.take_while(|row| row.len() == names.len());
    body.map(|row| {
        let named = names.iter().cloned().zip(row.iter().cloned());
        (row[0].clone(), named.collect())
    })
    .collect()
}

#[test]
fn the_figures_of_the_readme_are_those_of_the_measured_table() {
    let rows = |text: &str| prose(text).filter_map(cells).collect::<Vec<_>>();
    let measured = read(&root().join("docs/benchmarks/table.md"));
    let measured = table(&rows(&measured), "raw");
    let shown = table(&rows(&readme()), "by hand");
    let mut compared = 0;
    for (workload, columns) in shown
        .iter()
        .filter(|(workload, _)| !workload.contains("---"))
    {
        let all = measured.get(workload).expect(workload);
        for (library, figure) in columns.iter().filter(|(name, _)| !name.is_empty()) {
            let column = if library == "by hand" { "raw" } else { library };
            assert_eq!(Some(figure), all.get(column), "{workload}, {library}");
            compared += 1;
        }
    }
    assert_eq!(compared, 5 * 6, "five rows of six columns");
}

/// The names in backticks in the first cells of the rows below a heading row.
fn features_shown(readme: &str, of: &str) -> BTreeSet<String> {
    let mut rows = prose(readme).filter_map(cells);
    let heading = format!("feature of `{of}`");
    rows.find(|row| row[0] == heading)
        .expect("it has the table");
    let rows: Vec<_> = rows
        .take_while(|row| row.len() == 2 && !row[0].starts_with("feature of"))
        .collect();
    let names = rows
        .iter()
        .flat_map(|row| row[0].split('`').skip(1).step_by(2));
    names.map(str::to_owned).collect()
}

#[test]
fn the_readme_lists_every_feature() {
    for package in ["ambit", "ambit-dist"] {
        let manifest = read(&root().join(package).join("Cargo.toml"));
        let section = manifest
            .split_once("[features]\n")
            .expect("it has features")
            .1;
        let lines = section.lines().take_while(|line| !line.starts_with('['));
        let names = lines.filter_map(|line| line.split_once(" = ["));
        let declared: BTreeSet<String> = names
            .filter(|(name, _)| *name != "default" && !name.starts_with(['#', '_']))
            .map(|(name, _)| name.to_owned())
            .collect();
        assert!(declared.len() > 1, "{declared:?}");
        assert_eq!(features_shown(&readme(), package), declared, "{package}");
    }
}

#[test]
fn the_readme_lists_every_example() {
    let readme = readme();
    let linked: BTreeSet<PathBuf> = links(&readme)
        .iter()
        .map(|link| root().join(link))
        .collect();
    for folder in ["examples/src/bin", "larger-examples/src/bin"] {
        let folder = root().join(folder);
        let programs: Vec<_> = files(&folder, "rs")
            .into_iter()
            .filter(|path| path.parent() == Some(&folder) || path.ends_with("main.rs"))
            .collect();
        assert!(programs.len() > 5, "{programs:?}");
        for program in programs {
            assert!(
                linked.contains(&program),
                "no row for {}",
                program.display()
            );
        }
    }
}
