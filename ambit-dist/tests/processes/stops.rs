//! The signals for another node when one of its processes is stopped.

use std::sync::{Arc, Mutex};

use ambit::distribution::{
    Attachment, CreditWindow, Peer, PeerProtocol, ProtocolBinding, RemoteEnvelope, RemoteProxy,
    SendOutcome, Session, Signal,
};
use ambit::message::{
    DecodeError, DecodedProcess, EncodeError, Exposed, Form, In, ProcessEncoding, Wire,
};
use ambit::prelude::*;
use ambit::process::{MonitorRef, Pid};
use ambit_dist::AnyCodec;

struct Lamp;

#[gen_server(remote = "shop.lamp")]
impl Lamp {}

/// A session that records the signals, and knows one process.
#[derive(Clone, Default)]
struct Ear {
    signals: Arc<Mutex<Vec<Signal>>>,
    proxy: Arc<Mutex<Option<Arc<RemoteProxy<AnyCodec>>>>>,
}

impl Peer<AnyCodec> for Ear {
    fn session(&self) -> Option<Arc<dyn Session<AnyCodec>>> {
        Some(Arc::new(self.clone()))
    }

    fn forget(&self, _: Pid) {}
}

impl Session<AnyCodec> for Ear {
    fn codec(&self) -> AnyCodec {
        AnyCodec::Bincode
    }

    fn peer(&self) -> String {
        "ear".to_owned()
    }

    fn limit(&self) -> usize {
        1_000
    }

    fn cost(&self, _: usize) -> u32 {
        1
    }

    fn send(
        &self,
        envelope: RemoteEnvelope<AnyCodec>,
    ) -> Result<SendOutcome, RemoteEnvelope<AnyCodec>> {
        Err(envelope)
    }

    fn signal(&self, _: Pid, signal: Signal) {
        self.signals.lock().unwrap().push(signal);
    }

    fn cancel(&self, _: u64) {}
}

impl ProcessEncoding<AnyCodec> for Ear {
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

#[ambit::test]
async fn a_remote_stop_sends_its_monitor_before_the_request_and_returns_the_down() {
    let ear = Ear::default();
    let system = ambit::system::System::current().unwrap();
    let pid = Attachment::new(&system).pid(1, 1);
    let peer = Arc::new(ear.clone());
    let proxy = RemoteProxy::new(
        &system,
        peer,
        pid,
        || "lamp",
        Arc::new(CreditWindow::default()),
    );
    *ear.proxy.lock().unwrap() = Some(proxy.clone());
    let mut input = In::with(AnyCodec::Bincode, &[], Form::Compact).process_encoding(&ear);
    let lamp = LampSubject::take(&mut input).unwrap();
    let (tell, told) = tokio::sync::oneshot::channel();
    let stopping = ambit::spawn(move |_: Inbox<u8>| async move {
        tell.send(lamp.stop().await).unwrap();
    });
    ambit::test::settle().await;
    let me = stopping.pid();
    let signals = std::mem::take(&mut *ear.signals.lock().unwrap());
    let [
        Signal::Monitor {
            from: Pid::NOBODY,
            monitor: first,
        },
        Signal::Monitor { from, monitor },
        Signal::Demonitor { .. },
        Signal::Stop { from: stops, .. },
    ] = signals[..]
    else {
        panic!("{signals:?}");
    };
    assert_eq!((from, stops), (me, me));
    // The first monitor arrived after the process had ended; the second one before the request.
    proxy.end(&ExitReason::NoProcess, Some(first));
    proxy.end(&ExitReason::NoProcess, Some(MonitorRef::from_number(0)));
    proxy.end(&ExitReason::Normal, Some(monitor));
    assert_eq!(told.await.unwrap(), Ok(()));
    *ear.proxy.lock().unwrap() = None;
}
