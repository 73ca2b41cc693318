//! The supervision tree.

use std::time::Duration;

use ambit::prelude::*;

use crate::links::Links;
use crate::settings::LinkSettings;
use crate::visits::Visits;

/// The supervisor of all servers. Add yours here.
///
/// Children start from top to bottom and stop in reverse. Each is restarted alone; a fourth restart within five seconds
/// ends the program.
#[derive(Debug)]
pub struct App {
    /// The settings of the links.
    pub links: LinkSettings,
}

#[supervisor(strategy = OneForOne, restarts = 3, within = Duration::from_secs(5))]
impl App {
    /// Counts visits.
    #[child]
    pub fn visits(&self) -> ChildSpec<Visits> {
        Visits::child_spec(Visits::default)
    }

    /// Knows the links. Its handle of `Visits` follows restarts.
    #[child]
    pub fn links(&self, app: &AppSubject) -> ChildSpec<Links> {
        Links::child_spec(self.links.clone(), app.visits())
    }
}
