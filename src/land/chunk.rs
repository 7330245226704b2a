//! A text file as a series of chunks that end where a record ends, so that each can be read on its own.

use std::collections::VecDeque;
use std::io::Read;
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use memchr::{memchr, memchr_iter, memrchr};

use super::csv::fields::Dialect;
use super::decode::{Mark, Text};
use super::encoded::{Encoded, Offsets};
use super::input::Input;
use super::json::elements::Elements;
use crate::error::Result;

/// Text that is read at a time.
pub(super) const CHUNK_BYTES: usize = 1 << 20;

/// A record larger than this is not one: the file is something else.
const RECORD_BYTES_MAX: usize = 64 << 20;

/// A file without a line feed in its first bytes ends its lines with carriage returns.
const NEWLINE_BYTES: usize = 64 << 10;

/// Some whole records of a file.
pub(super) struct Chunk {
    pub(super) text: Vec<u8>,
    /// Where in `text` the first record begins.
    pub(super) start: usize,
    /// Where in the decompressed file `text` begins, in bytes.
    pub(super) offset: u64,
    /// Further places of `text` of which it is known where in the file they are.
    pub(super) known: Vec<(usize, u64)>,
    /// The number of the line, or of the JSON element, that begins at `start`, from 1.
    pub(super) line: u64,
    /// The elements; none if records are lines.
    pub(super) elements: Option<Vec<Range<usize>>>,
    /// Whether the file ends with it.
    pub(super) last: bool,
}

/// How records are told from each other.
#[derive(Clone, Copy)]
pub(super) enum Framing {
    /// As delimited text.
    Csv(Dialect),
    /// A line each.
    Lines,
    /// As the elements of a JSON array, or as JSON values one after the other.
    Json(Elements),
}

/// Cuts text into chunks of about the given size.
pub(super) struct Chunks {
    input: Arc<Input>,
    reader: Box<dyn Read + Send>,
    encoded: Encoded,
    framing: Framing,
    /// Text that was read and not yet given out.
    text: Vec<u8>,
    /// Where in all the text it begins.
    text_start: u64,
    marks: Receiver<Mark>,
    /// Those behind what was given out.
    waiting: VecDeque<Mark>,
    offset: u64,
    line: u64,
    ended: bool,
}

impl Chunks {
    /// Chunks of `text`. Finds out what ends its lines.
    ///
    /// # Errors
    /// `Source` when there is no text.
    pub(super) fn new(input: &Arc<Input>, text: Text, mut framing: Framing) -> Result<Self> {
        let mut chunks = Self {
            input: Arc::clone(input),
            reader: text.reader,
            encoded: text.encoded,
            framing,
            text: Vec::new(),
            text_start: 0,
            marks: text.marks,
            waiting: VecDeque::new(),
            offset: text.offset,
            line: 1,
            ended: false,
        };
        while !chunks.ended && chunks.text.len() < NEWLINE_BYTES && memchr(b'\n', &chunks.text).is_none() {
            chunks.read(chunks.text.len() + input.chunk_bytes)?;
        }
        if chunks.text.is_empty() {
            let error = input.error("the file is empty");
            return Err(
                error.hint("a source without rows still needs its header; delete the file if it arrived by mistake")
            );
        }
        if let Framing::Csv(dialect) = &mut framing
            && memchr(b'\n', &chunks.text).is_none()
            && memchr(b'\r', &chunks.text).is_some()
        {
            dialect.newline = b'\r';
        }
        chunks.framing = framing;
        Ok(chunks)
    }

    /// How records are told apart in this file.
    pub(super) fn framing(&self) -> Framing {
        self.framing
    }

    /// Reads until there are `bytes` of text, or the end.
    fn read(&mut self, bytes: usize) -> Result<()> {
        let missing = bytes.saturating_sub(self.text.len());
        self.text.reserve(missing);
        let read = self.reader.by_ref().take(missing as u64).read_to_end(&mut self.text);
        let read = read.map_err(|error| self.input.unreadable(error))?;
        self.ended = read < missing;
        Ok(())
    }

    fn cut(&mut self) -> Result<(usize, Vec<Range<usize>>)> {
        let whole = self.text.len();
        match &mut self.framing {
            Framing::Json(elements) => {
                let cut = elements.cut(&self.text, self.ended);
                cut.map_err(|message| {
                    self.input.error(message).hint("is it one JSON array? set `format` if it is something else")
                })
            }
            _ if self.ended => Ok((whole, Vec::new())),
            Framing::Csv(dialect) => Ok((dialect.cut(&self.text), Vec::new())),
            Framing::Lines => Ok((memrchr(b'\n', &self.text).map_or(0, |n| n + 1), Vec::new())),
        }
    }

    /// The places up to `end` of the text of which it is known where in the file they are.
    fn known(&mut self, end: usize) -> Vec<(usize, u64)> {
        self.waiting.extend(self.marks.try_iter());
        let passed = self.waiting.partition_point(|mark| mark.text <= self.text_start + end as u64);
        self.waiting.drain(..passed).map(|mark| ((mark.text - self.text_start) as usize, mark.file)).collect()
    }

    fn next_chunk(&mut self) -> Result<Option<Chunk>> {
        let mut target = self.input.chunk_bytes;
        let (end, elements) = loop {
            if !self.ended {
                self.read(target)?;
            }
            if self.text.is_empty() {
                // Whether all that was opened is closed can be said only here, if the last chunk ended with the file.
                self.cut()?;
                return Ok(None);
            }
            let (end, elements) = self.cut()?;
            if end > 0 || self.ended {
                break (end, elements);
            }
            if self.text.len() > RECORD_BYTES_MAX {
                let error = self.input.error(format!("a record is larger than {} MiB", RECORD_BYTES_MAX >> 20));
                return Err(error
                    .with("line", self.line)
                    .hint("is it a text file? check `format`, `delimiter` and `quote`"));
            }
            target = self.text.len() + self.input.chunk_bytes;
        };
        let rest = self.text[end..].to_vec();
        let mut text = std::mem::replace(&mut self.text, rest);
        text.truncate(end);
        let records = match &self.framing {
            Framing::Csv(dialect) => memchr_iter(dialect.newline, &text).count(),
            Framing::Lines => memchr_iter(b'\n', &text).count(),
            Framing::Json(_) => elements.len(),
        };
        let known = self.known(end);
        let offset = Offsets::new(self.encoded, self.offset, &known).of(&text, end);
        let elements = matches!(self.framing, Framing::Json(_)).then_some(elements);
        let last = self.ended && self.text.is_empty();
        let chunk = Chunk { start: 0, offset: self.offset, known, line: self.line, text, elements, last };
        self.text_start += end as u64;
        self.offset = offset;
        self.line += records as u64;
        if self.ended && end == 0 { Ok(None) } else { Ok(Some(chunk)) }
    }
}

impl Iterator for Chunks {
    type Item = Result<Chunk>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_chunk().transpose()
    }
}
