//! Which files the sample shop has, and how each of them begins, ends and is packed.

use super::moment::Day;
use super::sources::{consents, crm, loyalty, mail, products, shop, tills, truth};
use super::write::{Packing, Rows};

/// One file, or one of a row of yearly files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sheet {
    Products,
    CrmAccounts,
    CrmContacts,
    ShopCustomers,
    WebEvents,
    MailMessages,
    SupportTickets,
    Consents,
    LoyaltyMembers,
    LoyaltyMovements,
    TruthPeople,
    TruthCustomers,
    ShopOrders(usize),
    ShopLines(usize),
    TillReceipts(usize),
}

/// How many sheets come before the yearly ones, and how many there are of each year.
const SINGLE: usize = 12;
const PER_YEAR: usize = 3;

impl Sheet {
    fn index(self) -> usize {
        match self {
            Self::Products => 0,
            Self::CrmAccounts => 1,
            Self::CrmContacts => 2,
            Self::ShopCustomers => 3,
            Self::WebEvents => 4,
            Self::MailMessages => 5,
            Self::SupportTickets => 6,
            Self::Consents => 7,
            Self::LoyaltyMembers => 8,
            Self::LoyaltyMovements => 9,
            Self::TruthPeople => 10,
            Self::TruthCustomers => 11,
            Self::ShopOrders(year) => SINGLE + year * PER_YEAR,
            Self::ShopLines(year) => SINGLE + year * PER_YEAR + 1,
            Self::TillReceipts(year) => SINGLE + year * PER_YEAR + 2,
        }
    }
}

/// Where a file lies and what surrounds its rows.
#[derive(Debug)]
pub(super) struct Layout {
    /// Below the project's folder, with forward slashes.
    pub(super) path: String,
    pub(super) head: &'static str,
    pub(super) between: &'static str,
    pub(super) tail: &'static str,
    pub(super) packing: Packing,
}

impl Layout {
    /// A file with a header line.
    fn table(path: impl Into<String>, head: &'static str, packing: Packing) -> Self {
        Self { path: path.into(), head, between: "", tail: "", packing }
    }
}

/// All files of a shop.
#[derive(Debug)]
pub(super) struct Sheets {
    pub(super) layouts: Vec<Layout>,
    first_year: i32,
}

impl Sheets {
    /// The files of a shop whose data spans these days.
    pub(super) fn new(first: Day, last: Day) -> Self {
        use Packing::{Gzip, Parquet, Plain, Windows1252, Zstd};
        let mut layouts = vec![
            Layout::table("sources/shop/products.csv", products::HEAD, Plain),
            Layout::table("sources/crm/accounts.csv", crm::ACCOUNTS_HEAD, Plain),
            Layout::table("sources/crm/contacts.csv", crm::CONTACTS_HEAD, Plain),
            Layout::table("sources/shop/customers.ndjson", "", Plain),
            Layout::table("sources/web/events.ndjson.zst", "", Zstd),
            Layout::table("sources/mail/messages.parquet", "", Parquet(&mail::COLUMNS)),
            Layout {
                path: "sources/support/tickets.json".to_owned(),
                head: "[\n",
                between: ",\n",
                tail: "\n]\n",
                packing: Plain,
            },
            Layout::table("sources/consents/consents.csv", consents::HEAD, Plain),
            Layout::table("sources/loyalty/members.csv", loyalty::MEMBERS_HEAD, Windows1252),
            Layout::table("sources/loyalty/movements.csv", loyalty::MOVEMENTS_HEAD, Plain),
            Layout::table("truth/people.csv", truth::PEOPLE_HEAD, Plain),
            Layout::table("truth/customers.csv", truth::CUSTOMERS_HEAD, Plain),
        ];
        let first_year = first.civil().0;
        for year in first_year..=last.civil().0 {
            layouts.push(Layout::table(format!("sources/shop/orders-{year}.csv.gz"), shop::ORDERS_HEAD, Gzip));
            layouts.push(Layout::table(format!("sources/shop/order_lines-{year}.csv.gz"), shop::LINES_HEAD, Gzip));
            layouts.push(Layout::table(format!("sources/tills/receipts-{year}.tsv"), tills::HEAD, Plain));
        }
        Self { layouts, first_year }
    }

    /// Which of the yearly files holds `day`.
    pub(super) fn year(&self, day: Day) -> usize {
        (day.civil().0 - self.first_year) as usize
    }
}

/// The rows of one block of customers, for every file.
pub(super) struct Output {
    rows: Vec<Rows>,
}

impl Output {
    /// Nothing yet.
    pub(super) fn new(sheets: &Sheets) -> Self {
        Self { rows: std::iter::repeat_with(Rows::default).take(sheets.layouts.len()).collect() }
    }

    /// The rows of one file.
    pub(super) fn rows(&mut self, sheet: Sheet) -> &mut Rows {
        &mut self.rows[sheet.index()]
    }

    /// The rows of all files, in the order of [`Sheets::layouts`].
    pub(super) fn into_rows(self) -> Vec<Rows> {
        self.rows
    }
}
