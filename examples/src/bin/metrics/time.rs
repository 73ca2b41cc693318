//! Times in a log, `14/Mar/2026:09:30:00 +0100`, converted to seconds since 1970.
//!
//! A separate module from the line, because a calendar is an independent concept. Hand-written, because one fixed
//! format in the Gregorian calendar does not justify a dependency.

const MONTHS: [&[u8]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];

/// Parses the whole text between the brackets; `None` if it is invalid.
pub(crate) fn parse(text: &[u8]) -> Option<i64> {
    let text: &[u8; 26] = text.try_into().ok()?;
    if [text[2], text[6], text[11], text[14], text[17], text[20]] != *b"//::: " {
        return None;
    }
    let month = MONTHS.iter().position(|name| *name == &text[3..6])? as i64 + 1;
    let year = number(&text[7..11], 1..=9999)?;
    let day = number(&text[..2], 1..=days_in(month, year))?;
    let hour = number(&text[12..14], 0..=23)?;
    let minute = number(&text[15..17], 0..=59)?;
    let second = number(&text[18..20], 0..=60)?; // 60: a leap second
    let offset = number(&text[22..24], 0..=23)? * 3_600 + number(&text[24..], 0..=59)? * 60;
    let local = days_since_1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    match text[21] {
        b'+' => Some(local - offset),
        b'-' => Some(local + offset),
        _ => None,
    }
}

/// Parses decimal digits only: no sign, no spaces, not empty.
pub(crate) fn digits(text: &[u8]) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0_u64, |value, byte| {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            None
        } else {
            value.checked_mul(10)?.checked_add(digit.into())
        }
    })
}

fn number(text: &[u8], range: std::ops::RangeInclusive<i64>) -> Option<i64> {
    digits(text)
        .and_then(|value| value.try_into().ok())
        .filter(|value| range.contains(value))
}

fn days_in(month: i64, year: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Uses years that start in March, so that the leap day is the last day of its year.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let before_this_year = year * 365 + year / 4 - year / 100 + year / 400;
    let before_this_month = (month * 153 + 2) / 5;
    before_this_year + before_this_month + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_moments() {
        for (text, seconds) in [
            ("01/Jan/1970:00:00:00 +0000", 0),
            ("31/Dec/1969:23:59:59 +0000", -1),
            ("17/May/2015:10:05:03 +0000", 1_431_857_103),
            ("29/Feb/2024:12:00:00 +0000", 1_709_208_000),
            ("01/Mar/2000:00:00:00 +0000", 951_868_800),
            ("14/Mar/2026:09:30:00 +0000", 1_773_480_600),
        ] {
            assert_eq!(parse(text.as_bytes()), Some(seconds), "{text}");
        }
    }

    #[test]
    fn the_offset_is_taken_away() {
        let noon = parse(b"20/Nov/2026:12:00:00 +0000");
        assert_eq!(parse(b"20/Nov/2026:13:30:00 +0130"), noon);
        assert_eq!(parse(b"20/Nov/2026:07:00:00 -0500"), noon);
        assert_eq!(parse(b"21/Nov/2026:01:00:00 +1300"), noon);
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let mut expected = parse(b"01/Jan/1899:00:00:00 +0000").unwrap();
        for year in 1899..2105 {
            for month in 1..=12 {
                for day in 1..=days_in(month, year) {
                    assert_eq!(days_since_1970(year, month, day) * 86_400, expected);
                    expected += 86_400;
                }
            }
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "14/Mar/2026:09:30:00",
            "14/mar/2026:09:30:00 +0000",
            "31/Apr/2026:09:30:00 +0000",
            "29/Feb/2026:09:30:00 +0000",
            "00/Mar/2026:09:30:00 +0000",
            "14/Mar/2026:24:00:00 +0000",
            "14/Mar/2026:09:60:00 +0000",
            "14/Mar/2026:09:30:61 +0000",
            "14/Mar/2026:09:30:00 *0000",
            "14/Mar/2026:09:30:00 +00:0",
            "14-Mar-2026:09:30:00 +0000",
            " 4/Mar/2026:09:30:00 +0000",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }
}
