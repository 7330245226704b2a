//! What goes together, who may buy what next, and what is liked best, on baskets that can be counted by hand.

use crate::support::Shop;

const CONFIG: &str = "name = \"shop\"\n[params]\nas_of = 2026-01-01\ncurrency = \"GBP\"\npair_orders_min = 2\n\
    [sources.people]\npath = \"people.csv\"\n[sources.orders]\npath = \"orders.csv\"\n\
    [sources.lines]\npath = \"lines.csv\"\n[sources.products]\npath = \"products.csv\"\n";

const CONTACTS: &str = "-- People.\n-- key: record_id\nSELECT key AS record_id, 'crm' AS source, name AS given_name, \
    normalize_email(name || '@example.org') AS email FROM raw.people\n";
const ORDERS: &str = "-- Orders.\n-- key: order_id\nSELECT no AS order_id, 'till' AS source, person AS record_id, \
    parse_timestamp(at, 'UTC') AS ordered_at, status, parse_decimal(amount, '.') AS amount, 'GBP' AS currency, \
    'store' AS channel, store FROM raw.orders\n";
const LINES: &str = "-- Lines.\n-- key: order_id, line_number\nSELECT no AS order_id, CAST(line AS BIGINT) AS line_number, \
    'till' AS source, product AS product_id, parse_decimal(quantity, '.') AS quantity FROM raw.lines\n";
const PRODUCTS: &str = "-- Products.\n-- key: product_id\nSELECT product AS product_id, 'till' AS source, name, category, \
    parse_decimal(price, '.') AS unit_price, 'GBP' AS currency FROM raw.products\n";

const PEOPLE: &str = "key,name\n1,Ana\n2,Bob\n4,Dan\n5,Fay\n";

/// Tea and a mug are together on three purchases, one of them anonymous, of twelve that count: 13 was cancelled, 14 is a return,
/// 15 is of the day of `as_of`, and 16 is too long ago.
const TILL: &str = "\
1,1,2025-01-10T10:00:00Z,completed,9.00,north
2,2,2025-02-10T10:00:00Z,completed,9.00,north
3,,2025-03-10T10:00:00Z,completed,12.00,north
4,4,2025-04-10T10:00:00Z,completed,3.00,south
5,5,2025-05-01T10:00:00Z,completed,1.00,north
6,5,2025-05-02T10:00:00Z,completed,1.00,north
7,5,2025-05-03T10:00:00Z,completed,1.00,south
8,5,2025-05-04T10:00:00Z,completed,1.00,north
9,5,2025-05-05T10:00:00Z,completed,1.00,north
10,5,2025-05-06T10:00:00Z,completed,1.00,south
11,5,2025-05-07T10:00:00Z,completed,1.00,north
12,5,2025-05-08T10:00:00Z,completed,1.00,north
13,4,2025-06-01T10:00:00Z,cancelled,6.00,north
14,2,2025-06-02T10:00:00Z,returned,-6.00,north
15,1,2026-01-01T00:00:00Z,completed,6.00,north
16,1,2023-01-01T10:00:00Z,completed,6.00,north
";
const BOUGHT: &str = "\
1,1,tea,1
1,2,mug,1
1,3,tea,2
2,1,mug,1
2,2,tea,1
3,1,tea,1
3,2,jam,1
3,3,mug,1
4,1,tea,1
5,1,pen,1
6,1,pen,1
7,1,pen,1
8,1,pen,1
9,1,pen,1
10,1,pen,1
11,1,pen,1
12,1,pen,1
13,1,tea,1
13,2,jam,1
14,1,mug,-1
15,1,tea,1
15,2,jam,1
16,1,tea,1
16,2,jam,1
";

fn refreshed(mug: &str) -> Shop {
    let products = format!("product,name,category,price\ntea,Green Tea,Tea,3.00\nmug,{mug}\npen,Pen,Paper,1.00\n");
    let shop = Shop::new(CONFIG)
        .write("people.csv", PEOPLE)
        .write("orders.csv", format!("no,person,at,status,amount,store\n{TILL}"))
        .write("lines.csv", format!("no,line,product,quantity\n{BOUGHT}"))
        .write("products.csv", products)
        .write("sql/clean/contacts.people.sql", CONTACTS)
        .write("sql/clean/orders.till.sql", ORDERS)
        .write("sql/clean/order_lines.till.sql", LINES)
        .write("sql/clean/products.till.sql", PRODUCTS);
    shop.run(&["refresh"]).ok();
    shop
}

#[test]
fn who_buys_tea_may_buy_a_mug() {
    let shop = refreshed("Mug,Ceramics,6.00");
    // Wilson's lower ends of 3 of 3 and of 3 of 4.
    assert_eq!(
        shop.rows("SELECT * FROM rfm.product_pairs ORDER BY 1"),
        ["mug,tea,3,3,4,12,0.25,1.0,0.438494,3.0", "tea,mug,3,4,3,12,0.25,0.75,0.300636,3.0"]
    );
    let named = |columns: &str, table: &str| {
        format!(
            "SELECT c.given_name, {columns} FROM {table} AS t JOIN profile.customers AS c USING (customer_id) ORDER BY 1, 2"
        )
    };
    assert_eq!(
        shop.rows(&named("t.product_id, t.lines, t.quantity, CAST(t.last_bought_at AS DATE)", "profile.purchases")),
        [
            "Ana,mug,1,1.000,2025-01-10",
            "Ana,tea,2,3.000,2025-01-10",
            "Bob,mug,1,1.000,2025-02-10",
            "Bob,tea,1,1.000,2025-02-10",
            "Dan,tea,1,1.000,2025-04-10",
            "Fay,pen,8,8.000,2025-05-08",
        ]
    );
    let next = named("t.place, t.product_id, t.because_product_id, t.confidence_low", "rfm.next_products");
    assert_eq!(shop.rows(&next), ["Dan,1,mug,tea,0.300636"]);
    let cross_sell = named("t.product, t.category, t.because", "segment.cross_sell");
    assert_eq!(shop.rows(&cross_sell), ["Dan,Mug,Ceramics,Green Tea"]);
    assert_eq!(shop.value("SELECT count(*) FROM segment.up_sell"), "0");
    // A dearer tea in place of the mug.
    let shop = refreshed("White Tea,Tea,3.30");
    let up_sell = named("t.product, t.unit_price, t.because, t.because_unit_price", "segment.up_sell");
    assert_eq!(shop.rows(&up_sell), ["Dan,White Tea,3.3000,Green Tea,3.0000"]);
    assert_eq!(shop.value("SELECT count(*) FROM segment.cross_sell"), "0");
}

#[test]
fn a_favourite_is_told_from_three_purchases_or_more_with_how_sure_it_is() {
    let shop = refreshed("Mug,Ceramics,6.00");
    let favourites = "SELECT c.given_name, f.kind, f.value, f.times, f.of_times, f.share, f.share_low
        FROM profile.favourites AS f JOIN profile.customers AS c USING (customer_id) ORDER BY 1, 2";
    assert_eq!(
        shop.rows(favourites),
        [
            "Ana,category,Tea,2,3,0.666667,0.207655",
            "Ana,product,tea,2,3,0.666667,0.207655",
            "Fay,category,Paper,8,8,1.0,0.675584",
            "Fay,channel,store,8,8,1.0,0.675584",
            "Fay,product,pen,8,8,1.0,0.675584",
            "Fay,store,north,6,8,0.75,0.40927",
        ]
    );
}

#[test]
fn without_order_lines_nothing_goes_together() {
    let shop = Shop::new(&CONFIG[..CONFIG.find("[sources.lines]").unwrap()])
        .write("people.csv", PEOPLE)
        .write("orders.csv", format!("no,person,at,status,amount,store\n{TILL}"))
        .write("sql/clean/contacts.people.sql", CONTACTS)
        .write("sql/clean/orders.till.sql", ORDERS);
    shop.run(&["refresh"]).ok();
    for table in
        ["profile.purchases", "rfm.product_pairs", "rfm.next_products", "segment.cross_sell", "segment.up_sell"]
    {
        assert_eq!(shop.value(&format!("SELECT count(*) FROM {table}")), "0", "{table}");
    }
    assert_eq!(shop.value("SELECT string_agg(kind, ' ' ORDER BY kind) FROM profile.favourites"), "channel store");
}
