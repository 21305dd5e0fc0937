//! Магазин с админкой и браузер сотрудника: печенье, знак формы, POST со своей страницы.

use kernel::{App, Permission};
use megashop_files::{Storage, StorageConfig};
use testkit::{Answer, Client, TestApp};

pub fn apps() -> Vec<App> {
    vec![
        admin::app(),
        notifications::app(),
        accounts::app(),
        delivery::app(),
        payments::app(),
        catalog::app(),
        content::app(),
        promos::app(),
        campaigns::app(),
        preorders::app(),
        cart::app(),
        orders::app(),
        integrations::app(),
    ]
}

pub async fn open() -> TestApp {
    with("").await
}

/// С добавленными настройками.
pub async fn with(toml: &str) -> TestApp {
    let settings = format!("[payments]\nprovider = \"emulator\"\n[admin]\npage_size = 10\n{toml}");
    let app = TestApp::with_settings(apps(), &settings).await;
    app.ctx.provide(Storage::open(&StorageConfig::Memory).expect("storage"));
    app
}

/// Закончить тест: задачи доделать, деньги и остатки сверить.
pub async fn close(app: TestApp) {
    app.run_jobs().await;
    app.close().await;
}

/// Вошедший сотрудник.
pub struct Staff {
    client: Client,
}

pub async fn administrator(app: &TestApp) -> Staff {
    Staff::of(app, &accounts::factories::admin(&app.ctx).await.token)
}

/// Сотрудник ровно с этими правами.
pub async fn staff(app: &TestApp, permissions: &[Permission]) -> Staff {
    Staff::of(app, &accounts::factories::staff(&app.ctx, permissions).await.token)
}

/// Прохожий с браузером.
pub fn browser(app: &TestApp) -> Client {
    app.anon().header("accept", "text/html").header("host", "localhost:8000")
}

impl Staff {
    pub fn of(app: &TestApp, token: &str) -> Staff {
        Staff { client: browser(app).header("cookie", &format!("admin_session={token}")) }
    }

    pub fn in_english(self) -> Staff {
        Staff { client: self.client.header("accept-language", "en") }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.client.get(path).await
    }

    /// Отправить как есть, со своей страницы.
    pub async fn send(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let own = self.client.clone().header("origin", "http://localhost:8000");
        own.form(path, &encode(fields)).await
    }

    pub async fn forged(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let foreign =
            self.client.clone().header("origin", "https://evil.example").header("sec-fetch-site", "cross-site");
        foreign.form(path, &encode(fields)).await
    }

    /// Отправить форму с файлом.
    pub async fn upload(
        &self,
        path: &str,
        fields: &[(&str, String)],
        (name, file, bytes): (&str, &str, &[u8]),
    ) -> Answer {
        let mut body = Vec::new();
        for (name, value) in fields {
            body.extend(format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
        }
        let head = format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\r\n");
        body.extend(head.bytes().chain(bytes.iter().copied()).chain(b"\r\n--b--\r\n".iter().copied()));
        let kind = http::HeaderValue::from_static("multipart/form-data; boundary=b");
        let own = self.client.clone().header("origin", "http://localhost:8000");
        own.raw(http::Method::POST, path, Some(kind), axum::body::Body::from(body)).await
    }

    /// Открыть форму, заполнить, отправить: скрытые поля — со страницы.
    pub async fn fill(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.get(path).await.expect(200).text();
        self.submit(path, &page, fields).await
    }

    /// Форма одной страницы, которую принимает другой адрес.
    pub async fn fill_at(&self, page: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let text = self.get(page).await.expect(200).text();
        self.submit(path, &text, fields).await
    }

    /// Отправить уже открытую форму.
    pub async fn submit(&self, path: &str, page: &str, fields: &[(&str, &str)]) -> Answer {
        let hidden = ["_csrf", "_key", "_version"].map(|name| (name, hidden(page, name)));
        let mut all: Vec<(&str, &str)> =
            hidden.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (*name, value.as_str())).collect();
        all.extend_from_slice(fields);
        self.send(path, &all).await
    }

    /// Дело с объектом: заполнить и увидеть карточку.
    pub async fn done(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.fill(path, fields).await.expect(303);
        self.get(&location(&answer)).await.expect(200)
    }
}

/// Значение скрытого поля первой формы, где оно есть, кроме выхода.
pub fn hidden(page: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    page.split(&mark).nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
}

pub fn location(answer: &Answer) -> String {
    answer.header("location").expect("a redirect").to_owned()
}

pub fn encode(fields: &[(&str, &str)]) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields);
    form.finish()
}

/// Страница, где косая черта и кавычки как на экране.
pub fn text(page: &Answer) -> String {
    page.text().replace("&#x2f;", "/").replace("&quot;", "\"").replace("&#x27;", "'").replace('\u{a0}', " ")
}

#[track_caller]
pub fn shows(page: &Answer, words: &str) {
    let text = text(page);
    assert!(text.contains(words), "the page does not show {words:?}:\n{text}");
}

#[track_caller]
pub fn hides(page: &Answer, words: &str) {
    let text = text(page);
    assert!(!text.contains(words), "the page shows {words:?}:\n{text}");
}

/// Адрес соседней страницы списка.
pub fn link(list: &str, page: &Answer, rel: &str) -> Option<String> {
    let text = text(page);
    let tag = text.split("<a ").find(|tag| tag.contains(&format!("rel=\"{rel}\"")))?;
    Some(format!("{list}{}", tag.split("href=\"").nth(1)?.split('"').next()?.replace("&amp;", "&")))
}
