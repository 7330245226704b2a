//! Encodings: a byte order mark tells, or the declaration does; what means nothing is kept aside, never replaced.

use super::{land, refused, shop};

const NAME: &str = "SELECT name FROM raw.crm ORDER BY _line";

/// A file in UTF-16.
fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

#[test]
fn a_byte_order_mark_tells() {
    let text = "\u{FEFF}id,name\n1,Ánh 陳 😀\n";
    for declared in ["", "encoding = 'windows-1252'", "encoding = 'gbk'"] {
        for bytes in [text.as_bytes().to_vec(), utf16(text, u16::to_le_bytes), utf16(text, u16::to_be_bytes)] {
            let shop = shop(declared).write("in/a.csv", bytes);
            land(&shop);
            assert_eq!(shop.rows(NAME), ["Ánh 陳 😀"], "{declared}");
            assert_eq!(shop.value("SELECT id FROM raw.crm"), "1", "{declared}: the mark is no part of the first name");
        }
    }
}

#[test]
fn a_declaration_tells() {
    let bytes: [(&str, &[u8], &str); 12] = [
        ("utf-8", "Zoë 陳".as_bytes(), "Zoë 陳"),
        ("iso-8859-1", b"Zo\xEB", "Zoë"),
        ("windows-1252", b"Zo\xEB \x80 5", "Zoë € 5"),
        ("windows-1250", b"\x8Aimon \xF9", "Šimon ů"),
        ("iso-8859-2", b"\xAAtefan", "Ştefan"),
        // Its tones are marks of their own, and what lands is what arrived.
        ("windows-1258", b"Nguy\xEA\xDEn", "Nguyê\u{303}n"),
        ("koi8-r", b"\xE1\xCE\xCE\xC1", "Анна"),
        ("gbk", b"\xCD\xF5\xD0\xA1\xC3\xF7", "王小明"),
        ("gb18030", b"\xCD\xF5\x95\x32\x82\x36", "王𠀀"),
        ("big5", b"\xB3\xAF\xA4j\xA4\xE5", "陳大文"),
        ("shift_jis", b"\x8ER\x93c", "山田"),
        ("euc-kr", b"\xB1\xE8", "김"),
    ];
    for (encoding, name, expected) in bytes {
        let file = [b"id,name\n1,", name, b"\n2,Bo\n"].concat();
        let shop = shop(&format!("encoding = '{encoding}'")).write("in/a.csv", file);
        land(&shop);
        assert_eq!(shop.rows(NAME), [expected, "Bo"], "{encoding}");
    }
}

#[test]
fn what_means_nothing_is_kept_aside() {
    let cases: [(&str, &[u8], &str, &str); 10] = [
        ("utf-8", b"Zo\xEB", "not UTF-8", "2,Zo\\xEB"),
        ("utf-8", b"\xED\xA0\x80", "not UTF-8", "2,\\xED\\xA0\\x80"),
        ("utf-8", b"a\0b", "a NUL byte", "2,a\\x00b"),
        ("windows-1252", b"a\0b", "a NUL byte", "2,a\\x00b"),
        ("gbk", b"x\xFFy", "not GBK", "2,x\\xFFy"),
        ("gb18030", b"\x84\x31\xA5\x30", "not gb18030", "2,\\x84\\x31\\xA5\\x30"),
        ("big5", b"x\xFFy", "not Big5", "2,x\\xFFy"),
        ("shift_jis", b"\xFDy", "not Shift_JIS", "2,\\xFDy"),
        ("windows-1253", b"a\xD2", "not windows-1253", "2,a\\xD2"),
        ("iso-8859-3", b"a\xA5", "not ISO-8859-3", "2,a\\xA5"),
    ];
    for (encoding, name, reason, shown) in cases {
        let file = [b"id,name\n1,Ana\n2,", name, b"\n3,Bo\n"].concat();
        let settings = format!("encoding = '{encoding}'\nquarantine_percent_max = 50.0");
        let shop = shop(&settings).write("in/a.csv", file);
        land(&shop);
        assert_eq!(shop.rows(NAME), ["Ana", "Bo"], "{encoding}");
        let bad = shop.rows("SELECT line, byte_offset, reason, raw FROM quarantine.crm");
        assert_eq!(bad, [format!("3,14,{reason},\"{shown}\"")], "{encoding}");
    }
}

#[test]
fn a_record_is_found_in_the_file_whatever_characters_come_before() {
    // Four bytes of GB 18030, two for two characters or of Hong Kong, three of JIS X 0212, and two encodings of the euro.
    let cases: [(&str, &[u8]); 6] = [
        ("gbk", b"\x95\x32\x82\x36"),
        ("big5", b"\x88\x62"),
        ("big5", b"\x87\x65"),
        ("euc-jp", b"\x8F\xB0\xA1"),
        ("gbk", b"\xA2\xE3"),
        ("gbk", b"\x80"),
    ];
    for (encoding, name) in cases {
        // More than a chunk.
        let file = [&b"id,name\n"[..], &[b"1,", name, b"\n"].concat().repeat(300_000), b"2\n"].concat();
        let shop = shop(&format!("encoding = '{encoding}'")).write("in/a.csv", &file);
        land(&shop);
        let bad = shop.rows("SELECT line, byte_offset FROM quarantine.crm");
        assert_eq!(bad, [format!("300002,{}", file.len() - 2)], "{encoding} {name:02x?}");
    }
}

#[test]
fn half_characters_of_utf16_are_kept_aside() {
    // A surrogate without its other half, and a file that ends within a character.
    let mut bytes = utf16("\u{FEFF}id,name\n1,Ana\n2,x", u16::to_le_bytes);
    bytes.extend_from_slice(&[0x00, 0xD8]);
    bytes.extend(utf16("y\n3,Bo\n4,z", u16::to_le_bytes));
    bytes.push(0x41);
    let shop = shop("quarantine_percent_max = 50.0").write("in/a.csv", bytes);
    land(&shop);
    assert_eq!(shop.rows(NAME), ["Ana", "Bo"]);
    let bad = shop.rows("SELECT line, byte_offset, reason FROM quarantine.crm ORDER BY line");
    assert_eq!(bad, ["3,30,not UTF-16LE", "5,52,not UTF-16LE"]);
}

#[test]
fn a_replacement_character_of_the_file_is_its_own() {
    let shop = shop("").write("in/a.csv", "id,name\n1,Zo\u{FFFD}\n");
    land(&shop);
    assert_eq!(shop.rows(NAME), ["Zo\u{FFFD}"]);
}

#[test]
fn what_nobody_declared_is_refused_with_a_hint() {
    let latin1: Vec<u8> = (0..10).flat_map(|id| [format!("{id},Zo").as_bytes(), b"\xEB\n"].concat()).collect();
    let file = [b"id,name\n", latin1.as_slice()].concat();
    refused(&shop("").write("in/a.csv", file), 1, &["10 of 10 records cannot be read", "not UTF-8", "`encoding`"]);
    let headless = utf16("id,name\n1,Ana\n", u16::to_le_bytes);
    refused(&shop("").write("in/a.csv", headless), 1, &["the header line cannot be read: a NUL byte", "`encoding`"]);
    refused(
        &shop("encoding = 'latin'").write("in/a.csv", "id\n1\n"),
        2,
        &["`latin` is not an encoding", "windows-1252"],
    );
}
