//! The figures recorded in `limits.txt`, and their comparison with new ones.

use std::fmt::Write;

use crate::probe::Figure;

/// The relative difference that is ignored.
const TOLERANCE: f64 = 0.05;

/// The file, relative to the root of the repository.
pub(crate) const FILE: &str = "gates/limits.txt";

const HEAD: &str = "\
# What messages and idle servers cost: name, figure, unit. Over 5 % more fails.
# `just gates --update` writes the figures of this machine; read the diff before you commit it.
";

/// The recorded figures.
#[derive(Debug, Default)]
pub(crate) struct Limits(Vec<Figure>);

/// The comparison of a figure with the recorded one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Worse,
    Same,
    Better,
    /// No figure was recorded.
    New,
}

impl Limits {
    /// Parses the file.
    ///
    /// # Errors
    /// The first line that is neither a comment nor a figure.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let lines = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        lines.map(Figure::parse).collect::<Result<_, _>>().map(Self)
    }

    pub(crate) fn of(&self, name: &str) -> Option<f64> {
        let figure = self.0.iter().find(|figure| figure.name == name)?;
        Some(figure.value)
    }

    pub(crate) fn compare(&self, figure: &Figure) -> Verdict {
        let Some(recorded) = self.of(&figure.name) else {
            return Verdict::New;
        };
        let margin = recorded * TOLERANCE + figure.noise();
        if figure.value > recorded + margin {
            Verdict::Worse
        } else if figure.value < recorded - margin {
            Verdict::Better
        } else {
            Verdict::Same
        }
    }

    /// Returns the recorded names that are no longer measured.
    pub(crate) fn left_over<'a>(&'a self, measured: &[Figure]) -> Vec<&'a str> {
        let gone = |name: &str| measured.iter().all(|figure| figure.name != name);
        let names = self.0.iter().map(|figure| figure.name.as_str());
        names.filter(|name| gone(name)).collect()
    }

    /// Replaces the figures that were measured; the others stay.
    pub(crate) fn update(&mut self, measured: &[Figure]) {
        for figure in measured {
            match self.0.iter_mut().find(|old| old.name == figure.name) {
                Some(old) => old.value = figure.value,
                None => self.0.push(figure.clone()),
            }
        }
    }

    /// Returns the text of the file.
    pub(crate) fn text(&self) -> String {
        let mut text = HEAD.to_owned();
        for figure in &self.0 {
            let digits = figure.digits();
            let Figure { name, value } = figure;
            writeln!(text, "{name} {value:.digits$} {}", figure.unit()).expect("a string has room");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(name: &str, value: f64) -> Figure {
        Figure {
            name: name.into(),
            value,
        }
    }

    #[test]
    fn five_percent_are_the_border() {
        let limits =
            Limits::parse("# comment\nbytes/a 1000 bytes\n\nallocations/b 0.000 allocations\n")
                .unwrap();
        let verdict = |name, value| limits.compare(&figure(name, value));
        assert_eq!(verdict("bytes/a", 1050.0), Verdict::Same);
        assert_eq!(verdict("bytes/a", 1051.0), Verdict::Worse);
        assert_eq!(verdict("bytes/a", 949.0), Verdict::Better);
        assert_eq!(verdict("allocations/b", 0.001), Verdict::Same);
        assert_eq!(verdict("allocations/b", 0.01), Verdict::Worse);
        assert_eq!(verdict("bytes/c", 1.0), Verdict::New);
    }

    #[test]
    fn written_limits_are_readable_and_keep_unmeasured_figures() {
        let mut limits = Limits::parse("bytes/a 1000 bytes\nbytes/b 7 bytes\n").unwrap();
        limits.update(&[figure("bytes/a", 900.4), figure("allocations/c", 1.0)]);
        let text = limits.text();
        assert!(text.starts_with('#'));
        assert!(
            text.ends_with("bytes/a 900 bytes\nbytes/b 7 bytes\nallocations/c 1.000 allocations\n")
        );
        let again = Limits::parse(&text).unwrap();
        assert_eq!(again.of("bytes/a"), Some(900.0));
        assert_eq!(
            again.left_over(&[figure("bytes/a", 1.0)]),
            ["bytes/b", "allocations/c"]
        );
    }

    #[test]
    fn a_line_without_a_number_is_reported() {
        let error = Limits::parse("bytes/a many bytes\n").unwrap_err();
        assert!(error.contains("bytes/a many bytes"));
    }
}
