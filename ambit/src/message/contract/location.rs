//! Locations in a method: recorded while types are compared, formatted only if needed.

/// One step from a method to a value inside it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step<'a> {
    Argument(&'a str),
    Reply,
    Field(&'a str),
    Variant(&'a str),
    /// One of several values by position.
    Part(usize),
    Key,
    Error,
}

/// A location, an index into the [`Locations`] that recorded it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Location(usize);

/// The maximum number of formatted steps of a long path, counted from its end.
const SHOWN: usize = 12;

/// All recorded locations, each with its parent.
#[derive(Debug, Default)]
pub(super) struct Locations<'a> {
    steps: Vec<(Option<Location>, Step<'a>)>,
}

impl<'a> Locations<'a> {
    /// Records a location one step below another, or at the top of a method.
    pub(super) fn behind(&mut self, before: Option<Location>, step: Step<'a>) -> Location {
        self.steps.push((before, step));
        Location(self.steps.len() - 1)
    }

    /// Returns the path of a location: "argument `order`, field `item.price`"; empty for the method itself.
    pub(super) fn path(&self, place: Option<Location>) -> String {
        self.path_below(None, place)
    }

    /// Returns the part of the path of `place` that lies below `top`.
    pub(super) fn path_below(&self, top: Option<Location>, place: Option<Location>) -> String {
        let mut way = Vec::new();
        let mut next = place.filter(|place| Some(*place) != top);
        while let Some(Location(at)) = next
            && way.len() <= SHOWN
        {
            let (before, step) = self.steps[at];
            way.push(step);
            next = before.filter(|before| Some(*before) != top);
        }
        let cut = way.len() > SHOWN;
        way.truncate(SHOWN);
        way.reverse();
        let path = written(&way);
        if cut { format!(".., {path}") } else { path }
    }
}

fn written(way: &[Step<'_>]) -> String {
    let mut path = String::new();
    let mut fields = Vec::new();
    for step in way {
        if let Step::Field(name) = step {
            fields.push(*name);
            continue;
        }
        add_fields(&mut path, &mut fields);
        add(
            &mut path,
            &match step {
                Step::Argument(name) => format!("argument `{name}`"),
                Step::Variant(name) => format!("variant `{name}`"),
                Step::Part(position) => format!("part {position}"),
                Step::Reply => "reply".to_owned(),
                Step::Key => "key".to_owned(),
                Step::Error | Step::Field(_) => "error".to_owned(),
            },
        );
    }
    add_fields(&mut path, &mut fields);
    path
}

fn add_fields(path: &mut String, fields: &mut Vec<&str>) {
    if !fields.is_empty() {
        add(path, &format!("field `{}`", fields.join(".")));
        fields.clear();
    }
}

fn add(path: &mut String, part: &str) {
    if !path.is_empty() {
        path.push_str(", ");
    }
    path.push_str(part);
}
