//! Сцена замера: база, в ней каталог, при ней магазин.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use crate::catalogue;
use crate::cpu::Meter;
use crate::engine::{Engine, Kind};
use crate::shop::{Setup, Shop};

/// Что меряют.
#[derive(Args, Clone, Debug)]
pub struct Program {
    /// Программа магазина.
    #[arg(long)]
    pub binary: PathBuf,
    #[arg(long, value_enum, default_value_t = Kind::Sqlite)]
    pub engine: Kind,
}

#[derive(Args, Clone, Debug)]
pub struct Place {
    #[command(flatten)]
    pub program: Program,
    /// Товаров в каталоге; вариантов у каждого два.
    #[arg(long, default_value_t = 10_000)]
    pub products: usize,
}

pub struct Stage {
    pub engine: Engine,
    pub url: String,
    pub setup: Setup,
}

impl Stage {
    /// Поднимает базу и загружает каталог.
    pub async fn build(place: &Place) -> Result<Stage> {
        Stage::build_with(&place.program, place.products).await
    }

    pub async fn build_with(program: &Program, products: usize) -> Result<Stage> {
        let engine = Engine::start(program.engine).await?;
        let url = engine.create_database("shop").await?;
        let setup = Setup::new(&program.binary, &engine.dir().join("data"), &url)
            .with("MEGASHOP_PAYMENTS__PROVIDER", "emulator")
            // Метрики включены, как у всех; порт любой: магазинов на машине бывает два.
            .with("MEGASHOP_SERVER__METRICS_LISTEN", "127.0.0.1:0");
        let file = engine.dir().join("catalogue.csv");
        catalogue::write_csv(&file, products)?;
        setup.run(&["import", &file.to_string_lossy()]).await?;
        std::fs::remove_file(file)?;
        Ok(Stage { engine, url, setup })
    }

    /// Время магазина и сервера базы вместе.
    pub fn meter(&self, shop: &Shop) -> Result<Meter> {
        Ok(self.meter_of(shop.pid()?))
    }

    pub fn meter_of(&self, app: u32) -> Meter {
        Meter { app, database: self.engine.pid() }
    }
}
