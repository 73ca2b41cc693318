//! The row of a stream's elements: which may begin, and which outcome is given next. Pure.

use std::collections::{BTreeMap, VecDeque};

#[cfg(test)]
mod tests;

/// Elements are numbered in the order of the input.
#[derive(Debug)]
pub(super) struct Row<R> {
    pub(super) ordered: bool,
    /// How many may be under way; those whose outcome has not been given count too, so a slow reader holds no more.
    pub(super) limit: usize,
    begun: u64,
    under_way: usize,
    /// Done, but an earlier one is not.
    early: BTreeMap<u64, R>,
    /// The first whose outcome has not come.
    next: u64,
    /// To be given, in this order.
    due: VecDeque<(u64, R)>,
    /// No further element begins.
    is_closed: bool,
}

impl<R> Row<R> {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            ordered: false,
            limit,
            begun: 0,
            under_way: 0,
            early: BTreeMap::new(),
            next: 0,
            due: VecDeque::new(),
            is_closed: false,
        }
    }

    /// Whether nothing has begun.
    pub(super) fn is_fresh(&self) -> bool {
        self.begun == 0
    }

    /// Whether another element may begin now.
    pub(super) fn has_room(&self) -> bool {
        !self.is_closed && self.under_way < self.limit
    }

    /// Another element begins; gives its number.
    pub(super) fn begin(&mut self) -> u64 {
        self.under_way += 1;
        self.begun += 1;
        self.begun - 1
    }

    /// No further element begins: the input is used up.
    pub(super) fn close(&mut self) {
        self.is_closed = true;
    }

    /// An element is done.
    pub(super) fn done(&mut self, number: u64, outcome: R) {
        if !self.ordered {
            self.due.push_back((number, outcome));
            return;
        }
        self.early.insert(number, outcome);
        while let Some(outcome) = self.early.remove(&self.next) {
            self.due.push_back((self.next, outcome));
            self.next += 1;
        }
    }

    /// The outcome of this element is the last: what is due is given before it, nothing comes after it.
    pub(super) fn end_with(&mut self, number: u64, outcome: R) {
        self.is_closed = true;
        self.early.clear();
        self.due.push_back((number, outcome));
        self.under_way = self.due.len();
    }

    /// The next outcome to be given.
    pub(super) fn give(&mut self) -> Option<(u64, R)> {
        let given = self.due.pop_front()?;
        self.under_way -= 1;
        Some(given)
    }

    /// Whether all has been given that ever will.
    pub(super) fn is_over(&self) -> bool {
        self.is_closed && self.under_way == 0
    }
}
