use super::*;

const HEADER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

#[test]
fn the_text_of_a_context_reads_as_the_same_context() {
    for flags in [0, 1, 0xa5, 0xff] {
        let context = TraceContext::new([0xab; 16], [1, 0, 0, 0, 0, 0, 0, 0], flags).unwrap();
        assert_eq!(context.to_string().parse(), Ok(context));
    }
    let context: TraceContext = HEADER.parse().unwrap();
    assert_eq!(context.to_string(), HEADER);
}

#[test]
fn of_a_later_version_what_is_known_is_read() {
    let context: TraceContext = HEADER.parse().unwrap();
    for later in ["cc", "01", "fe"] {
        let same = HEADER.replacen("00", later, 1);
        assert_eq!(same.parse(), Ok(context));
        assert_eq!(format!("{same}-and.more").parse(), Ok(context));
    }
}

#[test]
fn a_text_that_is_none_is_refused() {
    let refused = [
        "".to_owned(),
        "00".to_owned(),
        HEADER[..54].to_owned(),
        format!("{HEADER}0"),
        format!("{HEADER}-more"),
        format!(" {HEADER}"),
        HEADER.replacen("00", "ff", 1),
        HEADER.replacen("00", "01", 1) + "x",
        HEADER.to_uppercase(),
        HEADER.replace('-', "_"),
        HEADER.replace("4b", "4g"),
        HEADER.replace("4b", "+b"),
        HEADER.replace("4bf", "-bf"),
        HEADER.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32)),
        HEADER.replace("00f067aa0ba902b7", &"0".repeat(16)),
        HEADER.replace("4bf9", "ü9") + "0",
        format!("{}ü", &HEADER[..54]),
    ];
    for text in refused {
        assert_eq!(
            text.parse::<TraceContext>(),
            Err(InvalidTraceContext {}),
            "{text}"
        );
    }
}

#[test]
fn a_scope_restores_the_previous_context_even_after_a_panic() {
    let of = |number: u8| TraceContext::new([number; 16], [number; 8], 0);
    let _outer = enter(of(1));
    let inside = of(2).unwrap().in_scope(|| CURRENT.get());
    assert_eq!(inside, of(2));
    let panicked = std::panic::catch_unwind(|| of(3).unwrap().in_scope(|| panic!("on purpose")));
    assert!(panicked.is_err());
    assert_eq!(CURRENT.get(), of(1));
}
