use delivery::calculations::{PriceRule, normalize_city, possible_cities};
use kernel::Money;
use proptest::prelude::*;

proptest! {
    /// Доставка не бывает отрицательной и не растёт с суммой товаров.
    #[test]
    fn price_never_grows_with_the_sum(price in 0i64..10_000_000, threshold in proptest::option::of(0i64..10_000_000), a in 0i64..20_000_000, b in 0i64..20_000_000) {
        let rule = PriceRule { price: Money::minor(price), free_from: threshold.map(Money::minor) };
        let (small, large) = (a.min(b), a.max(b));
        let (for_small, for_large) = (rule.price_for(Money::minor(small)), rule.price_for(Money::minor(large)));
        prop_assert!(for_large <= for_small);
        prop_assert!(for_large == Money::ZERO || for_large == rule.price);
        prop_assert_eq!(for_small == Money::ZERO, price == 0 || threshold.is_some_and(|t| small >= t));
    }

    #[test]
    fn any_text_is_a_city_at_most_once_normalized(text in "\\PC*") {
        let once = normalize_city(&text);
        prop_assert!(!once.contains("  ") && !once.contains('ё'));
    }
}

#[test]
fn cities_are_found_in_an_address() {
    assert_eq!(normalize_city("  г. Орёл "), "орел");
    assert_eq!(possible_cities(Some(" Москва "), Some("Казань, ул. Баумана")), ["москва"]);
    assert_eq!(possible_cities(None, Some("101000, г. Москва, Ленина 1")), ["101000", "москва", "ленина 1"]);
    assert!(possible_cities(Some("  "), None).is_empty());
}
