//! The ends of connections: by a loss, by request, or because a node leaves.

use std::net::SocketAddr;
use std::time::Duration;

use crate::node::connection_manager::target::{DialState, DialTarget};
use crate::node::connection_manager::{Action, ConnectionId, PeerConnection, Peers};
use crate::node::down_reason::DownReason;
use crate::node::error::ConnectError;
use crate::node::id::NodeName;
use crate::wire::CloseCode;

impl Peers {
    /// Handles the end of a connection in any stage. The session of an established one has ended.
    pub(crate) fn lost(&mut self, now: Duration, conn: ConnectionId, reason: DownReason) {
        let waited = self.ending.ended(conn);
        self.actions.extend(waited);
        self.drop_connection(now, conn, reason);
    }

    /// Forgets a connection that was closed, in any stage. The `Down` of its node follows the end of its session.
    pub(crate) fn drop_connection(
        &mut self,
        now: Duration,
        conn: ConnectionId,
        reason: DownReason,
    ) {
        self.unconfirmed(conn);
        let mut peers = self.peers.values_mut();
        let session = peers.find_map(|peer| peer.up.take_if(|session| session.conn == conn));
        self.peers.retain(|_, peer| !peer.is_empty());
        if let Some(session) = session {
            let reason = if self.is_leaving {
                DownReason::Left
            } else {
                reason
            };
            if let DownReason::Replaced(text) = &reason {
                self.actions.push(Action::Warn(format!(
                    "{} dropped this node: {text}. If two nodes have this name, rename one of them",
                    session.id
                )));
            }
            self.down(now, session, reason);
        }
    }

    /// Drops an offered connection that will not be confirmed.
    pub(crate) fn unconfirmed(&mut self, conn: ConnectionId) {
        for peer in self.peers.values_mut() {
            peer.offers.retain(|offer| offer.conn != conn);
        }
        self.peers.retain(|_, peer| !peer.is_empty());
    }

    pub(super) fn down(&mut self, now: Duration, session: PeerConnection, reason: DownReason) {
        let PeerConnection { id, conn, address } = session;
        // The membership does not dial a node that closed the connection on purpose.
        if matches!(reason, DownReason::Closed) {
            self.keep_apart(&id.name, false);
        }
        self.retarget(now, &id.name, &reason);
        self.emit_down(PeerConnection { id, conn, address }, reason);
    }

    /// Reports the end of a session. If its `Up` has not been reported, callers whose answer waited for it learn that
    /// they are not connected, and nothing else is reported.
    fn emit_down(&mut self, session: PeerConnection, reason: DownReason) {
        let PeerConnection { id, conn, address } = session;
        let Some(callers) = self.ending.cancel_up(&id, conn) else {
            return self.emit(Action::Down { id, conn, reason });
        };
        let error = self.lost_before_up(address, reason);
        for caller in callers {
            self.answer(caller, Err(error.clone()));
        }
    }

    fn lost_before_up(&self, address: SocketAddr, reason: DownReason) -> ConnectError {
        match reason {
            _ if self.is_leaving => ConnectError::Left,
            DownReason::Disconnected => ConnectError::Disconnected { address },
            DownReason::Replaced(reason) => {
                let name = self.own.name.clone();
                ConnectError::NameRefused { name, reason }
            }
            DownReason::Refused { code, text: reason } => ConnectError::Refused {
                address,
                code,
                reason,
            },
            DownReason::Left | DownReason::Closed => {
                let code = match reason {
                    DownReason::Left => CloseCode::GoAway,
                    _ => CloseCode::Normal,
                };
                let reason = reason.to_string();
                ConnectError::Refused {
                    address,
                    code,
                    reason,
                }
            }
            DownReason::TimedOut | DownReason::Restarted | DownReason::Reset(_) => {
                let reason = reason.to_string();
                ConnectError::Unreachable { address, reason }
            }
        }
    }

    /// Decides whether the addresses of a disconnected node are dialled again.
    fn retarget(&mut self, now: Duration, name: &NodeName, reason: &DownReason) {
        // A node that closed on purpose is not dialled again, except for a seed or candidate, whose node may come back.
        let on_purpose = matches!(reason, DownReason::Left | DownReason::Closed);
        let (rules, members, rng) = (&self.rules, &self.wanted, &mut self.rng);
        self.targets.retain(|_, target| {
            if !target.leads_to(name) || target.is_dialling() || !target.callers.is_empty() {
                return true;
            }
            let stays = rules.is_wanted(target, members) && (target.is_listed() || !on_purpose);
            if stays && is_error(reason) {
                target.back_off_after_error(now, rng);
            } else if stays {
                target.errors = 0;
                target.back_off(now, rng);
            }
            stays
        });
        self.dial_candidates(now);
    }

    /// Closes the connection with a node, and dials it again only on request. Returns false if there was none.
    pub(crate) fn disconnect(&mut self, now: Duration, name: &NodeName) -> bool {
        let peer = self.peers.remove(name).unwrap_or_default();
        let text = "asked to disconnect";
        for offer in &peer.offers {
            self.close(offer.conn, CloseCode::Normal, text);
        }
        let addresses = self.targets.values().filter(|target| target.leads_to(name));
        let addresses: Vec<SocketAddr> = addresses.map(|target| target.address).collect();
        let is_wanted = self.wanted.contains(name);
        if is_wanted || !addresses.is_empty() || !peer.offers.is_empty() {
            self.keep_apart(name, true);
        }
        for address in addresses {
            self.give_up(address, &ConnectError::Disconnected { address });
        }
        self.dial_candidates(now);
        let Some(session) = peer.up else {
            return false;
        };
        self.close(session.conn, CloseCode::Normal, text);
        self.keep_apart(&session.id.name, true);
        self.emit_down(session, DownReason::Disconnected);
        true
    }

    /// Starts to leave: no connection is opened, and each one ends after its queued messages.
    pub(crate) fn leave(&mut self) {
        if std::mem::replace(&mut self.is_leaving, true) {
            return;
        }
        let addresses: Vec<SocketAddr> = self.targets.keys().copied().collect();
        for address in addresses {
            self.give_up(address, &ConnectError::Left);
        }
        let mut offers = Vec::new();
        for peer in self.peers.values_mut() {
            offers.append(&mut peer.offers);
            let up = peer.up.iter();
            (self.actions).extend(up.map(|session| Action::GoAway { conn: session.conn }));
        }
        for offer in offers {
            self.close(offer.conn, CloseCode::GoAway, "the node leaves");
        }
        self.peers.retain(|_, peer| peer.up.is_some());
    }

    /// Forgets an address, and cancels its dial.
    pub(super) fn give_up(&mut self, address: SocketAddr, error: &ConnectError) {
        let Some(DialTarget {
            progress, callers, ..
        }) = self.targets.remove(&address)
        else {
            return;
        };
        if let DialState::Dialling(conn) = progress {
            self.dials.remove(&conn);
            self.close(
                conn,
                CloseCode::Normal,
                "the connection is no longer needed",
            );
        }
        for caller in callers {
            self.answer(caller, Err(error.clone()));
        }
    }
}

/// Returns whether one of the nodes closed the connection because of an error, which the next connection may repeat.
fn is_error(reason: &DownReason) -> bool {
    matches!(
        reason,
        DownReason::Refused {
            code: CloseCode::Malformed | CloseCode::Overloaded,
            ..
        }
    )
}
