//! What stands between the fields of a CSV file; landing itself is told and guesses nothing.

use std::fs::File;
use std::path::Path;

use super::decode::unpack;
use super::settings::extension;
use crate::delimiter;

/// What stands between the fields of a CSV file, packed or not: tabs if its name says so, else what its first line shows; none
/// if that shows nothing, or the file cannot be read.
pub fn delimiter_of(file: &Path) -> Option<char> {
    let (ending, packing) = extension(&file.to_string_lossy());
    if matches!(&*ending, "tsv" | "tab") {
        return Some('\t');
    }
    delimiter::of_text(unpack(File::open(file).ok()?, packing).ok()?).ok()?
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
        let tabs = folder.path().join("crm.tsv");
        std::fs::write(&tabs, "id;a;b\tname\n").expect("writes");
        assert_eq!(delimiter_of(&tabs), Some('\t'), "its name says it");
    }
}
