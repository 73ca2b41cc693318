//! Credits, from both ends.

use std::collections::VecDeque;

use ambit_dist::wire::{CloseCode, Credits, Window, WireError};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::cases;

proptest! {
    #![proptest_config(cases(500))]

    /// In any order of sending, arriving, handling and returning, nobody breaks a rule, and once all is handled the
    /// sender can go on.
    #[test]
    fn a_sender_that_minds_its_credits_never_goes_beyond_the_window(size in 1..20u32, steps in vec(0..4u8, 0..300)) {
        let (mut credits, mut window) = (Credits::new(size), Window::new(size));
        let mut messages = 0u32;
        let mut returned = VecDeque::new();
        for step in steps {
            match step {
                0 => messages += u32::from(credits.take()),
                1 if messages > 0 => {
                    messages -= 1;
                    prop_assert_eq!(window.arrived(), Ok(()));
                }
                2 => returned.extend(window.handled()),
                _ => {
                    if let Some(count) = returned.pop_front() {
                        prop_assert_eq!(credits.granted(count), Ok(()));
                    }
                }
            }
            prop_assert!(messages + window.waiting() <= size);
        }
        for _ in 0..messages {
            prop_assert_eq!(window.arrived(), Ok(()));
        }
        while window.waiting() > 0 {
            returned.extend(window.handled());
        }
        for count in returned {
            prop_assert_eq!(credits.granted(count), Ok(()));
        }
        prop_assert!(credits.left() > 0);
    }
}

#[test]
fn a_sender_stops_at_the_end_of_the_window() {
    let mut credits = Credits::new(2);
    assert!(credits.take() && credits.take());
    assert!(!credits.take());
    credits.granted(1).unwrap();
    assert!(credits.take() && !credits.take());
}

#[test]
fn a_credit_that_was_not_needed_is_put_back_and_never_more_than_the_window() {
    let mut credits = Credits::new(1);
    assert!(credits.take());
    credits.put_back();
    credits.put_back();
    assert_eq!(credits.left(), 1);
}

#[test]
fn credits_come_back_in_batches_of_half_the_window() {
    let batches = |size: u32| {
        let mut window = Window::new(size);
        let mut batches = Vec::new();
        for _ in 0..10 {
            window.arrived().unwrap();
            batches.extend(window.handled());
        }
        batches
    };
    assert_eq!(batches(7), [3, 3, 3]);
    assert!(batches(256).is_empty());
    assert_eq!(batches(1), [1; 10]);
}

#[test]
fn a_message_without_a_credit_is_a_flow_violation() {
    let mut window = Window::new(4);
    for _ in 0..4 {
        window.arrived().unwrap();
    }
    assert_eq!(window.handled(), None);
    let error = window.arrived().unwrap_err();
    assert_eq!(error, WireError::NoCredit { window: 4 });
    assert_eq!(error.close_code(), CloseCode::FlowViolation);
    assert_eq!(window.handled(), Some(2));
    assert_eq!(window.arrived(), Ok(()));
}

#[test]
fn more_credits_than_were_used_are_a_flow_violation() {
    let mut credits = Credits::new(4);
    assert!(credits.take());
    let error = credits.granted(2).unwrap_err();
    assert_eq!(error, WireError::TooMuchCredit { count: 2, used: 1 });
    assert_eq!(error.close_code(), CloseCode::FlowViolation);
    assert!(credits.granted(u32::MAX).is_err());
    assert_eq!(credits.left(), 3);
}

#[test]
fn what_was_not_there_is_not_handled() {
    let mut window = Window::new(1);
    assert_eq!(window.handled(), None);
    window.arrived().unwrap();
    assert_eq!(window.handled(), Some(1));
    assert_eq!(window.handled(), None);
}
