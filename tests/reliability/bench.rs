//! A small project on a lake in memory that can be made to fail: run 1 is OLD, and a second file waits to be NEW.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use object_store::ObjectStore;
use object_store::memory::InMemory;
use onefold::error::Result;
use onefold::lake::{Keep, Lake};

use crate::faults::store::FaultStore;
use crate::support::{Shop, long_tests};

pub const CONFIG: &str =
    "name = \"shop\"\n[params]\nas_of = 2026-06-30\n[sources.crm]\npath = \"crm*.csv\"\nquarantine_percent_max = 50\n";
pub const CONTACTS: &str = "-- Contacts.\n-- key: record_id\nSELECT concat('crm:', id) AS record_id, 'crm' AS source, name AS full_name FROM raw.crm\n";
pub const PEOPLE: &str = "-- All records.\nSELECT record_id AS customer_id, full_name FROM clean.contacts\n";

/// How often to try: a few times in CI, all of them with `ONEFOLD_LONG_TESTS=1`.
pub fn many(few: usize, all: usize) -> usize {
    if long_tests() { all } else { few }
}

/// Where the random numbers of a row begin: at its number, or where `ONEFOLD_SEED` says. It is shown with a failure.
pub fn seed(row: u64) -> u64 {
    let seed = std::env::var("ONEFOLD_SEED").map_or(row, |seed| seed.parse().unwrap());
    println!("row {row}: ONEFOLD_SEED={seed}");
    seed
}

pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    let build = || {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(2).thread_stack_size(8 << 20).enable_all().build().unwrap()
    };
    RUNTIME.get_or_init(build).block_on(work)
}

/// A project of one source and two stages.
pub fn shop() -> Shop {
    Shop::new(CONFIG)
        .write("crm-1.csv", "id,name\n1,Ana\n2,Bình\n3,王小明\n")
        .write("sql/clean/contacts.crm.sql", CONTACTS)
        .write("sql/segment/people.sql", PEOPLE)
}

/// The second file; one of its records cannot be read.
pub fn bring_more(shop: &Shop) {
    shop.put("crm-2.csv", "id,name\n4,Dan\n5\n6,Ioana\n");
}

/// A file of 40 customers more.
pub fn bring(shop: &Shop, round: usize) {
    let rows: Vec<String> = (0..40).map(|n| format!("{round}{n:02},Ioana Pop {n}")).collect();
    shop.put(&format!("crm-more-{round}.csv"), format!("id,name\n{}\n", rows.join("\n")));
}

/// The newest run: its number and the hash of each table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    pub run: u64,
    pub tables: BTreeMap<String, String>,
}

/// What a reader finds in a lake, once every hash has been held against the bytes.
pub fn state(lake: &Lake) -> State {
    block_on(async {
        let Some(head) = lake.head().await.unwrap() else { return State { run: 0, tables: BTreeMap::new() } };
        lake.check(head.files().into_values().map(|(_, file)| file).collect()).await.unwrap();
        let hash = |files: &[onefold::lake::DataFile]| files.iter().map(|file| file.hash.as_str()).collect::<String>();
        State { run: head.run, tables: head.tables.iter().map(|(name, t)| (name.clone(), hash(&t.files))).collect() }
    })
}

pub struct Bench {
    pub shop: Shop,
    before: InMemory,
    pub old: State,
    pub new: State,
}

/// One try: a store of its own that holds OLD.
pub struct Try<'a> {
    pub bench: &'a Bench,
    pub inner: Arc<InMemory>,
    pub store: FaultStore,
    /// Whether the store must be told to bring things to the disk, as a folder must.
    is_folder: bool,
}

impl Bench {
    pub fn new() -> Self {
        let (shop, before) = (shop(), Arc::new(InMemory::new()));
        let refresh = |store: Arc<InMemory>| {
            let lake = Lake::with_store(store, "memory");
            block_on(refresh(&shop, lake.clone(), &[])).unwrap();
            state(&lake)
        };
        let old = refresh(Arc::clone(&before));
        bring_more(&shop);
        let before = before.fork();
        let new = refresh(Arc::new(before.fork()));
        assert_eq!((old.run, new.run), (1, 2));
        assert_ne!(old.tables, new.tables);
        Self { shop, before, old, new }
    }

    /// A try on a lake like a bucket, or like a folder.
    pub fn attempt(&self, is_folder: bool) -> Try<'_> {
        let inner = Arc::new(self.before.fork());
        let store = FaultStore::new(Arc::clone(&inner) as Arc<dyn ObjectStore>);
        Try { bench: self, inner, store, is_folder }
    }

    /// How many calls a refresh makes when nothing fails.
    pub fn calls(&self, is_folder: bool) -> usize {
        let attempt = self.attempt(is_folder);
        attempt.refresh().unwrap();
        attempt.store.calls().len()
    }
}

impl Try<'_> {
    /// The lake as a process that has just started opens it.
    pub fn lake(&self) -> Lake {
        let lake = Lake::with_waits(Arc::new(self.store.clone()), "faults", [Duration::ZERO; 5]);
        if self.is_folder { lake.with_flush(Arc::new(self.store.clone())) } else { lake }
    }

    /// Refreshes as a process of its own would.
    pub fn refresh(&self) -> Result<()> {
        block_on(refresh(&self.bench.shop, self.lake(), &[]))
    }

    /// The lake behind the faults.
    pub fn inner_lake(&self) -> Lake {
        Lake::with_store(Arc::clone(&self.inner) as Arc<dyn ObjectStore>, "inner")
    }

    /// What a reader sees, whatever the faults.
    pub fn state(&self) -> State {
        state(&self.inner_lake())
    }

    /// The lake holds OLD or NEW; the next refresh, without faults, brings NEW; `gc` leaves nothing that no run names.
    #[track_caller]
    pub fn recovers(&self, what: &str) {
        let state = self.state();
        assert!(state == self.bench.old || state == self.bench.new, "{what}: {state:?}");
        self.store.arm([]);
        self.refresh().unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(self.state(), self.bench.new, "{what}");
        let found = block_on(async {
            self.inner_lake().collect_garbage(&Keep { runs: 2, grace: Duration::ZERO }).await.unwrap();
            self.inner_lake().verify(None).await.unwrap()
        });
        assert_eq!((found.damaged, found.orphans, found.notices), (vec![], vec![], vec![]), "{what}");
        assert_eq!(found.runs, [1, 2], "{what}");
    }
}

/// `onefold refresh` of the project's two stages on `lake`.
pub async fn refresh(shop: &Shop, lake: Lake, more: &[&str]) -> Result<()> {
    let project = shop.path().to_string_lossy().into_owned();
    let args = ["refresh", "--quiet", "--project", &project, "--select", "clean.contacts", "segment.people"];
    onefold::cli::run_on(lake, &[&args[..], more].concat()).await
}

/// The report of a command that must succeed.
#[track_caller]
pub fn json(shop: &Shop, args: &[&str]) -> serde_json::Value {
    serde_json::from_str(&shop.run(&[args, &["--json"]].concat()).ok().stdout).unwrap()
}
