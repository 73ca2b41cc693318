//! Errors of remote starts, with messages that name the node and the remedy.

use ambit::error::{CallError, Executed, StartError};
use ambit::process::ExitReason;

use crate::node::id::NodeName;

/// The error of a failed start of a server on another node.
///
/// ```
/// use ambit::prelude::*;
/// use ambit_dist::StartOnError;
/// # use ambit_dist::{Node, transport::Memory};
///
/// struct Counter;
/// #[gen_server(remote = "shop.counter")]
/// impl Counter {
///     #[init] fn new() -> Result<Self, ExitReason> { Err(ExitReason::error("no counts are left")) }
/// }
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// let refused = node.on("a").start::<Counter>(()).await;
/// assert!(matches!(refused, Err(StartOnError::Call { error: CallError::NotExposed, .. })));
/// node.expose::<Counter>();
/// let refused = node.on("a").start::<Counter>(()).await;
/// assert!(matches!(refused, Err(StartOnError::Start { error: StartError::Init(_), .. })));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StartOnError {
    /// The request failed or the other node did not answer; `error` states whether the server may have been started.
    /// The other node stops a server whose starter received no answer, so a retry does not leave a second server
    /// running.
    #[error("{}", not_asked(.node, .server, .error))]
    Call {
        /// The node that received the request.
        node: String,
        /// The wire name of the server.
        server: &'static str,
        /// The error of the request.
        error: CallError,
    },
    /// The server failed to start on the other node, or `link` was set and the caller is not a process. `error` states
    /// the cause.
    #[error("`{server}` was not started on the node `{node}`: {error}")]
    Start {
        /// The node that received the request.
        node: String,
        /// The wire name of the server.
        server: &'static str,
        /// The reason for the failed start.
        error: StartError,
    },
}

fn not_asked(node: &str, server: &str, error: &CallError) -> String {
    match error {
        CallError::NoConnection { executed } => lost(node, server, *executed),
        CallError::NotExposed => format!(
            "the node `{node}` does not expose `{server}`: call `expose` there with the server of this name"
        ),
        CallError::Incompatible { differs, .. } => format!(
            "the node `{node}` has another version of `{server}`: its `#[init]` arguments or method results differ: {differs}. Update the older program, or rename the new server"
        ),
        CallError::Exited {
            reason: ExitReason::Shutdown,
            executed: Executed::No,
        } => format!(
            "the system of the node `{node}` is stopping, so that `{server}` was not started: start it on another node"
        ),
        CallError::Timeout => format!(
            "the node `{node}` did not start `{server}` in time, and stops it: check what its `#[init]` waits for, or give it more time with `.timeout(..)`"
        ),
        CallError::TooLarge { limit } => format!(
            "`{server}` was not started on the node `{node}`: its arguments are larger than the {limit} bytes that the two nodes allow. Send them in parts, or raise `Limits::max_message` on both"
        ),
        error => format!("`{server}` was not started on the node `{node}`: {error}"),
    }
}

fn lost(node: &str, server: &str, executed: Executed) -> String {
    match (executed, node.parse::<NodeName>()) {
        (Executed::Maybe, _) => format!(
            "the connection to the node `{node}` was lost before it confirmed that `{server}` runs: the other node stops it, so start it again after reconnecting"
        ),
        (Executed::No, Ok(_)) => format!(
            "`{server}` was not started: there is no connection to the node `{node}`. `connect` to it first, or wait for its `NodeEvent::Up`"
        ),
        (Executed::No, Err(invalid)) => format!("`{server}` was not started: {invalid}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn says(error: CallError, text: &str) {
        let (node, server) = ("b".to_owned(), "shop.counter");
        let error = StartOnError::Call {
            node,
            server,
            error,
        };
        assert_eq!(error.to_string(), text);
    }

    #[test]
    fn each_start_error_names_the_node_the_server_and_the_remedy() {
        let executed = Executed::No;
        says(
            CallError::NoConnection { executed },
            "`shop.counter` was not started: there is no connection to the node `b`. `connect` to it first, or wait for its `NodeEvent::Up`",
        );
        let executed = Executed::Maybe;
        says(
            CallError::NoConnection { executed },
            "the connection to the node `b` was lost before it confirmed that `shop.counter` runs: the other node stops it, so start it again after reconnecting",
        );
        says(
            CallError::NotExposed,
            "the node `b` does not expose `shop.counter`: call `expose` there with the server of this name",
        );
        says(
            CallError::Incompatible {
                method: "shop.counter".to_owned(),
                differs: "argument `by`: was `u32` and is `u64` (was: here, is: there)".into(),
            },
            "the node `b` has another version of `shop.counter`: its `#[init]` arguments or method results differ: argument `by`: was `u32` and is `u64` (was: here, is: there). Update the older program, or rename the new server",
        );
        let (reason, executed) = (ExitReason::Shutdown, Executed::No);
        says(
            CallError::Exited { reason, executed },
            "the system of the node `b` is stopping, so that `shop.counter` was not started: start it on another node",
        );
        says(
            CallError::Timeout,
            "the node `b` did not start `shop.counter` in time, and stops it: check what its `#[init]` waits for, or give it more time with `.timeout(..)`",
        );
        says(
            CallError::TooLarge { limit: 9 },
            "`shop.counter` was not started on the node `b`: its arguments are larger than the 9 bytes that the two nodes allow. Send them in parts, or raise `Limits::max_message` on both",
        );
        let full = CallError::Full;
        let text = format!("`shop.counter` was not started on the node `b`: {full}");
        says(full, &text);
    }

    #[test]
    fn a_failed_remote_start_names_the_node_and_the_cause() {
        let error = StartOnError::Start {
            node: "b".to_owned(),
            server: "shop.counter",
            error: StartError::Timeout,
        };
        let text = format!(
            "`shop.counter` was not started on the node `b`: {}",
            StartError::Timeout
        );
        assert_eq!(error.to_string(), text);
    }

    #[test]
    fn an_invalid_node_name_is_reported_as_such() {
        let executed = Executed::No;
        let error = StartOnError::Call {
            node: "Shop 1".to_owned(),
            server: "shop.counter",
            error: CallError::NoConnection { executed },
        };
        let text = error.to_string();
        assert!(
            text.contains("`Shop 1` cannot be the name of a node"),
            "{text}"
        );
    }
}
