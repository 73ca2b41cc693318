//! Operations of tables with ordered keys.

use std::borrow::Borrow;
use std::ops::{Bound, RangeBounds};

use super::error::TableError;
use super::layout::Ordered;
use super::lifetime::Table;
use super::nested;
use super::ownership::Right;
use super::store::Cell;

impl<K, V> Table<K, V, Ordered>
where
    K: Clone + Ord + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Returns the pair with the smallest key; `None` if the table is empty. (Erlang: `ets:first/1`.)
    ///
    /// # Errors
    /// The errors of [`get`](Table::get).
    ///
    /// ```
    /// use ambit::table::Table;
    /// let readings = Table::ordered();
    /// readings.insert_all([(10, 0.1), (20, 0.2)]).unwrap();
    /// assert_eq!(readings.first().unwrap(), Some((10, 0.1)));
    /// ```
    pub fn first(&self) -> Result<Option<(K, V)>, TableError> {
        self.nearest::<K>(Bound::Unbounded, Bound::Unbounded, false)
    }

    /// Returns the pair with the greatest key; `None` if the table is empty. (Erlang: `ets:last/1`.)
    ///
    /// # Errors
    /// The errors of [`get`](Table::get).
    ///
    /// ```
    /// use ambit::table::Table;
    /// let readings = Table::ordered();
    /// readings.insert_all([(10, 0.1), (20, 0.2)]).unwrap();
    /// assert_eq!(readings.last().unwrap(), Some((20, 0.2)));
    /// ```
    pub fn last(&self) -> Result<Option<(K, V)>, TableError> {
        self.nearest::<K>(Bound::Unbounded, Bound::Unbounded, true)
    }

    /// Returns the pair with the smallest key greater than `key`; `None` if there is none. `key` itself need not be in
    /// the table. (Erlang: `ets:next/2`.)
    ///
    /// # Errors
    /// The errors of [`get`](Table::get).
    ///
    /// ```
    /// use ambit::table::Table;
    /// let readings = Table::ordered();
    /// readings.insert_all([(10, 0.1), (20, 0.2)]).unwrap();
    /// assert_eq!(readings.next(&15).unwrap(), Some((20, 0.2)));
    /// ```
    pub fn next<Q: Ord + ?Sized>(&self, key: &Q) -> Result<Option<(K, V)>, TableError>
    where
        K: Borrow<Q>,
    {
        self.nearest(Bound::Excluded(key), Bound::Unbounded, false)
    }

    /// Returns the pair with the greatest key smaller than `key`; `None` if there is none. `key` itself need not be in
    /// the table. (Erlang: `ets:prev/2`.)
    ///
    /// # Errors
    /// The errors of [`get`](Table::get).
    ///
    /// ```
    /// use ambit::table::Table;
    /// let readings = Table::ordered();
    /// readings.insert_all([(10, 0.1), (20, 0.2)]).unwrap();
    /// assert_eq!(readings.prev(&15).unwrap(), Some((10, 0.1)));
    /// ```
    pub fn prev<Q: Ord + ?Sized>(&self, key: &Q) -> Result<Option<(K, V)>, TableError>
    where
        K: Borrow<Q>,
    {
        self.nearest(Bound::Unbounded, Bound::Excluded(key), true)
    }

    /// Returns the pairs whose keys are in `range`, in key order. A range that is empty or ends before it begins
    /// contains no pairs. As with [`entries`](Table::entries), concurrent changes may be included or missing.
    ///
    /// # Errors
    /// The errors of [`get`](Table::get).
    ///
    /// ```
    /// use ambit::table::{OrderedTable, Table};
    /// #[ambit::main]
    /// async fn main() {
    ///     let readings: OrderedTable<u64, f32> = Table::ordered();
    ///     readings.insert_all([(10, 0.1), (20, 0.2), (30, 0.3)]).unwrap();
    ///     let recent = readings.range(15..).unwrap();
    ///     assert_eq!(recent, [(20, 0.2), (30, 0.3)]);
    ///     assert_eq!(readings.prev(&20).unwrap(), Some((10, 0.1)));
    /// }
    /// ```
    pub fn range(&self, range: impl RangeBounds<K>) -> Result<Vec<(K, V)>, TableError> {
        let bounds = (range.start_bound(), range.end_bound());
        if is_empty(bounds) {
            self.inner
                .check(Right::Read, crate::process::current::pid())?;
            return Ok(Vec::new());
        }
        let found: Vec<_> = self.look(Right::Read, |state| {
            nested::run(|| {
                let range = state.store.map().range::<K, _>(bounds);
                let found = range.map(|(key, slot)| (key.clone(), slot.cell().clone()));
                found.collect()
            })
        })?;
        let mut pairs = Vec::with_capacity(found.len());
        for (key, cell) in found {
            if let Some(value) = self.current_value(&key, cell)? {
                pairs.push((key, value));
            }
        }
        Ok(pairs)
    }

    /// Returns the outermost pair between two bounds that still exists.
    fn nearest<Q: Ord + ?Sized>(
        &self,
        from: Bound<&Q>,
        to: Bound<&Q>,
        backwards: bool,
    ) -> Result<Option<(K, V)>, TableError>
    where
        K: Borrow<Q>,
    {
        loop {
            let found = self.look(Right::Read, |state| {
                nested::run(|| {
                    let mut range = state.store.map().range::<Q, _>((from, to));
                    let found = if backwards {
                        range.next_back()
                    } else {
                        range.next()
                    };
                    found.map(|(key, slot)| (key.clone(), slot.cell().clone()))
                })
            })?;
            let Some((key, cell)) = found else {
                return Ok(None);
            };
            if let Some(pair) = valued(key, &cell) {
                return Ok(Some(pair));
            }
        }
    }
}

/// Returns true for ranges on which `BTreeMap::range` panics, and for other empty ones.
fn is_empty<K: Ord>(bounds: (Bound<&K>, Bound<&K>)) -> bool {
    match bounds {
        (Bound::Included(from), Bound::Included(to)) => from > to,
        (Bound::Included(from) | Bound::Excluded(from), Bound::Excluded(to))
        | (Bound::Excluded(from), Bound::Included(to)) => from >= to,
        (Bound::Unbounded, _) | (_, Bound::Unbounded) => false,
    }
}

fn valued<K, V: Clone>(key: K, cell: &Cell<V>) -> Option<(K, V)> {
    let value = cell.read();
    nested::run(|| value.clone()).map(|value| (key, value))
}
