//! Читает каталог, ничего не загружая, и печатает сводку: `cargo run --example read_catalog -- PATH`.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Instant;

use integrations::formats::{self, Counts, Limits, ReadBytes};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path: PathBuf = std::env::args_os().nth(1).ok_or("usage: read_catalog PATH")?.into();
    let limits = Limits::default();
    let started = Instant::now();
    let mut all = Counts::default();
    for document in &formats::find(&path, &limits)?.documents {
        let ignore = &mut |_| ControlFlow::Continue(());
        let counts = formats::read(document, &limits, ReadBytes::default(), ignore)?;
        println!("{:?} {} ({} bytes)", document.format, document.name, document.size);
        all.add(&counts);
    }
    println!("{all:#?}\n{:?}", started.elapsed());
    Ok(())
}
