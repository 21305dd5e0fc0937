//! Почта: человек, очки, письмо.

use accounts::models::User;
use campaigns::models::{Code, Person};
use chrono::TimeDelta;
use notifications::mailbox;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;
use testkit::TestApp;

use crate::shop::{self, attach, complete, start, view};

async fn work(app: &TestApp) {
    while app.run_jobs().await > 0 {}
}

#[tokio::test]
async fn an_email_makes_a_user_whose_score_is_over_all_sessions() {
    let app = shop::with_assets(3).await;
    let visitor = app.anon();
    let (one, two) = (start(&visitor).await, start(&visitor).await);
    for (session, slug) in [(&one, "asset-1"), (&one, "asset-2"), (&two, "asset-2"), (&two, "asset-3")] {
        view(&visitor, session, slug).await;
    }
    let first = attach(&visitor, &one, " Anna@Example.ru ").await;
    assert_eq!(
        (&first["session_id"], &first["email"], &first["user_total_score"]),
        (&json!(one), &json!("Anna@Example.ru"), &json!(20))
    );
    let second = attach(&visitor, &two, "anna@example.ru").await;
    assert_eq!((&second["user_id"], &second["user_total_score"]), (&first["user_id"], &json!(30)));
    let users = User::find().all(app.ctx.db_fresh()).await.expect("users");
    assert_eq!((users.len(), users[0].password_hash.as_ref(), users[0].is_proven()), (1, None, false));
    // Просмотр очков человека не двигает: их пересчитывает вопрос о прогрессе.
    let three = start(&visitor).await;
    attach(&visitor, &three, "anna@example.ru").await;
    view(&visitor, &three, "asset-1").await;
    assert_eq!(Person::find().one(app.ctx.db_fresh()).await.expect("read").expect("row").total_score, 30);
    let asked =
        visitor.get(&format!("/progress/?user_id={}", first["user_id"].as_str().expect("id"))).await.expect(200).json();
    assert_eq!(asked, json!({"total_assets": 3, "viewed_assets": 3, "remaining_assets": 0, "total_score": 30}));
    assert!(mailbox(&app.ctx).is_empty(), "nobody is complete");
    work(&app).await;
    app.close().await;
}

#[tokio::test]
async fn the_letter_goes_once_in_words_and_markup() {
    let app = shop::with_assets(1).await;
    shop::set_up(
        &app,
        json!({"title": "Весна & <кот>", "reward": {"discount_percent": 12.5, "min_sum": 3000, "valid_days": 30}}),
    )
    .await;
    let visitor = app.anon();
    let (session, code) = complete(&visitor, 1).await;
    assert_eq!(app.run_jobs().await, 0, "the completing view sends nothing");
    attach(&visitor, &session, "anna@example.ru").await;
    work(&app).await;
    let letters = mailbox(&app.ctx);
    let letter = &letters[0];
    assert_eq!(
        (letters.len(), letter.to.as_str(), letter.subject.as_str()),
        (1, "anna@example.ru", format!("Ваш промокод {code}").as_str())
    );
    for words in
        [code.as_str(), "Весна & <кот>", "Скидка 12.5 % при покупке от 3\u{a0}000\u{a0}₽", "до 01.04.2026", "http"]
    {
        assert!(letter.body.contains(words), "{words}: {}", letter.body);
    }
    let html = letter.html.as_deref().expect("markup");
    assert!(html.contains(&code) && html.contains("Весна &amp; &lt;кот&gt;") && !html.contains("<кот>"), "{html}");
    let row = Code::find().one(app.ctx.db_fresh()).await.expect("read").expect("code");
    assert_eq!(
        (row.sent_at, row.email.as_deref(), row.letters),
        (Some(app.ctx.now().naive_utc()), Some("anna@example.ru"), 1)
    );
    app.close().await;
}

#[tokio::test]
async fn asking_again_waits_for_the_window() {
    let app = shop::with_assets(1).await;
    let visitor = app.anon();
    let (session, _) = complete(&visitor, 1).await;
    let letters = async |email: &str| {
        attach(&visitor, &session, email).await;
        work(&app).await;
        mailbox(&app.ctx).len()
    };
    assert_eq!((letters("anna@example.ru").await, letters("anna@example.ru").await), (1, 1));
    assert_eq!(letters("ANNA@example.ru").await, 1, "the same mailbox");
    app.advance(TimeDelta::seconds(599));
    assert_eq!(letters("anna@example.ru").await, 1, "the window is ten minutes");
    app.advance(TimeDelta::minutes(11));
    assert_eq!(letters("anna@example.ru").await, 2);
    // Опечатку исправляют сразу, но засыпать письмами чужие ящики нельзя.
    assert_eq!(letters("boris@example.ru").await, 3);
    for n in 0..5 {
        letters(&format!("spam{n}@example.ru")).await;
    }
    assert_eq!(mailbox(&app.ctx).len(), 5);
    app.close().await;
}

#[tokio::test]
async fn the_english_letter() {
    let app = shop::with_assets(1).await;
    let visitor = app.anon().header("accept-language", "en");
    let (session, code) = complete(&visitor, 1).await;
    attach(&visitor, &session, "john@example.com").await;
    work(&app).await;
    let letter = &mailbox(&app.ctx)[0];
    assert_eq!(letter.subject, format!("Your promo code {code}"));
    assert!(letter.body.contains("10% off, for one order."), "{}", letter.body);
    app.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_email_at_once_from_many_sessions_makes_one_user_and_a_letter_each() {
    let app = shop::with_assets(1).await;
    let mut calls = Vec::new();
    for _ in 0..20 {
        let (session, _) = complete(&app.anon(), 1).await;
        for _ in 0..2 {
            let (client, session) = (app.anon(), session.clone());
            calls.push(tokio::spawn(
                async move { attach(&client, &session, "anna@example.ru").await["user_id"].clone() },
            ));
        }
    }
    let users = futures::future::try_join_all(calls).await.expect("tasks");
    assert!(users.iter().all(|user| *user == users[0]));
    assert_eq!(User::find().count(app.ctx.db_fresh()).await.expect("count"), 1);
    work(&app).await;
    assert_eq!(mailbox(&app.ctx).len(), 20);
    app.close().await;
}

#[tokio::test]
async fn an_erased_user_leaves_no_address() {
    let app = shop::with_assets(1).await;
    let visitor = app.anon();
    let (session, _) = complete(&visitor, 1).await;
    let login = accounts::factories::customer(&app.ctx).await;
    attach(&visitor, &session, &login.email).await;
    work(&app).await;
    let id = login.user_id;
    let erased = app.ctx.atomic(&kernel::Actor::System("test"), async move |work: &mut kernel::Work| {
        accounts::services::erase_user(work, id).await
    });
    erased.await.expect("erased");
    work(&app).await;
    let code = Code::find().one(app.ctx.db_fresh()).await.expect("read").expect("code");
    let stored = campaigns::models::Session::find().one(app.ctx.db_fresh()).await.expect("read").expect("session");
    assert_eq!((code.email, stored.pending_email), (None, None));
    assert_eq!(Person::find().count(app.ctx.db_fresh()).await.expect("count"), 0);
    app.close().await;
}
