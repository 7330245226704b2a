//! A sample shop of any size, from a seed: for a first look, for tests and for benchmarks.
//!
//! Some people buy in a shop that has a CRM, a web shop, tills with loyalty cards, a web site that counts clicks, an
//! e-mail tool, a support desk and a consent register. Each of these knows them a little differently: `claim.rs` is
//! where the truth gets lost, and `truth/` keeps it for measuring. Customers are made one after another, in blocks that
//! several threads make and one writes; what is written depends on the options alone.
//!
//! Nothing here may read the clock, the machine or the network, and no stage may read `truth/`.

mod accounts;
mod address;
mod buying;
mod catalogue;
mod chance;
mod claim;
mod customer;
mod household;
mod moment;
mod names;
mod person;
mod phone;
mod project;
mod sheet;
mod sources;
mod world;
mod write;

#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::mpsc;

use crate::error::{Error, Kind, Result};
use sheet::{Layout, Output};
use world::World;

/// What sample shop to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// How many true people there are: from 100 to 10,000,000.
    pub customers: u64,
    /// Same seed, same shop.
    pub seed: u64,
    /// The day after the last day of data; everything is relative to it.
    pub as_of: jiff::civil::Date,
}

impl Default for Options {
    /// The shop that the documentation shows.
    fn default() -> Self {
        Self { customers: 1_000, seed: 7, as_of: jiff::civil::date(2026, 6, 30) }
    }
}

/// How far the generator is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Customers written.
    pub customers: u64,
    /// Customers to write.
    pub customers_total: u64,
    /// Rows written, over all files.
    pub rows: u64,
}

/// What one file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSummary {
    /// Below the project's folder, with forward slashes.
    pub path: String,
    /// Rows, header not counted.
    pub rows: u64,
    /// Size on disk.
    pub bytes: u64,
}

/// What was written: the files of `sources/` and `truth/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// In a fixed order.
    pub files: Vec<FileSummary>,
}

impl Summary {
    /// Rows over all files.
    pub fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }
}

/// The largest shop: numbers of orders, cards and phones are unique up to here.
const CUSTOMERS_MAX: u64 = 10_000_000;

/// How many customers are made and held in memory at a time by each thread.
const BLOCK: u64 = 2_000;

/// Writes a whole project into `dir`: `onefold.toml`, `sql/`, `sources/` and `truth/`. Files of these names are replaced.
///
/// # Errors
/// `Usage` if there are no or too many customers, `Store` if a file cannot be written.
pub fn generate(dir: &Path, options: &Options, progress: &dyn Fn(&Progress)) -> Result<Summary> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(8);
    generate_with(dir, options, threads, progress)
}

/// [`generate`] with a given number of threads, on which the result does not depend.
fn generate_with(dir: &Path, options: &Options, threads: usize, progress: &dyn Fn(&Progress)) -> Result<Summary> {
    if !(1..=CUSTOMERS_MAX).contains(&options.customers) {
        return Err(Error::new(Kind::Usage, format!("cannot make `{}` customers", options.customers))
            .hint(format!("choose a number from 1 to {CUSTOMERS_MAX}")));
    }
    for (path, text) in project::files(options.as_of) {
        let file = dir.join(path);
        create(&file)?.write_all(text.as_bytes()).map_err(|error| unwritable(&file, error))?;
    }
    let world = World::new(options);
    let mut sinks: Vec<Sink<'_>> =
        world.sheets.layouts.iter().map(|layout| Sink::open(dir, layout)).collect::<Result<_>>()?;
    let products = write_products(dir, &world)?;
    let mut done = Progress { customers: 0, customers_total: options.customers, rows: products.rows };
    let blocks = options.customers.div_ceil(BLOCK);
    std::thread::scope(|scope| {
        // Thread t makes the blocks t, t + threads, …; taking from the threads in turn keeps the order, and the short
        // queues keep the threads from running ahead of the disk.
        let workers: Vec<mpsc::Receiver<Vec<Part>>> = (0..threads.max(1) as u64)
            .map(|thread| {
                let (sender, receiver) = mpsc::sync_channel(1);
                let world = &world;
                scope.spawn(move || {
                    let mine = (thread..blocks).step_by(threads.max(1));
                    // The receiver is gone when writing failed: then nobody wants the rest.
                    let _ = mine.map(|block| make(world, block)).try_for_each(|parts| sender.send(parts));
                });
                receiver
            })
            .collect();
        for block in 0..blocks {
            let parts = workers[block as usize % workers.len()].recv().expect("a worker sends all of its blocks");
            for (sink, part) in sinks.iter_mut().zip(parts) {
                done.rows += part.rows;
                sink.write(&part)?;
            }
            done.customers = ((block + 1) * BLOCK).min(options.customers);
            progress(&done);
        }
        Ok(())
    })?;
    let files = std::iter::once(Ok(products)).chain(sinks.into_iter().map(Sink::close));
    Ok(Summary { files: files.collect::<Result<_>>()? })
}

/// Writes the one file that is no customer's.
fn write_products(dir: &Path, world: &World) -> Result<FileSummary> {
    let (path, bytes) = (dir.join(sources::products::PATH), sources::products::file(world));
    create(&path)?.write_all(&bytes).map_err(|error| unwritable(&path, error))?;
    let rows = world.catalogue.products.len() as u64;
    Ok(FileSummary { path: sources::products::PATH.to_owned(), rows, bytes: bytes.len() as u64 })
}

/// One block's rows of one file, ready to be written.
struct Part {
    bytes: Vec<u8>,
    rows: u64,
}

/// Makes a block of customers.
fn make(world: &World, block: u64) -> Vec<Part> {
    let mut output = Output::new(&world.sheets);
    let first = block * BLOCK;
    customer::write_range(world, first, (first + BLOCK).min(world.customers), &mut output);
    let pack = |(rows, layout): (write::Rows, &Layout)| {
        let bytes =
            if rows.len() == 0 { Vec::new() } else { layout.packing.pack(rows.sorted(layout.between.as_bytes())) };
        Part { bytes, rows: rows.len() }
    };
    output.into_rows().into_iter().zip(&world.sheets.layouts).map(pack).collect()
}

/// A file being written.
struct Sink<'a> {
    layout: &'a Layout,
    path: std::path::PathBuf,
    file: File,
    rows: u64,
    bytes: u64,
}

impl<'a> Sink<'a> {
    fn open(dir: &Path, layout: &'a Layout) -> Result<Self> {
        let path = dir.join(&layout.path);
        let mut sink = Self { layout, file: create(&path)?, path, rows: 0, bytes: 0 };
        if !layout.head.is_empty() {
            sink.put(&layout.packing.pack(layout.head.as_bytes().to_vec()))?;
        }
        Ok(sink)
    }

    fn write(&mut self, part: &Part) -> Result<()> {
        if part.rows == 0 {
            return Ok(());
        }
        if self.rows > 0 && !self.layout.between.is_empty() {
            self.put(self.layout.between.as_bytes())?;
        }
        self.rows += part.rows;
        self.put(&part.bytes)
    }

    fn close(mut self) -> Result<FileSummary> {
        if !self.layout.tail.is_empty() {
            self.put(self.layout.tail.as_bytes())?;
        }
        Ok(FileSummary { path: self.layout.path.clone(), rows: self.rows, bytes: self.bytes })
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.bytes += bytes.len() as u64;
        self.file.write_all(bytes).map_err(|error| unwritable(&self.path, error))
    }
}

/// Creates a file and the folders above it.
fn create(path: &Path) -> Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| unwritable(folder, error))?;
    }
    File::create(path).map_err(|error| unwritable(path, error))
}

fn unwritable(path: &Path, error: std::io::Error) -> Error {
    Error::new(Kind::Store, "cannot write the sample shop")
        .with("path", path.display())
        .source(error)
        .hint("choose a folder that you may write to, on a disk with room")
}
