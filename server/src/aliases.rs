//! Старые адреса пяти систем, которые отличаются от канонических. Слева — старый (после `/api` или `/api/v1`), справа — канонический.
//! Источник — описания API систем-предшественниц.

pub const ALIASES: &[(&str, &str)] = &[
    // ISTOK
    ("/register", "/auth/register"),
    ("/login", "/auth/login"),
    ("/password-reset", "/auth/password/reset"),
    ("/user/profile", "/users/me"),
    // Ustat
    ("/users/profile", "/users/me"),
    // Megashop
    ("/token", "/auth/login"),
    ("/token/refresh", "/auth/refresh"),
    ("/confirm-codes/send-code", "/auth/code/send"),
    ("/confirm-codes/verify_code", "/auth/code/verify"),
    ("/cart/cart-count", "/cart/count"),
    ("/cart/orders", "/orders/"),
    ("/cart/orders/{id}", "/orders/{id}"),
];
