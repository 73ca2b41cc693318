use super::*;
use crate::discovery::Seeds;

fn seeds(list: &str, names: &Names) -> Seeds {
    let names = names.clone();
    let seeds: Seeds = list.parse().unwrap();
    seeds.resolve_with(move |host, _| {
        let found = names.look_up(&host);
        async move { found }
    })
}

#[ambit::test]
async fn addresses_are_listed_once_and_a_list_without_seeds_not_at_all() {
    let mut seeds = Seeds::new(["10.0.0.2:9000", "10.0.0.1:9000"]).unwrap();
    let expected = at(&["10.0.0.2:9000", "10.0.0.1:9000"]);
    assert_eq!(found(&mut seeds).await, expected);
    assert!(seeds.next().await.is_none());
    let mut none: Seeds = "".parse().unwrap();
    assert!(none.next().await.is_none());
}

#[ambit::test]
async fn names_are_looked_up_and_join_the_addresses() {
    let names = Names::default();
    names.set("b.test", &["10.0.0.2:9000"]);
    names.set("c.test", &["10.0.0.3:9000"]);
    let mut seeds = seeds("10.0.0.9:1,b.test:9000,c.test:9000", &names);
    assert_eq!(found(&mut seeds).await, at(&["10.0.0.9:1"]));
    let all = at(&["10.0.0.9:1", "10.0.0.2:9000", "10.0.0.3:9000"]);
    assert_eq!(found(&mut seeds).await, all);
    names.set("c.test", &["10.0.0.4:9000"]);
    let changed = at(&["10.0.0.9:1", "10.0.0.2:9000", "10.0.0.4:9000"]);
    assert_eq!(found(&mut seeds).await, changed);
}

#[ambit::test]
async fn a_failing_name_keeps_its_last_addresses_and_does_not_hold_up_the_others() {
    let names = Names::default();
    names.set("b.test", &["10.0.0.2:9000"]);
    let mut seeds = seeds("b.test:9000,c.test:9000", &names);
    assert_eq!(found(&mut seeds).await, at(&["10.0.0.2:9000"]));
    let text = error(&mut seeds).await;
    assert!(
        text.starts_with("cannot look up `c.test:9000` (unknown name)"),
        "{text}"
    );
    names.remove("b.test");
    names.set("c.test", &["10.0.0.3:9000"]);
    let both = at(&["10.0.0.2:9000", "10.0.0.3:9000"]);
    assert_eq!(found(&mut seeds).await, both);
    let text = error(&mut seeds).await;
    assert!(text.starts_with("cannot look up `b.test:9000`"), "{text}");
}

#[ambit::test]
async fn a_resolver_that_panics_is_an_error() {
    let mut seeds = Seeds::new(["b.test:1"])
        .unwrap()
        .resolve_with(|_, _| async {
            match rt::now().elapsed() {
                Duration::ZERO => panic!("on purpose"),
                _ => Ok(Vec::new()),
            }
        });
    let text = error(&mut seeds).await;
    assert!(
        text.contains("`b.test:1` (the resolver panicked)"),
        "{text}"
    );
}
