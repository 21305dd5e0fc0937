use accounts::codes::{digits, digits_match, link, read_link};
use accounts::keys::Key;
use std::collections::HashSet;
use uuid::Uuid;

fn key() -> Key {
    Key::new([1; 32])
}

#[test]
fn a_code_is_six_digits_of_its_own_row() {
    let id = Uuid::from_u128(1);
    let code = digits(&key(), id);
    assert!(code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()), "{code}");
    assert!(digits_match(&key(), id, &code));
    assert!(digits_match(&key(), id, &format!(" {} {}", &code[..3], &code[3..])));
    assert!(!digits_match(&key(), Uuid::from_u128(2), &code), "код другой строки");
    assert!(!digits_match(&Key::new([2; 32]), id, &code), "код другого сервера");
    for wrong in ["", "0", &code[..5], &format!("{code}0"), "abcdef"] {
        assert!(!digits_match(&key(), id, wrong), "{wrong}");
    }
}

#[test]
fn codes_are_spread_over_the_whole_range() {
    let codes: Vec<u32> = (0..10_000).map(|i| digits(&key(), Uuid::from_u128(i)).parse().unwrap()).collect();
    let distinct: HashSet<_> = codes.iter().collect();
    assert!(distinct.len() > 9_900, "совпадений больше, чем у случайных: {}", distinct.len());
    for tenth in 0..10 {
        let share = codes.iter().filter(|code| *code / 100_000 == tenth).count();
        assert!((850..1150).contains(&share), "на {tenth}… приходится {share} из 10 000");
    }
}

#[test]
fn a_link_names_its_row_and_cannot_be_edited() {
    let id = Uuid::from_u128(7);
    let token = link(&key(), id);
    assert_eq!(read_link(&key(), &token), Some(id));
    let other = link(&key(), Uuid::from_u128(8));
    let (own_id, _) = token.split_once('.').unwrap();
    let (_, foreign_signature) = other.split_once('.').unwrap();
    for forged in
        ["", ".", own_id, &format!("{own_id}.{foreign_signature}"), &format!("{own_id}."), &format!("{token}A")]
    {
        assert_eq!(read_link(&key(), forged), None, "{forged}");
    }
}
