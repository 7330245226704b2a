//! One spelling per value, by kind. Each function appends to `out`; nothing appended means no value.

use std::borrow::Cow;
use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHashSet};
use unicode_normalization::UnicodeNormalization;

use super::super::kind::Kind;
use super::generic;
use crate::names::{self, Of, ascii};

/// Words of addresses, short and long.
static SHORT: LazyLock<FxHashMap<&str, &str>> = LazyLock::new(|| {
    let pairs = "street st,road rd,avenue ave,av ave,drive dr,lane ln,boulevard blvd,court ct,place pl,square sq,\
                 terrace tce,crescent cres,close cl,parade pde,highway hwy,parkway pkwy,circle cir,circuit cct,\
                 apartment apt,flat apt,unit apt,appartment apt,suite ste,building bldg,bld bldg,floor fl,north n,south s,\
                 east e,west w,strasse str,strada str,number no,nr no,saint st,mount mt";
    pairs.split(',').filter_map(|pair| pair.trim().split_once(' ')).collect()
});

/// Words in a company's name that say that it is one.
static LEGAL: LazyLock<FxHashSet<&str>> = LazyLock::new(|| {
    let words = "ltd limited plc llc inc incorporated corp corporation co company the llp lp pte pty pvt private gmbh mbh ag sa \
                 srl sarl sas sasu eurl spa srls bv nv bvba ab aps oy oyj sl slu lda ltda eireli sro doo kft zrt nyrt eood ood \
                 ooo zao pao tov sdn bhd tbk";
    words.split_whitespace().collect()
});

/// The same in full, in ASCII.
const LEGAL_PHRASES: [&str; 22] = [
    "gesellschaft mit beschrankter haftung",
    "gesellschaft mit beschraenkter haftung",
    "aktiengesellschaft",
    "societe par actions simplifiee unipersonnelle",
    "societe par actions simplifiee",
    "societe a responsabilite limitee",
    "societe anonyme",
    "sociedad de responsabilidad limitada",
    "sociedad limitada",
    "sociedad anonima",
    "societa a responsabilita limitata",
    "societa per azioni",
    "sociedade limitada",
    "besloten vennootschap",
    "naamloze vennootschap",
    "spolka z ograniczona odpowiedzialnoscia",
    "sp zoo",
    "aktiebolag",
    "aktieselskab",
    "anpartsselskab",
    "osakeyhtio",
    "limited liability company",
];

/// The spelling of a text that is a value by itself, dates left out.
pub(super) fn one(kind: Kind, text: &str, out: &mut Vec<u8>) {
    match kind {
        Kind::Email => email(&[text], out),
        Kind::Phone => phone(&[text], out),
        Kind::Postcode | Kind::Id | Kind::Group => code(&[text], out),
        Kind::Sex => sex(&[text], out),
        Kind::Company => company(&[text], out),
        Kind::Country => country(text, out),
        Kind::City => city(text, out),
        _ => short(&[text], out),
    }
}

pub(crate) fn short(texts: &[&str], out: &mut Vec<u8>) {
    for text in texts {
        let folded = ascii(text);
        if !matches!(folded.as_str(), "unknown" | "n a" | "null" | "none" | "nan" | "not known") {
            out.extend(folded.into_bytes());
        }
    }
}

/// What stands before the name of a town and says that it is one, folded: `гр. София`, `TP. Hồ Chí Minh`, `mun. Cluj`.
const TOWN: [&str; 16] = [
    "gr ",
    "grad ",
    "g ",
    "gorod ",
    "s ",
    "selo ",
    "mun ",
    "municipiul ",
    "oras ",
    "orasul ",
    "comuna ",
    "tp ",
    "thanh pho ",
    "tx ",
    "thi xa ",
    "kota ",
];

/// A town without what says that it is one.
fn city(text: &str, out: &mut Vec<u8>) {
    short(&[text], out);
    let written = std::str::from_utf8(out).unwrap_or_default();
    if let Some(bare) = TOWN.iter().find_map(|town| written.strip_prefix(town)).filter(|bare| bare.len() > 2) {
        *out = bare.as_bytes().to_vec();
    }
}

/// Its code, however it is called; what is unknown stays as it is.
fn country(text: &str, out: &mut Vec<u8>) {
    short(&[text], out);
    // `N/A` is not Namibia.
    let code = names::country(text, &mut names::CountryKey::default()).filter(|_| !out.is_empty());
    if let Some(code) = code {
        out.clear();
        out.extend(code.bytes().map(|byte| byte.to_ascii_lowercase()));
    }
}

pub(crate) fn sex(texts: &[&str], out: &mut Vec<u8>) {
    match names::title(texts[0]) {
        Some(Of::Men) => return out.push(b'm'),
        Some(Of::Women) => return out.push(b'f'),
        Some(Of::Both) => return,
        None => {}
    }
    // 男 is `nan` in letters, and what some programs write for nothing; `nő` is `no`.
    let is_other = !texts[0].is_ascii();
    match ascii(texts[0]).as_str() {
        "nan" if is_other => out.push(b'm'),
        "no" if is_other => out.push(b'f'),
        "nan" | "no" => {}
        "m" | "male" | "man" | "mr" | "nam" | "mann" | "mannlich" | "masculin" | "masculino" | "maschio" | "homme"
        | "hombre" | "homem" | "uomo" | "barbat" | "mezczyzna" | "muz" | "ferfi" | "erkek" | "mies" | "muzhskoy"
        | "muzhskoi" | "cholovicha" | "laki laki" | "1" => out.push(b'm'),
        "f" | "female" | "woman" | "mrs" | "ms" | "nu" | "frau" | "weiblich" | "feminin" | "feminino" | "femenino"
        | "femmina" | "femme" | "mujer" | "mulher" | "donna" | "femeie" | "kobieta" | "zena" | "kadin" | "nainen"
        | "zhenskiy" | "zhenskii" | "zhinocha" | "perempuan" | "w" | "2" => out.push(b'f'),
        other if other.len() <= 2 => out.extend(other.bytes()),
        _ => {}
    }
}

/// Whether characters of a text are hidden: `138****1234`, `XXX-XX-1234`.
fn is_masked(text: &str) -> bool {
    let hides = text.chars().filter(|c| matches!(c, 'x' | 'X')).count();
    let all = text.chars().filter(|c| c.is_alphanumeric()).count();
    // `DEUTDEFFXXX` is a bank's head office.
    ["**", "●●", "••", "##"].into_iter().any(|run| text.contains(run))
        || ["xxx", "XXX"].into_iter().any(|run| text.contains(run)) && 3 * hides > all
}

pub(crate) fn code(texts: &[&str], out: &mut Vec<u8>) {
    if is_masked(texts[0]) {
        return;
    }
    out.extend(ascii(texts[0]).bytes().filter(u8::is_ascii_alphanumeric));
    // A code of one character repeated, such as 000000, was made up.
    if out.iter().all(|&byte| byte == out[0]) && (out.len() > 3 || out.first() == Some(&b'0')) {
        out.clear();
    }
}

/// The same in East Asian scripts, where they are written without spaces; the longer first.
const LEGAL_JOINED: [&str; 17] = [
    "株式会社",
    "有限会社",
    "合同会社",
    "一般社団法人",
    "(株)",
    "(有)",
    "股份有限公司",
    "有限责任公司",
    "有限責任公司",
    "股份公司",
    "有限公司",
    "集团公司",
    "주식회사",
    "유한회사",
    "(주)",
    "(유)",
    "公司",
];

pub(crate) fn company(texts: &[&str], out: &mut Vec<u8>) {
    let text = if texts[0].is_ascii() {
        Cow::Borrowed(texts[0])
    } else {
        // `㈱` is one character.
        let whole: String = texts[0].nfkc().collect();
        Cow::Owned(LEGAL_JOINED.iter().fold(whole, |text, legal| text.replace(legal, " ")))
    };
    let folded = letters_together(&ascii(&text));
    let bare =
        LEGAL_PHRASES.iter().fold(format!(" {folded} "), |bare, phrase| bare.replace(&format!(" {phrase} "), " "));
    let kept: Vec<&str> = bare.split_whitespace().filter(|word| !LEGAL.contains(word)).collect();
    out.extend(if kept.is_empty() { folded } else { kept.join(" ") }.into_bytes());
}

/// Words of which single letters are one: `s r l`, `b v`.
fn letters_together(words: &str) -> String {
    let mut together = String::with_capacity(words.len());
    let mut before = 0;
    for word in words.split(' ') {
        if before > 0 && !(before == 1 && word.len() == 1) {
            together.push(' ');
        }
        together.push_str(word);
        before = word.len();
    }
    together
}

/// What East Asian addresses are made of, behind which the next part begins: provinces, cities, districts, streets, numbers.
const PARTS: &str =
    "省市区區县縣州盟旗乡鄉镇鎮街道路巷弄号號栋棟幢室楼樓层層座院村里都府町郡目番地丁시도군구읍면동로길호층";

/// An address with a space behind each part of it if it is written in East Asia, where there are none, or not always.
fn east_asian(text: &str) -> Cow<'_, str> {
    let is_of = |c: char| matches!(c, '\u{1100}'..='\u{11ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}');
    if !text.chars().any(is_of) {
        return Cow::Borrowed(text);
    }
    let mut apart = String::with_capacity(text.len() * 2);
    let mut before = None;
    // Digits may be of full width.
    for c in counted(text.nfkc().filter(|c| !c.is_whitespace())).chars() {
        let is_number = c.is_ascii_digit();
        let ends = before.is_some_and(|before: char| PARTS.contains(before) || before.is_ascii_digit() != is_number);
        if ends {
            apart.push(' ');
        }
        // What stands behind a number is left out here and there: 3号, 3丁目, 3.
        if !(PARTS.contains(c) && before.is_some_and(|before| before.is_ascii_digit() || PARTS.contains(before))) {
            apart.push(c);
        }
        before = Some(c);
    }
    Cow::Owned(apart)
}

/// Digits of Chinese numerals below a hundred, and of others.
const NUMERAL: &str = "一二三四五六七八九十";
const OF_LARGER: &str = "百千万〇零";

/// A text with digits for Chinese numerals below a hundred that count a part of an address: 六丁目 is 6丁目. In names of places,
/// 一番町 and 三条, they stay.
fn counted(text: impl Iterator<Item = char>) -> String {
    let text: Vec<char> = text.collect();
    let mut out = String::with_capacity(text.len() * 3);
    let mut at = 0;
    while at < text.len() {
        let end = at + text[at..].iter().take_while(|c| NUMERAL.contains(**c)).count();
        let numeral: String = text[at..end].iter().collect();
        let is_part = |c: Option<&char>| c.is_some_and(|c| OF_LARGER.contains(*c));
        let is_cut = is_part(text.get(end)) || at > 0 && is_part(text.get(at - 1));
        match number(&numeral).filter(|_| !is_cut && is_counter(&text[end..])) {
            Some(number) => out.push_str(&number.to_string()),
            None => out.push_str(&numeral),
        }
        out.extend(text.get(end));
        at = end + 1;
    }
    out
}

/// Whether a text begins with what is counted in an address: 丁目, 番地, 号.
fn is_counter(text: &[char]) -> bool {
    match text {
        ['丁', next, ..] => *next == '目',
        ['番', next, ..] => matches!(next, '地' | '号') || next.is_ascii_digit() || NUMERAL.contains(*next),
        ['番' | '号' | '號' | '楼' | '樓' | '层' | '層' | '階' | '栋' | '棟' | '幢', ..] => true,
        _ => false,
    }
}

/// A Chinese numeral from 1 to 99, 二十三; none if it is another text.
fn number(numeral: &str) -> Option<usize> {
    let digit = |text: &str| match text {
        "" => Some(0),
        text => "一二三四五六七八九".chars().position(|c| text.chars().eq([c])).map(|at| at + 1),
    };
    match numeral.split_once('十') {
        Some((tens, ones)) => Some(10 * digit(tens)?.max(1) + digit(ones)?),
        None => digit(numeral).filter(|&number| number > 0),
    }
}

/// All parts of an address as one, its words shortened.
pub(crate) fn address<'a>(texts: impl Iterator<Item = &'a str>, out: &mut Vec<u8>) {
    for text in texts {
        let apart = if text.is_ascii() { Cow::Borrowed(text) } else { east_asian(text) };
        for word in ascii(&apart).split(' ').filter(|word| !word.is_empty()) {
            if !out.is_empty() {
                out.push(b' ');
            }
            let word = SHORT.get(word).copied().unwrap_or(word);
            out.extend(word.bytes());
        }
    }
}

pub(crate) fn phone(texts: &[&str], out: &mut Vec<u8>) {
    if is_masked(texts[0]) {
        return;
    }
    let digits = texts[0].bytes().filter(u8::is_ascii_digit);
    out.extend(digits);
    let all_same = out.iter().all(|&byte| Some(&byte) == out.first());
    if out.len() < 6 || all_same || std::str::from_utf8(out).is_ok_and(generic::is_phone) {
        out.clear();
    }
    // The last nine digits are the same with and without a country's code.
    out.drain(..out.len().saturating_sub(9));
}

/// Lower case, out of `Name <address>`, without what stands behind a `+` and what Google leaves out: mail to all of these is
/// delivered to one box.
pub(crate) fn email(texts: &[&str], out: &mut Vec<u8>) {
    let text = texts[0].rsplit_once('<').map_or(texts[0], |(_, inner)| inner);
    let text = text.trim_matches(|c: char| c.is_whitespace() || "<>\"'()[],;".contains(c)).to_lowercase();
    let text = text.strip_prefix("mailto:").unwrap_or(&text);
    let Some((local, domain)) = text.split_once('@') else { return };
    let local = local.split_once('+').map_or(local, |(name, _)| name);
    // `test@test.com`, `none@none.org`.
    let is_filler = domain.split('.').next() == Some(local);
    if is_filler || local.is_empty() || generic::is_mailbox(&format!("{local}@{domain}")) {
        return;
    }
    let is_google = matches!(domain, "gmail.com" | "googlemail.com");
    let kept = local.bytes().filter(|&byte| !(is_google && byte == b'.'));
    let domain = if is_google { "gmail.com" } else { domain };
    let whole = kept.chain([b'@']).chain(domain.bytes());
    out.extend(whole.map(|byte| if byte.is_ascii() { byte } else { b'?' }));
}

/// How an address is made of a name: `G.F@example.org`. Empty if it is not.
pub(crate) fn template(local: &str, domain: &str, given: &str, family: &str) -> String {
    let mut made = local.to_string();
    let mut explained = false;
    for (part, mark) in [(family, "F"), (given, "G")] {
        let part: String = part.chars().filter(|c| *c != ' ').collect();
        if part.len() >= 3 && made.contains(&part) {
            made = made.replacen(&part, mark, 1);
            explained = true;
        }
    }
    if !explained {
        return String::new();
    }
    if let Some(initial) = given.chars().next()
        && !made.contains('G')
        && made.starts_with(initial)
        && !made[1..].starts_with(|c: char| c.is_ascii_lowercase())
    {
        made.replace_range(..1, "I");
    }
    format!("{made}@{domain}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(kind: Kind, text: &str) -> String {
        let mut out = Vec::new();
        one(kind, text, &mut out);
        String::from_utf8(out).expect("ASCII")
    }

    #[test]
    fn what_is_hidden_is_no_value() {
        for masked in ["XXX-XX-1234", "XXXX-XXXX-1234", "138****1234"] {
            assert_eq!(cleaned(Kind::Id, masked), "", "{masked}");
        }
        assert_eq!(cleaned(Kind::Id, "DEUTDEFFXXX"), "deutdeffxxx");
        assert_eq!(cleaned(Kind::Phone, "177****3465"), "");
        assert_eq!(cleaned(Kind::Email, "saknas@saknas.se"), "");
        for same in ["Ana.Pop@googlemail.com", "anapop+shop@gmail.com", "<anapop@gmail.com>"] {
            assert_eq!(cleaned(Kind::Email, same), "anapop@gmail.com", "{same}");
        }
        assert_eq!(cleaned(Kind::Email, "ana.pop+x@pop.ro"), "ana.pop@pop.ro");
        for nobody in ["info+a@pop.ro", "test+1@test.com", "+x@pop.ro"] {
            assert_eq!(cleaned(Kind::Email, nobody), "", "{nobody}");
        }
    }

    #[test]
    fn countries_sexes_and_companies_have_one_spelling() {
        for same in ["Deutschland", "DEU", "de", "Germany", "Đức"] {
            assert_eq!(cleaned(Kind::Country, same), "de", "{same}");
        }
        for same in ["гр. София", "София", "Sofiya"] {
            assert_eq!(cleaned(Kind::City, same), "sofiya", "{same}");
        }
        assert_eq!(cleaned(Kind::City, "TP. Hồ Chí Minh"), "ho chi minh");
        assert_eq!(["N/A", "n.a.", "Atlantis"].map(|text| cleaned(Kind::Country, text)), ["", "", "atlantis"]);
        assert_eq!(["NaN", "no", "男", "nő", "Hombre"].map(|text| cleaned(Kind::Sex, text)), ["", "", "m", "f", "m"]);
        for same in ["Rossi S.r.l.", "ROSSI SRL", "Rossi Società a responsabilità limitata"] {
            assert_eq!(cleaned(Kind::Company, same), "rossi", "{same}");
        }
        for same in ["Wouters B.V.", "Wouters Besloten Vennootschap"] {
            assert_eq!(cleaned(Kind::Company, same), "wouters", "{same}");
        }
    }

    #[test]
    fn addresses_and_companies_of_east_asia_are_taken_apart() {
        let address = |text: &str| {
            let mut out = Vec::new();
            address(std::iter::once(text), &mut out);
            String::from_utf8(out).expect("ASCII")
        };
        assert_eq!(address("港区２－２８－１５"), address("港区2丁目28-15"));
        assert_eq!(address("中区栄六丁目25－15"), address("中区栄６丁目２５－１５"));
        assert_eq!(address("南京路二十三号十楼"), address("南京路23号10楼"));
        for [name, number] in [["三田市", "3田市"], ["千代田区一番町5", "千代田区1-5"], ["一百二十号", "一百20号"]]
        {
            assert_ne!(address(name), address(number), "{name}");
        }
        assert_eq!(address("서울시종로구테헤란길66"), address("서울시 종로구 테헤란길 66"));
        assert_eq!(cleaned(Kind::Company, "㈱日進電機"), cleaned(Kind::Company, "日進電機株式会社"));
    }
}
