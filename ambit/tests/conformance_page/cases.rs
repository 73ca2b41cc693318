//! The parser of `docs/conformance/cases.txt`.

/// A chapter of the page.
pub(crate) struct Area {
    pub(crate) name: String,
    pub(crate) cases: Vec<Case>,
}

pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) title: String,
    /// The test suites that the case comes from, each with its tests: `suite:test,test`.
    pub(crate) from: Vec<String>,
    pub(crate) notes: Vec<Note>,
}

pub(crate) struct Note {
    pub(crate) kind: Kind,
    pub(crate) text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The part of the case that the tests do not cover.
    Part,
    /// A deviation from the case; the id names it.
    Deviation(String),
    /// Not applicable, because the types exclude it.
    Types,
    /// Checked by the tests of a library that implements it: its name and version, and these tests.
    Library,
    Open,
}

/// An area whose cases are not listed yet: its name and the range of ids.
pub(crate) struct Later {
    pub(crate) name: String,
    pub(crate) ids: String,
}

#[derive(Default)]
pub(crate) struct Contract {
    pub(crate) areas: Vec<Area>,
    pub(crate) later: Vec<Later>,
}

impl Contract {
    /// Parses the list. An error names the line and the cause.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut contract = Self::default();
        let mut later = false;
        for (number, line) in text.lines().enumerate() {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let section = line
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'));
            let read = match section {
                Some("later") => {
                    later = true;
                    Ok(())
                }
                Some(name) => {
                    later = false;
                    let name = name.to_owned();
                    contract.areas.push(Area {
                        name,
                        cases: Vec::new(),
                    });
                    Ok(())
                }
                None if later => contract.read_later(line),
                None => contract.read_case(line),
            };
            read.map_err(|why| format!("cases.txt, line {}: {why}", number + 1))?;
        }
        Ok(contract)
    }

    pub(crate) fn cases(&self) -> impl Iterator<Item = &Case> {
        self.areas.iter().flat_map(|area| &area.cases)
    }

    fn read_later(&mut self, line: &str) -> Result<(), String> {
        let (name, ids) = line
            .split_once(": ")
            .ok_or("an area and its ids: `Area: ids`")?;
        let (name, ids) = (name.to_owned(), ids.to_owned());
        self.later.push(Later { name, ids });
        Ok(())
    }

    fn read_case(&mut self, line: &str) -> Result<(), String> {
        let area = self
            .areas
            .last_mut()
            .ok_or("a case stands under an `[Area]`")?;
        if let Some(detail) = line.strip_prefix("    ") {
            let case = area
                .cases
                .last_mut()
                .ok_or("a detail stands under its case")?;
            return case.read_detail(detail);
        }
        let (id, title) = line.split_once(' ').ok_or("a case has an id and a title")?;
        area.cases.push(Case {
            id: id.to_owned(),
            title: title.to_owned(),
            from: Vec::new(),
            notes: Vec::new(),
        });
        Ok(())
    }
}

impl Case {
    pub(crate) fn has(&self, kind: &Kind) -> bool {
        self.notes.iter().any(|note| note.kind == *kind)
    }

    pub(crate) fn deviates(&self) -> bool {
        self.deviations().next().is_some()
    }

    /// Returns the ids of its deviations.
    pub(crate) fn deviations(&self) -> impl Iterator<Item = &str> {
        self.notes.iter().filter_map(|note| match &note.kind {
            Kind::Deviation(id) => Some(id.as_str()),
            Kind::Part | Kind::Types | Kind::Library | Kind::Open => None,
        })
    }

    fn read_detail(&mut self, detail: &str) -> Result<(), String> {
        if let Some(suites) = detail.strip_prefix("from ") {
            self.from = suites.split(' ').map(str::to_owned).collect();
            return Ok(());
        }
        let expected =
            "`from ..`, `part: ..`, `deviation Dn: ..`, `types: ..`, `library: ..` or `open: ..`";
        let (kind, text) = detail.split_once(": ").ok_or(expected)?;
        let kind = match kind {
            "part" => Kind::Part,
            "types" => Kind::Types,
            "library" => Kind::Library,
            "open" => Kind::Open,
            other => Kind::Deviation(other.strip_prefix("deviation ").ok_or(expected)?.to_owned()),
        };
        let text = text.to_owned();
        self.notes.push(Note { kind, text });
        Ok(())
    }
}
