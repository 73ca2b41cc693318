//! The inner module.

use super::*;

struct Till(&'static str);

#[gen_server]
impl Till {
    #[call]
    fn get(&self) -> &'static str {
        self.0
    }
}

pub(super) async fn kept() -> Option<&'static str> {
    let till = Till("coins").start().await.ok()?;
    till.get().await.ok()
}
