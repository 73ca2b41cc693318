//! Types that begin with `for<'a>`, which could be parsed as the binder of a predicate.

use ambit::prelude::*;

type Measure = for<'a> fn(&'a str) -> usize;

struct Runner {
    measure: Measure,
}

#[gen_server]
impl Runner {
    #[call]
    fn run(
        &self,
        cut: for<'a> fn(&'a str) -> &'a str,
        boxed: Box<dyn for<'a> Fn(&'a str) -> usize + Send>,
    ) -> (usize, usize) {
        ((self.measure)(cut("abc")), boxed("ab"))
    }

    #[call]
    fn measure(&self) -> for<'a> fn(&'a str) -> usize {
        self.measure
    }

    #[call(deferred)]
    fn later(&mut self, _cut: for<'a> fn(&'a str) -> usize, reply: ReplyTo<Measure>) {
        reply.send(self.measure);
    }

    #[cast]
    fn set(&mut self, measure: for<'a> fn(&'a str) -> usize) {
        self.measure = measure;
    }

    #[info]
    fn on_measure(&mut self, measure: for<'a> fn(&'a str) -> usize) {
        self.measure = measure;
    }

    #[continue_with]
    fn next(&mut self, measure: for<'a> fn(&'a str) -> usize) {
        self.measure = measure;
    }
}

#[protocol]
trait Cut {
    #[call]
    fn cut(&self, with: for<'a> fn(&'a str) -> &'a str) -> for<'a> fn(&'a str) -> usize;
    #[cast]
    fn set(&self, with: for<'a> fn(&'a str) -> &'a str);
}

struct Cutter;

#[gen_server(protocol = Cut)]
impl Cutter {
    #[call]
    fn cut(&self, with: for<'a> fn(&'a str) -> &'a str) -> for<'a> fn(&'a str) -> usize {
        assert_eq!(with("ab"), "a");
        str::len
    }

    #[cast]
    fn set(&mut self, _with: for<'a> fn(&'a str) -> &'a str) {}
}

#[derive(Message)]
struct Wrapped {
    measure: for<'a> fn(&'a str) -> usize,
}

#[ambit::test]
async fn a_type_that_begins_with_for_is_a_type() {
    let runner = Runner { measure: str::len }.start().await.unwrap();
    let ran = runner.run(|text| &text[..1], Box::new(|text: &str| text.len()));
    assert_eq!(ran.await, Ok((1, 2)));
    runner.set(|_| 9).await.unwrap();
    assert_eq!(runner.measure().await.unwrap()("a"), 9);
    assert_eq!(runner.later(str::len).await.unwrap()("a"), 9);
    assert_eq!(
        runner.run(|text| text, Box::new(|_: &str| 0)).await,
        Ok((9, 0))
    );
    let cutter = Cutter.start().await.unwrap();
    cutter.set(|text| text).await.unwrap();
    assert_eq!(cutter.cut(|text| &text[..1]).await.unwrap()("abc"), 3);
    let wrapped = Wrapped { measure: str::len };
    assert_eq!((wrapped.measure)("ab"), 2);
}
