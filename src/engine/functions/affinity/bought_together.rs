//! `bought_together`: all pairs of products that are on orders together, without a self-join.

use std::hash::BuildHasher;
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, FixedSizeBinaryArray, Int64Array, ListArray, StringViewArray, StructArray,
    UInt32Array,
};
use datafusion::arrow::buffer::{Buffer, OffsetBuffer};
use datafusion::arrow::compute::take;
use datafusion::arrow::datatypes::{DataType, Field, Fields, Int64Type, UInt32Type};
use datafusion::common::hash_utils::QualityRandomState;
use datafusion::common::{Result, exec_err};

use super::super::FunctionDoc;
use super::super::aggregate::{Aggregate, Groups, passes};
use super::super::latest::plain;
use super::super::values::{Codec, Encoded};
use super::columns::{is_integer, item, joined, lists};
use super::numbers::Numbers;
use crate::affinity::{Counts, Limits, Lines, count};

/// Orders of more products than this are left out unless the call says otherwise.
const PRODUCTS_MAX: i64 = 100;

pub(in super::super) static BOUGHT_TOGETHER: Aggregate = Aggregate {
    doc: FunctionDoc {
        name: "bought_together",
        signature: "bought_together(order_id, product_id, min_orders [, max_products])",
        returns: "STRUCT(orders, large_orders, products, rare_products, pairs LIST(STRUCT(product_id, other_product_id, \
                  orders, product_orders, other_orders)))",
        summary: "The pairs of products that are together on `min_orders` orders or more: on how many orders both are, and each. \
                  A pair is there once, the smaller product first, sorted. A product that comes on several lines of an order \
                  counts once. An order with more than `max_products` different products (100 if not given) is left out of \
                  everything, and counted in `large_orders`; `orders` are the others. Of the `products` on these, \
                  `rare_products` are on fewer than `min_orders`. A line without an order or a product does not count.",
        example: "SELECT bought_together(o, p, 2)['pairs'] FROM (VALUES (1, 'tea'), (1, 'mug'), (2, 'mug'), (2, 'tea'), \
                  (2, 'jam'), (3, 'tea')) AS lines(o, p)",
        example_result: "[{product_id: mug, other_product_id: tea, orders: 2, product_orders: 2, other_orders: 3}]",
    },
    coerce: |given| {
        let (ids, limits) = given.split_at_checked(2)?;
        let fits = (1..=2).contains(&limits.len()) && limits.iter().all(is_integer);
        fits.then(|| ids.iter().map(plain).chain(limits.iter().map(|_| DataType::Int64)).collect())
    },
    returns: |arguments| DataType::Struct(report_fields(&arguments[1])),
    state: |name, arguments| {
        let state = |column: &str, data_type| Arc::new(Field::new(format!("{name}[{column}]"), data_type, true));
        vec![
            state("min_orders", DataType::Int64),
            state("max_products", DataType::Int64),
            state("products", DataType::LargeList(item(&arguments[1]))),
            state("runs", DataType::LargeList(item(&KEY))),
            state("ends", DataType::LargeList(item(&DataType::UInt32))),
            state("lines", DataType::LargeList(item(&DataType::UInt32))),
        ]
    },
    groups: |arguments| {
        Ok(Box::new(BoughtTogether {
            orders: Codec::new(&arguments[0])?,
            products: Codec::new(&arguments[1])?,
            product_type: arguments[1].clone(),
            groups: Vec::new(),
        }))
    },
};

/// An order by 128 bits of its hash. That two of a billion orders have the same ones, and would be taken for one, has a
/// probability of 10⁻²¹.
const KEY: DataType = DataType::FixedSizeBinary(size_of::<u128>() as i32);

fn key(order: &[u8]) -> u128 {
    let half = |seed| u128::from(QualityRandomState::with_seed(seed).hash_one(order));
    half(0) << 64 | half(1)
}

fn report_fields(product: &DataType) -> Fields {
    let count = |name| Field::new(name, DataType::Int64, true);
    let pairs = DataType::List(item(&DataType::Struct(pair_fields(product))));
    let counts = ["orders", "large_orders", "products", "rare_products"].map(count);
    counts.into_iter().chain([Field::new("pairs", pairs, true)]).collect()
}

fn pair_fields(product: &DataType) -> Fields {
    let products = ["product_id", "other_product_id"].map(|name| Field::new(name, product.clone(), true));
    let counts = ["orders", "product_orders", "other_orders"].map(|name| Field::new(name, DataType::Int64, true));
    products.into_iter().chain(counts).collect()
}

struct BoughtTogether {
    orders: Codec,
    products: Codec,
    product_type: DataType,
    groups: Vec<Group>,
}

/// What one group has bought.
#[derive(Default)]
struct Group {
    /// `min_orders` and `max_products`, from the first line on.
    limits: Option<(i64, i64)>,
    products: Numbers,
    lines: Lines,
}

impl Group {
    fn limit(&mut self, min_orders: i64, max_products: i64) -> Result<()> {
        let given = (min_orders, max_products);
        if *self.limits.get_or_insert(given) == given {
            return Ok(());
        }
        exec_err!("`bought_together` takes the same `min_orders` and `max_products` for all lines of a group")
    }

    /// Lines that are too many to be numbered cannot be handed on, nor counted.
    fn check(&self) -> Result<()> {
        if u32::try_from(self.lines.len()).is_ok() {
            return Ok(());
        }
        exec_err!("`bought_together` counts up to 4 billion lines at once, not {}", self.lines.len())
    }

    /// Products and counts; pairs are of places in the products.
    fn count(&self) -> Result<(Vec<&[u8]>, Counts)> {
        self.check()?;
        let (products, places) = self.products.sorted();
        let (min_orders, max_products) = self.limits.unwrap_or((1, PRODUCTS_MAX));
        let limits = Limits {
            // A pair is on fewer orders than there are lines.
            baskets_min: u32::try_from(min_orders.max(0)).unwrap_or(u32::MAX),
            items_max: max_products.max(0) as usize,
            threads: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        };
        let counts = count(&self.lines, &places, &limits);
        Ok((products, counts))
    }
}

fn text(texts: &StringViewArray, row: usize) -> Option<&[u8]> {
    texts.is_valid(row).then(|| texts.value(row).as_bytes())
}

/// Adds lines, each of a row and a group: `line` has the order and the product of a row, `limits` its limits.
fn add<'a>(
    groups: &mut [Group],
    rows: impl Iterator<Item = (usize, usize)>,
    line: impl Fn(usize) -> Option<(&'a [u8], &'a [u8])>,
    limits: impl Fn(usize) -> (i64, i64),
) -> Result<()> {
    // The lines of an order mostly follow each other.
    let mut before: Option<(&[u8], u128)> = None;
    for (row, group) in rows {
        let Some((order, product)) = line(row) else { continue };
        let key = match before {
            Some((before, key)) if before == order => key,
            _ => key(order),
        };
        before = Some((order, key));
        let (group, (min_orders, max_products)) = (&mut groups[group], limits(row));
        group.limit(min_orders, max_products)?;
        group.lines.push(key, group.products.number(product));
    }
    Ok(())
}

impl Groups for BoughtTogether {
    fn resize(&mut self, groups: usize) {
        self.groups.resize_with(groups, Group::default);
    }

    fn update(&mut self, arguments: &[ArrayRef], groups: &[usize], keep: Option<&BooleanArray>) -> Result<()> {
        let (orders, products) = (self.orders.encode(&arguments[0])?, self.products.encode(&arguments[1])?);
        let limits = [2, 3].map(|at| arguments.get(at).map(AsArray::as_primitive::<Int64Type>));
        let limit = |at: usize, row| limits[at].filter(|limits| limits.is_valid(row)).map(|limits| limits.value(row));
        let limits = |row| (limit(0, row).unwrap_or(1), limit(1, row).unwrap_or(PRODUCTS_MAX));
        let rows = groups.iter().copied().enumerate().filter(|(row, _)| passes(keep, *row));
        match (&orders, &products) {
            // Without a look at what they are for each of millions of lines.
            (Encoded::Utf8View(orders), Encoded::Utf8View(products)) => {
                add(&mut self.groups, rows, |row| Some((text(orders, row)?, text(products, row)?)), limits)
            }
            _ => add(&mut self.groups, rows, |row| Some((orders.get(row)?, products.get(row)?)), limits),
        }
    }

    fn merge(&mut self, states: &[ArrayRef], groups: &[usize]) -> Result<()> {
        let [min_orders, max_products] = [0, 1].map(|at| states[at].as_primitive::<Int64Type>());
        let [products, runs, ends, lines] = [2, 3, 4, 5].map(|at: usize| states[at].as_list::<i64>());
        for (row, &group) in groups.iter().enumerate().filter(|(row, _)| min_orders.is_valid(*row)) {
            let group = &mut self.groups[group];
            group.limit(min_orders.value(row), max_products.value(row))?;
            let keys = runs.value(row);
            let keys = keys.as_fixed_size_binary();
            let keys = (0..keys.len()).map(|run| u128::from_ne_bytes(keys.value(run).try_into().unwrap_or_default()));
            let [ends, items] = [ends, lines].map(|list| list.value(row));
            let [ends, items] = [&ends, &items].map(|list| list.as_primitive::<UInt32Type>().values());
            let numbers = group.products.number_all(&self.products, &products.value(row))?;
            if group.lines.append(keys, ends, items, &numbers).is_none() {
                return exec_err!("the state of `bought_together` is damaged, or there are more than 4 billion lines");
            }
        }
        Ok(())
    }

    fn results(&self, groups: usize) -> Result<ArrayRef> {
        let mut totals: [Vec<i64>; 4] = Default::default();
        let (mut columns, mut sizes): (Vec<Vec<ArrayRef>>, Vec<usize>) = (vec![Vec::new(); 5], Vec::new());
        for group in &self.groups[..groups] {
            let (products, Counts { baskets, large_baskets, rare_items, by_item, pairs }) = group.count()?;
            let bought = by_item.iter().filter(|orders| **orders > 0).count();
            let counts = [baskets, large_baskets, bought as u64, rare_items];
            totals.iter_mut().zip(counts).for_each(|(totals, count)| totals.push(count as i64));
            let products = self.products.decode(products.into_iter().map(Some))?;
            let [one, other] = [
                pairs.iter().map(|pair| pair.item).collect::<UInt32Array>(),
                pairs.iter().map(|pair| pair.other).collect(),
            ];
            let orders = |of: &dyn Fn(usize) -> u32| -> ArrayRef {
                Arc::new((0..pairs.len()).map(|at| i64::from(of(at))).collect::<Int64Array>())
            };
            let of_group = [
                take(&products, &one, None)?,
                take(&products, &other, None)?,
                orders(&|at| pairs[at].baskets),
                orders(&|at| by_item[pairs[at].item as usize]),
                orders(&|at| by_item[pairs[at].other as usize]),
            ];
            columns.iter_mut().zip(of_group).for_each(|(column, of_group)| column.push(of_group));
            sizes.push(pairs.len());
        }
        let fields = pair_fields(&self.product_type);
        let columns = columns.iter().zip(&fields).map(|(column, field)| joined(column, field.data_type()));
        let pairs = StructArray::new(fields.clone(), columns.collect::<Result<_>>()?, None);
        let pairs = ListArray::try_new(
            item(&DataType::Struct(fields)),
            OffsetBuffer::from_lengths(sizes),
            Arc::new(pairs),
            None,
        )?;
        let totals = totals.map(|totals| Arc::new(Int64Array::from(totals)) as ArrayRef);
        let columns = totals.into_iter().chain([Arc::new(pairs) as ArrayRef]).collect();
        Ok(Arc::new(StructArray::new(report_fields(&self.product_type), columns, None)))
    }

    fn states(&self, groups: usize) -> Result<Vec<ArrayRef>> {
        let groups = &self.groups[..groups];
        let limit = |of: fn((i64, i64)) -> i64| -> ArrayRef {
            Arc::new(groups.iter().map(|group| group.limits.map(of)).collect::<Int64Array>())
        };
        let list = |values, len: fn(&Group) -> usize| lists(values, groups.iter().map(len));
        let mut products: Vec<ArrayRef> = Vec::new();
        let (mut keys, mut ends, mut lines) = (Vec::new(), Vec::new(), Vec::new());
        for group in groups {
            group.check()?;
            products.push(group.products.values(&self.products)?);
            let (runs, run_ends, items) = group.lines.columns();
            keys.reserve(size_of_val(runs));
            for key in runs {
                keys.extend_from_slice(&key.to_ne_bytes());
            }
            ends.extend_from_slice(run_ends);
            lines.extend_from_slice(items);
        }
        let keys = FixedSizeBinaryArray::try_new(size_of::<u128>() as i32, Buffer::from_vec(keys), None)?;
        Ok(vec![
            limit(|(min_orders, _)| min_orders),
            limit(|(_, max_products)| max_products),
            list(joined(&products, &self.product_type)?, |group| group.products.len())?,
            list(Arc::new(keys), |group| group.lines.columns().0.len())?,
            list(Arc::new(UInt32Array::from(ends)), |group| group.lines.columns().1.len())?,
            list(Arc::new(UInt32Array::from(lines)), |group| group.lines.len())?,
        ])
    }

    fn states_of_rows(&self, arguments: &[ArrayRef], keep: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let rows = arguments[0].len();
        let mut of_rows = Self {
            orders: Codec::new(arguments[0].data_type())?,
            products: Codec::new(&self.product_type)?,
            product_type: self.product_type.clone(),
            groups: Vec::new(),
        };
        of_rows.resize(rows);
        of_rows.update(arguments, &(0..rows).collect::<Vec<_>>(), keep)?;
        of_rows.states(rows)
    }

    fn drop_first(&mut self, groups: usize) {
        self.groups.drain(..groups);
    }

    fn len(&self) -> usize {
        self.groups.len()
    }

    fn size(&self) -> usize {
        let of = |group: &Group| size_of::<Group>() + group.products.size() + group.lines.size();
        self.groups.iter().map(of).sum()
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::record_batch::RecordBatch;
    use datafusion::arrow::util::pretty::pretty_format_batches;
    use proptest::prelude::*;

    use super::super::super::aggregate::tests::query;
    use super::*;

    type Line = (i64, Option<String>, Option<String>);

    fn batch(lines: &[Line]) -> RecordBatch {
        let text = |of: fn(&Line) -> &Option<String>| -> ArrayRef {
            Arc::new(lines.iter().map(|line| of(line).clone()).collect::<StringViewArray>())
        };
        RecordBatch::try_from_iter_with_nullable([
            ("k", Arc::new(Int64Array::from_iter_values(lines.iter().map(|line| line.0))) as ArrayRef, true),
            ("o", text(|line| &line.1), true),
            ("p", text(|line| &line.2), true),
        ])
        .unwrap()
    }

    /// The rows, without spaces.
    fn run(partitions: Vec<Vec<RecordBatch>>, sql: &str, skips_partial: bool) -> String {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let table =
            pretty_format_batches(&runtime.block_on(query(partitions, sql, skips_partial))).unwrap().to_string();
        table.lines().filter(|line| line.starts_with('|')).skip(1).map(|row| row.replace(' ', "") + "\n").collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn equals_a_self_join(
            lines in prop::collection::vec(
                (0..3_i64, prop::option::of("[a-c]|an order of a long name [0-9]"), prop::option::of("[p-t]|a product with a long name [0-3]")), 1..150,
            ),
            cut in 0..150_usize,
            min_orders in 1..4_i64,
            skips_partial in any::<bool>(),
        ) {
            let (one, other) = lines.split_at(cut.min(lines.len()));
            let partitions: Vec<Vec<RecordBatch>> =
                [one, other].iter().filter(|part| !part.is_empty()).map(|part| part.chunks(5).map(batch).collect()).collect();
            let ours = format!(
                "WITH counted AS (SELECT k, bought_together(o, p, {min_orders}, 5) AS c FROM t GROUP BY k),
                 pairs AS (SELECT k, c['orders'] AS n, unnest(c['pairs']) AS r FROM counted)
                 SELECT k, n, r['product_id'] AS a, r['other_product_id'] AS b, r['orders'] AS ab,
                        r['product_orders'] AS na, r['other_orders'] AS nb FROM pairs ORDER BY k, a, b");
            let naive = format!(
                "WITH lines AS (SELECT DISTINCT k, o, p FROM t WHERE o IS NOT NULL AND p IS NOT NULL),
                 small AS (SELECT k, o FROM lines GROUP BY k, o HAVING count(*) <= 5),
                 kept AS (SELECT l.* FROM lines AS l JOIN small AS s ON s.k = l.k AND s.o = l.o),
                 each AS (SELECT k, p, count(*) AS n FROM kept GROUP BY k, p),
                 every AS (SELECT k, count(*) AS n FROM small GROUP BY k)
                 SELECT x.k, max(t.n) AS n, x.p AS a, y.p AS b, count(*) AS ab, max(na.n) AS na, max(nb.n) AS nb
                 FROM kept AS x JOIN kept AS y ON y.k = x.k AND y.o = x.o AND x.p < y.p
                 JOIN each AS na ON na.k = x.k AND na.p = x.p JOIN each AS nb ON nb.k = x.k AND nb.p = y.p
                 JOIN every AS t ON t.k = x.k
                 GROUP BY x.k, x.p, y.p HAVING count(*) >= {min_orders} ORDER BY x.k, a, b");
            prop_assert_eq!(run(partitions.clone(), &ours, skips_partial), run(partitions, &naive, skips_partial));
        }
    }

    fn line(order: &str, product: &str) -> Line {
        (0, Some(order.to_owned()), Some(product.to_owned()))
    }

    #[test]
    fn what_is_left_out_is_counted() {
        let mut lines: Vec<Line> =
            (b'a'..=b'f').map(|product| line("wholesale", &char::from(product).to_string())).collect();
        lines.extend([line("1", "a"), line("1", "b"), line("2", "b"), line("2", "a"), line("2", "z"), line("1", "a")]);
        let report = |call: &str| {
            run(
                vec![lines.chunks(4).map(batch).collect()],
                &format!(
                    "SELECT {call}['pairs'][1]['orders'] AS ab, {call}['orders'] AS n, {call}['large_orders'] AS large, {call}['products'] AS p, {call}['rare_products'] AS rare FROM t"
                ),
                false,
            )
        };
        assert_eq!(report("bought_together(o, p, 2, 5)"), "|2|2|1|3|1|\n");
        assert_eq!(report("bought_together(o, p, 2)"), "|3|3|0|7|5|\n");
        assert_eq!(report("bought_together(o, p, 4)"), "||3|0|7|7|\n");
    }

    #[test]
    fn limits_that_change_from_line_to_line_are_an_error() {
        let mut groups = (BOUGHT_TOGETHER.groups)(&[DataType::Int64, DataType::Int64, DataType::Int64]).unwrap();
        groups.resize(1);
        let column = |values: [i64; 2]| Arc::new(Int64Array::from(values.to_vec())) as ArrayRef;
        let error = groups.update(&[column([1, 1]), column([1, 2]), column([2, 3])], &[0, 0], None).unwrap_err();
        assert!(error.to_string().contains("the same `min_orders`"), "{error}");
        assert_eq!(groups.len(), 1);
    }
}
