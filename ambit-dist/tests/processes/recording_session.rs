//! A session that records what is sent through it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use ambit::distribution::{
    Attachment, CreditWindow, Peer, PeerProtocol, ProtocolBinding, RemoteEnvelope, RemoteProxy,
    SendOutcome, Session, Signal,
};
use ambit::message::{
    DecodeError, DecodedProcess, EncodeError, Exposed, Form, In, ProcessEncoding, Wire,
};
use ambit::prelude::*;
use ambit::process::Pid;
use ambit_dist::AnyCodec;

pub(super) struct Lamp;

#[gen_server(remote = "shop.lamp", vis = pub(super))]
impl Lamp {
    #[cast]
    pub(super) fn dim(&mut self, percent: u8) {
        let _ = percent;
    }
}

pub(super) type Hook = Box<dyn FnOnce() + Send>;

/// A session that records signals and messages, and knows one process.
#[derive(Clone, Default)]
pub(super) struct RecordingSession {
    pub(super) signals: Arc<Mutex<Vec<Signal>>>,
    pub(super) messages: Arc<Mutex<Vec<Vec<u8>>>>,
    /// Called once, when the session is asked for its limit.
    pub(super) hook: Arc<Mutex<Option<Hook>>>,
    /// Whether it has ended.
    pub(super) is_over: Arc<AtomicBool>,
    proxy: Arc<Mutex<Option<Arc<RemoteProxy<AnyCodec>>>>>,
}

impl RecordingSession {
    /// Returns the proxy of a lamp of another node, which has these credits, and a handle to it.
    pub(super) fn lamp(
        &self,
        window: &Arc<CreditWindow>,
    ) -> (Arc<RemoteProxy<AnyCodec>>, LampSubject) {
        let system = ambit::system::System::current().unwrap();
        let pid = Attachment::new(&system).pid(1, 1);
        let peer = Arc::new(self.clone());
        let proxy = RemoteProxy::new(&system, peer, pid, || "lamp", window.clone());
        let lamp = self.handle_to(&proxy);
        (proxy, lamp)
    }

    /// Returns a handle to the process of this proxy.
    pub(super) fn handle_to(&self, proxy: &Arc<RemoteProxy<AnyCodec>>) -> LampSubject {
        *self.proxy.lock().unwrap() = Some(proxy.clone());
        let mut input = In::with(AnyCodec::Bincode, &[], Form::Compact).process_encoding(self);
        let lamp = LampSubject::take(&mut input).unwrap();
        // The session would keep the proxy, and the proxy the session.
        *self.proxy.lock().unwrap() = None;
        lamp
    }
}

impl Peer<AnyCodec> for RecordingSession {
    fn session(&self) -> Option<Arc<dyn Session<AnyCodec>>> {
        Some(Arc::new(self.clone()))
    }

    fn forget(&self, _: Pid) {}
}

impl Session<AnyCodec> for RecordingSession {
    fn codec(&self) -> AnyCodec {
        AnyCodec::Bincode
    }

    fn peer(&self) -> String {
        "session".to_owned()
    }

    fn limit(&self) -> usize {
        let hook = self.hook.lock().unwrap().take();
        if let Some(hook) = hook {
            hook();
        }
        1_000
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::SeqCst)
    }

    fn cost(&self, _: usize) -> u32 {
        1
    }

    fn send(
        &self,
        envelope: RemoteEnvelope<AnyCodec>,
    ) -> Result<SendOutcome<AnyCodec>, RemoteEnvelope<AnyCodec>> {
        self.messages.lock().unwrap().push(envelope.payload);
        Ok(SendOutcome::Sent)
    }

    fn signal(&self, _: Pid, signal: Signal) {
        self.signals.lock().unwrap().push(signal);
    }

    fn cancel(&self, _: u64) {}
}

impl ProcessEncoding<AnyCodec> for RecordingSession {
    fn put_pid(&self, _: Pid, _: &mut Vec<u8>) -> Result<(), EncodeError> {
        Err(EncodeError::NoNode)
    }

    fn take_pid(&self, _: &mut &[u8]) -> Result<Pid, DecodeError> {
        Err(DecodeError::NoNode)
    }

    fn put_subject(
        &self,
        _: Pid,
        _: Arc<dyn Exposed<AnyCodec>>,
        _: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        Err(EncodeError::NoNode)
    }

    fn take_subject(
        &self,
        _: fn() -> &'static str,
        _: &mut &[u8],
    ) -> Result<DecodedProcess<AnyCodec>, DecodeError> {
        let ours = ProtocolBinding::of::<Lamp>().unwrap();
        let theirs = PeerProtocol::new(ours.name().into(), ours.fingerprint(), ours.text().into());
        let proxy = self.proxy.lock().unwrap().clone().unwrap();
        let theirs = Arc::new(theirs);
        Ok(DecodedProcess::There { proxy, theirs })
    }
}
