//! Rules for compiler messages: one error per mistake, at tokens of the user, with the remedy and without generated
//! names. Every mistake of the list has a case.
//!
//! A case begins with a comment that gives the remedy, after `dsl #25:` if the list contains the mistake. The message
//! must then contain each piece of the remedy in backticks. A rule reports all its violations at once.

#![allow(
    clippy::unwrap_used,
    reason = "a file of this package that cannot be read fails the test"
)]

#[path = "messages/case.rs"]
mod case;

use std::collections::BTreeSet;
use std::path::Path;

use case::{Case, Message, quoted};

/// The mistakes in the list.
const LIST: std::ops::RangeInclusive<u32> = 1..=66;

/// No mistake: private types in public calls are allowed.
const ALLOWED: [u32; 1] = [37];

/// Mistakes that are detected only at run time: the number, the file of the test, and the name of the test.
const AT_RUN_TIME: [(u32, &str, &str); 2] = [
    (
        65,
        "ambit/tests/engine/same.rs",
        "a_server_that_calls_itself_is_told",
    ),
    (
        66,
        "ambit/tests/engine/same.rs",
        "a_dropped_port_says_no_reply_while_the_server_goes_on",
    ),
];

/// The attributes of a block. The attribute itself is never the mistake; its arguments may be.
const OF_A_BLOCK: [&str; 6] = [
    "gen_server",
    "state_machine",
    "supervisor",
    "protocol",
    "derive",
    "wire",
];

/// The mistakes in which the attribute of a method is itself wrong: duplicate, misspelt, outside a block, or under
/// `cfg_attr`.
const MARKERS: [u32; 4] = [12, 13, 14, 15];

#[test]
fn every_mistake_has_a_case() {
    let covered: BTreeSet<u32> = case::all().iter().filter_map(Case::number).collect();
    let at_run_time = AT_RUN_TIME.map(|(number, ..)| number);
    let elsewhere = |number: &u32| ALLOWED.contains(number) || at_run_time.contains(number);
    let missing: Vec<u32> = LIST
        .filter(|number| !covered.contains(number) && !elsewhere(number))
        .collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
    let twice: Vec<&u32> = covered.iter().filter(|number| elsewhere(number)).collect();
    assert!(twice.is_empty(), "{twice:?} are no exceptions");
    let unknown: Vec<&u32> = covered
        .iter()
        .filter(|number| !LIST.contains(number))
        .collect();
    assert!(unknown.is_empty(), "the list has no {unknown:?}");
}

#[test]
fn a_mistake_at_run_time_has_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (number, file, test) in AT_RUN_TIME {
        let source = std::fs::read_to_string(root.join(file)).unwrap_or_default();
        let function = format!("fn {test}");
        assert!(
            source.contains(&function),
            "{file} has no `{test}` for {number}"
        );
    }
}

#[test]
fn the_first_line_names_the_fix() {
    hold(|case| {
        let no_fix = case.fix().is_empty();
        no_fix.then(|| "the first line is `// dsl #25: fix`, or `// fix`".to_owned())
    });
}

#[test]
fn a_mistake_is_one_error() {
    hold(|case| {
        let found = case.messages().len();
        let Some(declared) = case.declared() else {
            return (found != 1).then(|| format!("{found} errors"));
        };
        if !may_have_several(case) {
            return Some("one mistake may not have several errors".to_owned());
        }
        let fits = match declared {
            "many" => found > 1,
            number => number == found.to_string(),
        };
        (!fits).then(|| format!("{found} errors, declared are {declared}"))
    });
}

/// Returns true if a case has several mistakes, according to its name.
fn may_have_several(case: &Case) -> bool {
    case.name.contains("many") || case.name.contains("two")
}

#[test]
fn errors_point_at_what_the_user_wrote() {
    hold(|case| {
        let lost = |message: &Message| match &message.place {
            Some((file, line, column)) => misplaced(case, file, *line, *column),
            None => Some("an error without a place".to_owned()),
        };
        let mut messages = case.messages().into_iter();
        messages.find_map(|message| lost(&message))
    });
}

fn misplaced(case: &Case, file: &str, line: usize, column: usize) -> Option<String> {
    if !file.ends_with(&case.name) {
        return Some(format!("an error points at {file}"));
    }
    let text = case.source.lines().nth(line - 1).unwrap_or_default();
    let attribute = text.trim_start().strip_prefix("#[")?;
    let in_options = text
        .find(['(', '='])
        .is_some_and(|options| column > options + 1);
    let of_a_block = OF_A_BLOCK.iter().any(|name| attribute.starts_with(name));
    let is_marker =
        case.declared().is_some() || case.number().is_none_or(|number| MARKERS.contains(&number));
    let fine = in_options || (is_marker && !of_a_block);
    (!fine).then(|| format!("an error points at the attribute `{text}`"))
}

#[test]
fn messages_name_what_to_write() {
    hold(|case| {
        let messages = case.messages();
        let bare = |message: &&Message| message.said.iter().all(|line| quoted(line).is_empty());
        if let Some(message) = messages.iter().find(bare) {
            return Some(format!("`{}` quotes nothing", message.headline));
        }
        // For the other mistakes, the first line may contain more than the message can.
        let is_said = |piece: &&str| case.number().is_none() || case.stderr.contains(*piece);
        let unsaid = quoted(case.fix()).into_iter().find(|piece| !is_said(piece));
        unsaid.map(|piece| format!("nothing is said of `{piece}`"))
    });
}

#[test]
fn our_own_messages_are_in_the_house_style() {
    hold(|case| {
        let ours = case.name.starts_with("macro/");
        let messages = case.messages();
        let mut headlines = messages.iter().map(|message| message.headline.as_str());
        let odd = headlines.find(|headline| {
            headline.starts_with(char::is_uppercase) || headline.ends_with(['.', '!'])
        });
        odd.filter(|_| ours)
            .map(|headline| format!("`{headline}` begins in upper case or ends with a full stop"))
    });
}

#[test]
fn messages_show_no_generated_name() {
    hold(|case| {
        let has_underscores = case.source.contains("__");
        let messages = case.messages();
        let mut said = messages.iter().flat_map(|message| &message.said);
        let shown = said.find(|line| {
            line.contains("__private")
                || line.contains("$crate")
                || (shows_generated_name(line) && !has_underscores)
        });
        shown.map(|line| format!("`{line}` shows a generated name"))
    });
}

#[test]
fn messages_are_the_same_wherever_the_standard_library_has_its_source() {
    hold(|case| {
        let quotes = case.stderr.contains("$RUST");
        quotes.then(|| "quotes the standard library, whose source may not be installed".to_owned())
    });
}

/// Applies a rule to all cases, and reports all violations.
fn hold(rule: impl Fn(&Case) -> Option<String>) {
    let broken: Vec<String> = case::all()
        .iter()
        .filter_map(|case| rule(case).map(|why| format!("{}: {why}", case.name)))
        .collect();
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

/// Returns true if a line contains a word with two underscores, and not only underlining.
fn shows_generated_name(line: &str) -> bool {
    line.split("__")
        .skip(1)
        .any(|after| after.starts_with(char::is_alphabetic))
}
