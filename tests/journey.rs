//! The customer's journey, from clicks and messages on: sessions, carts left behind, and what an order is owed to.

use crate::support::Shop;

pub const CONFIG: &str = "name = \"shop\"
[params]
as_of = 2026-06-30
currency = \"GBP\"
cart_days = 21
[sources.people]
path = \"people.csv\"
[sources.devices]
path = \"devices.csv\"
[sources.clicks]
path = \"clicks.csv\"
[sources.products]
path = \"products.csv\"
[sources.orders]
path = \"orders.csv\"
[sources.messages]
path = \"messages.csv\"
";

const CONTACTS: &str = "-- key: record_id
SELECT 'crm:' || no AS record_id, 'crm' AS source, TIMESTAMP '2026-01-01 00:00:00' AS created_at, name AS full_name,
       normalize_email(email) AS email FROM raw.people
";
const CONSENTS: &str = "-- key: consent_id
SELECT 'crm:' || no AS consent_id, 'crm' AS source, 'crm:' || no AS record_id, 'marketing' AS purpose, 'email' AS channel,
       true AS granted, TIMESTAMP '2026-01-01 00:00:00' AS effective_at FROM raw.people WHERE consent = 'yes'
";
const DEVICES: &str = "-- key: record_id, kind, value
SELECT device AS record_id, 'cookie' AS kind, device AS value, 'web' AS source, NULL AS seen_first_at, NULL AS seen_last_at
FROM raw.devices
UNION ALL
SELECT device, 'email', email, 'web', parse_timestamp(at, 'UTC'), parse_timestamp(at, 'UTC')
FROM raw.devices WHERE email IS NOT NULL
";
const EVENTS: &str = "-- key: event_id
SELECT 'web:' || id AS event_id, 'web' AS source, who AS record_id, parse_timestamp(at, 'UTC') AS occurred_at, kind, page,
       product AS product_id, session AS session_id, channel, 'phone' AS device FROM raw.clicks
";
const PRODUCTS: &str = "-- key: product_id
SELECT id AS product_id, 'web' AS source, name, category, brand, parse_decimal(price, '.') AS unit_price, currency
FROM raw.products
";
const ORDERS: &str = "-- key: order_id
SELECT 'shop:' || no AS order_id, 'shop' AS source, who AS record_id, parse_timestamp(at, 'UTC') AS ordered_at,
       'completed' AS status, parse_decimal(amount, '.') AS amount, currency FROM raw.orders
";
const LINES: &str = "-- key: order_id, line_number
SELECT 'shop:' || no AS order_id, 1 AS line_number, 'shop' AS source, product AS product_id FROM raw.orders
";
const MESSAGES: &str = "-- key: message_id
SELECT 'mail:' || id AS message_id, 'mail' AS source, who AS record_id, campaign, channel,
       parse_timestamp(sent, 'UTC') AS sent_at, parse_timestamp(opened, 'UTC') AS opened_at,
       parse_timestamp(clicked, 'UTC') AS clicked_at FROM raw.messages
";

const PEOPLE: &str = "no,name,email,consent
1,Ana Pop,ana@example.org,yes
2,Ben Ray,ben@example.org,yes
3,Cleo Fox,cleo@example.org,
4,Dan Rus,dan@example.org,yes
";
/// Ana logs in on a laptop in the middle of her second visit; who has the other browser nobody knows.
const DEVICE_ROWS: &str = "device,email,at
web:laptop,ana@example.org,2026-06-10T00:35:00Z
web:nobody,,
";
pub const CLICKS_HEAD: &str = "id,who,at,kind,page,product,session,channel\n";
pub const CLICKS: &str = "\
1,web:laptop,2026-06-09T23:50:00Z,view,/tea,T1,,search
2,web:laptop,2026-06-10T00:05:00Z,view,/tea/2,T1,,
3,web:laptop,2026-06-10T00:35:00Z,view,/,,,email
4,crm:1,2026-06-10T00:50:00Z,login,/login,,,
5,crm:1,2026-06-10T01:00:00Z,add_to_cart,/tea,T1,,
6,crm:1,2026-06-10T01:00:00Z,view,/pot,T2,,
7,crm:1,2026-06-30T00:00:00Z,view,/pot,T2,,ad
8,crm:1,2026-06-29T23:59:59Z,view,/pot,T2,,direct
9,web:nobody,2026-06-12T10:00:00Z,add_to_cart,/tea,T1,,ad
10,crm:1,2026-06-28T23:58:00Z,view,/tea,T1,,direct
11,crm:1,2026-06-29T00:03:00Z,view,/tea,T1,,
12,crm:2,2026-06-01T09:00:00Z,add_to_cart,/cup,T3,S0,
13,crm:2,2026-06-12T10:00:00Z,add_to_cart,/tea,T1,S1,
14,crm:2,2026-06-12T13:00:00Z,add_to_cart,/pot,T2,S1,
15,crm:2,2026-06-12T13:00:05Z,remove_from_cart,/cart,T2,S1,
16,crm:2,2026-06-12T13:01:00Z,view,/cup,T3,S2,
17,crm:3,2026-06-13T12:00:00Z,view,/tea,T1,,search
";
const PRODUCT_ROWS: &str = "id,name,category,brand,price,currency
T1,Assam,tea,Leaf,4.50,GBP
T2,Pot,home,Clay,20.00,EUR
T3,Cup,home,Clay,7.00,GBP
";
const ORDER_ROWS: &str = "no,who,at,amount,currency,product
A1,crm:1,2026-06-20T18:00:00Z,0.05,GBP,T3
B1,crm:2,2026-06-15T10:00:00Z,4.50,GBP,T1
B2,crm:2,2026-06-28T10:00:00Z,7.00,GBP,T3
C1,crm:3,2026-06-20T12:00:00Z,100.00,GBP,T3
C2,crm:3,2026-05-01T09:00:00Z,9.99,EUR,T2
C3,crm:3,2026-03-01T00:00:00Z,5.00,GBP,T3
";
const MESSAGE_ROWS: &str = "id,who,campaign,channel,sent,opened,clicked
M1,crm:3,spring,email,2026-06-05T12:00:00Z,2026-06-06T12:00:00Z,
M2,crm:1,tea,email,2026-06-09T12:00:00Z,,2026-06-10T00:20:00Z
M3,crm:3,tea,email,2026-06-09T12:00:00Z,,2026-06-20T12:00:00Z
M4,crm:3,,email,2026-04-29T12:00:00Z,2026-04-30T08:00:00Z,
M5,crm:1,tea,sms,2026-06-09T12:00:00Z,,
M6,crm:2,tea,email,2026-06-09T12:00:00Z,,2026-06-30T00:00:00Z
";

pub fn shop() -> Shop {
    Shop::new(CONFIG)
        .write("people.csv", PEOPLE)
        .write("devices.csv", DEVICE_ROWS)
        .write("clicks.csv", format!("{CLICKS_HEAD}{CLICKS}"))
        .write("products.csv", PRODUCT_ROWS)
        .write("orders.csv", ORDER_ROWS)
        .write("messages.csv", MESSAGE_ROWS)
        .write("sql/clean/contacts.people.sql", CONTACTS)
        .write("sql/clean/consents.people.sql", CONSENTS)
        .write("sql/clean/identifiers.devices.sql", DEVICES)
        .write("sql/clean/events.clicks.sql", EVENTS)
        .write("sql/clean/products.products.sql", PRODUCTS)
        .write("sql/clean/orders.orders.sql", ORDERS)
        .write("sql/clean/order_lines.orders.sql", LINES)
        .write("sql/clean/messages.messages.sql", MESSAGES)
}

/// The rows of `columns` of a table of customers, behind the customer's given name, in their order as texts.
#[track_caller]
fn of_customers(shop: &Shop, columns: &str, table: &str) -> Vec<String> {
    let mut rows = shop.rows(&format!(
        "SELECT c.given_name, {columns} FROM {table} AS t
         JOIN (SELECT customer_id, split_part(full_name, ' ', 1) AS given_name FROM profile.customers) AS c
         ON c.customer_id = t.customer_id"
    ));
    rows.sort();
    rows
}

const SESSIONS: &str = "started_at, ended_at, minutes, events, views, carted, products, channel, entry_page";
const BROWSING: &str =
    "visits, days, minutes, products, favourite_category, favourite_brand, lowest_price, highest_price,
                        channel_path, CAST(last_visit_at AS DATE)";

#[test]
fn sessions_end_after_half_an_hour_and_go_on_over_a_log_in_and_midnight() {
    let shop = shop();
    shop.run(&["refresh"]).ok();
    assert_eq!(
        of_customers(&shop, SESSIONS, "profile.sessions"),
        [
            "Ana,2026-06-09T23:50:00,2026-06-10T00:05:00,15,2,2,0,1,search,/tea",
            "Ana,2026-06-10T00:35:00,2026-06-10T01:00:00,25,4,2,1,2,email,/",
            "Ana,2026-06-28T23:58:00,2026-06-29T00:03:00,5,2,2,0,1,direct,/tea",
            "Ana,2026-06-29T23:59:59,2026-06-29T23:59:59,0,1,1,0,1,direct,/pot",
            "Ben,2026-06-01T09:00:00,2026-06-01T09:00:00,0,1,0,1,1,,/cup",
            "Ben,2026-06-12T10:00:00,2026-06-12T13:00:05,180,3,0,2,2,,/tea",
            "Ben,2026-06-12T13:01:00,2026-06-12T13:01:00,0,1,1,0,1,,/cup",
            "Cleo,2026-06-13T12:00:00,2026-06-13T12:00:00,0,1,1,0,1,search,/tea",
        ],
        "a gap of 30 minutes ends a session; a session of the source's own has any gaps; what is on $as_of is left out"
    );
    assert_eq!(
        of_customers(&shop, BROWSING, "profile.browsing"),
        [
            "Ana,4,4,45,2,tea,Leaf,4.5000,4.5000,search > email > direct,2026-06-29",
            "Ben,3,2,180,1,home,Clay,7.0000,7.0000,,2026-06-12",
            "Cleo,1,1,0,1,tea,Leaf,4.5000,4.5000,search,2026-06-13",
        ]
    );
    let visits = "SELECT count(*) FROM profile.timeline WHERE kind = 'visit'";
    assert_eq!(shop.value(visits), "8");

    // Seen from midnight in the middle of a session, it ends before.
    shop.run(&["run", "--as-of", "2026-06-29"]).ok();
    assert_eq!(
        of_customers(&shop, SESSIONS, "profile.sessions")[2],
        "Ana,2026-06-28T23:58:00,2026-06-28T23:58:00,0,1,1,0,1,direct,/tea"
    );
    assert_eq!(shop.value(visits), "7");
}

#[test]
fn a_cart_is_abandoned_until_it_is_emptied_or_bought_wherever_that_is() {
    let shop = shop();
    shop.run(&["refresh"]).ok();
    // Ben bought the tea at the till and took the pot out again. The cup he bought, but so late that the cart was lost.
    assert_eq!(
        of_customers(&shop, "product_id, carted_at, days_ago, list_price, t.currency", "profile.abandoned_carts"),
        ["Ana,T1,2026-06-10T01:00:00,19,4.5000,GBP", "Ben,T3,2026-06-01T09:00:00,28,7.0000,GBP"]
    );
    assert_eq!(
        of_customers(&shop, "product_id, views, sessions, list_price, t.currency", "profile.abandoned_views"),
        ["Ana,T2,2,2,20.0000,EUR"]
    );
    let columns = "product_id, products, channel";
    assert_eq!(of_customers(&shop, columns, "segment.abandoned_cart_with_consent"), ["Ana,T1,1,email"]);
    assert_eq!(of_customers(&shop, "product_id, products", "segment.viewed_never_bought"), ["Ana,T2,1"]);
}

#[test]
fn the_credits_of_an_order_add_up_to_it_by_every_model() {
    let shop = shop();
    shop.run(&["refresh"]).ok();
    let weights = "order_id, place, kind, first_weight, last_weight, linear_weight, position_weight, decay_weight";
    assert_eq!(
        of_customers(&shop, weights, "rfm.attributions"),
        [
            // The visit by e-mail a quarter of an hour after the click is the click's.
            "Ana,shop:A1,1,visit,1.000000,0.000000,0.500000,0.500000,0.499492",
            "Ana,shop:A1,2,click,0.000000,1.000000,0.500000,0.500000,0.500508",
            "Cleo,shop:C1,1,open,1.000000,0.000000,0.333333,0.400000,0.142857",
            "Cleo,shop:C1,2,visit,0.000000,0.000000,0.333333,0.200000,0.285714",
            "Cleo,shop:C1,3,click,0.000000,1.000000,0.333334,0.400000,0.571429",
            "Cleo,shop:C2,1,open,1.000000,1.000000,1.000000,1.000000,1.000000",
        ]
    );
    let amounts = "order_id, place, first_amount, last_amount, linear_amount, position_amount, decay_amount, currency";
    assert_eq!(
        of_customers(&shop, amounts, "rfm.attributions"),
        [
            "Ana,shop:A1,1,0.05,0.00,0.02,0.02,0.02,GBP",
            "Ana,shop:A1,2,0.00,0.05,0.03,0.03,0.03,GBP",
            "Cleo,shop:C1,1,100.00,0.00,33.33,40.00,14.28,GBP",
            "Cleo,shop:C1,2,0.00,0.00,33.33,20.00,28.57,GBP",
            "Cleo,shop:C1,3,0.00,100.00,33.34,40.00,57.15,GBP",
            "Cleo,shop:C2,1,9.99,9.99,9.99,9.99,9.99,EUR",
        ]
    );
    assert_eq!(
        shop.rows(
            "SELECT channel, campaign, currency, touches, linear_orders, linear_amount, last_amount
             FROM rfm.campaigns ORDER BY channel, campaign, currency"
        ),
        [
            "email,\"\",EUR,1,1.000000,9.99,9.99",
            "email,spring,GBP,1,0.333333,33.33,0.00",
            "email,tea,GBP,2,0.833334,33.37,100.05",
            "search,\"\",GBP,2,0.833333,33.35,0.00",
        ]
    );
}

/// No product of an amount and what is due of it may be too large for a BIGINT: the run's own check would stop it.
#[test]
fn the_credits_of_a_huge_order_add_up_as_well() {
    let shop = shop().write("orders.csv", ORDER_ROWS.replace("100.00", "999999999999999.99"));
    shop.run(&["refresh"]).ok();
    let credits = of_customers(&shop, "order_id, place, linear_amount, position_amount", "rfm.attributions");
    assert_eq!(
        credits[2..5],
        [
            "Cleo,shop:C1,1,333333333333333.33,399999999999999.99",
            "Cleo,shop:C1,2,333333333333333.33,200000000000000.00",
            "Cleo,shop:C1,3,333333333333333.33,400000000000000.00",
        ]
    );
}

#[test]
fn where_little_is_known_a_message_goes_out_when_everybody_answers() {
    let shop = shop();
    shop.run(&["refresh"]).ok();
    assert_eq!(
        of_customers(&shop, "channel, channel_chance, messages, hour, hour_chance, actions", "profile.contact_times"),
        [
            // One answer at midnight and one purchase in the evening do not outweigh the others' noon.
            "Ana,email,0.818182,1,12,0.277778,2",
            "Ben,email,0.727273,1,10,0.351852,2",
            "Cleo,email,0.846154,3,12,0.422222,5",
            "Dan,email,0.8,0,12,0.333333,0",
        ],
        "a purchase at midnight sharp has no time of the day, and an answer on $as_of has not come yet"
    );
}

#[test]
fn what_was_summed_up_outlives_the_clicks() {
    let shop = shop();
    shop.run(&["refresh"]).ok();
    let (sessions, browsing) =
        (of_customers(&shop, SESSIONS, "profile.sessions"), of_customers(&shop, BROWSING, "profile.browsing"));
    let sums = shop.run(&["sql", "-c", "SELECT * FROM clean.event_summaries", "--format", "csv"]).ok().stdout;
    // The sums become a source, and the clicks go.
    shop.put("sums.csv", sums);
    shop.put("clicks.csv", CLICKS_HEAD);
    shop.put("onefold.toml", format!("{CONFIG}[sources.sums]\npath = \"sums.csv\"\n"));
    shop.put(
        "sql/clean/event_summaries.sums.sql",
        "-- key: record_id, started_at, source, session_id, product_id
         SELECT * REPLACE (coalesce(session_id, '') AS session_id, coalesce(product_id, '') AS product_id)
         FROM raw.sums",
    );
    shop.run(&["refresh"]).ok();
    assert_eq!(shop.value("SELECT count(*) FROM clean.events"), "0");
    assert_eq!(of_customers(&shop, SESSIONS, "profile.sessions"), sessions);
    assert_eq!(of_customers(&shop, BROWSING, "profile.browsing"), browsing);
}

#[test]
fn a_shop_without_events_and_messages_has_a_journey_of_nothing() {
    let shop = Shop::new("name = \"shop\"\n[params]\nas_of = 2026-06-30\n[sources.people]\npath = \"people.csv\"\n")
        .write("people.csv", PEOPLE)
        .write("sql/clean/contacts.people.sql", CONTACTS);
    shop.run(&["refresh"]).ok();
    for table in [
        "profile.sessions",
        "profile.browsing",
        "profile.abandoned_carts",
        "profile.abandoned_views",
        "profile.touches",
        "rfm.attributions",
        "rfm.campaigns",
        "segment.abandoned_cart_with_consent",
    ] {
        assert_eq!(shop.value(&format!("SELECT count(*) FROM {table}")), "0", "{table}");
    }
    let times = "channel, hour, messages, actions";
    assert_eq!(
        of_customers(&shop, times, "profile.contact_times"),
        ["Ana,email,,0,0", "Ben,email,,0,0", "Cleo,email,,0,0", "Dan,email,,0,0"],
        "nobody was sent anything: by what reaches them"
    );
}
