//! Пределы разбора чужих файлов. Память не зависит от размера файла.

#[derive(Debug, Clone)]
pub struct Limits {
    /// Байт в одном файле после распаковки.
    pub file_bytes: u64,
    /// Байт в одной записи: товаре, строке таблицы, свойстве со всеми значениями.
    pub record_bytes: u64,
    /// Элементов и атрибутов в одной записи.
    pub record_nodes: usize,
    pub depth: usize,
    pub attributes: usize,
    /// Разделов в классификаторе.
    pub groups: usize,
    /// Складов в итогах по остаткам.
    pub warehouses: usize,
    /// Файлов в папке или архиве, считая картинки.
    pub entries: usize,
    /// Байт оглавления архива: столько памяти займёт список файлов (с запасом раз в шесть).
    pub archive_index_bytes: u64,
    /// Байт во всех файлах архива после распаковки.
    pub archive_bytes: u64,
    /// Во сколько раз файл может вырасти при распаковке.
    pub archive_ratio: u64,
    /// Уровней вложенных папок.
    pub folders: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 4 << 30,
            record_bytes: 8 << 20,
            record_nodes: 200_000,
            depth: 64,
            attributes: 64,
            groups: 200_000,
            warehouses: 10_000,
            entries: 20_000,
            archive_index_bytes: 4 << 20,
            archive_bytes: 4 << 30,
            archive_ratio: 200,
            folders: 6,
        }
    }
}
