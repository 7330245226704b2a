//! What stands between the fields of a CSV file; landing itself is told and guesses nothing.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::decode::unpack;
use super::settings::packing;
use crate::delimiter;

/// Bytes of a file in which its first line is looked for.
const HEADER_MAX: u64 = 1 << 16;

/// What the first line of a CSV file, packed or not, shows to stand between its fields; none if it shows nothing, or the file
/// cannot be read.
pub fn delimiter_of(file: &Path) -> Option<char> {
    let mut start = Vec::new();
    let unpacked = unpack(File::open(file).ok()?, packing(&file.to_string_lossy())).ok()?;
    unpacked.take(HEADER_MAX).read_to_end(&mut start).ok()?;
    // What may stand between fields is ASCII, whatever the encoding.
    delimiter::of_header(String::from_utf8_lossy(&start).lines().next()?)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    #[test]
    fn it_is_seen_in_a_packed_file_as_well() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("crm.csv.gz");
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(b"id;name, given;phone\n1;Ana;\n").expect("memory");
        std::fs::write(&file, packed.finish().expect("memory")).expect("writes");
        assert_eq!(delimiter_of(&file), Some(';'));
        assert_eq!(delimiter_of(&folder.path().join("none.csv")), None);
    }
}
