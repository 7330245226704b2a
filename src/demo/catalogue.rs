//! The products on sale: made from the seed, grouped by category, sorted by price so that a product near a given
//! price is found at once.

use super::chance::{Chance, Purpose};

/// Something on sale.
#[derive(Debug)]
pub(super) struct Product {
    pub(super) name: String,
    pub(super) category: &'static str,
    pub(super) brand: &'static str,
    /// In pence.
    pub(super) price: i64,
    /// In pence.
    pub(super) cost: i64,
}

/// Category, things in it, and the range of their prices in pence.
const CATEGORIES: [(&str, [&str; 6], i64, i64); 8] = [
    ("Tea", ["Sencha", "Jasmine Tea", "Assam", "Oolong", "Earl Grey", "Chamomile"], 250, 3_500),
    ("Coffee", ["House Blend", "Espresso Beans", "Decaf", "Cold Brew", "Cà Phê Phin", "Filter Papers"], 300, 3_200),
    ("Ceramics", ["Mug", "Teapot", "Bowl", "Serving Plate", "Vase", "Espresso Cups"], 600, 9_500),
    ("Kitchen", ["Kettle", "Chopping Board", "Whisk", "Storage Jar", "Knife", "Tea Strainer"], 400, 14_000),
    ("Textiles", ["Tea Towel", "Throw", "Cushion", "Apron", "Table Runner", "Napkins"], 500, 12_000),
    ("Home Fragrance", ["Candle", "Diffuser", "Incense", "Room Spray", "Wax Melts", "Oil Burner"], 350, 6_500),
    ("Stationery", ["Notebook", "Fountain Pen", "Card Set", "Planner", "Washi Tape", "Desk Tidy"], 200, 8_000),
    ("Gifts", ["Hamper", "Gift Box", "Keyring", "Puzzle", "Calendar", "Picnic Set"], 500, 22_000),
];
const STYLES: [&str; 10] =
    ["Classic", "Meadow", "Indigo", "Harbour", "Lotus", "Linen", "Copper", "Winter", "Rose", "Stone"];
const BRANDS: [&str; 6] = ["Marlow & Lane", "Blue Heron", "Casa Noua", "Tre Xanh", "Jade Mill", "Fieldnote"];

/// All products; a product's number is its place in the list.
pub(super) struct Catalogue {
    pub(super) products: Vec<Product>,
    /// Price and product number by category, sorted.
    by_price: Vec<Vec<(i64, u32)>>,
}

impl Catalogue {
    /// The catalogue of a seed.
    pub(super) fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed, Purpose::Catalogue, 0);
        let mut products = Vec::new();
        let mut by_price = Vec::new();
        for (category, things, low, high) in CATEGORIES {
            let mut prices = Vec::new();
            for thing in things {
                for style in STYLES {
                    let spread = (high as f64 / low as f64).ln();
                    let price = low as f64 * (chance.unit() * spread).exp();
                    // Prices end in 5 or 9, as they do in shops.
                    let price = (price / 10.0) as i64 * 10 + if chance.yes(0.5) { 5 } else { 9 };
                    let cost = price * chance.between(35, 70) / 100;
                    prices.push((price, products.len() as u32));
                    let name = format!("{style} {thing}");
                    products.push(Product { name, category, brand: chance.pick(&BRANDS), price, cost });
                }
            }
            prices.sort_unstable();
            by_price.push(prices);
        }
        Self { products, by_price }
    }

    /// How many categories there are.
    pub(super) fn categories(&self) -> u32 {
        self.by_price.len() as u32
    }

    /// A product of `category` that costs about `price` pence.
    pub(super) fn near(&self, category: u32, price: i64, chance: &mut Chance) -> u32 {
        let prices = &self.by_price[category as usize];
        let at = prices.partition_point(|(known, _)| *known < price) as i64 + chance.between(-3, 4);
        prices[at.clamp(0, prices.len() as i64 - 1) as usize].1
    }

    /// The price of a product in pence.
    pub(super) fn price(&self, product: u32) -> i64 {
        self.products[product as usize].price
    }
}
