//! Общее для тестов чтения.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use integrations::formats::{
    self, Counts, Limits, OfferRecord, Problem, ProblemKind, ProductRecord, ReadBytes, Record,
};

pub struct Read {
    pub counts: Counts,
    pub records: Vec<Record>,
}

impl Read {
    pub fn products(&self) -> Vec<&ProductRecord> {
        let records = self.records.iter();
        records.filter_map(|r| if let Record::Product(p) = r { Some(p.as_ref()) } else { None }).collect()
    }

    pub fn offers(&self) -> Vec<&OfferRecord> {
        let records = self.records.iter();
        records.filter_map(|r| if let Record::Offer(o) = r { Some(o.as_ref()) } else { None }).collect()
    }

    pub fn problems(&self) -> Vec<&Problem> {
        let records = self.records.iter();
        records.filter_map(|r| if let Record::Problem(p) = r { Some(p) } else { None }).collect()
    }
}

pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// Находит и читает всё, что лежит по пути.
pub fn read_path(path: &Path) -> Result<Read, Problem> {
    read_with(path, &Limits::default())
}

pub fn read_with(path: &Path, limits: &Limits) -> Result<Read, Problem> {
    let found = formats::find(path, limits)?;
    let mut all = Read { counts: Counts::default(), records: Vec::new() };
    for document in &found.documents {
        let counts = formats::read(document, limits, ReadBytes::default(), &mut |record| {
            all.records.push(record);
            ControlFlow::Continue(())
        })?;
        all.counts.add(&counts);
    }
    Ok(all)
}

pub fn read_bytes(bytes: &[u8]) -> Result<Read, Problem> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    std::fs::write(&path, bytes).unwrap();
    read_path(&path)
}

pub fn read_text(text: &str) -> Read {
    read_bytes(text.as_bytes()).unwrap()
}

pub fn failure(bytes: &[u8]) -> ProblemKind {
    match read_bytes(bytes) {
        Ok(read) => panic!("read {} records", read.records.len()),
        Err(problem) => problem.kind,
    }
}

/// Документ CommerceML с каталогом из этих товаров.
pub fn catalog(products: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><КоммерческаяИнформация><Каталог><Ид>c</Ид>\
         <Товары>{products}</Товары></Каталог></КоммерческаяИнформация>"
    )
}

/// Документ CommerceML с пакетом из этих предложений.
pub fn package(offers: &str) -> String {
    format!(
        "<КоммерческаяИнформация><ПакетПредложений><Ид>c#</Ид><Предложения>{offers}</Предложения>\
         </ПакетПредложений></КоммерческаяИнформация>"
    )
}

pub fn windows_1251(text: &str) -> Vec<u8> {
    text.chars()
        .map(|c| match c {
            'А'..='я' => (c as u32 - 'А' as u32 + 0xC0) as u8,
            'ё' => 0xB8,
            'Ё' => 0xA8,
            c => u8::try_from(c as u32).unwrap(),
        })
        .collect()
}
