//! Reads values from the one line of JSON that `metrics` writes.

/// Returns the number after a name that occurs once.
#[track_caller]
pub(crate) fn number(json: &str, name: &str) -> u64 {
    let behind = json.split_once(&format!("\"{name}\":"));
    let (_, behind) = behind.unwrap_or_else(|| panic!("no {name} in {json}"));
    let digits = behind.split(|c: char| !c.is_ascii_digit()).next();
    digits
        .and_then(|digits| digits.parse().ok())
        .unwrap_or_else(|| panic!("no number {name} in {json}"))
}
