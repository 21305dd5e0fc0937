use accounts::contacts::{Contact, Email};
use accounts::handles::{telegram, vk};

#[test]
fn every_spelling_of_a_telegram_name_is_one_name() {
    for spelling in ["anna_iv", "@Anna_Iv", "t.me/anna_iv", "https://t.me/anna_iv/", "tg://resolve?domain=anna_iv"] {
        assert_eq!(telegram(spelling).as_deref(), Some("anna_iv"), "{spelling}");
    }
    for wrong in ["", "anna", "1anna", "anna__iv", "anna_iv_", "anna iv", "+79161234567", "аннаив", &"a".repeat(33)]
    {
        assert_eq!(telegram(wrong), None, "{wrong}");
    }
}

#[test]
fn every_spelling_of_a_vk_name_is_one_name() {
    for (spelling, name) in [
        ("https://vk.com/id42", "id42"),
        ("id42", "id42"),
        ("m.vk.com/anna.iv", "anna.iv"),
        ("https://vk.ru/Anna_Iv", "anna_iv"),
        ("@anna_iv", "anna_iv"),
    ] {
        assert_eq!(vk(spelling).as_deref(), Some(name), "{spelling}");
    }
    for wrong in ["", "anna", "12345", "anna iv", "аннаив", &"a".repeat(33)] {
        assert_eq!(vk(wrong), None, "{wrong}");
    }
}

#[test]
fn an_email_is_kept_as_typed_and_compared_in_lower_case() {
    let email = Email::parse(" Anna@Example.COM ").unwrap();
    assert_eq!((email.text.as_str(), email.normalized.as_str()), ("Anna@Example.COM", "anna@example.com"));
    let long = format!("{}@example.com", "a".repeat(65));
    for wrong in [
        "",
        "@",
        "anna",
        "anna@",
        "@example.com",
        "anna@localhost",
        "anna@example.",
        "anna@.com",
        "an na@example.com",
        "anna@example.com\r\nBcc: x@y.z",
        "a@b@c.d",
        "<anna@example.com>",
        &long,
    ] {
        assert_eq!(Email::parse(wrong), None, "{wrong}");
    }
    assert!(Email::parse("анна@почта.рф").is_some());
}

#[test]
fn one_field_takes_both_a_phone_and_an_email() {
    assert_eq!(Contact::parse("89161234567"), Some(Contact::Phone("+79161234567".into())));
    assert_eq!(Contact::parse("Anna@example.com").unwrap().key(), "anna@example.com");
    assert_eq!(Contact::parse("anna"), None);
}
