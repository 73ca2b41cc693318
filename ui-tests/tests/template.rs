//! Generates, builds, tests and runs the project template `templates/service`, as a user would.

mod generate;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use generate::{Answers, generate, render, template};

use crate::workspace::{root, run_cargo, said, target};

const NAME: &str = "night-links";

fn rendered(file: &str, ambit_source: &str) -> String {
    let text = fs::read_to_string(template().join(file)).unwrap();
    let answers = Answers {
        project_name: NAME,
        ambit_source,
    };
    render(&text, &answers)
}

/// Returns the features of each dependency of a manifest, with the section as part of the key.
fn features(manifest: &str) -> BTreeMap<(String, String), String> {
    let mut section = String::new();
    let mut found = BTreeMap::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            section = line.to_owned();
        } else if section.ends_with("dependencies]")
            && let Some((name, value)) = line.split_once(" = ")
        {
            let name = name.trim_end_matches(".workspace").to_owned();
            let features = value.split_once(" features = ");
            let features = features.map_or("", |(_, features)| features);
            found.insert((section.clone(), name), features.to_owned());
        }
    }
    found
}

#[test]
fn a_project_depends_on_what_is_compiled_here() {
    let member = fs::read_to_string(template().join("Cargo.toml")).unwrap();
    let expected = features(&member);
    assert!(expected.len() > 5, "{expected:?}");
    for source in ["https://git.example/ambit", "/checkouts/ambit"] {
        let manifest = rendered("Cargo.toml.liquid", source);
        assert_eq!(features(&manifest), expected, "{manifest}");
    }
    let workspace = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let oldest = |manifest: &str| {
        let line = manifest
            .lines()
            .find(|line| line.starts_with("rust-version = "));
        line.unwrap().to_owned()
    };
    let manifest = rendered("Cargo.toml.liquid", "/ambit");
    assert_eq!(oldest(&manifest), oldest(&workspace));
}

#[test]
fn the_image_takes_ambit_from_where_the_project_does() {
    let (git, path) = ("https://git.example/ambit", "/checkouts/ambit");
    assert!(rendered("Cargo.toml.liquid", git).contains(&format!("ambit = {{ git = \"{git}\"")));
    let manifest = rendered("Cargo.toml.liquid", path);
    assert!(manifest.contains(&format!("ambit = {{ path = \"{path}/ambit\"")));

    // A path is outside the folder of the project, so it is a second build context with everything that the manifest
    // refers to.
    assert!(!rendered("Dockerfile.liquid", git).contains("--from=ambit"));
    let image = rendered("Dockerfile.liquid", path);
    for copied in [
        "Cargo.toml /checkouts/ambit/",
        "ambit /checkouts/ambit/ambit",
    ] {
        let line = format!("COPY --from=ambit {copied}\n");
        assert!(image.contains(&line), "no `{line}` in {image}");
    }
    for text in [image, rendered("README.md.liquid", path)] {
        assert!(
            text.contains("--build-context ambit=/checkouts/ambit ."),
            "{text}"
        );
    }
}

#[cfg(unix)]
#[test]
#[ignore = "builds a project of its own: `just projects`, and CI"]
fn a_project_is_generated_built_tested_and_run() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("template");
    let project = folder.join(NAME);
    let root = root();
    let answers = Answers {
        project_name: NAME,
        ambit_source: root.to_str().unwrap(),
    };
    generate(&project, &answers);
    // Only in this test is the project inside the folder of another workspace; and nothing is fetched.
    let manifest = project.join("Cargo.toml");
    let own = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, own + "\n[workspace]\n").unwrap();
    fs::copy(root.join("Cargo.lock"), project.join("Cargo.lock")).unwrap();

    let tested = run_cargo(&project, &["test", "--test", "*"]);
    let said = said(&tested);
    assert!(
        tested.status.success() && !said.contains("warning"),
        "{said}"
    );
    assert!(
        said.contains("4 passed") && said.contains("1 passed"),
        "{said}"
    );

    program::serves_and_stops(&target().join("debug").join(NAME), &project);
}

#[cfg(unix)]
mod program;
