//! Взгляд на документ до загрузки: что в нём и в какую очередь его грузить.

use super::tree::Tree;
use super::xml::Xml;
use super::{CLASSIFIER, ROOT};
use crate::formats::input::Input;
use crate::formats::limits::Limits;
use crate::formats::problem::{ProblemKind, Result};
use crate::formats::source::{Format, Probe};

const DICTIONARY: u8 = 0;
const CATALOG: u8 = 1;
const OFFERS: u8 = 2;
const PRICES: u8 = 3;
const RESTS: u8 = 4;
const OTHER: u8 = 5;

/// Читает до первого раздела, по которому всё понятно: обычно это начало файла.
pub fn probe(file: &str, input: Input<'_>, limits: &Limits) -> Result<Probe> {
    let mut xml = Xml::new(file, input, limits);
    let Some(root) = xml.next_child()? else {
        return Err(xml.problem(ProblemKind::Truncated));
    };
    let dated = root.attribute("ДатаФормирования").unwrap_or_default().to_owned();
    let of = |rank| Probe { format: Format::CommerceMl, rank, dated };
    match root.name.as_str() {
        ROOT => {}
        CLASSIFIER => return Ok(of(DICTIONARY)),
        _ => return Err(xml.problem(ProblemKind::UnsupportedRoot(root.name))),
    }
    let mut rank = OTHER;
    while let Some(child) = xml.next_child()? {
        match child.name.as_str() {
            CLASSIFIER => {
                rank = DICTIONARY;
                xml.skip()?;
            }
            "Каталог" => return Ok(of(CATALOG)),
            "ПакетПредложений" | "ИзмененияПакетаПредложений" => {
                return Ok(of(package(&mut xml)?));
            }
            _ => xml.skip()?,
        }
    }
    Ok(of(rank))
}

/// По первому предложению видно, описание это, цены или остатки.
fn package(xml: &mut Xml<'_>) -> Result<u8> {
    while let Some(child) = xml.next_child()? {
        if child.name != "Предложения" {
            xml.skip()?;
            continue;
        }
        let Some(offer) = xml.next_child()? else {
            return Ok(OFFERS);
        };
        let mut tree = Tree::default();
        xml.record(&offer, &mut tree)?;
        let node = tree.root();
        let has = |name| node.child(name).is_some();
        return Ok(match (has("Наименование"), has("Цены"), has("Остатки")) {
            (false, true, _) => PRICES,
            (false, false, true) => RESTS,
            _ => OFFERS,
        });
    }
    Ok(OFFERS)
}
