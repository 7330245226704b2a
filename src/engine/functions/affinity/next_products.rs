//! `next_products`: what each customer may buy next, by what was bought and the rules of it.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, ListArray, StructArray, UInt32Array,
};
use datafusion::arrow::buffer::OffsetBuffer;
use datafusion::arrow::compute::take;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Fields, Float64Type, UInt32Type};
use datafusion::common::{Result, exec_err};

use super::super::FunctionDoc;
use super::super::aggregate::{Aggregate, Groups, passes};
use super::super::latest::plain;
use super::super::values::Codec;
use super::columns::{integer, is_integer, item, joined, lists};
use super::numbers::Numbers;
use crate::affinity::{Rule, next};

pub(in super::super) static NEXT_PRODUCTS: Aggregate = Aggregate {
    doc: FunctionDoc {
        name: "next_products",
        signature: "next_products(customer_id, product_id, rules, n)",
        returns: "LIST(STRUCT(customer_id, place, product_id, because_product_id, score))",
        summary: "The `n` products that each customer may buy next, best first. A row is a product that a customer has bought, \
                  with the product's rules: a LIST of STRUCT(other product, score), the same in every row of the product, NULL \
                  if it has none. A product's score for a customer is the greatest of those that lead to it, and \
                  `because_product_id` where it comes from; of equal scores the smaller product wins. What the customer has \
                  bought is left out. Rows without a customer or a product do not count.",
        example: "SELECT next_products(c, p, r, 1) FROM (VALUES ('ana', 'tea', [{'p': 'mug', 's': 0.5}, {'p': 'jam', 's': \
                  0.4}]), ('ana', 'mug', NULL), ('bob', 'jam', NULL)) AS bought(c, p, r)",
        example_result: "[{customer_id: ana, place: 1, product_id: jam, because_product_id: tea, score: 0.4}]",
    },
    coerce: |given| {
        let [customer, product, rules, n] = given else { return None };
        let rules = rules_type(rules, &plain(product))?;
        is_integer(n).then(|| vec![plain(customer), plain(product), rules, DataType::Int64])
    },
    returns: |arguments| DataType::List(item(&DataType::Struct(candidate_fields(&arguments[0], &arguments[1])))),
    state: |name, arguments| {
        let state = |column: &str, data_type| Arc::new(Field::new(format!("{name}[{column}]"), data_type, true));
        let list = |column, data_type| state(column, DataType::LargeList(item(data_type)));
        vec![
            state("n", DataType::Int64),
            list("customers", &arguments[0]),
            list("products", &arguments[1]),
            list("bought_by", &DataType::UInt32),
            list("bought", &DataType::UInt32),
            list("rules_of", &DataType::UInt32),
            list("rules_to", &DataType::UInt32),
            list("scores", &DataType::Float64),
        ]
    },
    groups: |arguments| {
        let codecs = Codecs { customers: Codec::new(&arguments[0])?, products: Codec::new(&arguments[1])? };
        Ok(Box::new(NextProducts { codecs, types: arguments.to_vec(), groups: Vec::new() }))
    },
};

/// The type that rules are cast to, if they are rules: the names of a rule's two fields do not matter.
fn rules_type(given: &DataType, product: &DataType) -> Option<DataType> {
    let names = match given {
        DataType::Null => ["product_id", "score"],
        DataType::List(rule) | DataType::LargeList(rule) => match rule.data_type() {
            DataType::Struct(fields) if fields.len() == 2 => [fields[0].name(), fields[1].name()].map(String::as_str),
            _ => return None,
        },
        _ => return None,
    };
    let fields = [product.clone(), DataType::Float64];
    let rule: Fields = names.into_iter().zip(fields).map(|(name, of)| Field::new(name, of, true)).collect();
    Some(DataType::List(item(&DataType::Struct(rule))))
}

fn candidate_fields(customer: &DataType, product: &DataType) -> Fields {
    let fields: [(&str, &DataType); 5] = [
        ("customer_id", customer),
        ("place", &DataType::Int64),
        ("product_id", product),
        ("because_product_id", product),
        ("score", &DataType::Float64),
    ];
    fields.into_iter().map(|(name, data_type)| Field::new(name, data_type.clone(), true)).collect()
}

struct NextProducts {
    codecs: Codecs,
    /// Of the arguments.
    types: Vec<DataType>,
    groups: Vec<Group>,
}

struct Codecs {
    customers: Codec,
    products: Codec,
}

/// What the customers of one group have bought.
#[derive(Default)]
struct Group {
    /// How many products to name, from the first row on.
    n: Option<i64>,
    customers: Numbers,
    products: Numbers,
    /// Customers and what they bought.
    purchases: Vec<(u32, u32)>,
    /// Per product, as far as it is known: its rules.
    rules: Vec<Option<Vec<Rule>>>,
}

impl Group {
    fn limit(&mut self, n: i64) -> Result<()> {
        if *self.n.get_or_insert(n) == n {
            return Ok(());
        }
        exec_err!("`next_products` takes the same `n` for all rows of a group")
    }

    /// The place for the rules of a product, if they are not known yet.
    fn unknown_rules(&mut self, product: u32) -> Option<&mut Option<Vec<Rule>>> {
        let place = product as usize;
        if place >= self.rules.len() {
            self.rules.resize(place + 1, None);
        }
        self.rules.get_mut(place).filter(|rules| rules.is_none())
    }

    /// Each rule with the product that it is of.
    fn rules(&self) -> impl Iterator<Item = (u32, Rule)> {
        let of = |(product, rules): (u32, &Option<Vec<Rule>>)| {
            rules.iter().flatten().map(move |rule| (product, *rule)).collect::<Vec<_>>()
        };
        (0_u32..).zip(&self.rules).flat_map(of)
    }

    /// Customers, places, products, reasons and scores.
    fn candidates(&self, codecs: &Codecs) -> Result<[ArrayRef; 5]> {
        let (customers, customer_places) = self.customers.sorted();
        let (products, product_places) = self.products.sorted();
        let [of_customer, of_product] =
            [&customer_places, &product_places].map(|places| move |number: u32| places[number as usize]);
        let mut rules: Vec<Vec<Rule>> = vec![Vec::new(); products.len()];
        for (product, rule) in self.rules() {
            rules[of_product(product) as usize].push(Rule { item: of_product(rule.item), ..rule });
        }
        let purchases: Vec<(u32, u32)> =
            self.purchases.iter().map(|(customer, product)| (of_customer(*customer), of_product(*product))).collect();
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let best = self.n.unwrap_or(0).max(0) as usize;
        let found = next(&purchases, customers.len(), &rules, best, threads);
        let customers = codecs.customers.decode(customers.into_iter().map(Some))?;
        let products = codecs.products.decode(products.into_iter().map(Some))?;
        Ok([
            take(&customers, &found.iter().map(|found| found.customer).collect::<UInt32Array>(), None)?,
            Arc::new(found.iter().map(|found| Some(i64::from(found.place))).collect::<Int64Array>()),
            take(&products, &found.iter().map(|found| found.item).collect::<UInt32Array>(), None)?,
            take(&products, &found.iter().map(|found| found.because).collect::<UInt32Array>(), None)?,
            Arc::new(found.iter().map(|found| Some(found.score)).collect::<Float64Array>()),
        ])
    }
}

impl Groups for NextProducts {
    fn resize(&mut self, groups: usize) {
        self.groups.resize_with(groups, Group::default);
    }

    fn update(&mut self, arguments: &[ArrayRef], groups: &[usize], keep: Option<&BooleanArray>) -> Result<()> {
        let customers = self.codecs.customers.encode(&arguments[0])?;
        let products = self.codecs.products.encode(&arguments[1])?;
        let rules = arguments[2].as_list::<i32>();
        let rule = rules.values().as_struct();
        let others = self.codecs.products.encode(rule.column(0))?;
        let scores = rule.column(1).as_primitive::<Float64Type>();
        // A customer's purchases mostly follow each other.
        let mut before: Option<(usize, &[u8], u32)> = None;
        for (row, &of) in groups.iter().enumerate().filter(|(row, _)| passes(keep, *row)) {
            let (Some(customer), Some(product)) = (customers.get(row), products.get(row)) else { continue };
            let group = &mut self.groups[of];
            group.limit(integer(&arguments[3], row).unwrap_or(0))?;
            let number = match before {
                Some((group, before, number)) if group == of && before == customer => number,
                _ => group.customers.number(customer),
            };
            before = Some((of, customer, number));
            let product = group.products.number(product);
            group.purchases.push((number, product));
            if rules.is_null(row) || group.unknown_rules(product).is_none() {
                continue;
            }
            let [start, end] = [row, row + 1].map(|at| rules.value_offsets()[at] as usize);
            let of_rule = |at| {
                let score = (rule.is_valid(at) && scores.is_valid(at))
                    .then(|| scores.value(at))
                    .filter(|score| !score.is_nan())?;
                Some(Rule { item: group.products.number(others.get(at)?), score })
            };
            let rules = (start..end).filter_map(of_rule).collect();
            if let Some(unknown) = group.unknown_rules(product) {
                *unknown = Some(rules);
            }
        }
        Ok(())
    }

    fn merge(&mut self, states: &[ArrayRef], groups: &[usize]) -> Result<()> {
        for (row, &group) in groups.iter().enumerate() {
            let Some(n) = integer(&states[0], row) else { continue };
            let group = &mut self.groups[group];
            group.limit(n)?;
            let lists: Vec<ArrayRef> = states[1..].iter().map(|list| list.as_list::<i64>().value(row)).collect();
            let customers = group.customers.number_all(&self.codecs.customers, &lists[0])?;
            let products = group.products.number_all(&self.codecs.products, &lists[1])?;
            let numbers = |at: usize| lists[at].as_primitive::<UInt32Type>().values();
            let bought = numbers(2).iter().zip(numbers(3).iter());
            group.purchases.extend(bought.map(|(by, what)| (customers[*by as usize], products[*what as usize])));
            let scores = lists[6].as_primitive::<Float64Type>().values();
            let rules =
                numbers(5).iter().zip(scores).map(|(to, score)| Rule { item: products[*to as usize], score: *score });
            let rules: Vec<(u32, Rule)> = numbers(4).iter().copied().zip(rules).collect();
            for rules in rules.chunk_by(|one, other| one.0 == other.0) {
                if let Some(unknown) = group.unknown_rules(products[rules[0].0 as usize]) {
                    *unknown = Some(rules.iter().map(|(_, rule)| *rule).collect());
                }
            }
        }
        Ok(())
    }

    fn results(&self, groups: usize) -> Result<ArrayRef> {
        let groups: Vec<[ArrayRef; 5]> =
            self.groups[..groups].iter().map(|group| group.candidates(&self.codecs)).collect::<Result<_>>()?;
        let fields = candidate_fields(&self.types[0], &self.types[1]);
        let column = |(at, field): (usize, &FieldRef)| {
            joined(&groups.iter().map(|group| Arc::clone(&group[at])).collect::<Vec<_>>(), field.data_type())
        };
        let columns = fields.iter().enumerate().map(column).collect::<Result<_>>()?;
        let offsets = OffsetBuffer::from_lengths(groups.iter().map(|group| group[0].len()));
        let candidates = Arc::new(StructArray::new(fields.clone(), columns, None));
        Ok(Arc::new(ListArray::try_new(item(&DataType::Struct(fields)), offsets, candidates, None)?))
    }

    fn states(&self, groups: usize) -> Result<Vec<ArrayRef>> {
        let groups = &self.groups[..groups];
        let list = |values: ArrayRef, len: fn(&Group) -> usize| lists(values, groups.iter().map(len));
        let numbers = |of: fn(&Group) -> Vec<u32>| -> ArrayRef {
            Arc::new(UInt32Array::from_iter_values(groups.iter().flat_map(of)))
        };
        let scores = groups.iter().flat_map(Group::rules).map(|(_, rule)| rule.score);
        let [customers, products]: [Vec<ArrayRef>; 2] = [
            groups.iter().map(|group| group.customers.values(&self.codecs.customers)).collect::<Result<_>>()?,
            groups.iter().map(|group| group.products.values(&self.codecs.products)).collect::<Result<_>>()?,
        ];
        Ok(vec![
            Arc::new(groups.iter().map(|group| group.n).collect::<Int64Array>()),
            list(joined(&customers, &self.types[0])?, |group| group.customers.len())?,
            list(joined(&products, &self.types[1])?, |group| group.products.len())?,
            list(numbers(|group| group.purchases.iter().map(|(by, _)| *by).collect()), |group| group.purchases.len())?,
            list(numbers(|group| group.purchases.iter().map(|(_, what)| *what).collect()), |group| {
                group.purchases.len()
            })?,
            list(numbers(|group| group.rules().map(|(of, _)| of).collect()), |group| group.rules().count())?,
            list(numbers(|group| group.rules().map(|(_, rule)| rule.item).collect()), |group| group.rules().count())?,
            list(Arc::new(Float64Array::from_iter_values(scores)), |group| group.rules().count())?,
        ])
    }

    fn states_of_rows(&self, arguments: &[ArrayRef], keep: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let rows = arguments[0].len();
        let [customers, products] = [0, 1].map(|at| Codec::new(&self.types[at]));
        let codecs = Codecs { customers: customers?, products: products? };
        let mut of_rows = Self { codecs, types: self.types.clone(), groups: Vec::new() };
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
        let rules = |rules: &Option<Vec<Rule>>| rules.as_ref().map_or(0, |rules| rules.capacity() * size_of::<Rule>());
        let of = |group: &Group| {
            size_of::<Group>()
                + group.customers.size()
                + group.products.size()
                + group.purchases.capacity() * size_of::<(u32, u32)>()
                + group.rules.capacity() * size_of::<Option<Vec<Rule>>>()
                + group.rules.iter().map(rules).sum::<usize>()
        };
        self.groups.iter().map(of).sum()
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::StringViewArray;
    use datafusion::arrow::record_batch::RecordBatch;
    use datafusion::arrow::util::display::array_value_to_string;

    use super::super::super::aggregate::tests::query;
    use super::*;

    fn texts(values: &[&str]) -> ArrayRef {
        Arc::new(StringViewArray::from_iter_values(values))
    }

    /// What a table of customers and products gives, whose products lead to what `rules` says.
    fn candidates(partitions: &[&[(&str, &str)]], skips_partial: bool, n: i64) -> String {
        let batch = |rows: &&[(&str, &str)]| -> Vec<RecordBatch> {
            let column = |of: fn(&(&str, &str)) -> String| {
                let values: Vec<String> = rows.iter().map(of).collect();
                texts(&values.iter().map(String::as_str).collect::<Vec<_>>())
            };
            let columns = [("c", column(|row| row.0.to_owned())), ("p", column(|row| row.1.to_owned()))];
            vec![RecordBatch::try_from_iter(columns).unwrap()]
        };
        let sql = format!(
            "WITH rules AS (SELECT p, array_agg({{'to': q, 'score': s}}) AS r FROM (VALUES
                ('tea', 'mug', 0.5), ('tea', 'jam', 0.4), ('mug', 'pot', 0.4), ('jam', 'mug', 0.9), ('jam', 'tea', 0.1)
             ) AS rule(p, q, s) GROUP BY p)
             SELECT next_products(t.c, t.p, rules.r, {n}) FROM t LEFT JOIN rules ON rules.p = t.p"
        );
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let batches = runtime.block_on(query(partitions.iter().map(batch).collect(), &sql, skips_partial));
        let list = array_value_to_string(batches[0].column(0), 0).unwrap();
        list.replace("customer_id: ", "").replace("product_id: ", "").replace("place: ", "").replace("because_", "")
    }

    #[test]
    fn the_strongest_rule_of_what_was_bought_leads_to_what_was_not() {
        let ana = [("ana", "tea"), ("ana", "pot"), ("ana", "tea")];
        let bob = [("bob", "jam"), ("bob", "tea"), ("cy", "pot")];
        let expected =
            "[{ana, 1, mug, tea, score: 0.5}, {ana, 2, jam, tea, score: 0.4}, {bob, 1, mug, jam, score: 0.9}]";
        for skips_partial in [false, true] {
            assert_eq!(candidates(&[&ana, &bob], skips_partial, 5), expected);
            assert_eq!(candidates(&[&bob, &ana], skips_partial, 5), expected);
        }
        assert_eq!(candidates(&[&ana], false, 1), "[{ana, 1, mug, tea, score: 0.5}]");
        // Of equal scores the smaller product is the better one.
        assert_eq!(
            candidates(&[&[("dan", "mug"), ("dan", "tea")]], false, 5),
            "[{dan, 1, jam, tea, score: 0.4}, {dan, 2, pot, mug, score: 0.4}]"
        );
        assert_eq!(candidates(&[&[("eve", "salt")]], false, 5), "[]");
    }
}
