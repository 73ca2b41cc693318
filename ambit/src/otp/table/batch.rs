//! Inserting many pairs at once.

use std::collections::HashMap;

use super::layout::Layout;
use super::store::{Cell, Store, filled};
use crate::names::keyed::AsIs;

/// Keys to insert, and their cells.
pub(super) type Pairs<K, V, L> = Vec<(<L as Layout<K>>::Entering, Cell<V>)>;

/// Collects the pairs without a lock, each key once: of equal keys the first key and the last value.
pub(super) fn unique<K, V, L>(
    hasher: &L::Hasher,
    pairs: impl IntoIterator<Item = (K, V)>,
) -> Pairs<K, V, L>
where
    K: 'static,
    V: Send + Sync + 'static,
    L: Layout<K>,
{
    let mut unique: Pairs<K, V, L> = Vec::new();
    let mut by_digest: HashMap<u64, Vec<usize>, AsIs> = HashMap::default();
    for (key, value) in pairs {
        let (key, cell) = (L::entering(hasher, key), filled(value));
        let Some(digest) = L::digest(&key) else {
            unique.push((key, cell));
            continue;
        };
        let same = by_digest.entry(digest).or_default();
        let known = same.iter().find(|at| L::is_same(&unique[**at].0, &key));
        if let Some(at) = known {
            unique[*at].1 = cell;
        } else {
            same.push(unique.len());
            unique.push((key, cell));
        }
    }
    unique
}

/// Inserts all pairs and returns the cells they replace; `None`, with nothing changed, if keys must be compared first.
pub(super) fn put<K, V, L>(
    store: &mut Store<K, V, L>,
    pairs: &mut Pairs<K, V, L>,
) -> Option<Vec<Cell<V>>>
where
    K: 'static,
    V: Send + Sync + 'static,
    L: Layout<K>,
{
    let mut is_unsettled = false;
    for (key, _) in pairs.iter_mut() {
        is_unsettled |= store.is_unsettled(key);
    }
    if is_unsettled {
        return None;
    }
    let each = pairs.iter_mut();
    Some(
        each.filter_map(|(key, cell)| store.put(key, cell.clone()))
            .collect(),
    )
}
