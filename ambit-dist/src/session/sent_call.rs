//! A call that this node has sent and the other node has not answered yet.

use ambit::distribution::Request;

use crate::codecs::any::AnyCodec;
use crate::wire::ProcessAddress as Address;

/// A call that this node has sent, and its pair.
pub(crate) struct SentCall {
    pub(crate) request: Request<AnyCodec>,
    pub(super) from: Option<Address>,
    pub(super) to: Address,
}
