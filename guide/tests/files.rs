//! The files of the guide, and the links on its pages.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Once;

use crate::blocks;

/// The folder of the package.
pub(crate) fn guide() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All files under a folder with this extension, sorted.
pub(crate) fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
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

/// The pages. With `UPDATE_EXPECT` the first use writes their blocks, before any test reads them.
pub(crate) fn pages() -> Vec<PathBuf> {
    static WRITTEN: Once = Once::new();
    let pages = files(&guide().join("src"), "md");
    WRITTEN.call_once(|| {
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            pages.iter().for_each(|page| write_blocks(page));
        }
    });
    pages
}

fn write_blocks(page: &Path) {
    let text = read(page);
    // The test of the blocks reports an error here.
    let rendered = blocks::rendered(&text).unwrap_or_else(|_| text.clone());
    if rendered != text {
        fs::write(page, rendered).expect("a page can be written");
    }
}

/// The path of a page inside of `guide/src`, as texts name it.
pub(crate) fn name(page: &Path) -> String {
    let inside = page.strip_prefix(guide().join("src")).unwrap_or(page);
    inside.display().to_string()
}

/// The targets of all links to other files or headings of a text, without those to the web.
pub(crate) fn targets(text: &str) -> Vec<&str> {
    let prose = blocks::prose(text);
    prose
        .flat_map(|line| line.split("](").skip(1))
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target)
        .filter(|target| !target.contains("://"))
        .collect()
}

/// The targets that are files, without their fragments.
pub(crate) fn links(text: &str) -> Vec<&str> {
    let paths = targets(text).into_iter();
    paths
        .map(|target| target.split('#').next().unwrap_or(target))
        .filter(|path| !path.is_empty())
        .collect()
}
