[package]
name = "megashop-%app%"
version.workspace = true
edition.workspace = true
rust-version.workspace = true
license.workspace = true
publish.workspace = true
autotests = false

[lib]
name = "%app%"
test = false
doctest = false

[[test]]
name = "main"
path = "tests/main.rs"

# Кого вправе звать это приложение: строка здесь — стрелка на карте в docs/architecture.md.
[dependencies]
kernel.workspace = true
accounts.workspace = true
axum.workspace = true
chrono.workspace = true
garde.workspace = true
http.workspace = true
sea-orm.workspace = true
serde.workspace = true
utoipa.workspace = true
utoipa-axum.workspace = true

[dev-dependencies]
notifications.workspace = true
serde_json.workspace = true
testkit.workspace = true
tokio.workspace = true

[lints]
workspace = true
