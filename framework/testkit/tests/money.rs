use kernel::Money;
use proptest::prelude::*;

proptest! {
    /// JSON передаёт любую допустимую сумму без потери копейки.
    #[test]
    fn json_round_trip(minor in -1_000_000_000_000_000i64..=1_000_000_000_000_000) {
        let money = Money::minor(minor);
        let json = serde_json::to_string(&money).expect("serialize");
        prop_assert_eq!(serde_json::from_str::<Money>(&json).expect("parse"), money);
        let text = serde_json::to_string(&money.to_string()).expect("serialize");
        prop_assert_eq!(serde_json::from_str::<Money>(&text).expect("parse"), money);
    }

    #[test]
    fn anything_never_panics(text in "\\PC*") {
        let _ = text.parse::<Money>();
    }
}

#[test]
fn exact_forms() {
    assert_eq!(serde_json::to_string(&Money::minor(250_050)).expect("json"), "2500.5");
    assert_eq!(serde_json::to_string(&Money::rub(2500)).expect("json"), "2500");
    for (text, minor) in [("19.99", 1999), ("\"19,9\"", 1990), ("\"1\"", 100), ("1e3", 100_000), ("0.1", 10)] {
        assert_eq!(serde_json::from_str::<Money>(text).expect(text), Money::minor(minor), "{text}");
    }
    for text in ["19.999", "\"\"", "\"1e3\"", "1e300", "null", "\"NaN\"", "\"--1\"", "[]", "\"1.\u{661}\""] {
        assert!(serde_json::from_str::<Money>(text).is_err(), "{text}");
    }
    assert_eq!(Money::minor(-5).to_string(), "-0.05");
    assert_eq!(Money::rub(100).basis_points(1250), Money::minor(1250));
    assert_eq!(Money::MAX.times(2), None);
}
