//! Errors of starts on a member that a placement chooses.

use crate::node::start_on_error::StartOnError;

/// The error of a placed server that could not be started. A supervisor returns it inside
/// `ChildError::Start(StartError::Init(ExitReason::Error(..)))`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlaceError {
    /// Another placed server of the same [`PlacedServers`](crate::PlacedServers) has this id. Nothing was started.
    #[error(
        "there is a placed server with the id `{id}`: choose another id, or terminate that child first"
    )]
    IdInUse {
        /// The id that is in use.
        id: String,
    },
    /// No connected member fits the placement. Nothing was started; retry when a fitting member has joined.
    #[error(
        "no connected member fits the placement of `{id}`: wait for a member with this name, role or tag"
    )]
    NoMember {
        /// The id of the server.
        id: String,
    },
    /// The start failed on the chosen member. If it failed on several members, this is the last error.
    #[error("`{id}` was not placed: {error}")]
    Start {
        /// The id of the server.
        id: String,
        /// The error of the start.
        error: StartOnError,
    },
}
