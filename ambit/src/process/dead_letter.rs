//! Dead letters: undelivered messages, counted and reported with their content, never lost silently.

use std::any::Any;
use std::fmt;

use crate::pid::Pid;

/// A message that was not handled. [`System::on_dead_letter`](crate::System::on_dead_letter) passes each dead letter to
/// a listener.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let _listening = ambit::system::System::current().unwrap().on_dead_letter(|letter| {
///         assert_eq!(letter.why(), ambit::process::Undelivered::Ended);
///         assert_eq!(letter.content::<u8>(), Some(&7));
///     });
///     let idle = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
///     idle.send(7).await.unwrap();
///     ambit::exit(&idle, ExitReason::Kill);
///     idle.closed().await;
///     assert_eq!(ambit::system::System::current().unwrap().dead_letters(), 1);
/// }
/// ```
pub struct DeadLetter {
    pub(crate) to: Pid,
    pub(crate) to_type: &'static str,
    pub(crate) kind: LetterKind,
    pub(crate) why: Undelivered,
    pub(crate) content: Content,
}

/// A message without its type.
pub(crate) struct Content {
    pub(crate) value: Box<dyn Any + Send>,
    pub(crate) type_name: &'static str,
}

impl Content {
    pub(crate) fn new<T: Send + 'static>(value: T) -> Self {
        Self {
            value: Box::new(value),
            type_name: std::any::type_name::<T>(),
        }
    }
}

/// The kind of a dead letter: the way in which the message was sent.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::process::LetterKind;
/// use ambit::system::System;
/// #[ambit::main]
/// async fn main() {
///     let (kinds, seen) = std::sync::mpsc::channel();
///     let system = System::current().unwrap();
///     let _listening = system.on_dead_letter(move |letter| kinds.send(letter.kind()).unwrap());
///     let idle = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
///     idle.send(7).await.unwrap();
///     ambit::exit(&idle, ExitReason::Kill);
///     idle.closed().await;
///     assert_eq!(seen.try_recv(), Ok(LetterKind::Cast));
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LetterKind {
    /// A call; its caller received an error.
    Call,
    /// A cast, or a message to a plain process.
    Cast,
    /// An info: the message of a timer, or a message sent through a [`Recipient`](crate::server::Recipient).
    Info,
    /// An [`Exit`](crate::process::Exit): a trapped exit signal that was not handled.
    Exit,
    /// A [`Down`](crate::process::Down): the end of a monitored process that was not handled.
    Down,
}

/// The reason why a message was not delivered.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::process::Undelivered;
/// use ambit::system::System;
/// #[ambit::main]
/// async fn main() {
///     let (reasons, seen) = std::sync::mpsc::channel();
///     let system = System::current().unwrap();
///     let _listening = system.on_dead_letter(move |letter| reasons.send(letter.why()).unwrap());
///     let idle = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
///     idle.send(7).await.unwrap();
///     ambit::exit(&idle, ExitReason::Kill);
///     idle.closed().await;
///     assert_eq!(seen.try_recv(), Ok(Undelivered::Ended));
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Undelivered {
    /// The handler that owned the message crashed; the content is the [`CrashReport`](crate::CrashReport) instead of
    /// the message. Only reported for a retained mailbox, whose other messages go to the next incarnation.
    Crashed,
    /// The process ended before it handled the message.
    Ended,
    /// The mailbox was full: its overflow policy dropped the message, or the message was a registry event, which does
    /// not wait for capacity.
    Overflow,
    /// The process does not handle messages of this kind.
    Unhandled,
    /// A timer fired for a name under which no process was registered.
    Nobody,
}

impl DeadLetter {
    /// Returns the pid of the receiving process.
    pub fn to(&self) -> Pid {
        self.to
    }

    /// Returns the name of the receiving process's type.
    pub fn to_type(&self) -> &'static str {
        self.to_type
    }

    /// Returns the kind of the message.
    pub fn kind(&self) -> LetterKind {
        self.kind
    }

    /// Returns the reason why the message was not delivered.
    pub fn why(&self) -> Undelivered {
        self.why
    }

    /// Returns the message if its type is `T`. For a cast to a server, that type is the server's cast enum; for an
    /// info, its info enum; for a plain process, its message type.
    #[must_use]
    pub fn content<T: 'static>(&self) -> Option<&T> {
        self.content.value.downcast_ref()
    }

    /// Returns the name of the message's type.
    pub fn type_name(&self) -> &'static str {
        self.content.type_name
    }
}

impl fmt::Debug for DeadLetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeadLetter")
            .field("to", &format_args!("{}{}", self.to_type, self.to))
            .field("kind", &self.kind)
            .field("why", &self.why)
            .field("type_name", &self.content.type_name)
            .finish()
    }
}
