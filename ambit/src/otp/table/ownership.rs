//! The ownership of a table: access checks, transfers, and the end of the owner. Events in, decisions out.

use crate::pid::Pid;

/// The access to a table for code other than its owner. (Erlang: `public`, `protected`, `private`.)
///
/// ```
/// use ambit::prelude::*;
/// use ambit::table::{Access, Table};
/// #[ambit::main]
/// async fn main() {
///     for (access, may_read, may_write) in [
///         (Access::Public, true, true),
///         (Access::Protected, true, false),
///         (Access::Private, false, false),
///     ] {
///         let table: Table<u64, u64> = Table::builder().access(access).create().unwrap();
///         let other = Task::spawn(async move { (table.get(&1).is_ok(), table.insert(1, 3).is_ok()) });
///         assert_eq!(other.await.unwrap(), (may_read, may_write));
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Access {
    /// Any code can read, write and end the table. The default for a table that is created outside a process.
    Public,
    /// Any code can read; only the owner can write. The default for a table that is created in a process.
    #[default]
    Protected,
    /// Only the owner can read and write.
    Private,
}

/// The kind of an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Right {
    Read,
    Write,
}

/// The reason why an access is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    NotOwner(Pid),
    Gone,
}

/// The fate of a table after the end of its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OwnerEnd {
    /// Another process owns it, or it has ended before.
    Unchanged,
    /// It has no owner until a process claims it.
    Survives,
    /// It has ended: its content can be dropped.
    Ends,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Ownership {
    owner: Pid,
    access: Access,
    survives: bool,
    has_ended: bool,
}

impl Ownership {
    pub(crate) fn new(owner: Pid, access: Access, survives: bool) -> Self {
        Self {
            owner,
            access,
            survives,
            has_ended: false,
        }
    }

    pub(crate) fn owner(&self) -> Pid {
        self.owner
    }

    /// Returns true if it has not ended and has an owner.
    pub(crate) fn is_owned(&self) -> bool {
        !self.has_ended && self.owner != Pid::NOBODY
    }

    pub(crate) fn access(&self) -> Access {
        self.access
    }

    pub(crate) fn check(&self, right: Right, who: Pid) -> Result<(), Refused> {
        let is_free = match right {
            _ if self.has_ended => return Err(Refused::Gone),
            Right::Read => self.access != Access::Private,
            Right::Write => self.access == Access::Public,
        };
        if is_free {
            return Ok(());
        }
        self.check_owner(who)
    }

    /// Fails if `who` is not the owner.
    pub(crate) fn check_owner(&self, who: Pid) -> Result<(), Refused> {
        match self.owner {
            _ if self.has_ended => Err(Refused::Gone),
            owner if owner == who && who != Pid::NOBODY => Ok(()),
            owner => Err(Refused::NotOwner(owner)),
        }
    }

    /// Transfers ownership; returns false if `from` is not the owner.
    pub(crate) fn give(&mut self, from: Pid, to: Pid) -> bool {
        let may = self.owner == from && !self.has_ended;
        if may {
            self.owner = to;
        }
        may
    }

    /// Makes `who` the owner of a table without one.
    pub(crate) fn claim(&mut self, who: Pid) -> Result<(), Refused> {
        match self.owner {
            _ if self.has_ended => Err(Refused::Gone),
            owner if owner == Pid::NOBODY || owner == who => {
                self.owner = who;
                Ok(())
            }
            owner => Err(Refused::NotOwner(owner)),
        }
    }

    /// Handles the end of `who`, without an heir.
    pub(crate) fn left(&mut self, who: Pid) -> OwnerEnd {
        if self.owner != who || self.has_ended {
            return OwnerEnd::Unchanged;
        }
        self.owner = Pid::NOBODY;
        if self.survives {
            return OwnerEnd::Survives;
        }
        self.has_ended = true;
        OwnerEnd::Ends
    }

    /// Ends the table, regardless of its owner; returns false if it has ended before.
    pub(crate) fn end(&mut self) -> bool {
        !std::mem::replace(&mut self.has_ended, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: Pid = Pid::new(0, 1, 0);
    const JOE: Pid = Pid::new(0, 2, 0);

    #[test]
    fn access_determines_the_rights_of_owner_and_others() {
        let rights = [
            (Access::Public, [true, true, true, true]),
            (Access::Protected, [true, true, true, false]),
            (Access::Private, [true, true, false, false]),
        ];
        for (access, expected) in rights {
            let ownership = Ownership::new(ADA, access, false);
            let may = |right, who| ownership.check(right, who).is_ok();
            let found = [
                may(Right::Read, ADA),
                may(Right::Write, ADA),
                may(Right::Read, JOE),
                may(Right::Write, JOE),
            ];
            assert_eq!(found, expected, "{access:?}");
            assert_eq!(ownership.access(), access);
        }
    }

    #[test]
    fn a_stranger_cannot_give_claim_or_end_it_by_leaving() {
        let mut ownership = Ownership::new(ADA, Access::Protected, false);
        assert!(!ownership.give(JOE, JOE));
        assert_eq!(ownership.claim(JOE), Err(Refused::NotOwner(ADA)));
        assert_eq!(ownership.left(JOE), OwnerEnd::Unchanged);
        assert_eq!(ownership.check_owner(ADA), Ok(()));
    }

    #[test]
    fn a_table_given_away_outlives_its_first_owner() {
        let mut ownership = Ownership::new(ADA, Access::Protected, false);
        assert!(ownership.give(ADA, JOE));
        assert_eq!(ownership.left(ADA), OwnerEnd::Unchanged);
        assert!(ownership.is_owned());
        assert_eq!(ownership.left(JOE), OwnerEnd::Ends);
        assert!(!ownership.is_owned());
        assert_eq!(ownership.left(JOE), OwnerEnd::Unchanged);
        assert_eq!(ownership.check(Right::Read, ADA), Err(Refused::Gone));
        assert_eq!(ownership.claim(ADA), Err(Refused::Gone));
        assert!(!ownership.give(Pid::NOBODY, ADA) && !ownership.end());
    }

    #[test]
    fn a_surviving_table_has_no_owner_until_it_is_claimed() {
        let mut ownership = Ownership::new(ADA, Access::Protected, true);
        assert_eq!(ownership.left(ADA), OwnerEnd::Survives);
        assert_eq!(ownership.owner(), Pid::NOBODY);
        assert!(!ownership.is_owned());
        assert_eq!(
            ownership.check(Right::Write, Pid::NOBODY),
            Err(Refused::NotOwner(Pid::NOBODY)),
            "who is no process is not its owner"
        );
        assert_eq!(ownership.claim(JOE), Ok(()));
        assert_eq!(ownership.check(Right::Write, JOE), Ok(()));
        assert!(ownership.end() && !ownership.end());
        assert_eq!(ownership.check_owner(JOE), Err(Refused::Gone));
    }
}
