//! The errors of operations on processes, as the answer of a server that called another.

use crate::error::{CallError, CastError, Executed, StartError};
use crate::exit_reason::ExitReason;
use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::out::Out;
use crate::message::process_encoding::In;
use crate::message::schema::{Schema, Types};
use crate::message::shape::{Body, Shape, Variant};
use crate::message::tag::tag;
use crate::message::wire::Wire;
use crate::pid::Pid;

parts!(enum Executed = "ambit.executed" {
    No = "no",
    Maybe = "maybe",
});

parts!(enum CallError = "ambit.call_error" {
    NoProcess = "no_process",
    Exited = "exited" { reason as reason: ExitReason, executed as executed: Executed },
    Timeout = "timeout",
    CallsItself = "calls_itself",
    Cycle = "cycle" { pids as pids: Vec<Pid> },
    NoReply = "no_reply",
    Full = "full",
    NoConnection = "no_connection" { executed as executed: Executed },
    Incompatible = "incompatible" { method as method: String, differs as differs: Box<str> },
    BlocksRuntime = "blocks_runtime",
    WrongType = "wrong_type",
    NotExposed = "not_exposed",
    TooLarge = "too_large" { limit as limit: usize },
    Unsendable = "unsendable" { why as why: String },
});

parts!(enum CastError = "ambit.cast_error" {
    NoProcess = "no_process",
    Full = "full",
    Timeout = "timeout",
    NoConnection = "no_connection",
    BlocksRuntime = "blocks_runtime",
    Incompatible = "incompatible" { method as method: String, differs as differs: Box<str> },
    TooLarge = "too_large" { limit as limit: usize },
    Unsendable = "unsendable" { why as why: String },
});

parts!(enum StartError = "ambit.start_error" {
    Init = "init" { 0 as reason: ExitReason },
    Timeout = "timeout",
    AlreadyRegistered = "already_registered" { holder as holder: Pid },
    DuplicateRegistry = "duplicate_registry",
    InvalidName = "invalid_name",
    BadSpec = "bad_spec" { 0 as text: String },
    Ignored = "ignored",
    NotAProcess = "not_a_process",
    NoRuntime = "no_runtime",
});
