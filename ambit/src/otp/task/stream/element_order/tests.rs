use std::collections::BTreeSet;

use super::*;
use crate::test_rng::TestRng;

/// A simple model: lists of all events, scanned each time.
struct Model {
    ordered: bool,
    limit: usize,
    begun: Vec<u64>,
    /// In completion order.
    done: Vec<u64>,
    given: Vec<u64>,
    closed: bool,
    last: Option<u64>,
}

impl Model {
    fn has_room(&self) -> bool {
        !self.closed && self.begun.len() - self.given.len() < self.limit
    }

    fn running(&self) -> Vec<u64> {
        let open = |number: &&u64| self.last.is_none() && !self.done.contains(number);
        self.begun.iter().filter(open).copied().collect()
    }

    /// The expected order of outcomes, as far as it is known.
    fn order(&self) -> Vec<u64> {
        let mut order = if self.ordered {
            let is_done = |number: &u64| self.done.contains(number);
            let numbers = self.begun.iter().copied();
            numbers.take_while(is_done).collect()
        } else {
            self.done.clone()
        };
        order.extend(self.last);
        order
    }

    fn give(&mut self) -> Option<u64> {
        let next = *self.order().get(self.given.len())?;
        self.given.push(next);
        Some(next)
    }

    fn is_over(&self) -> bool {
        let all = match self.last {
            Some(_) => self.order().len(),
            None => self.begun.len(),
        };
        self.closed && self.given.len() == all
    }
}

/// One stream of random length, with outcomes in random order; `ending` may end it early.
fn run(seed: u64, ending: bool) -> Model {
    let mut random = TestRng::new(seed);
    let mut model = Model {
        ordered: random.below(2) == 0,
        limit: 1 + random.below(6),
        begun: Vec::new(),
        done: Vec::new(),
        given: Vec::new(),
        closed: false,
        last: None,
    };
    let mut row = ElementOrder::new(model.limit);
    row.ordered = model.ordered;
    let length = random.below(30);
    while !model.is_over() {
        assert_eq!(row.has_room(), model.has_room(), "seed {seed}");
        assert_eq!(row.is_over(), model.is_over(), "seed {seed}");
        match random.below(4) {
            0 if model.has_room() && model.begun.len() == length => {
                row.close();
                model.closed = true;
            }
            0 | 1 if model.has_room() && model.begun.len() < length => {
                model.begun.push(row.begin())
            }
            2 => {
                let running = model.running();
                if running.is_empty() {
                    continue;
                }
                let number = running[random.below(running.len())];
                if ending && random.below(10) == 0 {
                    row.end_with(number, number);
                    (model.closed, model.last) = (true, Some(number));
                } else {
                    row.done(number, number);
                    model.done.push(number);
                }
            }
            _ => assert_eq!(row.give().map(|(number, _)| number), model.give()),
        }
        let busy = model.begun.len() - model.done.len();
        assert!(model.last.is_some() || busy <= model.limit, "seed {seed}");
    }
    assert!(row.is_over() && row.give().is_none());
    model
}

#[test]
fn random_streams_match_the_model() {
    for seed in 1..=3000 {
        let model = run(seed, false);
        let all: BTreeSet<_> = model.given.iter().copied().collect();
        assert_eq!(all.len(), model.begun.len(), "each once, seed {seed}");
        if model.ordered {
            assert_eq!(model.given, model.begun);
        } else {
            assert_eq!(model.given, model.done);
        }
    }
}

#[test]
fn random_streams_that_are_cut_short_end_with_the_cut() {
    let mut cut = 0;
    for seed in 1..=3000 {
        let model = run(seed, true);
        if let Some(last) = model.last {
            cut += 1;
            assert_eq!(model.given.last(), Some(&last));
        }
    }
    assert!(cut > 500, "only {cut} of them were cut");
}

#[test]
fn a_reader_that_takes_nothing_holds_up_the_rest() {
    let mut row = ElementOrder::new(2);
    let (one, two) = (row.begin(), row.begin());
    row.done(one, ());
    row.done(two, ());
    assert!(!row.has_room());
    row.give();
    assert!(row.has_room());
}
