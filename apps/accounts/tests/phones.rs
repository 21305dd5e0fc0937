use accounts::phones::{display, parse, takes_sms};

#[test]
fn every_spelling_of_a_russian_number_is_one_number() {
    for spelling in [
        "89161234567",
        "+79161234567",
        "79161234567",
        "9161234567",
        " +7 (916) 123-45-67 ",
        "8 916 123 45 67",
        "8.916.123.45.67",
        "+7\u{a0}916\u{a0}123–45–67",
    ] {
        assert_eq!(parse(spelling).as_deref(), Some("+79161234567"), "{spelling}");
    }
}

#[test]
fn numbers_of_other_countries_need_a_plus() {
    assert_eq!(parse("+375 29 123-45-67").as_deref(), Some("+375291234567"));
    assert_eq!(parse("+1 650 253 0000").as_deref(), Some("+16502530000"));
    assert_eq!(parse("375291234567"), None);
}

#[test]
fn what_is_not_a_number_is_refused() {
    for wrong in [
        "",
        "+",
        "  ",
        "abc",
        "123",
        "8916123456",
        "891612345678",
        "+7916123456",
        "+791612345678",
        "+75161234567",
        "81234567890",
        "+0123456789",
        "+1234567",
        "+1234567890123456",
        "8916ф1234567",
        "+7+9161234567",
        "8916123456７",
        "4951234567",
    ] {
        assert_eq!(parse(wrong), None, "{wrong}");
    }
}

#[test]
fn kinds_of_russian_numbers() {
    for (number, sms) in
        [("+79161234567", true), ("+74951234567", false), ("+78001234567", false), ("+77011234567", false)]
    {
        assert_eq!(parse(number).as_deref(), Some(number));
        assert_eq!(takes_sms(number), sms, "{number}");
    }
}

#[test]
fn people_see_groups_of_digits() {
    assert_eq!(display("+79161234567"), "+7 (916) 123-45-67");
    assert_eq!(display("+375291234567"), "+375291234567");
}

proptest::proptest! {
    #[test]
    fn any_text_is_survived_and_the_result_is_stable(text in ".{0,40}") {
        if let Some(phone) = parse(&text) {
            assert_eq!(parse(&phone), Some(phone.clone()));
            assert!(phone.len() <= 16);
        }
    }

    #[test]
    fn eight_and_plus_seven_are_one_person(digits in "[3489][0-9]{9}") {
        assert_eq!(parse(&format!("8{digits}")), parse(&format!("+7{digits}")));
        assert_eq!(parse(&format!("8{digits}")), Some(format!("+7{digits}")));
    }
}
