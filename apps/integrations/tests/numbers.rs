//! Разбор чисел: без плавающей точки и без паники на любом мусоре.

use integrations::formats::numbers::{currency, fixed, show};

#[test]
fn fixed_reads_what_people_write() {
    for (text, scale, value) in [
        ("0", 2, 0),
        ("1 234,5", 2, 123_450),
        ("-1.005", 2, -101),
        ("+7", 0, 7),
        (".5", 1, 5),
        ("5.", 1, 50),
        ("0.004", 2, 0),
        ("1,4", 3, 1_400),
        ("92233720368547758.07", 2, i64::MAX),
    ] {
        assert_eq!(fixed(text, scale), Some(value), "{text}");
    }
}

#[test]
fn fixed_refuses_everything_else() {
    for text in [
        "",
        "-",
        ".",
        "1.2.3",
        "1e3",
        "--1",
        "abc",
        "12 руб",
        "NaN",
        "∞",
        "1٣",
        "92233720368547758.08",
        "99999999999999999999",
    ] {
        assert_eq!(fixed(text, 2), None, "{text}");
    }
}

#[test]
fn show_is_the_inverse_of_fixed() {
    for value in [0, 1, -1, 99, 100, -12_345, i64::MAX, i64::MIN + 1] {
        assert_eq!(fixed(&show(value, 2), 2), Some(value));
    }
    assert_eq!((show(5, 3).as_str(), show(-5, 0).as_str()), ("0.005", "-5"));
}

#[test]
fn rouble_has_many_names() {
    for name in ["руб", "руб.", "RUR", "643", " RUB "] {
        assert_eq!(currency(name).as_deref(), Some("RUB"));
    }
    assert_eq!((currency("usd").as_deref(), currency("  ")), (Some("USD"), None));
}
