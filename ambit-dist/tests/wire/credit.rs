//! Credits at both ends.

use std::collections::VecDeque;

use ambit::distribution::CreditWindow;
use ambit_dist::wire::{CloseCode, Limits, Window, WireError};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::cases;

fn account(first: u32, most: u32) -> CreditWindow {
    let account = CreditWindow::default();
    account.open(first, most);
    account
}

proptest! {
    #![proptest_config(cases(500))]

    /// In any order of sends, arrivals, handling and returns, neither side violates the protocol, and once all is handled
    /// the sender can send a message of any length.
    #[test]
    fn a_sender_that_respects_its_credits_never_exceeds_the_window(
        size in 1..20u32,
        steps in vec((0..4u8, 0..3000usize), 0..300),
    ) {
        let limits = Limits::default().window(size).window_bytes(2000);
        let (credits, mut window) = (account(size, size), Window::new(size));
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

proptest! {
    #![proptest_config(cases(500))]

    /// The same while the receiver resizes the window, and messages cost more than the window has.
    #[test]
    fn a_window_may_grow_and_shrink_and_messages_may_cost_more_than_it_has(
        first in 1..20u32,
        steps in vec((0..6u8, 1..60u32), 0..300),
    ) {
        const MOST: u32 = 100;
        let (credits, mut window) = (account(first, MOST), Window::new(first));
        let (mut sent, mut arrived, mut returned) = (VecDeque::new(), VecDeque::new(), VecDeque::new());
        let mut longest = 0;
        for (step, number) in steps {
            match step {
                0 | 1 if credits.take(number) => {
                    longest = longest.max(number);
                    sent.push_back(number);
                }
                2 => {
                    if let Some(cost) = sent.pop_front() {
                        prop_assert_eq!(window.arrived(cost), Ok(()));
                        arrived.push_back(cost);
                    }
                }
                3 => {
                    if let Some(cost) = arrived.pop_front() && let Some(back) = window.handled(cost) {
                        let kept = window.keep(number.min(back));
                        returned.push_back(back - kept);
                    }
                }
                4 => {
                    let more = number.min(MOST - window.size());
                    window.grow(more);
                    returned.push_back(more);
                }
                _ => {
                    if let Some(count) = returned.pop_front() {
                        prop_assert_eq!(credits.grant(count), Ok(()));
                    }
                }
            }
            prop_assert!(window.waiting() <= window.size() + longest);
        }
        for cost in sent {
            prop_assert_eq!(window.arrived(cost), Ok(()));
            arrived.push_back(cost);
        }
        for cost in arrived {
            returned.extend(window.handled(cost));
        }
        for count in returned {
            prop_assert_eq!(credits.grant(count), Ok(()));
        }
        prop_assert!(credits.take(60), "a message of any length can go");
        credits.put_back(60);
        if let Some(rest) = window.rest() {
            prop_assert_eq!(credits.grant(rest), Ok(()));
        }
        prop_assert_eq!((credits.used(), credits.left()), (0, window.size()));
    }
}

#[test]
fn bytes_waiting_for_a_process_are_bounded_by_its_window_and_two_messages() {
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
    assert_eq!(window.arrived(1), Ok(()));
    assert!(window.arrived(2).is_err());
    assert_eq!(window.arrived(1), Ok(()));
}

#[test]
fn many_long_messages_wait_for_processes_no_more_than_those_in_pieces_may() {
    let limits = Limits::default();
    let parts = limits.long(limits.max_message).unwrap();
    let at_once = limits.partial_bytes / limits.max_message;
    let mut window = Window::new(parts * u32::try_from(at_once).unwrap());
    for _ in 0..at_once {
        assert_eq!(window.arrived(parts), Ok(()));
    }
    assert!(window.arrived(parts).is_err());
}

#[test]
fn messages_that_never_arrived_are_not_handled() {
    let mut window = Window::new(1);
    assert_eq!(window.handled(1), None);
    window.arrived(1).unwrap();
    assert_eq!(window.handled(1), Some(1));
    assert_eq!(window.handled(1), None);
}
