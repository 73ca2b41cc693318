//! Waiting for the process of a name.

use std::fmt;
use std::future::{IntoFuture, pending};
use std::marker::PhantomData;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use ambit::error::LookupError;
use ambit::message::Remote;

use crate::names::directory::Directory;
use crate::names::key::Key;
use crate::names::key::NameKey;
use crate::rt;
use crate::transport::BoxFuture;

/// The default time limit of a look-up.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);

/// A look-up that waits until a process holds a name of the cluster, for up to 5 s unless [`timeout`](Self::timeout) is
/// set.
///
/// # Errors
/// - [`LookupError::Timeout`] if no process holds the name in time.
/// - [`LookupError::WrongType`] if the process that holds the name has another protocol.
/// - [`LookupError::NotFound`] if no process can hold the name, because the key cannot be encoded or this node has left
///   the cluster.
///
/// # Cancel safety
/// Dropping the future changes nothing.
///
/// ```
/// use ambit::error::LookupError;
/// # use ambit::prelude::*;
/// use std::time::Duration;
/// # use ambit_dist::{Node, transport::Memory};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// let names = node.names();
/// let now = names.lookup::<u8>("visits").timeout(Duration::ZERO).await;
/// assert_eq!(now, Err(LookupError::Timeout));
///
/// # let counter = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
/// let lookup = names.lookup::<u8>("visits").into_future();
/// let registration = names.register("visits", &counter).into_future();
/// let (found, _) = tokio::join!(lookup, registration);
/// assert_eq!(found, Ok(counter));
/// # Ok(())
/// # }
/// ```
#[must_use = "a look-up does nothing until it is awaited"]
pub struct LookupName<K: NameKey, P: Remote + ?Sized> {
    directory: Arc<Directory<K>>,
    key: Option<Key>,
    timeout: Duration,
    protocol: PhantomData<fn() -> Box<P>>,
}

impl<K: NameKey, P: Remote + ?Sized> LookupName<K, P> {
    /// `key` is absent if the name cannot be encoded: then no process holds it.
    pub(super) fn new(directory: Arc<Directory<K>>, key: Option<Key>) -> Self {
        Self {
            directory,
            key,
            timeout: DEFAULT_TIMEOUT,
            protocol: PhantomData,
        }
    }

    /// Sets the time limit, counted from the first poll; 5 s by default. With a limit of zero, the look-up checks once
    /// without waiting.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    async fn run(self) -> Result<P::Subject, LookupError> {
        let Some(key) = self.key else {
            return Err(LookupError::NotFound);
        };
        // A time that no clock reaches is no limit.
        let deadline = rt::now().checked_add(self.timeout);
        let mut ended = pin!(self.directory.replication.ended());
        loop {
            // The wait starts before the look-up, so that no registration in between is missed.
            let change = self.directory.waiters.wait(&key);
            match self.directory.subject::<P>(&key) {
                Ok(subject) => return Ok(subject.into()),
                Err(LookupError::NotFound) => {}
                Err(error) => return Err(error),
            }
            let out_of_time = async {
                match deadline {
                    Some(deadline) => rt::sleep_until(deadline).await,
                    None => pending().await,
                }
            };
            tokio::select! {
                biased;
                () = change => {}
                () = &mut ended => return Err(LookupError::NotFound),
                () = out_of_time => return Err(LookupError::Timeout),
            }
        }
    }
}

impl<K: NameKey, P: Remote + ?Sized> IntoFuture for LookupName<K, P> {
    type Output = Result<P::Subject, LookupError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<K: NameKey, P: Remote + ?Sized> fmt::Debug for LookupName<K, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LookupName")
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
