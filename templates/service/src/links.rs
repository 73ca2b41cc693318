//! The server that knows the links.

use std::collections::HashMap;

use ambit::prelude::*;

use crate::settings::LinkSettings;
use crate::visits::VisitsSubject;

/// Codes and their targets. In memory: a restart starts with none.
#[derive(Debug)]
pub struct Links {
    settings: LinkSettings,
    visits: VisitsSubject,
    targets: HashMap<String, String>,
    next: u64,
}

/// The timer of a link has fired.
#[derive(Debug)]
struct Expired(String);

/// A link that is not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejected {
    /// The target is not an `http` or `https` address.
    Target,
    /// `links.capacity` links are stored.
    Full,
}

#[gen_server]
impl Links {
    /// Starts without links.
    #[init]
    pub fn new(settings: LinkSettings, visits: VisitsSubject) -> Self {
        Self {
            settings,
            visits,
            targets: HashMap::new(),
            next: 1,
        }
    }

    /// Stores a target, and returns its code.
    #[call]
    pub fn shorten(&mut self, ctx: &mut Context<Self>, target: String) -> Result<String, Rejected> {
        if !(target.starts_with("https://") || target.starts_with("http://")) {
            return Err(Rejected::Target);
        }
        if self.targets.len() >= self.settings.capacity {
            return Err(Rejected::Full);
        }
        let code = format!("{:x}", self.next);
        self.next += 1;
        self.targets.insert(code.clone(), target);
        // A restart gives codes out again, and the visits of the earlier link must not count for this one.
        if let Err(error) = self.visits.forget(code.clone()).now() {
            tracing::warn!(%error, code, "the visits of an earlier link are kept");
        }
        // The timer ends with the server.
        ctx.send_after(self.settings.keep(), Expired(code.clone()));
        Ok(code)
    }

    /// Returns the target of a code.
    #[call]
    pub fn target(&self, code: String) -> Option<String> {
        self.targets.get(&code).cloned()
    }

    #[info]
    fn on_expired(&mut self, Expired(code): Expired) {
        self.targets.remove(&code);
        // A cast without waiting: `Links` never waits for `Visits`.
        if let Err(error) = self.visits.forget(code).now() {
            tracing::warn!(%error, "visits of an expired link are kept");
        }
    }
}
