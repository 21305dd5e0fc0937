//! На каком уровне схемы записаны строки: какие шаги миграций выполнены.

use anyhow::{Result, bail};
use kernel::data::{MigrationStep, Migrator, UNFINISHED};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub name: String,
    pub checksum: String,
}

/// Выполненные шаги.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Level {
    pub steps: Vec<Step>,
}

impl Level {
    /// Только эти шаги, в порядке программы. Незнакомый шаг — `what` новее программы.
    pub fn migrator(&self, program: &Migrator, what: &str) -> Result<Migrator> {
        for step in &self.steps {
            match program.steps.iter().find(|known| known.name == step.name) {
                None => bail!(
                    "{what} is newer than this program: it has migration {}. Install the newer version first",
                    step.name
                ),
                Some(known) if known.checksum() != step.checksum => {
                    bail!("{what} comes from another program: its migration {} differs", step.name)
                }
                Some(_) => {}
            }
        }
        let is_done = |step: &&MigrationStep| self.steps.iter().any(|done| done.name == step.name);
        Ok(Migrator { steps: program.steps.iter().filter(is_done).cloned().collect() })
    }
}

/// Те же шаги, а первым — метка неоконченной копии: пока её не снимут, магазин на этой базе не запустится.
pub fn marked(migrator: &Migrator) -> Migrator {
    let mark = MigrationStep { name: UNFINISHED.to_owned(), sql: "" };
    Migrator { steps: std::iter::once(mark).chain(migrator.steps.iter().cloned()).collect() }
}
