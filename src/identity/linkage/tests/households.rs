//! Whoever lives together is not one person, however the columns say it.

use super::*;

const SURNAMES: [&str; 16] = [
    "Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý",
    "Đinh",
];
const FIRST: [&str; 16] = [
    "Hùng", "Lan", "Tuấn", "Hoa", "Dũng", "Hương", "Minh", "Trang", "Long", "Thảo", "Nam", "Linh", "Phúc", "Ngọc",
    "Khoa", "Vy",
];

/// A number below `end` for each person and purpose.
fn random(what: u64, n: usize, end: u64) -> usize {
    chance::below(what << 32 | n as u64, end) as usize
}

/// 120 homes of four people each, of whom every third has a second record with another phone; `row` makes the columns of
/// a person out of home, number and phone. The person is the id without its last letter.
fn homes(columns: &[&str], row: &dyn Fn(usize, usize, &str) -> Vec<String>) -> RecordBatch {
    let mut rows = Vec::new();
    for n in 0..480_usize {
        let phone = |n: usize| format!("09{:08}", n * 104_729 % 100_000_000);
        let mut push = |letter: char, phone: &str| {
            let id = vec![format!("p{n:03}{letter}"), "crm".to_owned()];
            rows.push([id, row(n / 4, n, phone)].concat());
        };
        push('a', &phone(n));
        if n.is_multiple_of(3) {
            let other = if n.is_multiple_of(2) { String::new() } else { phone(n + 5000) };
            push('b', &other);
        }
    }
    table(&[&["record_id", "source"], columns].concat(), &rows)
}

/// Somebody's given name: four different ones a home.
fn first(home: usize, n: usize) -> &'static str {
    FIRST[(random(1, home, 4) * 4 + n) % 16]
}

fn born(n: usize) -> [String; 3] {
    let [year, month, day] = [1935 + random(2, n, 80), 1 + random(3, n, 12), 1 + random(4, n, 28)];
    [format!("{year}"), format!("{month:02}"), format!("{day:02}")]
}

/// Finds the 160 people of two records and as good as nobody else.
fn assert_told_apart(records: &RecordBatch, wrong_max: usize) {
    let linkage = link(records, &settings(2)).expect("links");
    let (right, wrong) = pairs(records, &linkage);
    assert!(
        right >= 155 && wrong <= wrong_max,
        "of 160 pairs {right} are found, and {wrong} that are none: {:?}",
        linkage.kinds
    );
}

#[test]
fn families_whose_name_stands_first_are_not_one_person() {
    let records = homes(&["họ tên", "ngày sinh", "điện thoại", "địa chỉ"], &|home, n, phone| {
        let name = format!("{} {}", SURNAMES[random(5, home, 16)], first(home, n));
        let address = format!("{} Hai Bà Trưng", 1 + home);
        vec![name, born(n).join("-"), phone.to_owned(), address]
    });
    assert_told_apart(&records, 3);
}

#[test]
fn a_birth_date_in_three_columns_tells_people_of_one_home_apart() {
    let records = homes(&["họ", "tên", "by", "bm", "bd", "mã bưu điện"], &|home, n, _| {
        let [year, month, day] = born(n);
        let family = SURNAMES[random(5, home, 16)].to_owned();
        // In every fourth home a son has his father's name.
        let given = first(home, if home.is_multiple_of(4) && n % 4 == 1 { n - 1 } else { n });
        vec![family, given.to_owned(), year, month, day, format!("{:05}", 10_000 + home * 7)]
    });
    assert_told_apart(&records, 3);
}

#[test]
fn a_number_that_a_whole_home_shares_is_not_a_persons() {
    let records = homes(&["họ", "tên", "hh", "điện thoại"], &|home, n, phone| {
        let family = SURNAMES[random(5, home, 16)].to_owned();
        vec![family, first(home, n).to_owned(), format!("{:06}", 100_000 + home * 104_729 % 900_000), phone.to_owned()]
    });
    let linkage = link(&records, &settings(2)).expect("links");
    assert_eq!(linkage.kinds[2], ("hh".to_owned(), "group".to_owned()));
    let (right, wrong) = pairs(&records, &linkage);
    // Half of the second records have no phone, and say little.
    assert!(right >= 60 && wrong <= 3, "of 160 pairs {right} are found, and {wrong} that are none");
}

#[test]
fn fathers_and_sons_of_one_name_and_home_are_two_even_where_there_are_many() {
    // Of 120 fathers; some sons are born in their fathers' year or on their day.
    let records = homes(&["họ", "tên", "ngày sinh", "địa chỉ"], &|home, n, _| {
        let family = SURNAMES[random(5, home, 16)].to_owned();
        let given = first(home, if n % 4 == 1 { n - 1 } else { n });
        vec![family, given.to_owned(), born(n).join("-"), format!("{} Hai Bà Trưng", 1 + home)]
    });
    assert_told_apart(&records, 30);
}
