//! A file's bytes → UTF-8 text: decompressed, then decoded.
//!
//! Nothing is replaced silently. Text in UTF-8 passes through as it is, and records with bytes that are not UTF-8 are
//! found later. Text in other encodings is decoded here; a byte that means nothing in the encoding becomes `0xFF`, which
//! never occurs in UTF-8, and two hex digits, so that its record is found in the same way and still shows the byte.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::sync::mpsc::{self, Receiver, Sender};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8};
use flate2::read::MultiGzDecoder;
use memchr::memchr2;

use super::encoded::{Encoded, UNDECODED};
use super::input::{Input, Meter};
use super::settings::Compression;
use crate::error::Result;

/// Bytes that are decoded at a time.
const BLOCK_BYTES: usize = 64 << 10;

/// A file's text, not yet known to be valid.
pub(super) struct Text {
    pub(super) reader: Box<dyn Read + Send>,
    /// Where in the decompressed file the text begins: behind a byte order mark.
    pub(super) offset: u64,
    pub(super) encoded: Encoded,
    /// Where in the decompressed file the lines of the text end that have been read, if its bytes do not tell.
    pub(super) marks: Receiver<Mark>,
}

/// A place, in bytes of the text and of the decompressed file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) text: u64,
    pub(super) file: u64,
}

/// Opens the text of `input`, counting in `meter` what is read of the file. A byte order mark wins over the declared
/// encoding.
pub(super) fn open(input: &Input, meter: Meter) -> Result<Text> {
    let unreadable = |error| input.unreadable(error);
    let file = Metered { file: File::open(&input.path).map_err(unreadable)?, meter };
    let mut bytes = unpack(file, input.settings.compression).map_err(unreadable)?;
    let mut head = Vec::with_capacity(3);
    bytes.by_ref().take(3).read_to_end(&mut head).map_err(unreadable)?;
    let (encoding, mark) = Encoding::for_bom(&head).unwrap_or((input.settings.encoding, 0));
    let bytes = Cursor::new(head.split_off(mark)).chain(bytes);
    let (sender, marks) = mpsc::channel();
    let (encoded, offset) = (Encoded(encoding), mark as u64);
    let reader: Box<dyn Read + Send> = match encoding == UTF_8 {
        true => Box::new(bytes),
        false => Box::new(Decoding::new(bytes, encoded, offset, sender)),
    };
    Ok(Text { reader, offset, encoded, marks })
}

/// What was packed in `bytes`.
pub(super) fn unpack(bytes: impl Read + Send + 'static, compression: Compression) -> io::Result<Box<dyn Read + Send>> {
    Ok(match compression {
        Compression::None => Box::new(bytes),
        Compression::Gzip => Box::new(MultiGzDecoder::new(BufReader::with_capacity(BLOCK_BYTES, bytes))),
        Compression::Zstd => Box::new(zstd::Decoder::new(bytes)?),
    })
}

/// Counts what is read of a file.
struct Metered {
    file: File,
    meter: Meter,
}

impl Read for Metered {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.meter.add(read as u64);
        Ok(read)
    }
}

/// Decodes what it reads.
struct Decoding<R> {
    inner: R,
    decoder: Decoder,
    /// The last few bytes that were decoded before `block`: a malformed sequence may begin there.
    before: Vec<u8>,
    block: Vec<u8>,
    /// Where in the file `block` begins.
    block_start: u64,
    /// How much of `block` is decoded.
    decoded: usize,
    text: Vec<u8>,
    /// Where in all the text `text` begins.
    text_start: u64,
    /// Takes where lines end; none if the text alone tells.
    marks: Option<Sender<Mark>>,
    /// How much of `text` was handed over.
    given: usize,
    finished: bool,
}

impl<R: Read> Decoding<R> {
    fn new(inner: R, encoded: Encoded, offset: u64, marks: Sender<Mark>) -> Self {
        Self {
            inner,
            decoder: encoded.0.new_decoder_without_bom_handling(),
            before: Vec::new(),
            block: Vec::new(),
            block_start: offset,
            decoded: 0,
            text: Vec::new(),
            text_start: 0,
            marks: encoded.is_of_many_lengths().then_some(marks),
            given: 0,
            finished: false,
        }
    }

    /// Decodes until there is some text, or the end.
    fn fill(&mut self) -> io::Result<()> {
        self.text_start += self.text.len() as u64;
        self.text.clear();
        self.given = 0;
        while self.text.is_empty() && !self.finished {
            if self.decoded == self.block.len() {
                self.next_block()?;
            }
            let last = self.block.is_empty();
            self.decode(last);
            self.finished = last;
        }
        Ok(())
    }

    fn next_block(&mut self) -> io::Result<()> {
        self.block_start += self.block.len() as u64;
        self.before = self.block.split_off(self.block.len().saturating_sub(8));
        self.block.clear();
        self.decoded = 0;
        self.inner.by_ref().take(BLOCK_BYTES as u64).read_to_end(&mut self.block)?;
        Ok(())
    }

    /// Decodes the rest of the block.
    fn decode(&mut self, last: bool) {
        loop {
            let mut rest = &self.block[self.decoded..];
            let mut line_end = None;
            if self.marks.is_some() {
                line_end = memchr2(b'\n', b'\r', rest);
                rest = &rest[..line_end.map_or(rest.len(), |end| end + 1)];
            }
            let room =
                self.decoder.max_utf8_buffer_length_without_replacement(rest.len()).unwrap_or(4 * rest.len() + 16);
            let start = self.text.len();
            self.text.resize(start + room, 0);
            let (result, read, written) =
                self.decoder.decode_to_utf8_without_replacement(rest, &mut self.text[start..], last);
            self.decoded += read;
            self.text.truncate(start + written);
            match result {
                DecoderResult::InputEmpty => match (line_end, &self.marks) {
                    (Some(_), Some(marks)) => {
                        let text = self.text_start + self.text.len() as u64;
                        // Nobody may want to know.
                        let _ = marks.send(Mark { text, file: self.block_start + self.decoded as u64 });
                    }
                    _ => return,
                },
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(length, after) => self.mark(usize::from(length), usize::from(after)),
            }
        }
    }

    /// Writes the malformed bytes, which end `after` bytes before the place up to which the block is decoded.
    fn mark(&mut self, length: usize, after: usize) {
        let seen: Vec<u8> = self.before.iter().chain(&self.block[..self.decoded]).copied().collect();
        let end = seen.len().saturating_sub(after);
        for byte in &seen[end.saturating_sub(length)..end] {
            self.text.push(UNDECODED);
            self.text.extend_from_slice(format!("{byte:02X}").as_bytes());
        }
    }
}

impl<R: Read> Read for Decoding<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.text.len() {
            self.fill()?;
        }
        let read = (&self.text[self.given..]).read(buffer)?;
        self.given += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: &[u8], label: &str) -> (Vec<u8>, Encoded) {
        let encoded = Encoded(Encoding::for_label(label.as_bytes()).expect("known"));
        let mut text = Vec::new();
        Decoding::new(bytes, encoded, 0, mpsc::channel().0).read_to_end(&mut text).expect("memory");
        (text, encoded)
    }

    #[test]
    fn names_in_old_encodings_come_out_right() {
        let check = |bytes: &[u8], label, text: &str| assert_eq!(decode(bytes, label).0, text.as_bytes(), "{label}");
        check(b"Zo\xEB Caf\xE9", "windows-1252", "Zoë Café");
        check(b"\xB3\xAF\xA4j\xA4\xE5", "big5", "陳大文");
        check(b"\xD5\xC5\xC8\xFD", "gbk", "张三");
        check(b"\x1E\x01n\x00h\x00", "utf-16le", "Ğnh");
        check(b"\xAAtefan", "iso-8859-2", "Ştefan");
    }

    #[test]
    fn a_byte_that_means_nothing_stays_visible() {
        let (text, encoded) = decode(b"Ann,\xFF\xFFx\nBo", "gbk");
        assert_eq!(encoded.show(&text), "Ann,\\xFF\\xFFx\nBo");
        // Half a character at the end of the file.
        assert_eq!(encoded.show(&decode(b"Ann\xB3", "gbk").0), "Ann\\xB3");
    }

    #[test]
    fn a_character_across_two_blocks_is_one() {
        let mut bytes = vec![b'a'; BLOCK_BYTES - 1];
        bytes.extend_from_slice(b"\xD5\xC5\xFF");
        let (text, encoded) = decode(&bytes, "gbk");
        assert_eq!(encoded.show(&text[BLOCK_BYTES - 1..]), "张\\xFF");
    }
}
