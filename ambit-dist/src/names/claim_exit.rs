//! The end of a process before or after its claim is written.

use parking_lot::Mutex;

use crate::replica::change::EntryId;

/// The claim that an exit hook withdraws. The hook is registered before the claim is written, and the process may end
/// in between.
#[derive(Default)]
pub(super) struct ClaimExit(Mutex<ExitState>);

#[derive(Clone, Copy, Default)]
enum ExitState {
    #[default]
    Unwritten,
    Written(EntryId),
    Ended,
}

impl ClaimExit {
    /// Records the end of the process. Returns the claim to withdraw, if it is written.
    pub(super) fn process_ended(&self) -> Option<EntryId> {
        match std::mem::replace(&mut *self.0.lock(), ExitState::Ended) {
            ExitState::Written(id) => Some(id),
            ExitState::Unwritten | ExitState::Ended => None,
        }
    }

    /// Records that the claim is written. Returns false if the process has ended.
    pub(super) fn claim_written(&self, id: EntryId) -> bool {
        let mut state = self.0.lock();
        if matches!(*state, ExitState::Ended) {
            return false;
        }
        *state = ExitState::Written(id);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_ends_before_its_claim_is_written_leaves_it_to_the_writer() {
        let exit = ClaimExit::default();
        assert_eq!(exit.process_ended(), None);
        assert!(!exit.claim_written(EntryId(1)));
    }

    #[test]
    fn a_process_that_ends_after_its_claim_is_written_withdraws_it() {
        let exit = ClaimExit::default();
        assert!(exit.claim_written(EntryId(1)));
        assert_eq!(exit.process_ended(), Some(EntryId(1)));
    }
}
