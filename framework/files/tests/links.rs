use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use megashop_files::{Disposition, Key, Kind, LinkError, LinkQuery, LinkSigner, MAX_LINK_TTL};
use uuid::Uuid;

const MINUTE: Duration = Duration::from_secs(60);

fn key(id: u128) -> Key {
    Key::new(Uuid::from_u128(id), Kind::Pdf)
}

fn noon() -> DateTime<Utc> {
    "2026-11-21T12:00:00.5Z".parse().unwrap()
}

fn signer() -> LinkSigner {
    LinkSigner::new(b"secret of this shop")
}

#[test]
fn a_link_opens_its_file_until_it_expires() {
    let link = signer().sign(&key(1), Disposition::Inline, noon(), MINUTE);
    let open_after = |seconds| signer().verify(&key(1), &link, noon() + TimeDelta::seconds(seconds));
    assert_eq!(open_after(0), Ok(Disposition::Inline));
    assert_eq!(open_after(60), Ok(Disposition::Inline));
    assert_eq!(open_after(61), Err(LinkError::Expired));
}

#[test]
fn no_link_lives_longer_than_five_minutes() {
    let link = signer().sign(&key(1), Disposition::Attachment, noon(), Duration::from_secs(86_400));
    let at = |time| signer().verify(&key(1), &link, time);
    assert_eq!(MAX_LINK_TTL, Duration::from_secs(300));
    assert_eq!(at(noon() + TimeDelta::seconds(300)), Ok(Disposition::Attachment));
    assert_eq!(at(noon() + TimeDelta::seconds(301)), Err(LinkError::Expired));
}

#[test]
fn nothing_in_a_link_can_be_changed() {
    let link = signer().sign(&key(1), Disposition::Attachment, noon(), MINUTE);
    let verify = |signer: LinkSigner, key: Key, link: &LinkQuery| signer.verify(&key, link, noon());
    let forged = Err(LinkError::Forged);

    assert_eq!(verify(signer(), key(2), &link), forged);
    assert_eq!(verify(LinkSigner::new(b"another secret"), key(1), &link), forged);
    assert_eq!(verify(signer(), key(1), &LinkQuery { disposition: Disposition::Inline, ..link.clone() }), forged);
    assert_eq!(verify(signer(), key(1), &LinkQuery { expires: link.expires + 1, ..link.clone() }), forged);
    for signature in ["", "A", "не подпись", &link.signature[1..], &format!("{}A", link.signature)] {
        let link = LinkQuery { signature: signature.to_owned(), ..link.clone() };
        assert_eq!(verify(signer(), key(1), &link), forged, "{signature}");
    }
    assert_eq!(verify(signer(), key(1), &link), Ok(Disposition::Attachment));
}

#[test]
fn a_forged_and_expired_link_does_not_tell_that_it_was_well_signed() {
    let link = signer().sign(&key(1), Disposition::Inline, noon(), MINUTE);
    let old = LinkQuery { expires: 0, ..link };
    assert_eq!(signer().verify(&key(1), &old, noon()), Err(LinkError::Forged));
}

/// Подпись — договор между версиями и машинами; посчитана отдельно (Python, hmac и hashlib).
#[test]
fn the_signature_is_stable() {
    let link = signer().sign(&key(1), Disposition::Inline, noon(), MINUTE);
    let expected = "disposition=inline&expires=1795262460&signature=kV5BkoFbSXscRkIAXKy_aJczjsPYGXvhcx8R2Wk_Neg";
    assert_eq!(link.to_string(), expected);
}
