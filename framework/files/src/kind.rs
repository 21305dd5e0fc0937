//! Виды файлов, которые магазин принимает.

/// Вид файла, найденный по содержимому.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Jpeg,
    Png,
    Gif,
    Webp,
    Glb,
    Gltf,
    Usdz,
    Mp4,
    Webm,
    Pdf,
    /// Выгрузка учётной системы. По содержимому не узнаётся и людям не отдаётся: её читает загрузка каталога.
    Exchange,
}

/// Род файла: пределы размера и разрешения загрузки даются родам, а не видам.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    Image,
    Model,
    Video,
    Document,
    Exchange,
}

impl Kind {
    pub const ALL: [Self; 11] = [
        Self::Jpeg,
        Self::Png,
        Self::Gif,
        Self::Webp,
        Self::Glb,
        Self::Gltf,
        Self::Usdz,
        Self::Mp4,
        Self::Webm,
        Self::Pdf,
        Self::Exchange,
    ];

    /// Расширение имени; одно на вид, поэтому вид хранимого файла читается из ключа.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Gif => "gif",
            Self::Webp => "webp",
            Self::Glb => "glb",
            Self::Gltf => "gltf",
            Self::Usdz => "usdz",
            Self::Mp4 => "mp4",
            Self::Webm => "webm",
            Self::Pdf => "pdf",
            Self::Exchange => "import",
        }
    }

    pub fn from_extension(extension: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.extension() == extension)
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Glb => "model/gltf-binary",
            Self::Gltf => "model/gltf+json",
            Self::Usdz => "model/vnd.usdz+zip",
            Self::Mp4 => "video/mp4",
            Self::Webm => "video/webm",
            Self::Pdf => "application/pdf",
            Self::Exchange => "application/octet-stream",
        }
    }

    pub fn family(self) -> Family {
        match self {
            Self::Jpeg | Self::Png | Self::Gif | Self::Webp => Family::Image,
            Self::Glb | Self::Gltf | Self::Usdz => Family::Model,
            Self::Mp4 | Self::Webm => Family::Video,
            Self::Pdf => Family::Document,
            Self::Exchange => Family::Exchange,
        }
    }
}
