use megashop_files::{Key, Kind};
use uuid::Uuid;

const ID: Uuid = Uuid::from_u128(0x0123_4567_89ab_4def_8123_4567_89ab_cdef);
const HEX: &str = "0123456789ab4def8123456789abcdef";

#[test]
fn a_key_is_random_with_two_folders_and_the_extension_of_the_content() {
    assert_eq!(Key::new(ID, Kind::Glb).as_str(), format!("01/23/{HEX}.glb"));
    assert_eq!(Key::new(ID, Kind::Jpeg).variant(480).as_str(), format!("01/23/{HEX}-w480.webp"));
}

#[test]
fn every_key_is_read_back() {
    for kind in Kind::ALL {
        let key = Key::new(ID, kind);
        assert_eq!(Key::parse(key.as_str()).unwrap(), key);
        assert_eq!(key.kind(), kind);
        let variant = key.variant(160);
        assert_eq!(Key::parse(variant.as_str()).unwrap(), variant);
        assert_eq!(variant.kind(), Kind::Webp);
        assert!(variant.as_str().starts_with(key.stem()));
    }
}

#[test]
fn nothing_else_is_a_key() {
    let hostile = [
        String::new(),
        "../../etc/passwd".into(),
        "/etc/passwd.png".into(),
        "CON.png".into(),
        format!("../01/23/{HEX}.png"),
        format!("01/23/../{HEX}.png"),
        format!("01/23//{HEX}.png"),
        format!("01\\23\\{HEX}.png"),
        format!("02/23/{HEX}.png"),
        format!("01/23/{HEX}.PNG"),
        format!("01/23/{}.png", HEX.to_uppercase()),
        format!("01/23/{HEX}.php"),
        format!("01/23/{HEX}.svg"),
        format!("01/23/{HEX}.html.png"),
        format!("01/23/{HEX}.png\0.html"),
        format!("01/23/{HEX}.png/"),
        format!("01/23/{HEX}"),
        format!("01/23/{HEX}-w480.jpg"),
        format!("01/23/{HEX}-w0480.webp"),
        format!("01/23/{HEX}-w+480.webp"),
        format!("01/23/{HEX}-w.webp"),
        format!("01/23/{HEX}-w../x.webp"),
        format!("01/23/{HEX}-w99999999999.webp"),
        format!("01/23/{}.png", &HEX[..31]),
        format!("01/23/{HEX}f.png"),
        "01/23/ыыыыыыыыыыыыыыыыыыыыыыыыыыыыыыыы.png".into(),
    ];
    for text in hostile {
        assert!(Key::parse(&text).is_none(), "{text:?}");
    }
}
