//! Companies that buy: who acts for them, what they bring, where they stand, and when their contracts renew.

use crate::support::Shop;

const CONFIG: &str = "\
name = \"wholesale\"
[params]
as_of = 2026-01-01
[sources.companies]
path = \"companies.csv\"
[sources.people]
path = \"people.csv\"
[sources.orders]
path = \"orders.csv\"
[sources.lines]
path = \"lines.csv\"
[sources.products]
path = \"products.csv\"
";

const STAGES: [(&str, &str); 5] = [
    (
        "accounts.companies",
        "-- Companies.\n-- key: account_id\nSELECT 'crm:' || no AS account_id, 'crm' AS source, name, domain, parse_date(renews, '%Y-%m-%d') AS renews_on, 'crm:' || head AS parent_account_id FROM raw.companies\n",
    ),
    (
        "contacts.people",
        "-- People.\n-- key: record_id\nSELECT 'crm:' || no AS record_id, 'crm' AS source, name AS full_name, normalize_email(email) AS email, 'crm:' || company AS account_id FROM raw.people\n",
    ),
    (
        "orders.orders",
        "-- Orders.\n-- key: order_id\nSELECT 'till:' || no AS order_id, 'till' AS source, 'crm:' || person AS record_id, parse_timestamp(at, 'UTC') AS ordered_at, 'completed' AS status, parse_decimal(amount, '.') AS amount, currency FROM raw.orders\n",
    ),
    (
        "order_lines.lines",
        "-- Lines.\n-- key: order_id, line_number\nSELECT 'till:' || no AS order_id, CAST(line AS BIGINT) AS line_number, 'till' AS source, product AS product_id, parse_decimal(quantity, '.') AS quantity, parse_decimal(price, '.') AS unit_price, 'EUR' AS currency FROM raw.lines\n",
    ),
    (
        "products.products",
        "-- Products.\n-- key: product_id\nSELECT no AS product_id, 'till' AS source, parse_decimal(cost, '.') AS unit_cost, 'EUR' AS currency FROM raw.products\n",
    ),
];

/// Beta belongs to Alpha; Gamma's domain is everybody's; Delta and Epsilon share one.
const COMPANIES: &str = "\
no,name,domain,renews,head
A,Alpha,alpha.example,2026-01-31,
B,Beta,Beta.example,2026-03-10,A
C,Gamma,gmail.com,2025-12-01,
D,Delta,shared.example,,
E,Epsilon,shared.example,,
";

/// Abe is Alpha's by his address alone; Gil and Sue are nobody's.
const PEOPLE: &str = "\
no,name,email,company
1,Ann Alder,ann@alpha.example,A
2,Abe Archer,abe@alpha.example,
3,Bea Brook,bea@beta.example,B
4,Gil Grant,gil@gmail.com,
5,Sue Stone,sue@shared.example,
6,Cy Cole,cy@gamma.example,C
";

/// Order 4 is a return; Cy pays in dollars.
const ORDERS: &str = "\
no,person,at,amount,currency
1,1,2025-01-10T09:00:00Z,100.00,EUR
2,2,2025-02-10T09:00:00Z,200.00,EUR
3,2,2025-03-10T09:00:00Z,300.00,EUR
4,2,2025-03-20T09:00:00Z,-50.00,EUR
5,3,2025-12-20T09:00:00Z,80.00,EUR
6,4,2025-06-01T09:00:00Z,40.00,EUR
7,6,2025-10-25T09:00:00Z,10.00,USD
";

const LINES: &str = "\
no,line,product,quantity,price
1,1,pen,2,50.00
2,1,ink,1,200.00
3,1,pen,6,50.00
4,1,pen,-1,50.00
5,1,pen,1,80.00
";

/// Nobody knows what ink costs.
const PRODUCTS: &str = "no,cost\npen,30.00\nink,\n";

/// A CSV text with its rows the other way round.
fn backwards(text: &str) -> String {
    let (head, rows) = text.split_once('\n').unwrap();
    let rows: Vec<&str> = rows.lines().rev().collect();
    format!("{head}\n{}\n", rows.join("\n"))
}

fn shop(order: fn(&str) -> String) -> Shop {
    let shop = Shop::new(CONFIG);
    for (file, text) in [
        ("companies.csv", COMPANIES),
        ("people.csv", PEOPLE),
        ("orders.csv", ORDERS),
        ("lines.csv", LINES),
        ("products.csv", PRODUCTS),
    ] {
        shop.put(file, order(text));
    }
    for (stage, sql) in STAGES {
        shop.put(&format!("sql/clean/{stage}.sql"), sql);
    }
    shop.run(&["refresh"]).ok();
    shop
}

const FIGURES: &str =
    "SELECT a.account_id, a.domain, a.buying_group, a.group_accounts, a.contacts, c.full_name, a.orders,
    a.revenue, a.cost, a.margin, a.costed_share, a.days_to_renewal
    FROM profile.accounts AS a LEFT JOIN profile.customers AS c ON c.customer_id = a.main_contact_id ORDER BY 1";

const CONTACTS: &str = "SELECT p.full_name, c.account_id, c.joined_by, c.orders, c.is_main_contact
    FROM profile.account_contacts AS c JOIN profile.customers AS p ON p.customer_id = c.customer_id ORDER BY 1";

const STANDINGS: &str = "SELECT l.account_id, l.lifecycle, l.median_gap_days, s.rfm_score, s.label, p.learnt_from
    FROM rfm.account_lifecycle AS l LEFT JOIN rfm.account_scores AS s ON s.account_id = l.account_id
    LEFT JOIN rfm.account_predictions AS p ON p.account_id = l.account_id ORDER BY 1";

const DUE: &str = "SELECT p.full_name, r.account_id, r.renews_on, r.days_to_renewal, r.reminder, r.is_main_contact
    FROM segment.renewals_due AS r JOIN profile.customers AS p ON p.customer_id = r.customer_id ORDER BY 1";

#[test]
fn a_company_is_its_contacts_together_whatever_the_order_of_the_rows() {
    let shop = shop(str::to_owned);
    assert_eq!(
        shop.rows(CONTACTS),
        [
            "Abe Archer,crm:A,domain,2,true",
            "Ann Alder,crm:A,account_id,1,false",
            "Bea Brook,crm:B,account_id,1,true",
            "Cy Cole,crm:C,account_id,1,true",
        ]
    );
    // Alpha: 100 + 200 + 300 - 50; of the pens alone 2, 6, and one back, at 50 and 30 each.
    assert_eq!(
        shop.rows(FIGURES),
        [
            "crm:A,alpha.example,crm:A,2,2,Abe Archer,3,550.00,210.00,140.00,0.75,30",
            "crm:B,beta.example,crm:A,2,1,Bea Brook,1,80.00,30.00,50.00,1.0,68",
            "crm:C,gmail.com,crm:C,1,1,Cy Cole,1,0.00,,,,-31",
            "crm:D,shared.example,crm:D,2,0,,0,0.00,,,,",
            "crm:E,shared.example,crm:D,2,0,,0,0.00,,,,",
        ]
    );
    // Alpha bought every 31 and 28 days, and has been silent for 296: churned after 177, though neither of its contacts
    // has a rhythm of their own.
    assert_eq!(
        shop.rows(STANDINGS),
        [
            "crm:A,churned,29.5,155,cant_lose,customers",
            "crm:B,new,,511,new_customer,customers",
            "crm:C,active,,,,",
            "crm:D,prospect,,,,",
            "crm:E,prospect,,,,",
        ]
    );
    assert_eq!(
        shop.rows(DUE),
        [
            "Abe Archer,crm:A,2026-01-31,30,30,true",
            "Ann Alder,crm:A,2026-01-31,30,30,false",
            "Bea Brook,crm:B,2026-03-10,68,90,true",
        ]
    );
    let shuffled = self::shop(backwards);
    for sql in [CONTACTS, FIGURES, STANDINGS, DUE, "SELECT * FROM rfm.standings ORDER BY population, part, id"] {
        assert_eq!(shuffled.rows(sql), shop.rows(sql), "{sql}");
    }
}

#[test]
fn returns_that_are_ignored_are_in_neither_revenue_nor_margin() {
    let shop = shop(str::to_owned);
    shop.put("onefold.toml", CONFIG.replace("[sources.companies]", "returns_policy = \"ignore\"\n[sources.companies]"));
    shop.run(&["run"]).ok();
    let figures = "SELECT revenue, cost, margin FROM profile.accounts WHERE account_id = 'crm:A'";
    assert_eq!(shop.value(figures), "600.00,240.00,160.00");
}
