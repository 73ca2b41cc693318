//! The generator, tested on small inputs.

use crate::conformance_page::cases::Contract;
use crate::conformance_page::names::{ids, in_source, mentioned};
use crate::conformance_page::page;
use crate::conformance_page::rules::{outdated, problems};

const TEMPLATE: &str = "{summary}\n| D2 | {D2} |\n- GS-02: a point\n{cases}\n{later}";

/// Parses a contract with GS-01 and these details, plus GS-02 which has a test, and the tests of `source`.
fn case(details: &str, source: &str) -> (Contract, Vec<crate::conformance_page::names::Named>) {
    let text = format!(
        "# A comment\n[GenServer]\nGS-01 One\n    from a_SUITE:b,c\n{details}\
         GS-02 Two\n    from d\n[later]\nPool: POOL-01 to POOL-03\n"
    );
    let mut tests = Vec::new();
    in_source(
        &format!("{source}\n#[test]\nfn gs_02_two() {{}}\n"),
        "f.rs",
        &mut tests,
    );
    (Contract::parse(&text).unwrap(), tests)
}

#[track_caller]
fn complains(details: &str, source: &str, of: &str) {
    let (contract, tests) = case(details, source);
    let wrong = problems(&contract, &tests, TEMPLATE);
    assert_eq!(wrong.len(), usize::from(!of.is_empty()), "{wrong:?}");
    assert!(wrong.concat().contains(of), "{wrong:?}");
}

const PASSES: &str = "#[test]\nfn gs_01_one() {}";

#[test]
fn a_name_begins_with_its_cases() {
    assert_eq!(ids("sup_07_an_id_that_runs"), ["SUP-07"]);
    assert_eq!(ids("x34_sup_42_all_are_counted"), ["X34", "SUP-42"]);
    assert_eq!(ids("sup_16_17_siblings"), ["SUP-16", "SUP-17"]);
    assert_eq!(ids("x5"), ["X5"]);
    for other in [
        "a_sup_07",
        "link_to_nobody",
        "xs_1",
        "x_1",
        "sup",
        "supervisor_07",
    ] {
        assert_eq!(ids(other), [""; 0], "{other}");
    }
    assert_eq!(mentioned("REG-03, X5: `D7` and GS-1x"), ["REG-03", "X5"]);
}

#[test]
fn only_a_test_that_runs_shows_a_case() {
    let runs = |source: &str| {
        let mut found = Vec::new();
        in_source(source, "f.rs", &mut found);
        found.iter().map(|test| test.runs).collect::<Vec<_>>()
    };
    assert_eq!(runs("#[test]\nfn gs_01() {}"), [true]);
    assert_eq!(
        runs("/// About [it\n#[tokio::test(\nflavor = \"x\",\n)]\nasync fn gs_01() {}"),
        [true]
    );
    assert_eq!(
        runs("#[ambit::test]\n#[ignore = \"slow\"]\nasync fn gs_01() {}"),
        [false]
    );
    assert_eq!(runs("#[test]\nfn other() {}\nfn gs_01<T>() {}"), [false]);
    assert_eq!(runs("// fn gs_01() {}"), [false; 0]);
}

#[test]
fn inconsistencies_are_reported() {
    complains("", PASSES, "");
    complains("", "", "GS-01 has no test");
    complains("    part: x\n", "", "GS-01 has no test");
    complains("    part: x\n", PASSES, "");
    for mark in ["open", "types", "library"] {
        complains(&format!("    {mark}: x\n"), "", "");
        complains(
            &format!("    {mark}: x\n"),
            PASSES,
            "`gs_01_one` in f.rs passes it",
        );
        complains(
            &format!("    {mark}: x\n    part: y\n"),
            PASSES,
            "cannot be",
        );
    }
    complains("    deviation D2: x\n", "", "GS-01 has no test");
    complains("    deviation D2: x\n", PASSES, "");
    complains("    deviation D3: x\n", PASSES, "there is no D3");
    complains(
        "",
        "#[test]\nfn gs_01_03_x() {}",
        "GS-03 is not in cases.txt",
    );
    complains("GS-01 Again\n    from d\n", PASSES, "twice");
    complains("GS-03 Three\n    open: x\n", PASSES, "where it is from");
    complains(
        "",
        &format!("{PASSES}\nfn gs_01_help() {{}}"),
        "no test that runs",
    );
    let (contract, tests) = case("", PASSES);
    assert_eq!(
        problems(&contract, &tests, "GS-09"),
        ["template.md: GS-09 is not in cases.txt"]
    );
}

#[test]
fn a_library_of_another_version_is_reported() {
    let (contract, _) = case("    library: foca 2.0.0: `a`\n", "");
    let lock = |version: &str| format!("[[package]]\nname = \"foca\"\nversion = \"{version}\"\n");
    assert_eq!(outdated(&contract, &lock("2.0.0")), [""; 0]);
    let wrong = outdated(&contract, &lock("2.1.0"));
    assert!(
        wrong
            .concat()
            .starts_with("GS-01: Cargo.lock has no `foca 2.0.0`"),
        "{wrong:?}"
    );
}

#[test]
fn a_line_that_cannot_be_read_is_named() {
    for (text, why) in [
        ("GS-01 x", "line 1: a case stands under"),
        ("[A]\n    open: x", "line 2: a detail stands under"),
        ("[A]\nGS-01", "line 2: a case has an id"),
        ("[A]\nGS-01 x\n    closed: x", "line 3: `from ..`"),
        ("[later]\nPool", "line 2: an area and its ids"),
    ] {
        let error = Contract::parse(text).err().unwrap();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn the_page_shows_every_status() {
    let rows = |details: &str, source: &str| {
        let (contract, tests) = case(details, source);
        page::render(&contract, &tests, TEMPLATE)
    };
    let page = rows("", PASSES);
    assert!(
        page.contains("| GS-01 | One | a_SUITE | passed | [f.rs](../f.rs): `gs_01_one` |"),
        "{page}"
    );
    assert!(
        page.contains("| passed; see the [smaller points](#smaller-points) |"),
        "{page}"
    );
    assert!(
        page.contains("| [GenServer](#genserver) | 2 | 2 | 0 | 0 | 0 | 0 |"),
        "{page}"
    );
    assert!(page.contains("| Pool | POOL-01 to POOL-03 |"), "{page}");
    let page = rows("    part: x\n", PASSES);
    assert!(page.contains("| passed in part; left out: x |"), "{page}");
    let page = rows("    deviation D2: x\n    part: y\n", PASSES);
    assert!(
        page.contains("| deviation [D2](#deviations): x; left out: y |"),
        "{page}"
    );
    assert!(page.contains("| D2 | GS-01 |"), "{page}");
    let page = rows("    types: x\n", "");
    assert!(page.contains("| not applicable: x |  |"), "{page}");
    let page = rows("    library: foca 2.0.0: `a`\n", "");
    assert!(page.contains("| covered by foca 2.0.0: `a` |  |"), "{page}");
    assert!(page.contains("| 2 | 1 | 0 | 0 | 0 | 0 | 1 |"), "{page}");
    let page = rows("    open: x\n", "");
    assert!(page.contains("| open: x |  |"), "{page}");
    assert!(page.contains("| 2 | 1 | 0 | 0 | 0 | 1 |"), "{page}");
}
