//! Почему файл не принят.

/// Отказ принять файл. Код устойчив, тексты — для людей.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.en())]
pub enum Refusal {
    Empty,
    TooLarge,
    UnknownType,
    TypeNotAllowed,
    ActiveContent,
    BrokenImage,
    TooManyPixels,
    BrokenModel,
    ModelTooComplex,
    ExternalReference,
    BrokenVideo,
    BrokenDocument,
}

impl Refusal {
    pub const ALL: [Self; 12] = [
        Self::Empty,
        Self::TooLarge,
        Self::UnknownType,
        Self::TypeNotAllowed,
        Self::ActiveContent,
        Self::BrokenImage,
        Self::TooManyPixels,
        Self::BrokenModel,
        Self::ModelTooComplex,
        Self::ExternalReference,
        Self::BrokenVideo,
        Self::BrokenDocument,
    ];

    pub fn code(self) -> &'static str {
        self.row().0
    }

    pub fn ru(self) -> &'static str {
        self.row().1
    }

    pub fn en(self) -> &'static str {
        self.row().2
    }

    fn row(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Empty => ("files.empty", "Файл пуст.", "The file is empty."),
            Self::TooLarge => (
                "files.too_large",
                "Файл больше допустимого для своего вида.",
                "The file is larger than allowed for its kind.",
            ),
            Self::UnknownType => (
                "files.unknown_type",
                "Такие файлы не принимаются: содержимое не похоже ни на один из известных видов.",
                "This kind of file is not accepted: the content matches no known type.",
            ),
            Self::TypeNotAllowed => (
                "files.type_not_allowed",
                "Файлы этого вида сюда не загружают.",
                "Files of this kind cannot be uploaded here.",
            ),
            Self::ActiveContent => (
                "files.active_content",
                "В файле спрятана разметка страницы или сценарий.",
                "The file hides page markup or a script.",
            ),
            Self::BrokenImage => ("files.broken_image", "Картинка повреждена.", "The image is broken."),
            Self::TooManyPixels => {
                ("files.too_many_pixels", "В картинке слишком много точек.", "The image has too many pixels.")
            }
            Self::BrokenModel => ("files.broken_model", "Модель повреждена.", "The model is broken."),
            Self::ModelTooComplex => (
                "files.model_too_complex",
                "Модель слишком сложна: упростите её.",
                "The model is too complex: simplify it.",
            ),
            Self::ExternalReference => (
                "files.external_reference",
                "Модель ссылается на файлы вне себя: соберите её в один файл.",
                "The model refers to outside files: pack it into one file.",
            ),
            Self::BrokenVideo => ("files.broken_video", "Видео повреждено.", "The video is broken."),
            Self::BrokenDocument => ("files.broken_document", "Документ повреждён.", "The document is broken."),
        }
    }
}
