//! The pushes to one peer that it has not acknowledged.

use std::collections::VecDeque;

/// The number of pushes for which an empty window keeps its memory.
const KEPT: usize = 4;

/// The pushed bytes that a peer has not acknowledged.
#[derive(Debug, Default)]
pub(super) struct PushWindow {
    /// The version of this node's log after each push, and the bytes of that push. The oldest is first.
    pushes: VecDeque<(u64, usize)>,
    bytes: usize,
}

impl PushWindow {
    /// Returns the number of bytes that were pushed and not acknowledged.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds a push that ends at this version.
    pub(super) fn add(&mut self, version: u64, bytes: usize) {
        self.pushes.push_back((version, bytes));
        self.bytes += bytes;
    }

    /// Removes the pushes up to this version.
    pub(super) fn acknowledge(&mut self, version: u64) {
        while let Some(&(pushed, bytes)) = self.pushes.front()
            && pushed <= version
        {
            self.pushes.pop_front();
            self.bytes -= bytes;
        }
        if self.pushes.is_empty() {
            self.pushes.shrink_to(KEPT);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_acknowledgement_removes_the_pushes_before_it() {
        let mut window = PushWindow::default();
        for version in [2, 4, 6] {
            window.add(version, 100);
        }
        for (version, left) in [(1, 300), (3, 200), (4, 100), (2, 100), (9, 0)] {
            window.acknowledge(version);
            assert_eq!(window.bytes(), left, "after {version}");
        }
    }
}
