//! Поток байтов файла: перекодировка в UTF-8 и бюджет на одну запись.

use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, WINDOWS_1251};

use super::limits::Limits;
use super::problem::ProblemKind;

const CHUNK: usize = 64 << 10;
/// По такому началу файла узнаём кодировку и формат.
pub const HEAD: usize = 8 << 10;

/// Сколько сырых байтов прочитано: для полосы хода работы.
pub type ReadBytes = Arc<AtomicU64>;

/// Файл как текст UTF-8, с пределом на запись и на весь файл.
pub type Input<'a> = Budget<BufReader<Utf8Reader<Box<dyn Read + 'a>>>>;

pub fn open<'a>(raw: Box<dyn Read + 'a>, limits: &Limits, read: ReadBytes) -> io::Result<Input<'a>> {
    let utf8 = Utf8Reader::new(raw, limits.file_bytes, read)?;
    Ok(Budget::new(BufReader::with_capacity(CHUNK, utf8), limits.record_bytes))
}

/// Перекодирует поток в UTF-8. Неверный байт — ошибка, а не знак замены.
pub struct Utf8Reader<R> {
    inner: R,
    decoder: Decoder,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    at_end: bool,
    finished: bool,
    left: u64,
    limit: u64,
    read: ReadBytes,
}

impl<R: Read> Utf8Reader<R> {
    pub fn new(mut inner: R, limit: u64, read: ReadBytes) -> io::Result<Self> {
        let mut buffer = vec![0; CHUNK];
        let end = read_head(&mut inner, &mut buffer[..HEAD])?;
        let (encoding, bom) = detect(&buffer[..end], end < HEAD)?;
        read.fetch_add(end as u64, Ordering::Relaxed);
        Ok(Self {
            inner,
            decoder: encoding.new_decoder_without_bom_handling(),
            buffer,
            start: bom,
            end,
            at_end: end < HEAD,
            finished: false,
            left: limit.saturating_sub(end as u64),
            limit,
            read,
        })
    }

    fn fill(&mut self) -> io::Result<()> {
        let n = self.inner.read(&mut self.buffer)?;
        if n as u64 > self.left {
            return Err(ProblemKind::TooBig { what: "file bytes", limit: self.limit }.into());
        }
        self.left -= n as u64;
        self.read.fetch_add(n as u64, Ordering::Relaxed);
        (self.start, self.end, self.at_end) = (0, n, n == 0);
        Ok(())
    }
}

/// Читать буферами не меньше четырёх байтов: меньше может занять один знак UTF-8.
impl<R: Read> Read for Utf8Reader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while !self.finished {
            if self.start == self.end && !self.at_end {
                self.fill()?;
            }
            let source = &self.buffer[self.start..self.end];
            let (result, used, written) = self.decoder.decode_to_utf8_without_replacement(source, out, self.at_end);
            self.start += used;
            match result {
                // Знак, начатый последними байтами файла, — обрыв, а не чужая кодировка.
                DecoderResult::Malformed(..) if self.at_end && self.start == self.end => {
                    return Err(ProblemKind::Truncated.into());
                }
                DecoderResult::Malformed(..) => {
                    let name = self.decoder.encoding().name().to_owned();
                    return Err(ProblemKind::BadEncoding(name).into());
                }
                DecoderResult::InputEmpty => self.finished = self.at_end,
                DecoderResult::OutputFull => {}
            }
            if written > 0 {
                return Ok(written);
            }
        }
        Ok(0)
    }
}

pub fn read_head(input: &mut impl Read, head: &mut [u8]) -> io::Result<usize> {
    let mut len = 0;
    while len < head.len() {
        match input.read(&mut head[len..]) {
            Ok(0) => break,
            Ok(n) => len += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(len)
}

/// Кодировка и длина метки порядка байтов: метка, потом объявление XML, потом догадка.
fn detect(head: &[u8], is_whole: bool) -> Result<(&'static Encoding, usize), ProblemKind> {
    if let Some(found) = Encoding::for_bom(head) {
        return Ok(found);
    }
    if let Some(label) = declared_encoding(head) {
        return match Encoding::for_label(label) {
            Some(encoding) if encoding.is_ascii_compatible() => Ok((encoding, 0)),
            _ => Err(ProblemKind::BadEncoding(String::from_utf8_lossy(label).into_owned())),
        };
    }
    let is_xml = head.trim_ascii_start().starts_with(b"<");
    let is_utf8 = match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(e) => e.error_len().is_none() && !is_whole,
    };
    Ok((if is_xml || is_utf8 { UTF_8 } else { WINDOWS_1251 }, 0))
}

/// `encoding="…"` из `<?xml …?>`.
fn declared_encoding(head: &[u8]) -> Option<&[u8]> {
    let declaration = head.trim_ascii_start().strip_prefix(b"<?xml")?;
    let close = declaration.iter().position(|b| *b == b'>')?;
    let declaration = &declaration[..close];
    let at = declaration.windows(8).position(|w| w == b"encoding")?;
    let value = declaration[at + 8..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let quote = *value.first().filter(|q| matches!(q, b'"' | b'\''))?;
    value[1..].split(|b| *b == quote).next()
}

/// Считает строки и не даёт одной записи занять больше отведённого.
pub struct Budget<R> {
    inner: R,
    limit: u64,
    spent: u64,
    line: u64,
}

impl<R: BufRead> Budget<R> {
    pub fn new(inner: R, limit: u64) -> Self {
        Self { inner, limit, spent: 0, line: 1 }
    }

    /// Началась новая запись.
    pub fn checkpoint(&mut self) {
        self.spent = 0;
    }

    pub fn line(&self) -> u64 {
        self.line
    }
}

impl<R: BufRead> BufRead for Budget<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.spent > self.limit {
            return Err(ProblemKind::TooBig { what: "record bytes", limit: self.limit }.into());
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        if let Ok(bytes) = self.inner.fill_buf() {
            let newlines = bytes.iter().take(amount).filter(|b| **b == b'\n').count();
            self.line += newlines as u64;
        }
        self.spent += amount as u64;
        self.inner.consume(amount);
    }
}

impl<R: BufRead> Read for Budget<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let bytes = self.fill_buf()?;
        let n = bytes.len().min(out.len());
        out[..n].copy_from_slice(&bytes[..n]);
        self.consume(n);
        Ok(n)
    }
}
