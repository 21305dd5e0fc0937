//! Враждебные и битые файлы: ясный отказ, ограниченная память.

use std::io::Write;
use std::path::Path;

use integrations::formats::{Limits, Problem, ProblemKind};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::support::{catalog, failure, fixture, read_path, read_text, read_with};

fn archive(entries: &[(&str, &[u8])]) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export.zip");
    let mut zip = ZipWriter::new(std::fs::File::create(&path).unwrap());
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in entries {
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
    (folder, path)
}

fn refusal(path: &Path, limits: &Limits) -> ProblemKind {
    read_with(path, limits).map(|read| read.records.len()).map_err(|p: Problem| p.kind).unwrap_err()
}

#[test]
fn doctype_is_refused_whatever_is_in_it() {
    let laughs = "<!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY lol2 \"&lol;&lol;&lol;&lol;\">]>";
    let outside = "<!DOCTYPE x SYSTEM \"file:///etc/passwd\">";
    let network = "<!DOCTYPE x PUBLIC \"x\" \"http://127.0.0.1:1/x.dtd\">";
    for doctype in [laughs, outside, network, "<!DOCTYPE x>"] {
        let text = format!("<?xml version=\"1.0\"?>{doctype}<КоммерческаяИнформация>&lol2;</КоммерческаяИнформация>");
        assert_eq!(failure(text.as_bytes()), ProblemKind::Doctype, "{doctype}");
    }
}

#[test]
fn unknown_entities_are_refused() {
    let text = catalog("<Товар><Ид>1</Ид><Наименование>&secret;</Наименование></Товар>");
    assert_eq!(failure(text.as_bytes()), ProblemKind::Entity("secret".into()));
    let text = catalog("<Товар Статус=\"&secret;\"><Ид>1</Ид></Товар>");
    assert_eq!(failure(text.as_bytes()), ProblemKind::Entity("secret".into()));
}

#[test]
fn depth_is_limited() {
    let limit = Limits::default().depth;
    let deep = "<a>".repeat(100_000);
    assert_eq!(failure(format!("<КоммерческаяИнформация>{deep}").as_bytes()), ProblemKind::TooDeep(limit));
    assert_eq!(failure(catalog(&format!("<Товар>{deep}")).as_bytes()), ProblemKind::TooDeep(limit));
    let groups = "<Группы><Группа><Ид>1</Ид>".repeat(10_000);
    let text = format!("<КоммерческаяИнформация><Классификатор>{groups}");
    assert_eq!(failure(text.as_bytes()), ProblemKind::TooDeep(limit));
}

#[test]
fn attributes_are_limited() {
    let limit = Limits::default().attributes;
    for prefix in ["a", "xmlns:n"] {
        let many: String = (0..100_000).map(|i| format!(" {prefix}{i}=\"x\"")).collect();
        let kind = failure(catalog(&format!("<Товар{many}><Ид>1</Ид></Товар>")).as_bytes());
        assert_eq!(kind, ProblemKind::TooManyAttributes(limit));
        let kind = failure(format!("<КоммерческаяИнформация{many}/>").as_bytes());
        assert_eq!(kind, ProblemKind::TooManyAttributes(limit));
    }
}

#[test]
fn one_record_has_a_budget() {
    let limits = Limits { record_bytes: 10_000, record_nodes: 500, ..Limits::default() };
    let check = |text: String| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        std::fs::write(&path, text).unwrap();
        // Буфер чтения вперёд — 64 КиБ, поэтому запас.
        refusal(&path, &limits)
    };
    let long = "я".repeat(200_000);
    let bytes = ProblemKind::TooBig { what: "record bytes", limit: 10_000 };
    assert_eq!(check(catalog(&format!("<Товар><Ид>1</Ид><Описание>{long}</Описание></Товар>"))), bytes);
    assert_eq!(check(catalog(&format!("<Товар><Ид>1</Ид><!--{long}--></Товар>"))), bytes);
    assert_eq!(check(catalog(&format!("<{long}/>"))), bytes);
    assert_eq!(check(format!("article,name\nA,\"{long}\n{long}")), bytes);
    assert_eq!(check(format!("{{\"article\":\"A\",\"name\":\"{long}\"}}")), bytes);
    let nodes = ProblemKind::TooBig { what: "record nodes", limit: 500 };
    assert_eq!(check(catalog(&format!("<Товар>{}</Товар>", "<a/>".repeat(600)))), nodes);
}

#[test]
fn a_long_file_of_small_records_is_fine() {
    let limits = Limits { record_bytes: 10_000, ..Limits::default() };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f");
    let product = "<Товар><Ид>1</Ид><Наименование>Стол</Наименование></Товар>".repeat(20_000);
    std::fs::write(&path, catalog(&product)).unwrap();
    assert_eq!(read_with(&path, &limits).unwrap().counts.products, 20_000);
    let small = Limits { file_bytes: 100_000, ..Limits::default() };
    assert_eq!(refusal(&path, &small), ProblemKind::TooBig { what: "file bytes", limit: 100_000 });
}

#[test]
fn groups_are_limited() {
    let limits = Limits { groups: 100, ..Limits::default() };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f");
    let group = "<Группа><Ид>1</Ид><Наименование>g</Наименование></Группа>".repeat(101);
    let text = format!(
        "<КоммерческаяИнформация><Классификатор><Группы>{group}</Группы></Классификатор></КоммерческаяИнформация>"
    );
    std::fs::write(&path, text).unwrap();
    assert_eq!(refusal(&path, &limits), ProblemKind::TooBig { what: "groups", limit: 100 });
}

#[test]
fn every_cut_is_noticed() {
    let whole = std::fs::read(fixture("readyscript-sample/offers.xml")).unwrap();
    let end = whole.len() - 1;
    for cut in (1..end).step_by(37).chain([end - 1]) {
        let kind = failure(&whole[..cut]);
        // Начало из одних «<?xml» — ещё не CommerceML, дальше — обрыв или порванный знак UTF-8.
        let expected = matches!(kind, ProblemKind::Truncated | ProblemKind::BadEncoding(_) | ProblemKind::Malformed(_));
        assert!(expected, "{cut}: {kind:?}");
    }
}

#[test]
fn a_doubled_part_is_noticed() {
    let whole = std::fs::read(fixture("readyscript-sample/offers.xml")).unwrap();
    let kind = failure(&[&whole[..], &whole[..]].concat());
    assert!(matches!(kind, ProblemKind::Malformed(_)), "{kind:?}");
    let middle = whole.len() / 2;
    let kind = failure(&[&whole[..middle + 100], &whole[middle..]].concat());
    assert!(matches!(kind, ProblemKind::Malformed(_) | ProblemKind::BadEncoding(_)), "{kind:?}");
}

#[test]
fn bytes_must_fit_the_declared_encoding() {
    let mut text = catalog("<Товар><Ид>1</Ид><Наименование>").into_bytes();
    text.extend([0xFF, 0xFE, 0xD1]);
    assert!(matches!(failure(&text), ProblemKind::BadEncoding(_)));
    let kind = failure(b"<?xml version=\"1.0\" encoding=\"klingon\"?><a/>");
    assert_eq!(kind, ProblemKind::BadEncoding("klingon".into()));
}

#[test]
fn control_characters_never_reach_the_records() {
    let read = read_text(&catalog("<Товар><Ид>1</Ид><Наименование>Ст\u{1}ол\u{0}</Наименование></Товар>"));
    assert_eq!(read.products()[0].name.as_deref(), Some("Стол"));
}

#[test]
fn other_xml_is_named() {
    assert_eq!(failure(b"<yml_catalog/>"), ProblemKind::UnsupportedRoot("yml_catalog".into()));
}

#[test]
fn random_damage_never_panics() {
    let whole = std::fs::read(fixture("carono/offers.xml")).unwrap();
    let mut seed: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut next = |bound: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % bound
    };
    for _ in 0..300 {
        let mut bytes = whole.clone();
        for _ in 0..8 {
            let at = next(bytes.len());
            match next(3) {
                0 => bytes[at] = next(256) as u8,
                1 => bytes.truncate(at.max(1)),
                _ => {
                    let piece = bytes[at..(at + 50).min(bytes.len())].to_vec();
                    bytes.splice(at..at, piece);
                }
            }
        }
        let _ = crate::support::read_bytes(&bytes);
    }
}

#[test]
fn a_zip_is_read_by_content_and_names_do_not_matter() {
    let import = std::fs::read(fixture("readyscript-sample/import.xml")).unwrap();
    let offers = std::fs::read(fixture("readyscript-sample/offers.xml")).unwrap();
    let (_folder, path) = archive(&[
        ("../../../etc/cron.d/x", &offers),
        ("/abs\\..\\import.dat", &import),
        ("import_files/a.jpg", b"\xFF\xD8\xFF\xE0\x00\x10JFIF"),
        ("other.xml", b"<html/>"),
    ]);
    let read = read_path(&path).unwrap();
    assert_eq!((read.counts.products, read.counts.offers), (1, 2));
    let found = integrations::formats::find(&path, &Limits::default()).unwrap();
    assert_eq!((found.ignored, found.warnings.len()), (2, 1));
    assert!(found.documents[0].name.ends_with("import.dat"));
}

#[test]
fn zip_bombs_are_refused() {
    let zeros = vec![b' '; 20 << 20];
    let (_folder, path) = archive(&[("a.xml", &zeros)]);
    assert!(matches!(refusal(&path, &Limits::default()), ProblemKind::Archive(why) if why.contains("ratio")));
    let limits = Limits { archive_ratio: u64::MAX, archive_bytes: 10 << 20, ..Limits::default() };
    assert!(matches!(refusal(&path, &limits), ProblemKind::TooBig { what: "archive bytes", .. }));
}

#[test]
fn an_entry_that_lies_about_its_size_is_refused() {
    let text = catalog(&"<Товар><Ид>1</Ид><Наименование>Стол</Наименование></Товар>".repeat(500));
    let (_folder, path) = archive(&[("a.xml", text.as_bytes())]);
    let mut bytes = std::fs::read(&path).unwrap();
    let real = (text.len() as u32).to_le_bytes();
    let mut lies = 0;
    for at in 0..bytes.len() - 4 {
        if bytes[at..at + 4] == real {
            bytes[at..at + 4].copy_from_slice(&1000u32.to_le_bytes());
            lies += 1;
        }
    }
    assert_eq!(lies, 2, "local header and central directory");
    std::fs::write(&path, bytes).unwrap();
    let kind = refusal(&path, &Limits::default());
    assert!(matches!(&kind, ProblemKind::Io(why) if why.contains("larger")), "{kind:?}");
}

#[test]
fn archives_with_too_many_entries_nested_linked_or_broken_are_refused() {
    let names: Vec<String> = (0..2_000).map(|i| format!("picture-with-a-long-name-{i}.jpg")).collect();
    let entries: Vec<(&str, &[u8])> = names.iter().map(|n| (n.as_str(), &b"x"[..])).collect();
    let (_folder, many) = archive(&entries);
    let limits = Limits { entries: 1_999, ..Limits::default() };
    assert_eq!(refusal(&many, &limits), ProblemKind::TooBig { what: "archive entries", limit: 1_999 });
    let limits = Limits { archive_index_bytes: 64 << 10, ..Limits::default() };
    assert_eq!(refusal(&many, &limits), ProblemKind::TooBig { what: "archive index bytes", limit: 64 << 10 });
    assert_eq!(refusal(&many, &Limits::default()), ProblemKind::NothingFound);

    let inner = std::fs::read(&many).unwrap();
    let (_folder, nested) = archive(&[("inner.zip", &inner)]);
    assert!(matches!(refusal(&nested, &Limits::default()), ProblemKind::Archive(why) if why.contains("inside")));

    let folder = tempfile::tempdir().unwrap();
    let linked = folder.path().join("l.zip");
    let mut zip = ZipWriter::new(std::fs::File::create(&linked).unwrap());
    zip.add_symlink("a.xml", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    zip.finish().unwrap();
    assert!(matches!(refusal(&linked, &Limits::default()), ProblemKind::Archive(why) if why.contains("link")));

    std::fs::write(&linked, &inner[..inner.len() / 2]).unwrap();
    assert!(matches!(refusal(&linked, &Limits::default()), ProblemKind::Archive(_)));
}

#[cfg(unix)]
#[test]
fn links_in_a_folder_are_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.csv"), "article,name\nA,Стол\n").unwrap();
    std::os::unix::fs::symlink(fixture("dobromyslov"), folder.path().join("dir")).unwrap();
    std::os::unix::fs::symlink(fixture("carono/import.xml"), folder.path().join("file")).unwrap();
    assert_eq!(read_path(folder.path()).unwrap().counts.products, 1);
}

#[test]
fn one_damaged_file_stops_the_whole_folder_before_the_first_record() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.csv"), "article,name\nA,Стол\n").unwrap();
    std::fs::write(folder.path().join("b.xml"), "<!DOCTYPE x><a/>").unwrap();
    assert_eq!(refusal(folder.path(), &Limits::default()), ProblemKind::Doctype);
}
