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
mod national_id;
mod person;
mod phone;
mod project;
mod row_group;
mod sheet;
mod sink;
mod sources;
mod world;
mod write;

#[cfg(test)]
mod tests;

use std::io::Write;
use std::path::Path;
use std::sync::mpsc;

use crate::error::{Error, Kind, Result};
use sheet::{Layout, Output};
use sink::{Part, Sink, create, unwritable};
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
    let mut done = Progress { customers: 0, customers_total: options.customers, rows: 0 };
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
                sink.write(part)?;
            }
            done.customers = ((block + 1) * BLOCK).min(options.customers);
            progress(&done);
        }
        Ok(())
    })?;
    Ok(Summary { files: sinks.into_iter().map(Sink::close).collect::<Result<_>>()? })
}

/// Makes a block of customers.
fn make(world: &World, block: u64) -> Vec<Part> {
    let mut output = Output::new(&world.sheets);
    if block == 0 {
        sources::products::write(world, &mut output);
    }
    let first = block * BLOCK;
    customer::write_range(world, first, (first + BLOCK).min(world.customers), &mut output);
    let pack = |(rows, layout): (write::Rows, &Layout)| {
        let bytes =
            if rows.len() == 0 { Vec::new() } else { layout.packing.pack(rows.sorted(layout.between.as_bytes())) };
        Part { bytes, rows: rows.len() }
    };
    output.into_rows().into_iter().zip(&world.sheets.layouts).map(pack).collect()
}
