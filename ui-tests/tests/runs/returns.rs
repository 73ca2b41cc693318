//! Unusual types of arguments, replies and messages.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use ambit::prelude::*;

/// Private, and in the signature of public methods.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Secret(u64);

#[derive(Debug)]
struct NoClone(Cell<u64>);

type Job = Box<dyn for<'a> FnOnce(&'a str) -> u64 + Send>;

struct Server {
    secret: Secret,
}

#[gen_server]
impl Server {
    #[call]
    pub(crate) fn secret(&self, by: Secret) -> Secret {
        Secret(self.secret.0 + by.0)
    }

    #[call]
    fn moved(&mut self, value: NoClone) -> NoClone {
        value.0.set(value.0.get() + 1);
        value
    }

    #[call]
    fn job(&mut self, job: Job, pointer: fn(&str) -> &str) -> u64 {
        job(pointer("four"))
    }

    #[call]
    fn pinned(&self) -> Pin<Box<dyn Future<Output = u64> + Send>> {
        let value = self.secret.0;
        Box::pin(async move { value })
    }

    #[call]
    fn never_answered(&self) -> Result<std::convert::Infallible, u64> {
        Err(3)
    }

    #[call]
    fn array(&self, array: [u8; 1 + 1], text: &'static str) -> ([u8; 2], &'static str) {
        (array, text)
    }

    #[allow(clippy::type_complexity)]
    #[call]
    fn nested(
        &self,
        map: BTreeMap<String, Vec<Option<(u64, Box<str>)>>>,
    ) -> Option<Vec<Option<(u64, Box<str>)>>> {
        map.into_values().next()
    }

    #[call]
    fn itself(&self, of: ServerSubject) -> Subject<Self> {
        of.into()
    }

    #[call]
    fn unit(&self, unit: ()) {
        unit
    }

    #[call]
    fn mutable(&self, mut values: Vec<u64>) -> Vec<u64> {
        values.push(self.secret.0);
        values
    }

    #[cast]
    fn crash(&mut self) -> ! {
        panic!("{}", self.secret.0)
    }

    #[allow(unused_qualifications, clippy::use_self)]
    #[cast]
    async fn crash_later(&mut self, ctx: &mut Context<super::returns::Server>) -> ! {
        ctx.label("crashing");
        std::future::ready(()).await;
        panic!("{}", self.secret.0)
    }

    #[cast]
    fn stop_with(&mut self, reason: ExitReason) -> Flow {
        Flow::Stop(reason)
    }

    #[info]
    fn on_closure(&mut self, job: Box<dyn FnOnce(&mut u64) + Send>) {
        job(&mut self.secret.0);
    }

    #[info]
    fn on_tuple(&mut self, (first, Secret(second)): (u64, Secret)) {
        self.secret.0 = first + second;
    }

    #[info]
    fn on_unit(&mut self, (): ()) {
        self.secret.0 = 0;
    }

    #[info]
    fn on_fallible(&mut self, result: Result<u64, String>) -> Result<(), String> {
        self.secret.0 = result?;
        Ok(())
    }
}

#[ambit::test]
async fn whatever_is_send_travels() {
    let server = Server { secret: Secret(1) }.start().await.unwrap();
    assert_eq!(server.secret(Secret(2)).await, Ok(Secret(3)));
    let moved = server.moved(NoClone(Cell::new(1))).await.unwrap();
    assert_eq!(moved.0.get(), 2);
    let job: Job = Box::new(|text| text.len() as u64);
    assert_eq!(server.job(job, |text| &text[1..]).await, Ok(3));
    assert_eq!(server.pinned().await.unwrap().await, 1);
    assert_eq!(server.never_answered().await, Ok(Err(3)));
    assert_eq!(server.array([1, 2], "x").await, Ok(([1, 2], "x")));
    let map = BTreeMap::from([("a".into(), vec![None])]);
    assert_eq!(server.nested(map).await, Ok(Some(vec![None])));
    assert_eq!(
        server.itself(server.clone()).await.unwrap().pid(),
        server.pid()
    );
    assert_eq!(server.unit(()).await, Ok(()));
    assert_eq!(server.mutable(vec![]).await, Ok(vec![1]));
}

#[ambit::test]
async fn infos_are_any_types() {
    let server = Server { secret: Secret(1) }.start().await.unwrap();
    let secret = async || server.secret(Secret(0)).await.unwrap().0;
    let job: Box<dyn FnOnce(&mut u64) + Send> = Box::new(|value| *value += 1);
    server.recipient().send(job).await.unwrap();
    assert_eq!(secret().await, 2);
    server.recipient().send((3_u64, Secret(4))).await.unwrap();
    assert_eq!(secret().await, 7);
    server.recipient().send(()).await.unwrap();
    assert_eq!(secret().await, 0);
    server.recipient().send(Ok::<u64, String>(5)).await.unwrap();
    assert_eq!(secret().await, 5);
    let monitor = server.monitor();
    server.stop_with(ExitReason::Normal).await.unwrap();
    assert_eq!(monitor.await.reason, ExitReason::Normal);
}
