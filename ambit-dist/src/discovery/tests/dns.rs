use super::*;
use crate::discovery::Dns;

fn dns(names: &Names) -> Dns {
    let names = names.clone();
    Dns::new("shop.test", 9000).resolve_with(move |host, port| {
        assert_eq!(port, 9000);
        let found = names.look_up(&host);
        async move { found }
    })
}

#[ambit::test]
async fn a_name_is_looked_up_every_five_seconds_and_changes_are_reported() {
    let names = Names::default();
    names.set("shop.test", &["10.0.0.2:9000", "10.0.0.1:9000"]);
    let mut dns = dns(&names);
    let begin = rt::now();
    let expected = at(&["10.0.0.1:9000", "10.0.0.2:9000"]);
    assert_eq!(found(&mut dns).await, expected);
    assert_eq!(begin.elapsed(), Duration::ZERO);
    // Another order is no change.
    names.set("shop.test", &["10.0.0.1:9000", "10.0.0.2:9000"]);
    assert_quiet(&mut dns).await;
    assert_eq!(names.lookups(), 13);
    names.set("shop.test", &["10.0.0.1:9000", "10.0.0.3:9000"]);
    let begin = rt::now();
    let expected = at(&["10.0.0.1:9000", "10.0.0.3:9000"]);
    assert_eq!(found(&mut dns).await, expected);
    assert!(begin.elapsed() <= Duration::from_secs(5));
}

#[ambit::test]
async fn the_interval_is_configurable() {
    let names = Names::default();
    names.set("shop.test", &[]);
    let mut dns = dns(&names).interval(Duration::from_secs(30));
    assert_eq!(found(&mut dns).await, []);
    assert_quiet(&mut dns).await;
    assert_eq!(names.lookups(), 3);
}

#[ambit::test]
async fn a_failed_lookup_is_reported_and_the_recovery_repeats_the_last_set() {
    let names = Names::default();
    let mut dns = dns(&names);
    let text = "cannot look up `shop.test:9000` (unknown name): check the name and the DNS server of this machine";
    assert_eq!(error(&mut dns).await, text);
    names.set("shop.test", &["10.0.0.1:9000"]);
    let begin = rt::now();
    assert_eq!(found(&mut dns).await, at(&["10.0.0.1:9000"]));
    assert_eq!(begin.elapsed(), Duration::ZERO, "the caller waits");
    names.remove("shop.test");
    assert_eq!(error(&mut dns).await, text);
    assert_eq!(error(&mut dns).await, text);
    names.set("shop.test", &["10.0.0.1:9000"]);
    assert_eq!(found(&mut dns).await, at(&["10.0.0.1:9000"]));
    assert_quiet(&mut dns).await;
}

#[ambit::test]
async fn a_lookup_without_an_answer_is_an_error() {
    let mut dns = Dns::new("shop.test", 9000).resolve_with(|_, _| std::future::pending());
    let text = error(&mut dns).await;
    assert!(text.contains("(no answer within 10 s)"), "{text}");
}

#[ambit::test]
async fn a_dropped_future_loses_nothing() {
    let names = Names::default();
    names.set("shop.test", &["10.0.0.1:9000"]);
    let slow = names.clone();
    let mut dns = Dns::new("shop.test", 9000).resolve_with(move |host, _| {
        let found = slow.look_up(&host);
        async move {
            rt::sleep(Duration::from_secs(2)).await;
            found
        }
    });
    for _ in 0..3 {
        let next = rt::timeout(Duration::from_secs(1), dns.next()).await;
        assert!(next.is_err());
    }
    assert_eq!(found(&mut dns).await, at(&["10.0.0.1:9000"]));
}

#[test]
fn the_preset_for_kubernetes_names_the_service() {
    let dns = Dns::kubernetes("shop", "production", 7);
    let name = "DNS shop.production.svc.cluster.local:7";
    assert_eq!(dns.description(), name);
    assert_eq!(format!("{dns:?}"), name);
}
