//! По файлу на таблицу.

pub mod item;
