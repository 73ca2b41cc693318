//! Credits, from both ends.

use std::collections::VecDeque;

use ambit::node::Account;
use ambit_dist::wire::{CloseCode, Limits, Window, WireError};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::cases;

fn account(window: u32) -> Account {
    let account = Account::default();
    account.open(window);
    account
}

proptest! {
    #![proptest_config(cases(500))]

    /// In any order of sending, arriving, handling and returning, nobody breaks a rule, and once all is handled the
    /// sender can go on, with a message of any length.
    #[test]
    fn a_sender_that_minds_its_credits_never_goes_beyond_the_window(
        size in 1..20u32,
        steps in vec((0..4u8, 0..3000usize), 0..300),
    ) {
        let limits = Limits::default().window(size).window_bytes(2000);
        let (credits, mut window) = (account(size), Window::new(size));
        let (mut sent, mut arrived, mut returned) = (VecDeque::new(), VecDeque::new(), VecDeque::new());
        for (step, bytes) in steps {
            let cost = limits.cost(bytes);
            match step {
                0 if credits.take(cost) => sent.push_back(cost),
                1 => {
                    if let Some(cost) = sent.pop_front() {
                        prop_assert_eq!(window.arrived(cost), Ok(()));
                        arrived.push_back(cost);
                    }
                }
                2 => {
                    if let Some(cost) = arrived.pop_front() {
                        returned.extend(window.handled(cost));
                    }
                }
                _ => {
                    if let Some(count) = returned.pop_front() {
                        prop_assert_eq!(credits.grant(count), Ok(()));
                    }
                }
            }
            prop_assert!(sent.iter().sum::<u32>() + window.waiting() <= size);
        }
        for cost in sent {
            prop_assert_eq!(window.arrived(cost), Ok(()));
            arrived.push_back(cost);
        }
        for cost in arrived {
            returned.extend(window.handled(cost));
        }
        prop_assert_eq!(window.waiting(), 0);
        for count in returned {
            prop_assert_eq!(credits.grant(count), Ok(()));
        }
        prop_assert!(credits.left() >= limits.cost(usize::MAX));
        if let Some(rest) = window.rest() {
            prop_assert_eq!(credits.grant(rest), Ok(()));
        }
        prop_assert_eq!(credits.used(), 0);
    }
}

#[test]
fn what_waits_for_a_process_is_no_longer_than_its_window_and_two_messages() {
    let limits = Limits::default();
    let most = limits.window_bytes + 2 * limits.max_message;
    for bytes in [1, 100, 16 << 10, 64 << 10, 1 << 20, 16 << 20] {
        let fit = limits.window / limits.cost(bytes);
        assert!(fit as usize * bytes <= most, "{fit} of {bytes}");
        assert!(fit >= 2);
    }
}

#[test]
fn credits_come_back_in_batches_of_half_the_window() {
    let batches = |size: u32| {
        let mut window = Window::new(size);
        let mut batches = Vec::new();
        for _ in 0..10 {
            window.arrived(1).unwrap();
            batches.extend(window.handled(1));
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
        window.arrived(1).unwrap();
    }
    assert_eq!(window.handled(1), None);
    let error = window.arrived(1).unwrap_err();
    assert_eq!(error, WireError::NoCredit { window: 4 });
    assert_eq!(error.close_code(), CloseCode::FlowViolation);
    assert_eq!(window.handled(1), Some(2));
    assert!(window.arrived(3).is_err());
    assert_eq!(window.arrived(2), Ok(()));
}

#[test]
fn what_was_not_there_is_not_handled() {
    let mut window = Window::new(1);
    assert_eq!(window.handled(1), None);
    window.arrived(1).unwrap();
    assert_eq!(window.handled(1), Some(1));
    assert_eq!(window.handled(1), None);
}
