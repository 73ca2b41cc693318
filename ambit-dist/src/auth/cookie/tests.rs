use proptest::prelude::*;

use super::text::BASE64;
use super::*;
use crate::rt::Rng;

fn random(bytes: usize) -> Vec<u8> {
    let mut random = vec![0; bytes];
    super::super::sources::fill_random(&mut random).unwrap();
    random
}

fn base64(bytes: &[u8]) -> String {
    let bits: Vec<_> = bytes
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1))
        .collect();
    let value = |group: &[u8]| (0..6).fold(0, |value, at| value << 1 | group.get(at).unwrap_or(&0));
    bits.chunks(6)
        .map(|group| char::from(BASE64[usize::from(value(group))]))
        .collect()
}

fn refused(text: &str) -> CookieError {
    Cookie::try_from(text).unwrap_err()
}

#[test]
fn a_cookie_is_the_same_in_each_form() {
    let bytes = random(32);
    let cookie = Cookie::try_from(bytes.as_slice()).unwrap();
    let hex = cookie.reveal();
    let forms = [
        hex.to_string(),
        hex.to_uppercase(),
        format!("  {}\n", *hex),
        base64(&bytes),
        format!("{}=", base64(&bytes)),
    ];
    for form in forms {
        assert_eq!(
            Cookie::try_from(form.as_str()).unwrap().bytes(),
            bytes,
            "{form}"
        );
        assert_eq!(
            Cookie::try_from(form.as_bytes()).unwrap().bytes(),
            bytes,
            "{form}"
        );
        assert_eq!(Cookie::try_from(form).unwrap().bytes(), bytes);
    }
    assert_eq!(Cookie::try_from(bytes.clone()).unwrap().bytes(), bytes);
}

#[test]
fn a_longer_secret_is_a_cookie_as_well() {
    for length in [33, 48, 64, 200] {
        let bytes = random(length);
        let cookie = Cookie::try_from(bytes.as_slice()).unwrap();
        assert_eq!(
            Cookie::try_from(cookie.reveal().as_str()).unwrap().bytes(),
            bytes
        );
        assert_eq!(Cookie::try_from(base64(&bytes)).unwrap().bytes(), bytes);
    }
}

/// Uses a fixed seed, because one in a million random texts is taken for words.
#[test]
fn random_bytes_are_not_taken_for_words() {
    let mut rng = Rng::with_seed(1);
    for _ in 0..5_000 {
        let rolls: [u64; 4] = std::array::from_fn(|_| rng.u64(..));
        let bytes = rolls.map(u64::to_le_bytes).concat();
        assert!(Cookie::try_from(bytes.as_slice()).is_ok(), "{bytes:?}");
        let text = base64(&bytes);
        assert!(Cookie::try_from(text.as_str()).is_ok(), "{text}");
    }
}

#[test]
fn a_short_secret_is_refused() {
    let hex = Cookie::try_from(random(32)).unwrap().reveal();
    let short = ["", "secret", &hex[..62], &base64(&random(31))];
    for text in short {
        assert_eq!(refused(text), CookieError::TooShort, "{text}");
    }
    let bytes = [200; 31];
    assert_eq!(
        Cookie::try_from(bytes.as_slice()).unwrap_err(),
        CookieError::TooShort
    );
}

#[test]
fn characters_that_no_cookie_has_are_refused() {
    let good = base64(&random(32));
    for stranger in [' ', '+', '/', '.', '\0', 'ä', '='] {
        let text = format!("{}{stranger}{}", &good[..20], &good[20..]);
        assert_eq!(refused(&text), CookieError::Characters, "{text}");
    }
}

#[test]
fn words_and_patterns_are_refused() {
    let patterns = [
        "0".repeat(64),
        "0123456789abcdef".repeat(4),
        (0..32).map(|byte| format!("{byte:02x}")).collect(),
        (0..32).map(|byte| format!("{:02x}", byte * 8)).collect(),
        "correct-horse-battery-staple-correct-horse-battery".into(),
        "CorrectHorseBatteryStapleCorrectHorseBatteryStaple".into(),
        "PASSWORD_PASSWORD_PASSWORD_PASSWORD_PASSWORD".into(),
        "abcABC123_abcABC123_abcABC123_abcABC123_abcABC123".into(),
    ];
    for pattern in patterns {
        assert_eq!(refused(&pattern), CookieError::Guessable, "{pattern}");
    }
    for bytes in [[255_u8; 32], std::array::from_fn(|at| at as u8 | 128)] {
        assert_eq!(Cookie::try_from(bytes).unwrap_err(), CookieError::Guessable);
    }
    assert!(Cookie::try_from([0; 32]).is_err());
}

/// Text is recognised in any encoding: a letter outside ASCII does not make it random bytes.
#[test]
fn text_with_a_non_ascii_character_is_rejected() {
    let phrase = "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich";
    let refused = Cookie::try_from(phrase.as_bytes()).unwrap_err();
    assert_eq!(refused, CookieError::Characters);
    assert_eq!(Cookie::try_from(phrase).unwrap_err(), refused);
    let cyrillic = "съешь же ещё этих мягких французских булок, да выпей чаю";
    assert!(Cookie::try_from(cyrillic.as_bytes()).is_err());
    // One byte per letter, and two.
    let latin1: Vec<u8> = phrase.chars().map(|letter| letter as u32 as u8).collect();
    let utf16: Vec<u8> = phrase.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [latin1, utf16] {
        assert_eq!(Cookie::try_from(bytes).unwrap_err(), CookieError::Guessable);
    }
}

/// Returns text in an encoding with one byte per character: ASCII as it is, and the characters from `first` at `at`.
fn in_one_byte_each(text: &str, first: char, at: u8) -> Vec<u8> {
    let byte = |letter: char| match letter.is_ascii() {
        true => letter as u8,
        false => at + (letter as u32 - first as u32) as u8,
    };
    text.chars().map(byte).collect()
}

#[test]
fn text_with_one_byte_per_letter_is_rejected() {
    let windows_1251 = in_one_byte_each("съешь же этих мягких французских булок", 'А', 0xC0);
    let iso_8859_7 = in_one_byte_each("ξεσκεπάζω την ψυχοφθόρα σας βδελυγμία", 'ΐ', 0xC0);
    let latin_1 = in_one_byte_each("Pæn rød å på ø, blåbær, æblegrød og sødmælk", 'À', 0xC0);
    let latin_2 =
        b"P\xF8\xEDli\xB9 \xBElu\xBBou\xE8k\xFD k\xF9\xF2 \xFAp\xECl \xEF\xE1belsk\xE9 \xF3dy"
            .to_vec();
    for bytes in [windows_1251, iso_8859_7, latin_1, latin_2] {
        let refused = Cookie::try_from(bytes.as_slice()).unwrap_err();
        assert_eq!(refused, CookieError::Guessable, "{bytes:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_input_is_judged_and_what_is_accepted_has_32_bytes(bytes: Vec<u8>, text: String) {
        for cookie in [Cookie::try_from(bytes), Cookie::try_from(text)].into_iter().flatten() {
            prop_assert!(cookie.bytes().len() >= BYTES);
        }
    }
}
