//! The breaking changes: the rules, one by one, in both directions.

use super::random::{changed, random};
use super::read;
use crate::message::contract::{
    Agreement, Break, BreakReason, Contract, compatible, compatible_method,
};
use crate::message::tag::tag;
use crate::test_rng::TestRng;

#[track_caller]
fn breaks(old: &str, new: &str) -> Vec<String> {
    let found = compatible(&read(old), &read(new));
    found.iter().map(Break::to_string).collect()
}

/// Returns the breaks if the lines of a type `t`, which is the type of an argument `a`, change in this way.
#[track_caller]
fn type_breaks(old: &str, new: &str) -> Vec<String> {
    let with = |lines: &str| format!("protocol p\n  cast m(a: t)\nopaque x version 1\n{lines}");
    let said = breaks(&with(old), &with(new)).into_iter();
    said.map(
        |text| match text.strip_prefix("`p`, method `m`, argument `a`, ") {
            Some(rest) => rest.to_owned(),
            None => text,
        },
    )
    .collect()
}

/// Returns the breaks if the arguments and the reply of a method change in this way.
#[track_caller]
fn method_breaks(old: &str, new: &str) -> Vec<String> {
    let with =
        |line: &str| format!("protocol p\n  {line}\nstruct x version 1\nstruct y version 1\n");
    let said = breaks(&with(old), &with(new)).into_iter();
    said.map(|text| match text.strip_prefix("`p`, method `m`, ") {
        Some(rest) => rest.to_owned(),
        None => text,
    })
    .collect()
}

const NOTHING: [&str; 0] = [];

#[test]
fn additions_break_nothing_and_removals_do() {
    let (one, two) = (
        "protocol p\n  cast m()",
        "protocol p\n  cast m()\n  call n() -> u8",
    );
    assert_eq!(breaks(one, two), NOTHING);
    assert_eq!(
        breaks(two, one),
        [
            "`p`, method `n`: the method is gone; keep it as long as peers use it, or, if only its name has changed, write `#[call(tag = \"n\")]`"
        ]
    );
    assert_eq!(
        breaks(one, "protocol p"),
        [
            "`p`, method `m`: the method is gone; keep it as long as peers use it, or, if only its name has changed, write `#[cast(tag = \"m\")]`"
        ]
    );
    assert_eq!(breaks("", one), NOTHING);
    assert_eq!(
        breaks(one, ""),
        ["`p`: the protocol is gone; keep it as long as other nodes use it"]
    );
}

#[test]
fn a_call_stays_a_call() {
    assert_eq!(
        method_breaks(
            "call m(a: u8) -> u8",
            "cast m(b: u9x)\nstruct u9x version 1"
        ),
        ["`p`, method `m`: was a call and is a cast; keep it, and add a cast under a new name"]
    );
    assert_eq!(
        method_breaks("cast m()", "call m() -> unit"),
        ["`p`, method `m`: was a cast and is a call; keep it, and add a call under a new name"]
    );
}

#[test]
fn arguments_are_known_by_position() {
    let added =
        "is new, and old peers do not send it; make it an `Option`, or add a method that takes it";
    let removed = "is gone, and old peers need it; keep it, or add a method without it";
    let order = "and arguments are known by position; keep their order, and add new ones behind";
    let optional = "b?: option<u8>";
    let renamed = |new: &str, old: &str| {
        format!(
            "argument `{new}`: was `{old}`, and what old peers send as `{old}` would be read as this; keep `{old}` and add this behind the others, or, if only the name has changed, write `#[message(rename = \"{old}\")]` on it"
        )
    };
    let cases: &[(&str, &str, &[String])] = &[
        ("a: u8", "b: u8", &[]),
        ("a: u8, b: u8", "a: u8, c: u8", &[]),
        ("a: u8", "a: u8, b: u8", &[format!("argument `b`: {added}")]),
        ("a: u8, b: u8", "a: u8", &[format!("argument `b`: {removed}")]),
        ("a: u8, b: u8, c: u8", "d: u8", &[format!("argument `b`: {removed}"), format!("argument `c`: {removed}")]),
        ("a: u8", &format!("a: u8, {optional}"), &[]),
        (&format!("a: u8, {optional}"), "a: u8", &[]),
        ("a: u8, b: u8", "b: u8, a: u8", &[
            format!("argument `b`: was argument 2 and is argument 1, {order}"),
            format!("argument `a`: was argument 1 and is argument 2, {order}"),
        ]),
        ("a: u8, b: u8", "b: u8", &[format!("argument `b`: was argument 2 and is argument 1, {order}")]),
        (&format!("a?: option<u8>, {optional}"), optional, &[format!("argument `b`: was argument 2 and is argument 1, {order}")]),
        ("a: u8", "b?: option<u8>, a: u8", &[format!("argument `a`: was argument 1 and is argument 2, {order}")]),
        ("a: u8, b?: option<u8>", "a: u8, c?: option<u8>", &[renamed("c", "b")]),
        ("a?: option<u8>", "b?: option<i8>", &[renamed("b", "a")]),
        ("a?: option<u8>, b?: option<u8>", "c?: option<u8>, b?: option<u8>", &[renamed("c", "a")]),
        ("a: u8, b: u8", "c: u8, d: u8", &[renamed("c", "a"), renamed("d", "b")]),
        ("a: u8, b: u16", "c: u8, d: u16", &[]),
        ("a: list<u8>, b: set<u8>", "c: set<u8>, d: list<u8>", &[renamed("c", "a"), renamed("d", "b")]),
        ("a: list<u8>, b: set<u16>", "c: set<u8>, d: list<u16>", &[]),
        ("a: u8", "b?: u8", &[renamed("b", "a")]),
        ("a?: u8", "b: u8", &[renamed("b", "a")]),
        ("a?: option<u8>", "a?: option<u8>", &[]),
        ("a: u8", "a: i8", &["argument `a`: was `u8` and is `i8`; keep the type, and add the new one under a new name".to_owned()]),
        ("a: u8", "b: i8", &["argument `b`: was `u8` and is `i8`; keep the type, and add the new one under a new name".to_owned()]),
    ];
    for (old, new, expected) in cases {
        let said = method_breaks(&format!("cast m({old})"), &format!("cast m({new})"));
        assert_eq!(said, *expected, "({old}) -> ({new})");
    }
}

#[test]
fn arguments_whose_types_have_one_encoding_are_not_renamed_together() {
    let types = [
        ("array<list<u8>, 2>", "array<set<u8>, 2>", true),
        ("array<u8, 2>", "array<u8, 3>", false),
        ("map<u8, list<u8>>", "map<u8, set<u8>>", true),
        ("map<u8, u8>", "map<u8, u16>", false),
        ("map<u8, u8>", "map<u16, u8>", false),
        ("result<list<u8>, u8>", "result<set<u8>, u8>", true),
        ("result<u8, list<u8>>", "result<u8, set<u8>>", true),
        ("result<u8, u8>", "result<u8, u16>", false),
        ("result<u8, u8>", "result<u16, u8>", false),
        ("(u8, list<u8>)", "(u8, set<u8>)", true),
        ("(u8, u8)", "(u8, u8, u8)", false),
        ("(u8, u8)", "(u8, u16)", false),
        ("option<list<u8>>", "option<set<u8>>", true),
        ("option<u8>", "option<u16>", false),
    ];
    for (one, other, is_one_encoding) in types {
        let said = method_breaks(
            &format!("cast m(a: {one}, b: {other})"),
            &format!("cast m(c: {one}, d: {other})"),
        );
        let may_be_swapped = said.len() == 2 && said.iter().all(|text| text.contains(": was `"));
        assert_eq!(
            may_be_swapped, is_one_encoding,
            "{one} and {other}: {said:?}"
        );
        assert_eq!(
            said.is_empty(),
            !is_one_encoding,
            "{one} and {other}: {said:?}"
        );
    }
}

#[test]
fn a_type_must_not_change_at_any_nesting_level() {
    let cases = [
        ("u32", "u64", "", "u32", "u64"),
        ("u64", "u32", "", "u64", "u32"),
        ("u8", "option<u8>", "", "u8", "option<u8>"),
        ("option<u8>", "option<i8>", "", "u8", "i8"),
        ("list<u8>", "list<i8>", "", "u8", "i8"),
        ("list<u8>", "array<u8, 4>", "", "list<u8>", "array<u8, 4>"),
        (
            "array<u8, 4>",
            "array<u8, 5>",
            "",
            "array<u8, 4>",
            "array<u8, 5>",
        ),
        ("array<u8, 4>", "array<i8, 4>", "", "u8", "i8"),
        ("map<u8, u16>", "map<i8, u16>", ", key", "u8", "i8"),
        ("map<u8, u16>", "map<u8, i16>", "", "u16", "i16"),
        ("(u8, u16)", "(u8, i16)", ", part 1", "u16", "i16"),
        (
            "(u8, u16)",
            "(u8, u16, u32)",
            "",
            "(u8, u16)",
            "(u8, u16, u32)",
        ),
        ("result<u8, u16>", "result<i8, u16>", "", "u8", "i8"),
        (
            "result<u8, u16>",
            "result<u8, i16>",
            ", error",
            "u16",
            "i16",
        ),
        ("x", "y", "", "x", "y"),
        ("x", "u8", "", "x", "u8"),
    ];
    for (old, new, path, was, is) in cases {
        let said = method_breaks(&format!("call m() -> {old}"), &format!("call m() -> {new}"));
        let expected = format!(
            "reply{path}: was `{was}` and is `{is}`; keep the type, and add the new one under a new name"
        );
        assert_eq!(said, [expected], "{old} -> {new}");
    }
    let all = "(u8, option<list<array<u8, 3>>>, map<u8, result<x, y>>)";
    let line = format!("call m() -> {all}");
    assert_eq!(method_breaks(&line, &line), NOTHING);
}

#[test]
fn fields_are_known_by_name() {
    let added = "is new, and old peers do not send it; write `#[message(default)]` on it, or make it an `Option`";
    let removed = |name: &str| {
        format!(
            "is gone, and old peers need it; keep it, or, if only its name has changed, write `#[message(rename = \"{name}\")]`"
        )
    };
    let cases: &[(&str, &str, &[String])] = &[
        ("  f: u8\n  g: u16", "  g: u16\n  f: u8", &[]),
        ("  f: u8", "  f: u8\n  g: u8", &[format!("field `g`, type `t`: {added}")]),
        ("  f: u8\n  g: u8", "  f: u8", &[format!("field `g`, type `t`: {}", removed("g"))]),
        ("  f: u8", "  f: u8\n  g?: u8", &[]),
        ("  f: u8\n  g?: u8", "  f: u8", &[]),
        ("  f: u8", "  g: u8", &[
            format!("field `f`, type `t`: {}", removed("f")),
            format!("field `g`, type `t`: {added}"),
        ]),
        ("  f: u8", "  f?: u8", &[]),
        ("  f?: u8", "  f: u8", &[]),
        ("  f: u8", "  f: i8", &["field `f`, type `t`: was `u8` and is `i8`; keep the type, and add the new one under a new name".to_owned()]),
        ("  f?: u8", "  f?: i8", &["field `f`, type `t`: was `u8` and is `i8`; keep the type, and add the new one under a new name".to_owned()]),
    ];
    for (old, new, expected) in cases {
        let of = |fields: &str| format!("struct t version 1\n{fields}\n");
        assert_eq!(type_breaks(&of(old), &of(new)), *expected, "{old} -> {new}");
        // The same in a variant.
        let of =
            |fields: &str| format!("enum t version 1\n  v\n{}\n", fields.replace("  ", "    "));
        let expected: Vec<_> = expected
            .iter()
            .map(|text| format!("variant `v`, {text}"))
            .collect();
        assert_eq!(type_breaks(&of(old), &of(new)), expected, "{old} -> {new}");
    }
}

#[test]
fn fields_without_names_are_known_by_position() {
    let unclear = |at: u16| {
        format!(
            "field `{at}`, type `t`: has no name and the type of a field before it, so that old peers may take the one for the other; give it a name, with `#[message(rename = \"..\")]`"
        )
    };
    let removed = |at: u16| {
        format!(
            "field `{at}`, type `t`: is gone, and a field without a name is known by its position, which another one would take; keep it, or give fields that may go a name from the start, with `#[message(rename = \"..\")]`"
        )
    };
    let cases: &[(&str, &str, &[String])] = &[
        // Either of two may have been removed, or added.
        ("0?: u8, 1?: u8", "0?: u8", &[unclear(1)]),
        ("0?: u8", "0?: u8, 1?: u8", &[unclear(1)]),
        ("0?: list<u8>", "0?: list<u8>, 1?: set<u8>", &[unclear(1)]),
        ("0?: u8, 1?: u8, 2?: i8", "0?: u8, 1?: i8", &[
            "field `1`, type `t`: was `u8` and is `i8`; keep the type, and add the new one under a new name".to_owned(),
            unclear(2),
        ]),
        ("0?: u8, 1: u8", "0?: u8, 1: u8, 2: u8", &[unclear(2)]),
        ("0: i8, 1?: u8", "0: i8, 1?: u8, 2?: i8, 3?: u8", &[unclear(2)]),
        ("0?: u8, 1: u8, 2: i8", "0?: u8, 1: u8", &["field `2`, type `t`: is gone, and old peers need it; keep it, or, if only its name has changed, write `#[message(rename = \"2\")]`".to_owned()]),
        ("0: u8", "0: u8, 1?: u8", &[unclear(1)]),
        ("0?: u8", "0: u8, 1?: u8", &[unclear(1)]),
        // Only one can have been added.
        ("0: u8", "0: u8, 1?: i8", &[]),
        ("0: u8, 1: i8", "0: u8, 1: i8, 2?: u16", &[]),
        ("0?: u8", "0?: u8, 1?: i8", &[]),
        ("0?: u8, 1: i8", "0?: u8, 1: i8, 2?: u8", &[]),
        ("", "0?: u8, 1?: u8", &[]),
        // A removed part may be added again with another meaning.
        ("0: u8, 1?: i8", "0: u8", &[removed(1)]),
        ("0?: u8", "", &[removed(0)]),
        // A name identifies it.
        ("0: u8, n?: u8", "0: u8", &[]),
        ("0?: u8", "0?: u8, n?: u8", &[]),
        ("00?: u8", "", &[]),
        ("0?: u8, 2?: u8", "0?: u8, 1?: u8", &[unclear(2)]),
    ];
    let of = |fields: &str| {
        let fields = fields.split(", ").filter(|field| !field.is_empty());
        let lines: String = fields.map(|field| format!("  {field}\n")).collect();
        format!("struct t version 1\n{lines}")
    };
    for (old, new, expected) in cases {
        assert_eq!(
            type_breaks(&of(old), &of(new)),
            *expected,
            "({old}) -> ({new})"
        );
    }
}

#[test]
fn a_new_field_that_would_be_taken_for_an_old_one_breaks() {
    assert_eq!(tag("costarring"), tag("liquid"));
    let taken = |name: &str| {
        format!(
            "is new and has the number on the wire that `{name}` has for old peers, by chance; choose another name for it"
        )
    };
    let old = "struct t version 1\n  costarring?: u8\n  f: u8\n";
    let new = "struct t version 1\n  f: u8\n  liquid?: u8\n";
    assert_eq!(
        type_breaks(old, new),
        [format!("field `liquid`, type `t`: {}", taken("costarring"))]
    );
    assert_eq!(
        type_breaks(new, old),
        [format!("field `costarring`, type `t`: {}", taken("liquid"))]
    );
    let neither = "struct t version 1\n  f: u8\n";
    assert_eq!(type_breaks(old, neither), NOTHING);
    assert_eq!(type_breaks(neither, new), NOTHING);
}

#[test]
fn variants_are_known_by_tag_and_new_ones_are_dated() {
    let added = |known: u32| {
        format!(
            "variant `w`, type `t`: is new, and old peers, which have version {known} of the type, would be sent it; write `#[message(since = {})]` on it, with that version on the type",
            known + 1
        )
    };
    let removed = "variant `w`, type `t`: is gone, and old peers send it; keep it, or, if only its name has changed, write `#[message(tag = \"w\")]`";
    let lowered = |old: u32, new: u32| {
        format!(
            "variant `v`, type `t`: is marked as added in version {new}, and was marked with version {old}; peers with versions in between do not have it, so write `#[message(since = {old})]`"
        )
    };
    let cases: &[(&str, &str, &[String])] = &[
        ("1\n  v", "1\n  v\n  w", &[added(1)]),
        ("1\n  v", "2\n  v\n  w", &[added(1)]),
        ("1\n  v", "2\n  v\n  w since 2", &[]),
        ("2\n  v", "3\n  v\n  w since 2", &[added(2)]),
        ("2\n  v", "3\n  v\n  w since 3", &[]),
        ("1\n  v\n  w", "2\n  v", &[removed.to_owned()]),
        ("2\n  v\n  w since 2", "3\n  v", &[removed.to_owned()]),
        ("2\n  v\n  w since 2", "1\n  v", &[removed.to_owned(), "type `t`: was version 2 and is version 1; continue from 2".to_owned()]),
        ("1\n  v\n  w", "1\n  w\n  v", &[]),
        ("1\n  v", "2\n  v since 2", &["variant `v`, type `t`: is marked as added in version 2, and version 1 has it already; write the version that added it".to_owned()]),
        ("2\n  v since 2", "2\n  v", &[lowered(2, 1)]),
        ("4\n  v since 3", "5\n  v since 2", &[lowered(3, 2)]),
        ("4\n  v since 2", "5\n  v since 4", &[]),
        ("2\n  v", "2\n  v since 2", &[]),
    ];
    for (old, new, expected) in cases {
        let of = |lines: &str| format!("enum t version {lines}\n");
        assert_eq!(type_breaks(&of(old), &of(new)), *expected, "{old} -> {new}");
    }
}

#[test]
fn versions_only_rise_and_a_struct_stays_a_struct() {
    let empty = |kind: &str, version: u32| format!("{kind} t version {version}\n");
    for kind in ["struct", "enum"] {
        assert_eq!(type_breaks(&empty(kind, 1), &empty(kind, 2)), NOTHING);
        assert_eq!(
            type_breaks(&empty(kind, 3), &empty(kind, 2)),
            ["type `t`: was version 3 and is version 2; continue from 3"]
        );
    }
    for (old, new) in [(1, 2), (2, 1)] {
        assert_eq!(
            type_breaks(&empty("opaque", old), &empty("opaque", new)),
            [format!(
                "type `t`: was version {old} and is version {new}, and how foreign types change is not known; keep it, and give the new one a name of its own"
            )]
        );
    }
    assert_eq!(
        type_breaks(&empty("opaque", 2), &empty("opaque", 2)),
        NOTHING
    );
    let kinds = [
        ("struct", "a struct"),
        ("enum", "an enum"),
        ("opaque", "a foreign type"),
    ];
    for (old, was) in kinds {
        for (new, is) in kinds {
            if old != new {
                assert_eq!(
                    type_breaks(&empty(old, 1), &empty(new, 1)),
                    [format!(
                        "type `t`: was {was} and is {is}; keep it, and give the new type a name of its own"
                    )]
                );
            }
        }
    }
}

#[test]
fn the_fields_of_keys_and_elements_stay() {
    let lines = |field: &str| {
        format!(
            "struct t version 1\n  found: map<(u8, k), k>\nstruct k version 1\n  id: u8\n  of?: option<o>\nstruct o version 1\n{field}"
        )
    };
    let why = "and peers without it would read two that differ only in it as one; keep the fields of keys and elements, or send a list";
    assert_eq!(type_breaks(&lines(""), &lines("")), NOTHING);
    for field in ["  more?: u8\n", "  more?: option<u8>\n"] {
        let place = "field `found`, key, part 1, field `of.more`, type `o`";
        assert_eq!(
            type_breaks(&lines(""), &lines(field)),
            [format!(
                "{place}: is new in a key of a map or an element of a set, {why}"
            )]
        );
        assert_eq!(
            type_breaks(&lines(field), &lines("")),
            [format!(
                "{place}: is gone from a key of a map or an element of a set, {why}"
            )]
        );
    }
    // In a value of the map, the same type may change.
    let value = |field: &str| lines(field).replace("map<(u8, k), k>", "map<(u8, u8), k>");
    assert_eq!(type_breaks(&value(""), &value("  more?: u8\n")), NOTHING);
    // A set may become a list, unless a field of its elements changes too.
    let within = |of: &str, field: &str| lines(field).replace("map<(u8, k), k>", of);
    assert_eq!(
        type_breaks(&within("list<k>", ""), &within("set<k>", "")),
        NOTHING
    );
    assert_eq!(
        type_breaks(&within("set<k>", ""), &within("list<k>", "")),
        NOTHING
    );
    let more = "  more?: u8\n";
    assert_eq!(
        type_breaks(&within("list<k>", ""), &within("list<k>", more)),
        NOTHING
    );
    for [old, new] in [
        ["set<k>", "set<k>"],
        ["list<k>", "set<k>"],
        ["set<k>", "list<k>"],
    ] {
        assert_eq!(
            type_breaks(&within(old, ""), &within(new, more)),
            [format!(
                "field `found.of.more`, type `o`: is new in a key of a map or an element of a set, {why}"
            )]
        );
    }
}

#[test]
fn a_list_in_a_key_does_not_become_a_set() {
    let within = |of: &str| format!("struct t version 1\n  found: {of}");
    for (old, new) in [
        ("map<list<u8>, u8>", "map<set<u8>, u8>"),
        ("set<list<u8>>", "set<set<u8>>"),
        ("list<list<u8>>", "set<set<u8>>"),
        ("set<(u8, set<u8>)>", "set<(u8, list<u8>)>"),
    ] {
        let breaks = type_breaks(&within(old), &within(new));
        assert_eq!(breaks.len(), 1, "{old} to {new}: {breaks:?}");
    }
    let value = type_breaks(&within("map<u8, list<u8>>"), &within("map<u8, set<u8>>"));
    assert_eq!(value, NOTHING);
}

#[test]
fn a_change_far_below_is_found_with_the_way_to_it() {
    let lines = |leaf: &str| {
        format!(
            "protocol p\n  call m(a: list<option<r>>) -> result<map<u8, r>, e>\n\
             struct r version 1\n  next?: option<r>\n  item: i\n\
             enum e version 1\n  bad\n    why: map<i, u8>\n\
             struct i version 1\n  price: (u8, {leaf})\n"
        )
    };
    assert_eq!(breaks(&lines("u32"), &lines("u32")), NOTHING);
    assert_eq!(
        breaks(&lines("u32"), &lines("u64")),
        [
            "`p`, method `m`, reply, error, variant `bad`, field `why`, key, field `price`, part 1, type `i`: was `u32` and is `u64`; keep the type, and add the new one under a new name"
        ]
    );
    let nested = |leaf: &str| {
        format!(
            "protocol p\n  cast m(a: o)\nstruct o version 1\n  item: i\nstruct i version 1\n  price: {leaf}\n"
        )
    };
    let found = compatible(&read(&nested("u8")), &read(&nested("i8")));
    assert_eq!(found[0].path, "argument `a`, field `item.price`");
    assert_eq!(found[0].of.as_deref(), Some("i"));
}

#[test]
fn a_long_path_is_reported_by_its_end() {
    let path = |fields: usize| {
        let lines = |leaf: &str| {
            let link = |at: usize| format!("struct t{at} version 1\n  f: t{}\n", at + 1);
            let links: String = (1..fields).map(link).collect();
            read(&format!(
                "protocol p\n  cast m(a: t1)\n{links}struct t{fields} version 1\n  f: {leaf}\n"
            ))
        };
        let found = compatible(&lines("u8"), &lines("u16"));
        assert_eq!(found.len(), 1);
        found[0].path.clone()
    };
    let fields = |count: usize| vec!["f"; count].join(".");
    assert_eq!(path(1), "argument `a`, field `f`");
    assert_eq!(path(11), format!("argument `a`, field `{}`", fields(11)));
    assert_eq!(path(12), format!(".., field `{}`", fields(12)));
    assert_eq!(path(40), format!(".., field `{}`", fields(12)));
}

#[test]
fn a_type_that_no_old_method_reaches_may_change() {
    let lines = |leaf: &str| format!("protocol p\n  cast m()\nstruct t version 1\n  f: {leaf}\n");
    assert_eq!(breaks(&lines("u8"), &lines("u16")), NOTHING);
    let with = format!("{}protocol q\n  cast m(a: t)\n", lines("u16"));
    assert_eq!(breaks(&lines("u8"), &with), NOTHING);
}

#[test]
fn one_method_is_compared_by_itself() {
    let old = read("protocol p\n  cast m(a: u8)\n  cast n(a: u8)");
    let new = read("protocol p\n  cast m(a: u8)\n  cast n(a: u16)\n  cast o()");
    assert_eq!(compatible_method(&old, &new, "p", "m"), []);
    assert_eq!(
        compatible_method(&old, &new, "p", "n"),
        compatible(&old, &new)
    );
    assert_eq!(compatible_method(&old, &new, "p", "o"), []);
    assert_eq!(compatible_method(&new, &old, "p", "o").len(), 1);
    assert_eq!(compatible_method(&old, &new, "q", "m"), []);
}

#[test]
fn a_type_without_a_definition_is_reported() {
    let mut old = read("protocol p\n  cast m(a: t)\nopaque t version 1");
    let new = old.clone();
    old.types.clear();
    let expected = BreakReason::Undefined;
    for (one, other) in [(&old, &new), (&new, &old)] {
        let found = compatible(one, other);
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].of.as_deref(), &found[0].reason),
            (Some("t"), &expected)
        );
    }
    assert_eq!(compatible(&old, &old), []);
}

#[test]
fn peers_of_compatible_releases_agree() {
    let (mut compatible, mut refused) = (0, 0);
    for seed in 0..2000 {
        let mut rng = TestRng::new(seed);
        let old = random(&mut rng);
        let new = changed(&old, &mut rng);
        assert_eq!(super::super::compatible(&old, &old), []);
        for (protocol, interface) in &old.protocols {
            for method in &interface.methods {
                let agreed = new.agreement(&old, protocol, &method.name);
                let breaks = compatible_method(&old, &new, protocol, &method.name);
                let differs = agreed == Agreement::Framed;
                compatible += u32::from(differs && breaks.is_empty());
                refused += u32::from(!breaks.is_empty());
                let is_refused = matches!(agreed, Agreement::Refused(_));
                assert!(!(is_refused && breaks.is_empty()), "seed {seed}");
                let back = old.agreement(&new, protocol, &method.name);
                assert_eq!(
                    std::mem::discriminant(&agreed),
                    std::mem::discriminant(&back),
                    "seed {seed}: {agreed:?} {back:?}"
                );
            }
        }
    }
    assert!(compatible > 100 && refused > 100, "{compatible} {refused}");
}

#[test]
fn a_contract_from_code_and_one_from_its_text_are_compared_alike() {
    for seed in 0..200 {
        let contract = random(&mut TestRng::new(seed));
        let read: Contract = contract.to_string().parse().unwrap();
        assert_eq!(compatible(&contract, &read), []);
        assert_eq!(compatible(&read, &contract), []);
    }
}
