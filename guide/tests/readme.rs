//! The README is short, its programs run as they are, and its links lead somewhere.

use crate::blocks::blocks;
use crate::files::{guide, links, read};

#[test]
fn the_readme_shows_two_short_programs_and_its_links_lead_somewhere() {
    let root = guide().parent().expect("the guide is in the repository");
    let readme = read(&root.join("README.md"));
    let programs: Vec<_> = blocks(&readme)
        .into_iter()
        .filter(|block| block.language.starts_with("rust"))
        .collect();
    assert_eq!(programs.len(), 2, "for one machine, and for two");
    for (program, most) in programs.iter().zip([20, 26]) {
        assert_eq!(program.language, "rust", "it is compiled and run as it is");
        assert!(program.lines.len() <= most, "and has at most {most} lines");
    }
    for link in links(&readme) {
        assert!(root.join(link).exists(), "README.md: {link} leads nowhere");
    }
}
