//! RFM by its populations: where people stand among others, then and now, and what moves them.

use std::fmt::Write as _;

use crate::support::Shop;

const CONFIG: &str = "name = \"shop\"\n[params]\nas_of = 2025-07-01\n[sources.people]\npath = \"people.csv\"\n[sources.orders]\npath = \"orders*.csv\"\n";
const CONTACTS: &str = "-- People.\n-- key: record_id\nSELECT 'crm:' || no AS record_id, 'crm' AS source, name AS full_name FROM raw.people\n";
const ORDERS: &str = "-- Orders.\n-- key: order_id\nSELECT 'till:' || no AS order_id, 'till' AS source, 'crm:' || person AS record_id, parse_timestamp(at, 'UTC') AS ordered_at, channel, 'completed' AS status, parse_decimal(amount, '.') AS amount, currency FROM raw.orders\n";
const HEAD: &str = "no,person,at,channel,amount,currency\n";

/// Ten people, of whom the first bought once for 10 euros, the second twice for 20 each, and so on, always later.
fn shop() -> Shop {
    let names = [
        "Ash Acker",
        "Bay Bloom",
        "Cam Croft",
        "Dee Drake",
        "Eve Ellis",
        "Fay Frost",
        "Gus Green",
        "Hal Hurst",
        "Ivy Irons",
        "Jan Jewel",
    ];
    let (mut people, mut orders) = ("no,name\n".to_owned(), HEAD.to_owned());
    for (at, name) in names.iter().enumerate() {
        let person = at + 1;
        writeln!(people, "{person},{name}").unwrap();
        for order in 0..person {
            let (month, day) = (1 + person / 2, 10 + order);
            writeln!(orders, "{person}-{order},{person},2025-0{month}-{day}T09:00:00Z,web,{person}0.00,EUR").unwrap();
        }
    }
    Shop::new(CONFIG)
        .write("people.csv", people)
        .write("orders.csv", orders)
        .write("sql/clean/contacts.people.sql", CONTACTS)
        .write("sql/clean/orders.orders.sql", ORDERS)
}

/// What the scores say of the ten, from the first to the tenth.
fn scores(shop: &Shop, columns: &str) -> Vec<String> {
    let from = "FROM rfm.scores AS s JOIN match.identities AS i ON i.customer_id = s.customer_id";
    let person = "CAST(split_part(i.record_id, ':', 2) AS INT)";
    shop.rows(&format!("SELECT {columns} {from} WHERE {person} <= 10 ORDER BY {person}"))
}

const VALUE: &str = "s.frequency_score, s.monetary_score";

/// Forty newcomers who buy more in autumn than anybody did before.
fn newcomers(shop: &Shop) {
    let mut people = std::fs::read_to_string(shop.path().join("people.csv")).unwrap();
    let mut orders = HEAD.to_owned();
    for person in 100..140 {
        writeln!(people, "{person},").unwrap();
        for order in 0..12 {
            writeln!(orders, "{person}-{order},{person},2025-10-{}T09:00:00Z,store,900.00,EUR", 10 + order).unwrap();
        }
    }
    shop.put("people.csv", people);
    shop.put("orders-autumn.csv", orders);
}

#[test]
fn frozen_thresholds_hold_people_in_place_while_others_move() {
    let shop = shop();
    shop.run(&["refresh"]).ok();
    let summer = scores(&shop, VALUE);
    assert_eq!((summer.len(), summer.last().map(String::as_str)), (10, Some("5,5")));
    newcomers(&shop);
    let autumn = ["refresh", "--as-of", "2026-01-01"];
    shop.run(&autumn).ok();
    assert_eq!(scores(&shop, VALUE).last().map(String::as_str), Some("1,1"), "pushed down by others");
    shop.put("onefold.toml", CONFIG.replace("as_of =", "thresholds_as_of = 2025-07-01\nas_of ="));
    shop.run(&autumn).ok();
    assert_eq!(scores(&shop, VALUE), summer, "nobody has bought anything");
    // What a 5 is, is there to be read: ten people with 1 to 10 purchases, cut into fifths.
    let fives = "SELECT above, up_to, members FROM rfm.thresholds WHERE population = 'frozen' AND measure = 'frequency' ORDER BY score";
    assert_eq!(shop.rows(fives), [",2.00,2", "2.00,4.00,2", "4.00,6.00,2", "6.00,8.00,2", "8.00,,2"]);
    // A date on which nobody had bought is a slip.
    shop.put("onefold.toml", CONFIG.replace("as_of =", "thresholds_as_of = 2001-01-01\nas_of ="));
    shop.run(&autumn).fails(1, &["$thresholds_as_of"]);
}

#[test]
fn a_project_may_write_down_what_a_five_is() {
    let shop = shop();
    let cuts = "-- What a 5 is with us.\n-- key: population, part, measure, score\n\
        SELECT 'frozen' AS population, '' AS part, measure, score, up_to FROM (VALUES\n\
        ('recency', 5, 30), ('recency', 4, 60), ('recency', 3, 90), ('recency', 2, 180),\n\
        ('frequency', 1, 1), ('frequency', 2, 3), ('frequency', 3, 6), ('frequency', 4, 9),\n\
        ('monetary', 1, 50), ('monetary', 2, 100), ('monetary', 3, 500), ('monetary', 4, 900)\n\
        ) AS t(measure, score, up_to)\n";
    shop.put("sql/rfm/thresholds.frozen.sql", cuts);
    shop.run(&["refresh"]).ok();
    let expected = [
        // The first bought once, for 10, on 10 January, which is 171 whole days ago.
        "171,1,10.00,211",
        "139,2,40.00,221",
        "138,3,90.00,222",
        "109,4,160.00,233",
        "108,5,250.00,233",
        "76,6,360.00,333",
        "75,7,490.00,343",
        "44,8,640.00,444",
        "43,9,810.00,444",
        "11,10,1000.00,555",
    ];
    assert_eq!(scores(&shop, "s.recency_days, s.frequency, s.monetary, s.rfm_score"), expected);
}

#[test]
fn migration_counts_everybody_once_from_where_they_stood() {
    let shop = shop();
    let people = std::fs::read_to_string(shop.path().join("people.csv")).unwrap();
    shop.put("people.csv", format!("{people}20,Kit Kerr\n"));
    // The tenth pays in dollars too, which is a purchase and no spend; the eleventh does nothing else, and has no scores.
    let more = "x1,10,2025-06-25T09:00:00Z,,5.00,USD\nx2,11,2025-06-25T09:00:00Z,,5.00,USD\n";
    shop.put("orders-more.csv", format!("{HEAD}{more}"));
    shop.run(&["refresh"]).ok();
    // Thirty days before, all but the tenth had bought, and nobody else has since: two are overtaken.
    assert_eq!(
        shop.rows("SELECT direction, count(*) FROM rfm.moves GROUP BY 1 ORDER BY 1"),
        ["down,2", "new,1", "same,7"]
    );
    assert_eq!(
        shop.rows("SELECT to_label, customers, from_monetary, to_monetary, spent_between FROM rfm.migration WHERE from_label = 'none'"),
        ["champion,1,0.00,1000.00,1000.00"]
    );
    assert_eq!(shop.value("SELECT sum(customers), sum(spent_between) FROM rfm.migration"), "10,1000.00");
    // The tenth bought ten times by web, and once nobody knows how, for no euros.
    let channels = "SELECT channel, count(*), max(frequency) FROM rfm.channel_scores GROUP BY channel ORDER BY channel";
    assert_eq!(shop.rows(channels), ["web,10,10"]);
    let currencies =
        "SELECT currency, count(*), min(rfm_score), max(rfm_score) FROM rfm.currency_scores GROUP BY 1 ORDER BY 1";
    assert_eq!(shop.rows(currencies), ["EUR,10,111,555", "USD,2,511,511"]);
    // Prospects are in each set of labels, and who bought in dollars alone is in none.
    let groups = "SELECT shopify_group, popular_label, count(*) FROM rfm.groups GROUP BY 1, 2 ORDER BY 1, 2";
    let groups = shop.rows(groups);
    assert!(groups.contains(&"PROSPECTS,prospect,1".to_owned()), "{groups:?}");
    assert_eq!(shop.value("SELECT count(*) FROM rfm.groups"), "11");
}
