//! The order of a stream's elements: which may start, and which outcome is returned next. Pure.

use std::collections::VecDeque;

#[cfg(test)]
mod tests;

/// The elements of a stream, numbered in input order.
#[derive(Debug)]
pub(super) struct ElementOrder<R> {
    pub(super) ordered: bool,
    /// The number of elements in progress; elements whose outcome has not been returned count too, so a slow reader
    /// holds no more.
    pub(super) limit: usize,
    begun: u64,
    under_way: usize,
    /// The outcomes of the elements from `next` on; `None` for one that is not done.
    early: VecDeque<Option<R>>,
    /// The first element without an outcome.
    next: u64,
    /// To be returned, in this order.
    due: VecDeque<(u64, R)>,
    /// True once no further element starts.
    is_closed: bool,
}

impl<R> ElementOrder<R> {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            ordered: false,
            limit,
            begun: 0,
            under_way: 0,
            early: VecDeque::new(),
            next: 0,
            due: VecDeque::new(),
            is_closed: false,
        }
    }

    /// Returns true if no element has started.
    pub(super) fn is_fresh(&self) -> bool {
        self.begun == 0
    }

    /// Returns true if another element may start now.
    pub(super) fn has_room(&self) -> bool {
        !self.is_closed && self.under_way < self.limit
    }

    /// Starts another element; returns its number.
    pub(super) fn begin(&mut self) -> u64 {
        self.under_way += 1;
        self.begun += 1;
        self.begun - 1
    }

    /// Marks the input as used up: no further element starts.
    pub(super) fn close(&mut self) {
        self.is_closed = true;
    }

    /// Records the outcome of an element.
    pub(super) fn done(&mut self, number: u64, outcome: R) {
        if !self.ordered {
            self.due.push_back((number, outcome));
            return;
        }
        let at = usize::try_from(number - self.next).unwrap_or(usize::MAX);
        while self.early.len() <= at {
            self.early.push_back(None);
        }
        self.early[at] = Some(outcome);
        while let Some(outcome) = self.early.front_mut().and_then(Option::take) {
            self.early.pop_front();
            self.due.push_back((self.next, outcome));
            self.next += 1;
        }
    }

    /// Records the last outcome: outcomes that are due come before it, nothing comes after it.
    pub(super) fn end_with(&mut self, number: u64, outcome: R) {
        self.is_closed = true;
        self.early.clear();
        self.due.push_back((number, outcome));
        self.under_way = self.due.len();
    }

    /// Returns the next outcome.
    pub(super) fn give(&mut self) -> Option<(u64, R)> {
        let given = self.due.pop_front()?;
        self.under_way -= 1;
        Some(given)
    }

    /// Returns true if all outcomes have been returned.
    pub(super) fn is_over(&self) -> bool {
        self.is_closed && self.under_way == 0
    }
}
