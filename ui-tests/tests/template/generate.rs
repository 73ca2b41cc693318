//! Replaces `cargo generate` for this template: renders the placeholders and conditions of its `.liquid` files.

use std::fs;
use std::path::{Path, PathBuf};

/// The values of the placeholders of one project.
pub(super) struct Answers<'a> {
    pub(super) project_name: &'a str,
    pub(super) ambit_source: &'a str,
}

impl Answers<'_> {
    fn of(&self, placeholder: &str) -> &str {
        match placeholder {
            "project-name" => self.project_name,
            "ambit_source" => self.ambit_source,
            other => panic!("there is no placeholder `{other}`"),
        }
    }

    /// Returns true if a condition holds: `NAME contains "TEXT"`.
    fn hold(&self, condition: &str) -> bool {
        let (name, text) = condition.split_once(" contains ").expect(condition);
        self.of(name).contains(text.trim_matches('"'))
    }
}

pub(super) fn template() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../templates/service")
}

/// Replaces the placeholders of a text, and keeps the lines whose conditions hold. Each condition is on its own line.
pub(super) fn render(text: &str, answers: &Answers<'_>) -> String {
    let mut rendered = String::new();
    let mut is_taken = true;
    for line in text.lines() {
        let tag = line.strip_prefix("{%- ");
        match tag.and_then(|tag| tag.strip_suffix(" %}")) {
            Some("else") => is_taken = !is_taken,
            Some("endif") => is_taken = true,
            Some(tag) => {
                is_taken = answers.hold(tag.strip_prefix("if ").expect("it is a condition"));
            }
            None if is_taken => {
                rendered += &replaced(line, answers);
                rendered.push('\n');
            }
            None => {}
        }
    }
    rendered
}

fn replaced(line: &str, answers: &Answers<'_>) -> String {
    let mut parts = line.split("{{");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (placeholder, rest) = part.split_once("}}").expect(line);
        text += answers.of(placeholder);
        text += rest;
    }
    text
}

/// Writes the project into an empty folder.
pub(super) fn generate(into: &Path, answers: &Answers<'_>) {
    if into.exists() {
        fs::remove_dir_all(into).expect("it is a folder of this test");
    }
    copy(&template(), into, answers);
}

fn copy(from: &Path, to: &Path, answers: &Answers<'_>) {
    fs::create_dir_all(to).expect("the target folder is writable");
    for entry in fs::read_dir(from).expect("the template is a folder") {
        let path = entry.expect("the template can be read").path();
        let name = path.file_name().expect("it is in a folder");
        let name = name.to_str().expect("its name is text");
        if path.is_dir() {
            copy(&path, &to.join(name), answers);
            continue;
        }
        let text = fs::read_to_string(&path).expect("every file of the template is text");
        match name.strip_suffix(".liquid") {
            Some(name) => fs::write(to.join(name), render(&text, answers)),
            // Skip the configuration of the tool, and any file that a template replaces.
            None if name == "cargo-generate.toml" => continue,
            None if from.join(format!("{name}.liquid")).exists() => continue,
            None => fs::write(to.join(name), text),
        }
        .expect("the target folder is writable");
    }
}
