//! Хеши с известными ответами: получены другими программами (Django 5.2, bcrypt и argon2-cffi для Python, passlib).

use accounts::passwords::{Verdict, Weakness, check_strength, hash, verify, verify_nobody};
use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};

const PASSWORD: &str = "Пароль-Correct horse 1";

const OLD: &[(&str, &str)] = &[
    ("django pbkdf2_sha256", "pbkdf2_sha256$1000$seasalt$sXOn9qm0qfksEak+UPmah2crpOfkwz0TLxANKgkLzGM="),
    ("django bcrypt_sha256", "bcrypt_sha256$$2b$04$OIppTHOMFm5Gd7IN9iX5hOPnR4Zt5XXL3PPUiel0iZCoTtoSOJPP6"),
    ("django bcrypt", "bcrypt$$2b$04$2XhnQD4p58PeYPw2PqBsmOWbg/U2djLid4bhlIazT4L5lJcNdXeG2"),
    (
        "django argon2",
        "argon2$argon2id$v=19$m=102400,t=2,p=8$c29tZXNhbHRzb21lc2FsdA$S6wKpCFFh54+pYPqMsf1WC/FHsf3ugFfFrT1khQdTMQ",
    ),
    (
        "django scrypt",
        "scrypt$1024$seasalt$8$1$prmm5KBSTA+2ZRplOj2Vp0Jhby9NR8a4JMN2nEVIX70cFOfb2BIsJiO/UTS0P0z5SXRN/DxUecFFrwmjcq3XJQ==",
    ),
    ("bcrypt 2a", "$2a$04$el4SsZqTRMLG2Aiv92fa9e7IbkfCL8Bfa870U2C3PxkliLVxy8bDa"),
    ("bcrypt 2b", "$2b$04$yd1IgGYY6CpJkp2.zjD/c.AkQ8Nl/zSSmWZZTVUbcYKz9bfTZq8Iu"),
    ("bcrypt 2y", "$2y$04$UgHNMBwssn4woeJMwyfhX.OyOmcN9UFwqIPR4UL3FsrglhWdUeM5K"),
    ("phpass $P$", "$P$6yKzPuxc2x9tt/Ax325H5Z4pNajPKo0"),
    ("phpass $H$", "$H$6xJuZ46jfn/E2KlJqJlKhcB5Q0NtTF."),
    ("wordpress 6.8", "$wp$2y$04$Hj5uMR9UYTkFTX0TdvnBa.zcj7y9.Z1vfz.qK5hLGxe/YzT2Kk2j6"),
    (
        "argon2id слабее нашего",
        "$argon2id$v=19$m=8192,t=1,p=1$B3GIJ1swiEO1a312TdCTGw$RZmNYWPCc9qiK39Zz24cFohv2cw+2Z0inN7RlxBpITM",
    ),
    ("argon2i", "$argon2i$v=19$m=8192,t=1,p=1$B4kAAah/d491Boyw4uKq1g$UczYSSgpKDBp1jxFyV4+AVpBMY9VRHIHRV+YVuiii3I"),
];

#[test]
fn every_old_format_is_verified_and_asks_for_an_upgrade() {
    for (name, stored) in OLD {
        assert_eq!(verify(PASSWORD, stored), Verdict::RightButOld, "{name}");
        assert_eq!(verify("Пароль-Correct horse 2", stored), Verdict::Wrong, "{name}");
        assert_eq!(verify("", stored), Verdict::Wrong, "{name}: пустой пароль");
    }
}

#[test]
fn the_vector_of_phpass_authors_holds() {
    assert_eq!(verify("test12345", "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0"), Verdict::RightButOld);
}

#[test]
fn a_damaged_hash_is_a_wrong_password_and_never_a_panic() {
    for (name, stored) in OLD {
        for end in (0..stored.len()).step_by(9) {
            assert_eq!(verify(PASSWORD, &stored[..end]), Verdict::Wrong, "{name}, первые {end} байт");
        }
    }
    for garbage in
        ["", "$", "$$", "!", "md5$a$b", "$2b$", "$2b$ЯЯ", "$P$", "$P$zабвгдежз", "$argon2id$", "scrypt$3$a$8$1$="]
    {
        assert_eq!(verify(PASSWORD, garbage), Verdict::Wrong, "{garbage}");
    }
}

#[test]
fn a_hash_of_insane_cost_is_refused_at_once() {
    for stored in [
        "$2b$31$yd1IgGYY6CpJkp2.zjD/c.AkQ8Nl/zSSmWZZTVUbcYKz9bfTZq8Iu",
        "pbkdf2_sha256$4000000000$seasalt$sXOn9qm0qfksEak+UPmah2crpOfkwz0TLxANKgkLzGM=",
        "scrypt$1073741824$seasalt$8$1$prmm5KBSTA+2ZRplOj2Vp0Jhby9NR8a4JMN2nEVIX70cFOfb2BIsJiO/UTS0P0z5SXRN/DxUecFFrwmjcq3XJQ==",
        "$argon2id$v=19$m=4294967295,t=1,p=1$B3GIJ1swiEO1a312TdCTGw$RZmNYWPCc9qiK39Zz24cFohv2cw+2Z0inN7RlxBpITM",
        "argon2$argon2id$v=19$m=4294967295,t=1,p=1$B3GIJ1swiEO1a312TdCTGw$RZmNYWPCc9qiK39Zz24cFohv2cw+2Z0inN7RlxBpITM",
        "$P$TyKzPuxc2x9tt/Ax325H5Z4pNajPKo0",
    ] {
        assert_eq!(verify(PASSWORD, stored), Verdict::Wrong, "{stored}");
    }
}

#[test]
fn a_new_hash_is_argon2id_of_the_promised_cost() {
    let stored = hash(PASSWORD, &[7; 16]).unwrap();
    assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
    assert_eq!(verify(PASSWORD, &stored), Verdict::Right);
    assert_eq!(verify("другой", &stored), Verdict::Wrong);
    assert_ne!(stored, hash(PASSWORD, &[8; 16]).unwrap());
}

#[test]
fn nobody_has_any_password() {
    assert_eq!(verify_nobody(PASSWORD), Verdict::Wrong);
    assert_eq!(verify_nobody(""), Verdict::Wrong);
}

#[test]
fn short_long_common_and_own_passwords_are_weak() {
    let own = ["+79161234567", "Anna@Example.com"];
    let check = |password: &str| check_strength(password, 8, &own);
    assert_eq!(check("синий-кот-7"), Ok(()));
    assert_eq!(check("кот-кот"), Err(Weakness::TooShort));
    assert_eq!(check(&"я".repeat(129)), Err(Weakness::TooLong));
    assert_eq!(check(&"я".repeat(128)), Ok(()));
    assert_eq!(check("password1"), Err(Weakness::TooCommon));
    assert_eq!(check("PassWord1"), Err(Weakness::TooCommon));
    assert_eq!(check("пароль123"), Err(Weakness::TooCommon), "та же клавиатура, другая раскладка");
    assert_eq!(check("79161234567"), Err(Weakness::TooCommon));
    assert_eq!(check("anna@example.com"), Err(Weakness::TooCommon));
}

#[test]
fn the_minimum_cannot_be_set_below_six() {
    assert_eq!(check_strength("ж7-щц", 1, &[]), Err(Weakness::TooShort));
    assert_eq!(check_strength("ж7-щцэ", 1, &[]), Ok(()));
}

/// Память потока не чистится между паролями; сверяется с крейтом, который каждый раз берёт свежую.
#[test]
fn used_memory_leaves_no_trace() {
    let salt = *b"0123456789abcdef";
    let small = Params::new(64, 3, 2, Some(32)).unwrap();
    for password in ["первый", "второй"] {
        let fresh = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt).unwrap();
        assert_eq!(hash(password, &salt).unwrap(), fresh.to_string());
        for algorithm in [Algorithm::Argon2id, Algorithm::Argon2i, Algorithm::Argon2d] {
            let other = Argon2::new(algorithm, Version::V0x10, small.clone());
            let stored = other.hash_password_with_salt(password.as_bytes(), &salt).unwrap().to_string();
            assert_eq!(verify(password, &stored), Verdict::RightButOld, "{stored}");
            assert_eq!(verify("чужой", &stored), Verdict::Wrong, "{stored}");
        }
    }
}
