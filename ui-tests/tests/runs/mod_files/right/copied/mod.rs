//! One of two copies of a file.

use ambit::prelude::*;

pub(in super::super) struct Copied;

#[gen_server(vis = pub(in super::super))]
impl Copied {
    #[call]
    pub(in super::super) fn path(&self) -> &'static str {
        module_path!()
    }
}
