//! The reasons why processes end. An error is encoded as its text, the name of its type, and the texts of its causes.

use crate::exit_reason::{Detail, ErrorReport, ExitReason, PanicReport};
use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::out::Out;
use crate::message::process_encoding::In;
use crate::message::schema::{Schema, Types};
use crate::message::shape::{Body, Shape, Variant};
use crate::message::tag::tag;
use crate::message::wire::Wire;

parts!(enum ExitReason = "ambit.exit_reason" {
    Normal = "normal",
    Shutdown = "shutdown",
    ShutdownWith = "shutdown_with" { 0 as detail: Detail },
    Kill = "kill",
    Killed = "killed",
    NoProcess = "no_process",
    NoConnection = "no_connection",
    Timeout = "timeout",
    Panic = "panic" { 0 as report: PanicReport },
    Error = "error" { 0 as report: ErrorReport },
});

/// The parts of a [`Detail`].
struct DetailParts {
    text: String,
}

parts!(struct DetailParts = "ambit.detail" { text: String });

/// The parts of a [`PanicReport`].
struct PanicParts {
    message: String,
    location: Option<String>,
}

parts!(struct PanicParts = "ambit.panic_report" { message: String, location: Option<String> });

/// The parts of an [`ErrorReport`].
struct ErrorParts {
    text: String,
    type_name: String,
    causes: Vec<String>,
}

parts!(struct ErrorParts = "ambit.error_report" { text: String, type_name: String, causes: Vec<String> });

/// Types that are encoded as their parts.
macro_rules! from_parts {
    ($($type:ty: $parts:ty, |$value:ident| $taken:expr, |$made:pat_param| $make:expr);* $(;)?) => {$(
        impl Schema for $type {
            fn shape(types: &mut Types) -> Shape { <$parts>::shape(types) }
        }

        impl Wire for $type {
            fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
                let $value = self;
                let parts: $parts = $taken;
                parts.put(out)
            }

            fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
                <$parts>::take(input).map(|$made| $make)
            }
        }
    )*};
}

from_parts! {
    Detail: DetailParts,
        |detail| DetailParts { text: detail.to_string() },
        |DetailParts { text }| Self::new(text);
    PanicReport: PanicParts,
        |report| PanicParts {
            message: report.message().to_owned(),
            location: report.location().map(str::to_owned),
        },
        |parts| Self::new(&parts.message, parts.location.as_deref());
    ErrorReport: ErrorParts,
        |report| ErrorParts {
            text: report.to_string(),
            type_name: report.type_name().to_owned(),
            causes: report.causes().map(str::to_owned).collect(),
        },
        |ErrorParts { text, type_name, causes }| Self::from_remote(text, type_name, causes);
}
