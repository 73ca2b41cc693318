//! A contract as text: sorted, with a line per method, field and variant.
//!
//! In a file the line of each type ends with the hash of its lines. Two branches that add different variants to a type
//! change that line in different ways, so version control reports a conflict where it would merge separate lines.

use std::fmt::{self, Formatter, Write};

use crate::message::contract::Contract;
use crate::message::contract::fingerprint::Fingerprint;
use crate::message::contract::lines::{by_name, write_body, write_head, write_method};
use crate::message::contract::names::write_name;

/// The beginning of each text.
const HEAD: &str = "\
# The wire contract: what this program promises to those that still run an older version of it.
# Written by `AMBIT_CONTRACT=write cargo test` and compared by every other `cargo test`. Commit it; do not edit it.
# `?`: a reader can do without it. `since`: the version of the type that added it.
";

/// The additional text of types with hashes.
const HEAD_OF_HASHES: &str = "\
# `hash`: of the lines of the type. Where two branches have changed it, give the later change a version of its own.
";

/// The first line that is not a comment.
pub(super) const FORMAT: &str = "ambit contract";

/// The format version of this crate.
pub(super) const VERSION: u32 = 1;

/// `{contract:#}` ends the line of each type with a hash of its lines, as in `contract.lock`.
impl fmt::Display for Contract {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let has_hashes = out.alternate();
        let more = if has_hashes { HEAD_OF_HASHES } else { "" };
        writeln!(out, "{HEAD}{more}{FORMAT} {VERSION}")?;
        for (name, interface) in &self.protocols {
            out.write_str("\nprotocol ")?;
            write_name(out, name)?;
            out.write_char('\n')?;
            for method in by_name(&interface.methods, |method| &method.name) {
                out.write_str("  ")?;
                write_method(out, method)?;
            }
        }
        for (name, definition) in &self.types {
            out.write_char('\n')?;
            write_head(out, name, definition)?;
            if has_hashes {
                write!(out, " hash {}", Fingerprint::of_lines(name, definition))?;
            }
            out.write_char('\n')?;
            write_body(out, definition)?;
        }
        Ok(())
    }
}
