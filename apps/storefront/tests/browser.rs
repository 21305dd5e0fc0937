//! Браузер без скриптов: помнит печенье, шлёт формы, ходит по перенаправлениям.

use std::collections::BTreeMap;

use megashop_files::{Storage, StorageConfig};
use testkit::{Answer, Client, TestApp};

/// Магазин витрины на своей базе; файлы — в памяти.
pub async fn shop(toml: &str) -> TestApp {
    let apps = vec![
        notifications::app(),
        accounts::app(),
        delivery::app(),
        payments::app(),
        catalog::app(),
        content::app(),
        promos::app(),
        preorders::app(),
        cart::app(),
        campaigns::app(),
        orders::app(),
        storefront::app(),
    ];
    let app = TestApp::with_settings(apps, toml).await;
    app.ctx.provide(Storage::open(&StorageConfig::Memory).expect("storage"));
    app
}

pub struct Browser {
    client: Client,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    pub fn new(app: &TestApp) -> Browser {
        let client = app.anon().header("accept", "text/html,application/xhtml+xml").header("host", "localhost:8000");
        Browser { client, cookies: BTreeMap::new() }
    }

    fn client(&self) -> Client {
        let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.client.clone().header("cookie", &pairs.join("; "))
    }

    fn keep_cookies(&mut self, answer: &Answer) {
        for line in answer.headers.get_all("set-cookie") {
            let line = line.to_str().expect("cookie text");
            assert!(line.contains("HttpOnly") && line.contains("SameSite=Lax"), "{line}");
            let (name, rest) = line.split_once('=').expect("cookie name");
            let value = rest.split(';').next().unwrap_or_default();
            match line.contains("Max-Age=0") {
                true => self.cookies.remove(name),
                false => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
    }

    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        let answer = self.client().get(path).await;
        self.keep_cookies(&answer);
        answer
    }

    /// Отправляет форму со своей страницы.
    pub async fn send(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let own = self.client().header("origin", "http://localhost:8000");
        let answer = own.form(path, &encode(fields)).await;
        self.keep_cookies(&answer);
        answer
    }

    /// Отправляет форму и открывает страницу, на которую послали.
    pub async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.send(path, fields).await.expect(303);
        let to = location(&answer);
        self.get(&to).await
    }

    /// Открывает адрес и идёт за одним перенаправлением.
    pub async fn follow(&mut self, path: &str) -> Answer {
        let answer = self.get(path).await;
        match answer.status {
            303 => self.get(&location(&answer)).await,
            _ => answer,
        }
    }

    /// Форма с чужого сайта: печенье браузер приложит.
    pub async fn forged(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let foreign = self.client().header("origin", "https://evil.example").header("sec-fetch-site", "cross-site");
        foreign.form(path, &encode(fields)).await
    }
}

pub fn location(answer: &Answer) -> String {
    answer.header("location").expect("a redirect").to_owned()
}

fn encode(fields: &[(&str, &str)]) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields);
    form.finish()
}

/// Разметка страницы; косую черту шаблоны экранируют, для чтения она возвращена.
pub fn markup(page: &Answer) -> String {
    page.text().replace("&#x2f;", "/")
}

#[track_caller]
pub fn shows(page: &Answer, text: &str) {
    let markup = markup(page);
    assert!(markup.contains(text), "the page does not show {text:?}:\n{markup}");
}

#[track_caller]
pub fn hides(page: &Answer, text: &str) {
    let markup = markup(page);
    assert!(!markup.contains(text), "the page shows {text:?}:\n{markup}");
}
