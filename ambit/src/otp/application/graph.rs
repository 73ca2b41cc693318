//! The dependency graph: finds errors in the list before anything starts, and computes the start order.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::supervisor::policy::Restart;

/// The index of an application in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key(pub(crate) usize);

/// An application as it was declared.
#[derive(Clone, Debug)]
pub(crate) struct Declared {
    pub(crate) name: Arc<str>,
    pub(crate) needs: Vec<String>,
    pub(crate) optional: Vec<String>,
    pub(crate) restart: Restart,
    /// The time its tree may take to end, and its callback after that; no limit if `None`.
    pub(crate) patience: Option<Duration>,
    pub(crate) has_callback: bool,
}

/// All applications, checked: names are unique and known, and the dependencies have no cycle.
#[derive(Clone, Debug)]
pub(crate) struct Graph {
    pub(crate) all: Vec<Declared>,
    needs: Vec<Vec<Key>>,
    /// The applications that are started first if they are in the list.
    before: Vec<Vec<Key>>,
}

impl Graph {
    /// # Errors
    /// One line about the cause.
    pub(crate) fn new(all: Vec<Declared>) -> Result<Self, String> {
        let names = names(&all)?;
        let mut graph = Self {
            needs: Vec::new(),
            before: Vec::new(),
            all: Vec::new(),
        };
        for one in &all {
            let needs: Result<Vec<_>, _> = one.needs.iter().map(|need| {
                names.get(&**need).copied().ok_or_else(|| format!(
                    "application `{}` depends on `{need}`, which is not in the list: add it, or use `optionally_depends_on`",
                    one.name
                ))
            }).collect();
            let needs = needs?;
            let optional = one.optional.iter().filter_map(|name| names.get(&**name));
            let mut before = needs.clone();
            before.extend(optional);
            graph.needs.push(needs);
            graph.before.push(before);
        }
        graph.all = all;
        graph.check_circles()?;
        Ok(graph)
    }

    pub(crate) fn find(&self, name: &str) -> Option<Key> {
        self.all.iter().position(|one| &*one.name == name).map(Key)
    }

    pub(crate) fn name(&self, key: Key) -> String {
        self.all[key.0].name.to_string()
    }

    pub(crate) fn needs(&self, key: Key) -> &[Key] {
        &self.needs[key.0]
    }

    /// Returns true if `one` is to be started after `other`.
    pub(crate) fn follows(&self, one: Key, other: Key) -> bool {
        self.before[one.0].contains(&other)
    }

    /// Returns the applications that `key` needs, in start order, itself last.
    pub(crate) fn plan(&self, key: Key) -> Vec<Key> {
        let mut plan = Vec::new();
        self.visit(key, &mut plan);
        plan
    }

    fn visit(&self, key: Key, plan: &mut Vec<Key>) {
        if plan.contains(&key) {
            return;
        }
        for &before in &self.before[key.0] {
            self.visit(before, plan);
        }
        plan.push(key);
    }

    fn check_circles(&self) -> Result<(), String> {
        let mut clear = vec![false; self.all.len()];
        for start in 0..self.all.len() {
            let mut way = Vec::new();
            if let Some(circle) = self.circle(Key(start), &mut way, &mut clear) {
                let names: Vec<_> = circle.iter().map(|&key| self.name(key)).collect();
                return Err(format!(
                    "the dependencies of these applications form a cycle: {}",
                    names.join(" -> ")
                ));
            }
        }
        Ok(())
    }

    fn circle(&self, key: Key, way: &mut Vec<Key>, clear: &mut [bool]) -> Option<Vec<Key>> {
        if clear[key.0] {
            return None;
        }
        if let Some(at) = way.iter().position(|&known| known == key) {
            way.push(key);
            return Some(way.split_off(at));
        }
        way.push(key);
        for &before in &self.before[key.0] {
            let circle = self.circle(before, way, clear);
            if circle.is_some() {
                return circle;
            }
        }
        way.pop();
        clear[key.0] = true;
        None
    }
}

fn names(all: &[Declared]) -> Result<BTreeMap<&str, Key>, String> {
    let mut names = BTreeMap::new();
    for (n, one) in all.iter().enumerate() {
        if one.name.is_empty() {
            return Err("the name of an application cannot be empty".into());
        }
        if names.insert(&*one.name, Key(n)).is_some() {
            return Err(format!(
                "two applications are called `{}`: give one of them another name",
                one.name
            ));
        }
    }
    Ok(names)
}
