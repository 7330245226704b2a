//! The product list, from the web shop.

use super::super::sheet::{Output, Sheet};
use super::super::world::World;

pub(in super::super) const HEAD: &str = "product_no,name,category,brand,list_price,unit_cost\n";
/// Digits of a product number.
pub(in super::super) const DIGITS: usize = 5;

/// Writes all products.
pub(in super::super) fn write(world: &World, output: &mut Output) {
    for (number, product) in world.catalogue.products.iter().enumerate() {
        output
            .rows(Sheet::Products)
            .delimited(number as u64, b',')
            .id("", number as u64, DIGITS)
            .text(&product.name)
            .text(product.category)
            .text(product.brand)
            .money(product.price, b'.')
            .money(product.cost, b'.')
            .end();
    }
}
