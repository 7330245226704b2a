//! What the sample shop promises, checked on what it writes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::PathBuf;
use std::sync::LazyLock;

use arrow::array::{Array, AsArray};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::*;

/// A shop of a little more than one block, written once for all tests that only read.
static SHOP: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap();
    generate_with(dir.path(), &Options { customers: 2_100, ..Options::default() }, 2, &|_| ()).unwrap();
    dir
});

/// All files below `dir`: path with forward slashes, and content, unpacked.
fn contents(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    fn add(dir: &Path, root: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                add(&path, root, files);
            } else {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
                files.insert(name, unpacked(&path));
            }
        }
    }
    let mut files = BTreeMap::new();
    add(dir, dir, &mut files);
    files
}

fn unpacked(path: &Path) -> Vec<u8> {
    let bytes = fs::read(path).unwrap();
    let mut content = Vec::new();
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("gz") => drop(flate2::read::MultiGzDecoder::new(&*bytes).read_to_end(&mut content).unwrap()),
        Some("zst") => drop(zstd::Decoder::new(&*bytes).unwrap().read_to_end(&mut content).unwrap()),
        _ => content = bytes,
    }
    content
}

/// The lines of all files of the shop whose path begins with `prefix`, headers left out.
fn lines(prefix: &str) -> Vec<String> {
    let files = contents(SHOP.path());
    let named = files.iter().filter(|(path, _)| path.starts_with(prefix));
    named
        .flat_map(|(_, bytes)| String::from_utf8_lossy(bytes).lines().skip(1).map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

/// One field of every line that has it, as the plain files have it: no quotes before that field.
fn field(lines: &[String], delimiter: char, at: usize) -> Vec<String> {
    lines.iter().map(|line| line.split(delimiter).nth(at).unwrap_or_default().to_owned()).collect()
}

/// The value of a JSON member in every line that has it.
fn member(lines: &[String], name: &str) -> Vec<String> {
    let mark = format!("\"{name}\":\"");
    lines.iter().filter_map(|line| Some(line.split_once(&mark)?.1.split_once('"')?.0.to_owned())).collect()
}

/// A text column of a Parquet file of the shop.
fn column(path: &str, name: &str) -> Vec<String> {
    let file = fs::File::open(SHOP.path().join(path)).unwrap();
    let batches = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    let texts = |batch: arrow::array::RecordBatch| {
        let column = batch.column_by_name(name).unwrap().as_string::<i32>().clone();
        (0..column.len()).map(move |row| column.value(row).to_owned())
    };
    batches.flat_map(|batch| texts(batch.unwrap())).collect()
}

#[test]
fn the_threads_do_not_show_in_the_bytes() {
    let dir = tempfile::tempdir().unwrap();
    generate_with(dir.path(), &Options { customers: 2_100, ..Options::default() }, 1, &|_| ()).unwrap();
    let (one, two) = (contents(dir.path()), contents(SHOP.path()));
    assert_eq!(one.keys().collect::<Vec<_>>(), two.keys().collect::<Vec<_>>());
    for (path, bytes) in one {
        assert!(bytes == two[&path], "{path} differs");
    }
}

#[test]
fn another_seed_is_another_shop() {
    let dir = tempfile::tempdir().unwrap();
    generate(dir.path(), &Options { customers: 100, seed: 8, ..Options::default() }, &|_| ()).unwrap();
    let other = fs::read(dir.path().join("truth/customers.csv")).unwrap();
    let known = fs::read(SHOP.path().join("truth/customers.csv")).unwrap();
    assert_ne!(other, known[..other.len()]);
}

#[test]
fn a_larger_shop_has_the_same_first_customers() {
    let dir = tempfile::tempdir().unwrap();
    generate(dir.path(), &Options { customers: 100, ..Options::default() }, &|_| ()).unwrap();
    let small = fs::read_to_string(dir.path().join("truth/customers.csv")).unwrap();
    let large = fs::read_to_string(SHOP.path().join("truth/customers.csv")).unwrap();
    // The last household of the small shop may be cut short; everybody before is the same.
    let first = small.lines().take(96).collect::<Vec<_>>();
    assert_eq!(first, large.lines().take(96).collect::<Vec<_>>());
}

#[test]
fn every_record_has_one_true_person() {
    let mut records = BTreeSet::new();
    let mut add =
        |source: &str, keys: Vec<String>| records.extend(keys.into_iter().map(|key| format!("{source}:{key}")));
    add("crm", field(&lines("sources/crm/contacts"), ';', 0));
    // A file without a header loses its first line above, but no account: its events and orders name it again.
    let accounts = String::from_utf8(unpacked(&SHOP.path().join("sources/shop/customers.ndjson"))).unwrap();
    add("shop", member(&accounts.lines().map(str::to_owned).collect::<Vec<_>>(), "id"));
    let guests: Vec<String> = lines("sources/shop/orders-")
        .into_iter()
        .filter(|line| line.split(',').nth(4) == Some("") && line.ends_with(','))
        .collect();
    add("shop_guest", field(&guests, ',', 0));
    add("support", member(&lines("sources/support/tickets.json"), "id"));
    add("loyalty", field(&lines("sources/loyalty/members"), ';', 0));
    let cards = field(&lines("sources/tills/receipts-"), '\t', 3);
    add("tills", cards.into_iter().filter(|card| !card.is_empty() && card != "2999999999997").collect());
    let events = String::from_utf8(unpacked(&SHOP.path().join("sources/web/events.ndjson.zst"))).unwrap();
    add("web", member(&events.lines().map(str::to_owned).collect::<Vec<_>>(), "cookie"));
    add("mail", column("sources/mail/messages.parquet", "subscriber"));
    let consents = lines("sources/consents/consents");
    let by_email = consents.into_iter().filter(|line| line.split(',').nth(1) == Some("email")).collect::<Vec<_>>();
    add("consents", field(&by_email, ',', 0));

    let truth = lines("truth/people.csv");
    let known: BTreeSet<String> = field(&truth, ',', 0).into_iter().collect();
    assert_eq!(known.len(), truth.len(), "a record has two true people");
    assert_eq!(records.difference(&known).collect::<Vec<_>>(), Vec::<&String>::new(), "records without truth");
    assert_eq!(known.difference(&records).collect::<Vec<_>>(), Vec::<&String>::new(), "truth without records");
    let people = field(&truth, ',', 1).into_iter().filter(|person| person.starts_with('P')).collect::<BTreeSet<_>>();
    assert_eq!(people.len(), 2_100, "somebody is nowhere in the data");
}

#[test]
fn people_buy_as_the_model_says() {
    let truth = lines("truth/customers.csv");
    let orders: Vec<u32> = field(&truth, ',', 1).iter().map(|text| text.parse().unwrap()).collect();
    let share = |test: &dyn Fn(&u32) -> bool| orders.iter().filter(|orders| test(orders)).count() as f64 / 2_100.0;
    let mean = f64::from(orders.iter().sum::<u32>()) / 2_100.0;
    assert!((9.0..12.5).contains(&mean), "{mean} orders per customer");
    assert!((0.11..0.17).contains(&share(&|orders| *orders == 0)), "prospects");
    assert!((0.10..0.22).contains(&share(&|orders| *orders == 1)), "one-time buyers");
    assert!((0.02..0.09).contains(&share(&|orders| *orders >= 50)), "heavy buyers");
    let left = field(&truth, ',', 3).iter().filter(|alive| *alive == "false").count();
    assert!((0.30..0.55).contains(&(left as f64 / 2_100.0)), "{left} have left");
    let valuable_and_gone = truth.iter().filter(|line| {
        let fields: Vec<&str> = line.split(',').collect();
        fields[2].parse::<f64>().unwrap() > 500.0 && fields[3] == "false"
    });
    assert!(valuable_and_gone.count() > 60, "nobody to win back");
}

#[test]
fn a_few_orders_come_back_or_are_cancelled() {
    let statuses = field(&lines("sources/shop/orders-"), ',', 3);
    let share = |status: &str| statuses.iter().filter(|known| *known == status).count() as f64 / statuses.len() as f64;
    assert!((0.01..0.03).contains(&share("cancelled")), "{}", share("cancelled"));
    assert!((0.015..0.045).contains(&share("returned")), "{}", share("returned"));
}

#[test]
fn the_summary_counts_what_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let told = std::cell::Cell::new(0);
    let options = Options { customers: 100, ..Options::default() };
    let summary = generate(dir.path(), &options, &|progress| told.set(progress.rows)).unwrap();
    assert_eq!(summary.rows(), told.get());
    for file in &summary.files {
        assert_eq!(fs::metadata(dir.path().join(&file.path)).unwrap().len(), file.bytes, "{}", file.path);
    }
    let rows = |path: &str| summary.files.iter().find(|file| file.path == path).unwrap().rows;
    assert_eq!(rows("truth/customers.csv"), 100);
    assert_eq!(rows("sources/crm/accounts.csv"), 1);
    assert_eq!(rows("sources/shop/products.csv"), 480);
}

#[test]
fn every_block_is_a_row_group_of_the_parquet_file() {
    let file = fs::File::open(SHOP.path().join("sources/mail/messages.parquet")).unwrap();
    let metadata = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().metadata().clone();
    assert_eq!(metadata.num_row_groups(), 2_100_usize.div_ceil(BLOCK as usize));
    assert!(metadata.row_group(0).num_rows() > 10_000, "{}", metadata.row_group(0).num_rows());
    assert_eq!(metadata.file_metadata().created_by(), Some("sample shop"));
}

#[test]
fn a_few_rows_are_second_copies_that_cannot_be_read() {
    let spoilt = |prefix: &str, test: &dyn Fn(&str) -> bool| {
        let lines = lines(prefix);
        let spoilt = lines.iter().filter(|line| test(line)).count();
        assert!(spoilt > 1 && spoilt * 50 < lines.len(), "{spoilt} of {} in {prefix}", lines.len());
    };
    spoilt("sources/crm/contacts", &|line| line.split(';').count() == 22);
    spoilt("sources/loyalty/movements", &|line| line.split(',').count() < 6);
    spoilt("sources/consents/consents", &|line| line.contains('\u{fffd}'));
}

#[test]
fn romanians_pay_in_euros_since_the_shop_takes_them_and_lines_add_up_to_their_orders() {
    let cents = |text: &str| text.replace('.', "").parse::<i64>().unwrap();
    let mut of_lines: BTreeMap<(String, String), i64> = BTreeMap::new();
    for line in lines("sources/shop/order_lines-") {
        let fields: Vec<&str> = line.split(',').collect();
        *of_lines.entry((fields[0].to_owned(), fields[7].to_owned())).or_default() += cents(fields[6]);
    }
    let mut euros = 0;
    for line in lines("sources/shop/orders-") {
        // From the right, where nothing is quoted: a street may hold a comma.
        let fields: Vec<&str> = line.rsplit(',').collect();
        let (refund_of, currency, amount, country) = (fields[0], fields[1], fields[2], fields[4]);
        let [order, placed] = [0, 1].map(|at| line.split(',').nth(at).unwrap());
        assert_eq!(of_lines[&(order.to_owned(), currency.to_owned())], cents(amount), "{order}");
        let expected = if country == "RO" && placed >= "2025-06-30T03:00:00" { "EUR" } else { "GBP" };
        // What was paid in pounds is paid back in pounds.
        assert!(currency == expected || !refund_of.is_empty(), "{order} in {currency}, placed {placed}");
        euros += usize::from(currency == "EUR");
    }
    assert!(euros > 100, "{euros}");
    let spent = field(&lines("truth/customers.csv"), ',', 4).iter().map(|text| cents(text)).sum::<i64>();
    assert!(spent > 0);
}

#[test]
fn some_people_show_their_papers_to_two_sources() {
    let known = |prefix: &str, at: usize| -> BTreeSet<String> {
        let ids = field(&lines(prefix), ';', at).into_iter();
        ids.filter(|id| !id.is_empty() && !id.starts_with("call")).map(|id| id.replace(' ', "")).collect()
    };
    let (crm, loyalty) = (known("sources/crm/contacts", 20), known("sources/loyalty/members", 12));
    assert!(crm.len() > 150 && loyalty.len() > 300, "{} and {}", crm.len(), loyalty.len());
    assert!(crm.intersection(&loyalty).count() > 40, "{}", crm.intersection(&loyalty).count());
}

#[test]
fn the_old_server_writes_its_own_code_page() {
    let bytes = fs::read(SHOP.path().join("sources/loyalty/members.csv")).unwrap();
    assert!(std::str::from_utf8(&bytes).is_err(), "a Zoë or a Renée is missing");
    let text = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&bytes).0;
    assert!(!text.contains('\u{fffd}') && !text.contains("&#"), "a letter that the code page does not have");
}

#[test]
fn no_shop_is_too_small_and_none_too_large() {
    let dir = tempfile::tempdir().unwrap();
    for customers in [0, CUSTOMERS_MAX + 1] {
        let error = generate(dir.path(), &Options { customers, ..Options::default() }, &|_| ()).unwrap_err();
        assert_eq!(error.kind(), Kind::Usage);
    }
    generate(dir.path(), &Options { customers: 1, ..Options::default() }, &|_| ()).unwrap();
}

#[test]
fn the_committed_sample_is_what_the_generator_writes() {
    let committed = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data/shop");
    let options = Options { customers: 200, ..Options::default() };
    if std::env::var_os("ONEFOLD_WRITE_SAMPLE").is_some() {
        for folder in ["sources", "truth"] {
            let _ = fs::remove_dir_all(committed.join(folder));
        }
        generate(&committed, &options, &|_| ()).unwrap();
    }
    let dir = tempfile::tempdir().unwrap();
    generate(dir.path(), &options, &|_| ()).unwrap();
    let (fresh, kept) = (contents(dir.path()), contents(&committed));
    let paths: BTreeSet<&String> = fresh.keys().chain(kept.keys()).collect();
    let differing: Vec<_> = paths.into_iter().filter(|path| fresh.get(*path) != kept.get(*path)).collect();
    assert!(
        differing.is_empty(),
        "{differing:?} differ in data/shop; if that is meant, run\n  \
         ONEFOLD_WRITE_SAMPLE=1 cargo test --lib demo::tests::the_committed_sample"
    );
}
