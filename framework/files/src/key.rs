//! Имя файла в хранилище.

use std::fmt;

use uuid::Uuid;

use crate::Kind;

const HEX_LENGTH: usize = 32;
/// `ab/cd/` перед шестнадцатеричной частью.
const FOLDERS_LENGTH: usize = 6;

/// Ключ вида `ab/cd/abcd…(32 знака).glb` или, для уменьшенной картинки, `ab/cd/abcd…-w480.webp`.
///
/// Случаен (128 бит), имени от клиента не содержит; двухуровневые папки не дают каталогу разрастись.
/// Другого вида ключей нет, поэтому обход каталогов через ключ невозможен.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    text: String,
    kind: Kind,
}

impl Key {
    /// Ключ нового файла; `id` — случайный UUIDv4 из контекста, `kind` — найденный [`crate::inspect`].
    pub fn new(id: Uuid, kind: Kind) -> Self {
        let hex = id.simple().to_string();
        let text = format!("{}/{}/{hex}.{}", &hex[..2], &hex[2..4], kind.extension());
        Self { text, kind }
    }

    /// Ключ уменьшенной картинки рядом с исходным файлом.
    pub fn variant(&self, width: u32) -> Self {
        let text = format!("{}-w{width}.{}", self.stem(), Kind::Webp.extension());
        Self { text, kind: Kind::Webp }
    }

    /// Ключ из базы или адреса; `None` — такого ключа мы не создавали.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, extension) = text.rsplit_once('.')?;
        let kind = Kind::from_extension(extension)?;
        let hex = name.get(FOLDERS_LENGTH..FOLDERS_LENGTH + HEX_LENGTH)?;
        let id = Uuid::try_parse(hex).ok()?;
        let key = match &name[FOLDERS_LENGTH + HEX_LENGTH..] {
            "" => Self::new(id, kind),
            suffix => Self::new(id, kind).variant(suffix.strip_prefix("-w")?.parse().ok()?),
        };
        // Сравнение с построенным ключом отсекает всё лишнее разом: чужие папки, нули перед шириной, другой регистр и запись UUID.
        (key.text == text).then_some(key)
    }

    /// Начало ключа, общее у файла и его уменьшенных картинок.
    pub fn stem(&self) -> &str {
        &self.text[..FOLDERS_LENGTH + HEX_LENGTH]
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}
