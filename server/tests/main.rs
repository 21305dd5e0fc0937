//! Программа как процесс: команды и то, что решается до первого запроса.
#![expect(clippy::expect_used, reason = "тесту положено падать с понятным словом")]

mod program;
mod startup;
mod tls;
mod traces;
