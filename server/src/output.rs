//! Вывод на терминал.

use std::io::Write;

use indicatif::{ProgressBar, ProgressStyle};

/// Печать длинных ответов: закрытый получатель (`| head`) — не ошибка.
pub fn print(text: &str) -> anyhow::Result<()> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => Ok(result?),
    }
}

/// Строка хода: чем занято и сколько уже сделано. Не на терминале молчит.
pub struct Steps(ProgressBar);

impl Steps {
    pub fn start(verb: &'static str) -> Steps {
        let style = ProgressStyle::with_template("{prefix}: {msg} {pos}");
        let bar = ProgressBar::no_length().with_prefix(verb);
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Steps(bar)
    }

    /// Зовётся на каждую строку, а показывает одну из многих.
    pub fn show(&self, what: &str, done: u64) {
        if done % 500 == 1 {
            self.0.set_message(what.to_owned());
            self.0.set_position(done);
        }
    }

    pub fn finish(self) {
        self.0.finish_and_clear();
    }
}
