//! What the macros' output uses. Not part of the public interface.

mod handles;
mod messages;
mod remote_encoding;
pub(crate) mod single_block;

pub use core::clone::Clone;
pub use core::cmp::{Eq, PartialEq};
pub use core::convert::{AsRef, From, Into};
pub use core::future::{Future, ready};
pub use core::hash::{Hash, Hasher};
pub use core::marker::{PhantomData, Send};
pub use core::ops::Deref;
pub use core::result::Result::{self, Err, Ok};
pub use core::time::Duration;
pub use core::{self, fmt};
pub use std;

/// What is written for other nodes: it needs the feature, and says so in one place.
#[cfg(feature = "remote")]
#[macro_export]
#[doc(hidden)]
macro_rules! __remote {
    ($($items:tt)*) => { $($items)* };
}

/// The same without the feature.
#[cfg(not(feature = "remote"))]
#[macro_export]
#[doc(hidden)]
macro_rules! __remote {
    ($($items:tt)*) => {
        ::core::compile_error!(
            "names on the wire need the feature `remote` of ambit; write `ambit = { .., features = [\"remote\"] }` in Cargo.toml"
        );
    };
}

pub use crate::__remote as remote;

pub use crate::engine::reply::ReplyReceiver;
pub use crate::entry::{MainOptions, Returned, ReturnedBox, ReturnedOther, run_main};
pub use crate::handle::child_ref::ChildRef;
#[cfg(feature = "remote")]
pub use crate::message::{Addressed, Foreign, glue as wire};
pub use crate::names::registered::Found;
pub use crate::otp::state_machine::{only, refused};
pub use crate::otp::task::child::TaskBody;
pub use crate::plain::create::NoMessage;
pub use crate::plain::into_exit::Returns;
pub use crate::process::header::InSystem;
pub use crate::process::resolved::Resolved;
pub use crate::rt::BoxFuture;
pub use crate::server::glue::{
    HandledNow, Held, Initial, IntoFlow, IntoInit, Lazy, Payload, ReplyPort, SharedState, State,
    answer, ask, call_with_timeout, done, handled_now, lazy, question, skip_expired,
};
pub use crate::server::message_text::{
    Shape, ShowNothing, Shown, Text, show_name, show_one, show_two, shown_as, text_of,
};
pub use crate::server::protocol_binding::{Handled, MethodName};
pub use crate::server::start::start;
pub use crate::server::startable::{Launch, Settings, Started};
pub use crate::supervisor::by_name::found_as;
pub use crate::supervisor::child_factory::ChildOptions;
pub use crate::supervisor::core::Flags as TreeOptions;
pub use crate::supervisor::spec::{RestartArgs, child_spec_of};
pub use crate::supervisor::tree::{
    Shared, Tree, TreeChild, child, follow_supervisor, launch_tree, tree_child,
};
#[cfg(feature = "test")]
pub use crate::test::ledger::{NoTestResult, TestValue, note_outcome};
#[cfg(feature = "test")]
pub use crate::test::mock::Programmed;
#[cfg(feature = "test")]
pub use crate::test::{TestOptions, run_test};

/// Keeps what a protocol writes for tests.
#[cfg(feature = "test")]
#[doc(hidden)]
#[macro_export]
macro_rules! __mock {
    ($($tokens:tt)*) => { $($tokens)* };
}

/// Drops what a protocol writes for tests.
#[cfg(not(feature = "test"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __mock {
    ($($tokens:tt)*) => {};
}

pub use self::single_block::{HasBlock, NoBlock, Only, second_block};
pub use crate::__mock as mock;
