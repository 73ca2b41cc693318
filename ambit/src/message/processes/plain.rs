//! Plain processes whose messages are of a type from std, or of this crate. Those with parameters are not here: a protocol
//! has one name, and `Vec<u64>` would share it with `Vec<String>`. Give such a message a name, with the derive.

use std::time::{Duration, SystemTime};

use crate::exit_reason::ExitReason;
use crate::pid::Pid;
use crate::signal::{Down, Exit};

macro_rules! plain {
    ($($type:ty = $name:literal),* $(,)?) => {
        $(crate::__message_abroad! { [] $type, [where] C = $name; })*
    };
}

plain! {
    () = "unit", bool = "bool", char = "char", String = "string",
    u8 = "u8", u16 = "u16", u32 = "u32", u64 = "u64", u128 = "u128", usize = "usize",
    i8 = "i8", i16 = "i16", i32 = "i32", i64 = "i64", i128 = "i128", isize = "isize",
    f32 = "f32", f64 = "f64",
    Duration = "duration", SystemTime = "time",
    Pid = "ambit.pid", ExitReason = "ambit.exit_reason", Exit = "ambit.exit", Down = "ambit.down",
}
