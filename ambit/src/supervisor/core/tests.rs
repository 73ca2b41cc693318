//! The core on its own.

mod late;

use super::*;
