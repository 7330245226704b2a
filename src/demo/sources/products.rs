//! The product list, as the web shop's warehouse exports it: Parquet, with decimals for prices.

use std::sync::Arc;

use arrow::array::{ArrayRef, Decimal128Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;

use super::super::catalogue::Product;
use super::super::world::World;

pub(in super::super) const PATH: &str = "sources/shop/products.parquet";
/// Digits of a product number.
pub(in super::super) const DIGITS: usize = 5;

/// All products as a Parquet file.
pub(in super::super) fn file(world: &World) -> Vec<u8> {
    let products = &world.catalogue.products;
    let text = |of: &dyn Fn(&Product) -> &str| {
        Arc::new(products.iter().map(|product| Some(of(product))).collect::<StringArray>()) as ArrayRef
    };
    let money = |of: &dyn Fn(&Product) -> i64| {
        let pence = Decimal128Array::from_iter_values(products.iter().map(|product| i128::from(of(product))));
        Arc::new(pence.with_precision_and_scale(9, 2).expect("prices have fewer than 9 digits")) as ArrayRef
    };
    let numbers = (0..products.len()).map(|number| Some(format!("{number:0DIGITS$}"))).collect::<StringArray>();
    let table = RecordBatch::try_from_iter([
        ("product_no", Arc::new(numbers) as ArrayRef),
        ("name", text(&|product| &product.name)),
        ("category", text(&|product| product.category)),
        ("brand", text(&|product| product.brand)),
        ("list_price", money(&|product| product.price)),
        ("unit_cost", money(&|product| product.cost)),
    ])
    .expect("columns of one length");
    // Without the version of the library, which would make every upgrade another shop.
    let properties = WriterProperties::builder().set_created_by("sample shop".to_owned()).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), table.schema(), Some(properties)).expect("a plain schema");
    writer.write(&table).expect("memory takes everything");
    writer.into_inner().expect("memory takes everything")
}
