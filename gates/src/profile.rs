//! `--annotate`: the distribution of the instructions of one operation.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::Add;
use std::path::Path;
use std::process::Command;

use crate::callgrind;
use crate::work::{self, Work};

const OPERATIONS: u64 = 20_000;

/// The number of printed functions, and below it of files.
const FUNCTIONS: usize = 40;
const FILES: usize = 15;

/// The maximum length of a printed name.
const WIDTH: usize = 120;

/// One line of `callgrind_annotate`: instructions, the file they come from, the function they were inlined into.
#[derive(Debug, PartialEq)]
struct Line<'a> {
    instructions: u64,
    file: &'a str,
    function: &'a str,
}

/// Writes a profile into the folder of this program, and prints the most expensive rows, as instructions per operation.
///
/// # Errors
/// The output of valgrind.
pub(crate) fn print(program: &Path, work: Work, inclusive: bool) -> Result<(), String> {
    let file = program.with_file_name(format!("{}.callgrind", work.name()));
    let mut out = std::ffi::OsString::from("--callgrind-out-file=");
    out.push(&file);
    let options = [out, format!("--toggle-collect=*{}*", work::MEASURED).into()];
    let total = callgrind::collect(program, work, OPERATIONS, &options)?;
    let operations = work::with_warm_up(OPERATIONS) as f64;

    let listed = listed(&file, inclusive)?;
    let lines: Vec<Line<'_>> = listed.lines().filter_map(Line::parse).collect();
    let each = |instructions: u64| instructions as f64 / operations;
    let table = |title: &str, rows: Vec<(&str, u64)>| {
        println!("\n{title}");
        for (name, instructions) in rows {
            println!("{:>9.1}  {}", each(instructions), shortened(name));
        }
    };

    println!(
        "{}: {:.0} instructions per operation",
        work.name(),
        each(total)
    );
    if inclusive {
        let rows = largest(&lines, |line| line.function, u64::max);
        table("by function, with what it calls", top(rows, FUNCTIONS));
    } else {
        let rows = largest(&lines, |line| line.function, Add::add);
        table("by function", top(rows, FUNCTIONS));
        let rows = largest(&lines, |line| line.file, Add::add);
        table("by the file they were written in", top(rows, FILES));
    }
    let file = file.display();
    println!("\nline by line: callgrind_annotate --auto=yes {file} | less");
    Ok(())
}

fn listed(file: &Path, inclusive: bool) -> Result<String, String> {
    let inclusive = if inclusive { "yes" } else { "no" };
    let inclusive = format!("--inclusive={inclusive}");
    let listed = Command::new("callgrind_annotate")
        .args(["--auto=no", "--threshold=100", &inclusive])
        .arg(file)
        .output()
        .map_err(|error| format!("callgrind_annotate: {error}"))?;
    Ok(String::from_utf8_lossy(&listed.stdout).into_owned())
}

/// Combines the lines with the same key into one row. Exclusive counts from several files are added up; inclusive
/// counts contain one another, and the largest is the function.
fn largest<'a>(
    lines: &[Line<'a>],
    key: impl Fn(&Line<'a>) -> &'a str,
    join: impl Fn(u64, u64) -> u64,
) -> Vec<(&'a str, u64)> {
    let mut rows: HashMap<&str, u64> = HashMap::new();
    for line in lines {
        let row = rows.entry(key(line)).or_default();
        *row = join(*row, line.instructions);
    }
    let mut rows: Vec<_> = rows.into_iter().collect();
    rows.sort_by_key(|&(name, instructions)| (Reverse(instructions), name));
    rows
}

fn top<T>(mut rows: Vec<T>, count: usize) -> Vec<T> {
    rows.truncate(count);
    rows
}

/// Shortens a name in its middle, because its end says more.
fn shortened(name: &str) -> String {
    let length = name.chars().count();
    if length <= WIDTH {
        return name.into();
    }
    let (head, tail) = (WIDTH / 2 - 2, WIDTH / 2 - 2);
    let head: String = name.chars().take(head).collect();
    let tail: String = name.chars().skip(length - tail).collect();
    format!("{head} .. {tail}")
}

impl<'a> Line<'a> {
    /// Reads `1,056,000 ( 1.39%)  ambit/src/engine/reply.rs:ambit::engine::reply::close [/path/of/program]`.
    fn parse(line: &'a str) -> Option<Self> {
        let (number, rest) = line.trim_start().split_once(" (")?;
        let instructions = number.replace(',', "").parse().ok()?;
        let (_, place) = rest.split_once("%)  ")?;
        let (file, function) = place.split_once(':')?;
        let function = function.split(" [/").next().unwrap_or(function);
        Some(Self {
            instructions,
            file: tail_of(file),
            function,
        })
    }
}

/// Returns the crate's own part of a path: from the folder that holds `src`, or the path below the standard library.
fn tail_of(path: &str) -> &str {
    let source = path.rfind("/src/").unwrap_or(0);
    path[..source]
        .rfind('/')
        .map_or(path, |start| &path[start + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_without_its_machine() {
        let line = "1,056,000 ( 1.39%)  /a/tokio-1.0/src/task/raw.rs:<a::B<u8> as C>::d [/t/gates]";
        let read = Line::parse(line);
        let expected = Line {
            instructions: 1_056_000,
            file: "tokio-1.0/src/task/raw.rs",
            function: "<a::B<u8> as C>::d",
        };
        assert_eq!(read, Some(expected));
        assert_eq!(Line::parse("75,943,259 (100.0%)  PROGRAM TOTALS"), None);
        assert_eq!(Line::parse("Ir                  file:function"), None);
    }

    #[test]
    fn inlined_parts_of_a_function_are_one_row() {
        let line = |instructions, file, function| Line {
            instructions,
            file,
            function,
        };
        let lines = [line(3, "x", "f"), line(4, "y", "g"), line(5, "y", "f")];
        assert_eq!(
            largest(&lines, |line| line.function, Add::add),
            [("f", 8), ("g", 4)]
        );
        assert_eq!(
            largest(&lines, |line| line.file, u64::max),
            [("y", 5), ("x", 3)]
        );
    }

    #[test]
    fn long_names_keep_both_ends() {
        let name = shortened(&format!("head{}tail", "x".repeat(300)));
        assert_eq!(name.len(), WIDTH);
        assert!(name.starts_with("head") && name.ends_with("tail"));
        assert_eq!(shortened("short"), "short");
    }
}
