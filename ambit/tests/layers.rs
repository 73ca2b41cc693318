//! The layers of `ambit/src`: every import points to a lower layer, or stays within its own.

use std::fs;
use std::path::{Path, PathBuf};

use self::imports::Imports;

mod architecture;
mod cycles;
mod imports;
mod modules;
mod repeated_names;

/// The top-level modules, from the lowest layer up; the modules of one line may import each other.
const LAYERS: &[&[&str]] = &[
    &["opaque_arc", "ordered_map", "pid", "rt", "shrink", "trace"],
    &[
        "error",
        "exit_reason",
        "failure",
        "panics",
        "signal",
        "engine",
    ],
    &["process"],
    &["handle", "retry"],
    &["system", "names", "plain", "message", "distribution"],
    &["server", "timers"],
    &["supervisor"],
    &["otp"],
    &["inspect", "entry"],
    &["__private", "api", "lib", "moved", "prelude", "test"],
];

fn layer_of(module: &str) -> Option<usize> {
    LAYERS.iter().position(|modules| modules.contains(&module))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// The files of public modules that are tables of contents: they re-export from above, and nothing imports from them.
const CONTENTS: [&str; 3] = ["process.rs", "server.rs", "supervisor.rs"];

/// Returns the top-level module that a file belongs to.
fn module_of(file: &Path) -> &str {
    let first = file.iter().next().unwrap().to_str().unwrap();
    first.trim_end_matches(".rs")
}

#[test]
fn no_module_imports_from_a_higher_layer() {
    let imports = Imports::of(Path::new(env!("CARGO_MANIFEST_DIR")));
    assert!(imports.files.len() > 50, "the sources were not found");
    let layer = |file: &Path| {
        let module = module_of(file);
        layer_of(module).unwrap_or_else(|| panic!("`{module}` has no layer: add it to the list"))
    };
    let mut wrong = Vec::new();
    for ((from, to), names) in &imports.taken {
        let (from, to) = (&imports.files[*from], &imports.files[*to]);
        if CONTENTS
            .iter()
            .any(|file| from.ends_with(file) && from.iter().count() == 1)
        {
            continue;
        }
        if layer(from) < layer(to) {
            let names: Vec<_> = names.iter().map(|name| &**name).collect();
            let (from, to, names) = (from.display(), to.display(), names.join(", "));
            wrong.push(format!("{from} takes from {to}: {names}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The files that may contain `unsafe` code.
const UNSAFE: [&str; 5] = [
    "engine/run_cell.rs",
    "engine/reply/buffer.rs",
    "engine/reply/port.rs",
    "engine/reply/receiver.rs",
    "engine/reply/slot.rs",
];

/// Returns the lines with an `unsafe` block, impl or function, without comments; each with its index from 0.
fn unsafe_lines(text: &str) -> Vec<(usize, &str)> {
    let code = text.lines().enumerate();
    code.filter(|(_, line)| !line.trim_start().starts_with("//") && line.contains("unsafe "))
        .collect()
}

/// Returns true if the comment directly above line `at` justifies it: `// SAFETY:`, or a `# Safety` section.
fn is_argued(text: &str, at: usize) -> bool {
    let lines: Vec<_> = text.lines().take(at).map(str::trim_start).collect();
    let above = lines
        .iter()
        .rev()
        .take_while(|line| line.starts_with("//") || line.starts_with("#["));
    above
        .clone()
        .any(|line| line.starts_with("// SAFETY:") || *line == "/// # Safety")
}

#[test]
fn unsafe_code_exists_only_in_the_engine_with_a_safety_comment() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut wrong = Vec::new();
    let mut seen = 0;
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let inside = file.strip_prefix(&root).unwrap();
        let may = UNSAFE.iter().any(|place| inside.ends_with(place));
        for (at, line) in unsafe_lines(&text) {
            seen += 1;
            if !may {
                wrong.push(format!("{}:{} is unsafe", inside.display(), at + 1));
            } else if !is_argued(&text, at) {
                let line = line.trim();
                wrong.push(format!(
                    "{}:{}: no `SAFETY`: {line}",
                    inside.display(),
                    at + 1
                ));
            }
        }
        if !may && text.contains("allow(unsafe_code") {
            wrong.push(format!("{} allows unsafe code", inside.display()));
        }
    }
    assert!(seen > 0, "the engine has unsafe code, but it was not found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn unsafe_code_without_a_reason_is_found() {
    let argued = "// SAFETY: it is ours.\nlet x = unsafe { y() };";
    let bare = "// It is ours.\nlet x = unsafe { y() };\n// SAFETY: too late.";
    assert_eq!(unsafe_lines(argued).len(), 1);
    assert!(is_argued(argued, 1));
    assert!(!is_argued(bare, 1));
}
