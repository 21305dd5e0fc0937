//! Где лежат документы: файл, папка или архив zip. Имена не важны, смотрим на содержимое;
//! на диск из архива ничего не пишется.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipError;

use super::commerceml;
use super::input::{self, ReadBytes, read_head};
use super::limits::Limits;
use super::problem::{Problem, ProblemKind, Result};
use super::table;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    CommerceMl,
    Csv,
    Jsonl,
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Format::CommerceMl => "CommerceML",
            Format::Csv => "CSV",
            Format::Jsonl => "JSONL",
        })
    }
}

#[derive(Debug, Clone)]
pub struct Document {
    pub name: String,
    pub format: Format,
    /// Байт после распаковки.
    pub size: u64,
    rank: u8,
    dated: String,
    place: Place,
}

#[derive(Debug, Clone)]
enum Place {
    File(PathBuf),
    Entry { archive: PathBuf, index: usize },
}

/// Что нашлось по указанному пути, в порядке загрузки.
#[derive(Debug, Default)]
pub struct Found {
    pub documents: Vec<Document>,
    /// Файлы, которые каталогом не оказались: картинки, чужие XML.
    pub ignored: u64,
    pub warnings: Vec<Problem>,
}

/// Итог взгляда на начало файла.
pub struct Probe {
    pub format: Format,
    /// Порядок: классификатор, товары, предложения, цены, остатки, прочее.
    pub rank: u8,
    /// `ДатаФормирования`: из двух выгрузок одного и того же главнее новая.
    pub dated: String,
}

/// Ищет документы и раскладывает их по порядку: сначала то, на что ссылаются остальные.
pub fn find(path: &Path, limits: &Limits) -> Result<Found> {
    let name = display(path);
    let mut found = Found::default();
    if !path.is_dir() {
        look_at_file(path, limits, &mut found, Strictness::Strict)?;
    } else {
        let mut files = Vec::new();
        walk(path, limits, 0, &mut files)?;
        for file in files {
            look_at_file(&file, limits, &mut found, Strictness::Lenient)?;
        }
    }
    if found.documents.is_empty() {
        return Err(ProblemKind::NothingFound.at(&name, 0));
    }
    found.documents.sort_by(|a, b| (a.rank, &b.dated, &a.name).cmp(&(b.rank, &a.dated, &b.name)));
    Ok(found)
}

/// Открывает документ и отдаёт поток его байтов.
pub fn with_bytes<T>(
    document: &Document,
    limits: &Limits,
    work: impl FnOnce(Box<dyn Read + '_>) -> Result<T>,
) -> Result<T> {
    let io = |e: io::Error| ProblemKind::from(&e).at(&document.name, 0);
    match &document.place {
        Place::File(path) => work(Box::new(File::open(path).map_err(io)?)),
        Place::Entry { archive, index } => {
            let mut archive = open_archive(archive, limits)?;
            let entry = archive.by_index(*index).map_err(|e| zip_problem(&e, &document.name))?;
            work(Box::new(entry))
        }
    }
}

/// Единственный указанный файл обязан подойти; в папке непонятное пропускаем.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strictness {
    Strict,
    Lenient,
}

fn display(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned())
}

fn walk(folder: &Path, limits: &Limits, level: usize, files: &mut Vec<PathBuf>) -> Result<()> {
    let io = |e: io::Error| ProblemKind::from(&e).at(&display(folder), 0);
    if level > limits.folders {
        return Err(ProblemKind::TooDeep(limits.folders).at(&display(folder), 0));
    }
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(io)? {
        let entry = entry.map_err(io)?;
        paths.push((entry.path(), entry.file_type().map_err(io)?));
        if paths.len() + files.len() > limits.entries {
            let kind = ProblemKind::TooBig { what: "files", limit: limits.entries as u64 };
            return Err(kind.at(&display(folder), 0));
        }
    }
    paths.sort_by(|a, b| a.0.cmp(&b.0));
    for (path, kind) in paths {
        // Символьные ссылки могут вести наружу: не ходим.
        if kind.is_dir() {
            walk(&path, limits, level + 1, files)?;
        } else if kind.is_file() {
            files.push(path);
        }
    }
    Ok(())
}

fn look_at_file(path: &Path, limits: &Limits, found: &mut Found, strictness: Strictness) -> Result<()> {
    let name = display(path);
    let io = |e: io::Error| ProblemKind::from(&e).at(&name, 0);
    let mut file = File::open(path).map_err(io)?;
    let size = file.metadata().map_err(io)?.len();
    let mut magic = [0; 4];
    let n = read_head(&mut file, &mut magic).map_err(io)?;
    if is_zip(&magic[..n]) {
        return look_at_archive(path, limits, found);
    }
    if size > limits.file_bytes {
        return Err(ProblemKind::TooBig { what: "file bytes", limit: limits.file_bytes }.at(&name, 0));
    }
    file.seek(SeekFrom::Start(0)).map_err(io)?;
    let probed = probe(&name, Box::new(file), limits);
    keep(found, probed, strictness, &name, size, Place::File(path.to_owned()))
}

fn keep(
    found: &mut Found,
    probed: Result<Probe>,
    strictness: Strictness,
    name: &str,
    size: u64,
    place: Place,
) -> Result<()> {
    match probed {
        Ok(Probe { format, rank, dated }) => {
            found.documents.push(Document { name: name.to_owned(), format, size, rank, dated, place });
            Ok(())
        }
        Err(problem) if strictness == Strictness::Strict => Err(problem),
        Err(problem) => match problem.kind {
            ProblemKind::UnknownFormat | ProblemKind::BadEncoding(_) => {
                found.ignored += 1;
                Ok(())
            }
            ProblemKind::UnsupportedRoot(_) | ProblemKind::UnknownHeader(_) => {
                found.ignored += 1;
                found.warnings.push(ProblemKind::IgnoredFile.at(name, 0));
                Ok(())
            }
            // Повреждённый или враждебный файл останавливает всё ещё до первой записи в базу.
            _ => Err(problem),
        },
    }
}

/// Узнаёт формат по началу содержимого.
fn probe(name: &str, raw: Box<dyn Read + '_>, limits: &Limits) -> Result<Probe> {
    let io = |e: io::Error| ProblemKind::from(&e).at(name, 0);
    let mut input = input::open(raw, limits, ReadBytes::default()).map_err(io)?;
    let head = input.fill_buf().map_err(io)?;
    let table = |format| Probe { format, rank: 1, dated: String::new() };
    match head.trim_ascii_start().first() {
        None => Err(ProblemKind::UnknownFormat.at(name, 0)),
        Some(b'<') => commerceml::probe(name, input, limits),
        Some(b'{') => Ok(table(Format::Jsonl)),
        Some(_) => table::is_csv(head).map(|()| table(Format::Csv)).map_err(|kind| kind.at(name, 1)),
    }
}

fn is_zip(magic: &[u8]) -> bool {
    magic.starts_with(b"PK\x03\x04") || magic.starts_with(b"PK\x05\x06")
}

fn look_at_archive(path: &Path, limits: &Limits, found: &mut Found) -> Result<()> {
    let name = display(path);
    let mut archive = open_archive(path, limits)?;
    let mut total: u64 = 0;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|e| zip_problem(&e, &name))?;
        if entry.is_dir() {
            continue;
        }
        let inner = entry_name(&name, &entry, index);
        total = total.saturating_add(entry.size());
        check_entry(&entry, total, limits).map_err(|kind| kind.at(&inner, 0))?;
        let size = entry.size();
        let mut magic = [0; 4];
        let n = read_head(&mut entry, &mut magic).map_err(|e| ProblemKind::from(&e).at(&inner, 0))?;
        if is_zip(&magic[..n]) {
            return Err(ProblemKind::Archive("an archive inside the archive".into()).at(&inner, 0));
        }
        let whole = (&magic[..n]).chain(entry);
        let probed = probe(&inner, Box::new(whole), limits);
        let place = Place::Entry { archive: path.to_owned(), index };
        keep(found, probed, Strictness::Lenient, &inner, size, place)?;
    }
    Ok(())
}

/// Имя нужно только для сообщений: по нему ничего не открывается и не пишется.
fn entry_name<R: Read + Seek>(archive: &str, entry: &ZipFile<'_, R>, index: usize) -> String {
    let name = String::from_utf8_lossy(entry.name_raw());
    let shown: String = name.chars().filter(|c| !c.is_control()).take(120).collect();
    if shown.is_empty() { format!("{archive}#{index}") } else { format!("{archive}:{shown}") }
}

/// Проверки по оглавлению, до распаковки. Если запись на деле больше, чем обещано, `zip` сам
/// прервёт чтение ошибкой.
fn check_entry<R: Read + Seek>(
    entry: &ZipFile<'_, R>,
    total: u64,
    limits: &Limits,
) -> std::result::Result<(), ProblemKind> {
    const SMALL: u64 = 1 << 20;
    if entry.is_symlink() {
        return Err(ProblemKind::Archive("a symbolic link".into()));
    }
    if entry.encrypted() {
        return Err(ProblemKind::Archive("encrypted".into()));
    }
    if entry.size() > limits.file_bytes {
        return Err(ProblemKind::TooBig { what: "file bytes", limit: limits.file_bytes });
    }
    if total > limits.archive_bytes {
        return Err(ProblemKind::TooBig { what: "archive bytes", limit: limits.archive_bytes });
    }
    let ratio = entry.size() / entry.compressed_size().max(1);
    if entry.size() > SMALL && ratio > limits.archive_ratio {
        return Err(ProblemKind::Archive(format!("compression ratio {ratio}")));
    }
    Ok(())
}

type Archive = ZipArchive<BufReader<Metered>>;

/// Оглавление читается под своим бюджетом: миллион записей не займёт память.
fn open_archive(path: &Path, limits: &Limits) -> Result<Archive> {
    let name = display(path);
    let io = |e: io::Error| ProblemKind::from(&e).at(&name, 0);
    let file = File::open(path).map_err(io)?;
    let left = Rc::new(Cell::new(limits.archive_index_bytes));
    let metered = Metered { file, left: Rc::clone(&left), limit: limits.archive_index_bytes };
    let archive = ZipArchive::new(BufReader::new(metered)).map_err(|e| zip_problem(&e, &name))?;
    if archive.len() > limits.entries {
        let kind = ProblemKind::TooBig { what: "archive entries", limit: limits.entries as u64 };
        return Err(kind.at(&name, 0));
    }
    left.set(u64::MAX);
    Ok(archive)
}

fn zip_problem(error: &ZipError, name: &str) -> Problem {
    let kind = match error {
        ZipError::Io(e) => ProblemKind::from(e),
        other => ProblemKind::Archive(other.to_string()),
    };
    kind.at(name, 0)
}

/// Файл, из которого нельзя прочесть больше отведённого.
struct Metered {
    file: File,
    left: Rc<Cell<u64>>,
    limit: u64,
}

impl Read for Metered {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.file.read(out)?;
        match self.left.get().checked_sub(n as u64) {
            Some(left) => self.left.set(left),
            None => {
                return Err(ProblemKind::TooBig { what: "archive index bytes", limit: self.limit }.into());
            }
        }
        Ok(n)
    }
}

impl Seek for Metered {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}
