use accounts::keys::Key;
use accounts::tokens::{AccessTokens, RefreshToken};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use uuid::Uuid;

const SECRET: &[u8] = b"a secret of thirty-two bytes, ok";
const USER: Uuid = Uuid::from_u128(1);
const DEVICE: i64 = 2;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_225_600, 0).unwrap()
}

fn tokens() -> AccessTokens {
    AccessTokens::new(SECRET, "megashop")
}

fn good_claims() -> Value {
    json!({"sub": USER, "sid": DEVICE, "ver": 3, "typ": "access", "iat": now().timestamp(),
           "exp": now().timestamp() + 60, "iss": "megashop", "aud": "megashop"})
}

fn signed(header: &Header, claims: &Value, secret: &[u8]) -> String {
    encode(header, claims, &EncodingKey::from_secret(secret)).unwrap()
}

#[test]
fn an_issued_token_is_read_until_it_expires() {
    let token = tokens().issue(USER, DEVICE, 3, now(), TimeDelta::minutes(15)).unwrap();
    let claims = tokens().read(&token, now() + TimeDelta::seconds(899)).unwrap();
    assert_eq!((claims.sub, claims.sid, claims.ver), (USER, DEVICE, 3));
    assert_eq!(tokens().read(&token, now() + TimeDelta::seconds(900)), None);
}

#[test]
fn a_hand_made_token_with_everything_right_is_read() {
    assert!(tokens().read(&signed(&Header::default(), &good_claims(), SECRET), now()).is_some());
}

#[test]
fn each_missing_or_wrong_claim_refuses_the_token() {
    for claim in ["sub", "sid", "ver", "typ", "iat", "exp", "iss", "aud"] {
        let mut claims = good_claims();
        claims.as_object_mut().unwrap().remove(claim);
        assert_eq!(tokens().read(&signed(&Header::default(), &claims, SECRET), now()), None, "нет {claim}");
    }
    let wrong = [
        ("exp", json!((now().timestamp() + 60).to_string())),
        ("exp", json!(now().timestamp() as f64 + 60.5)),
        ("exp", json!(now().timestamp() - 1)),
        ("typ", json!("refresh")),
        ("typ", json!("email")),
        ("iss", json!("other")),
        ("aud", json!("other")),
        ("sub", json!("not-a-uuid")),
        ("ver", json!("3")),
    ];
    for (claim, value) in wrong {
        let mut claims = good_claims();
        claims[claim] = value.clone();
        assert_eq!(tokens().read(&signed(&Header::default(), &claims, SECRET), now()), None, "{claim} = {value}");
    }
}

#[test]
fn only_our_key_and_only_hs256_are_taken() {
    let claims = good_claims();
    let with_kid = Header { kid: Some("../../dev/null".into()), ..Header::default() };
    assert!(tokens().read(&signed(&with_kid, &claims, SECRET), now()).is_some(), "kid ни на что не влияет");
    assert_eq!(tokens().read(&signed(&Header::default(), &claims, b"another secret"), now()), None);
    assert_eq!(tokens().read(&signed(&Header::new(Algorithm::HS512), &claims, SECRET), now()), None);

    let good = signed(&Header::default(), &claims, SECRET);
    let [_, body, signature]: [&str; 3] = good.split('.').collect::<Vec<_>>().try_into().unwrap();
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0"; // {"alg":"none","typ":"JWT"}
    for forged in
        [format!("{none}.{body}."), format!("{none}.{body}.{signature}"), format!("{body}.{signature}"), String::new()]
    {
        assert_eq!(tokens().read(&forged, now()), None, "{forged}");
    }
}

#[test]
fn a_refresh_token_keeps_its_family_and_has_one_successor() {
    let key = Key::new([1; 32]);
    let first = RefreshToken::first(&std::array::from_fn(|i| i as u8));
    let second = first.successor(&key);
    assert_eq!(first.family(), second.family());
    assert_ne!(first.digest(), second.digest());
    assert_eq!(second.digest(), first.successor(&key).digest(), "две вкладки получают один токен");
    assert_ne!(second.digest(), first.successor(&Key::new([2; 32])).digest());
}

#[test]
fn a_refresh_token_survives_the_trip_and_garbage_does_not() {
    let text = RefreshToken::first(&[5; 48]).into_text();
    assert_eq!(RefreshToken::parse(&text).unwrap().into_text(), text);
    for garbage in ["", ".", "a.b", &text[1..], &text.replace('.', "-"), &format!("{text}x")] {
        assert!(RefreshToken::parse(garbage).is_none(), "{garbage}");
    }
}

#[test]
fn the_database_never_sees_the_token_itself() {
    let token = RefreshToken::first(&[5; 48]);
    let digest = token.digest();
    assert_eq!(digest.len(), 64);
    assert!(!digest.contains(&token.into_text()));
}
