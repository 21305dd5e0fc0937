//! Слова писем: предпросмотр, правка, отказ с номером строки, возврат прежних.

use catalog::factories::product;
use notifications::models::template::{self, Entity as Template};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;
use testkit::TestApp;

use crate::shop::*;

const LIST: &str = "/admin/notifications/template";

async fn placed(app: &TestApp) -> template::Model {
    let find = Template::find().filter(template::Column::Template.eq("orders.letters.order_placed"));
    find.filter(template::Column::Lang.eq("ru")).one(app.ctx.db_fresh()).await.expect("read").expect("template")
}

async fn order(app: &TestApp) {
    let made = product(&app.ctx).create().await;
    let customer = accounts::factories::customer(&app.ctx).await;
    let body = json!({"items": [{"product_id": made.product.id, "quantity": 1}]});
    app.anon().bearer(&customer.token).post("/api/v1/orders/", body).await.expect(201);
    app.run_jobs().await;
}

#[tokio::test]
async fn a_letter_is_seen_changed_and_put_back() {
    let app = open().await;
    let me = administrator(&app).await;
    shows(&me.get(&format!("{LIST}?q=order_placed")).await.expect(200), "Заказ оформлен");
    me.get(LIST).await.expect(200);
    let row = placed(&app).await;
    let url = format!("{LIST}/{}", row.id);
    let card = me.get(&url).await.expect(200);
    shows(&card, "MS-20260302-1A2B3C4D");
    shows(&card, "<iframe class=\"letter\" sandbox");
    let letter = me.get(&format!("{url}/letter")).await.expect(200);
    assert!(letter.header("content-security-policy").expect("policy").starts_with("sandbox;"));
    assert_eq!(letter.header("x-frame-options"), Some("SAMEORIGIN"));

    let (subject, sms) = ("Спасибо, {{ name }}! Заказ {{ number }}", "Заказ {{ number }} принят. {{ url }}");
    let body = "Здравствуйте!\n{% if name %}\n{{ naem }}{% endif %} {{ number }}";
    let fields = |body| [("subject", subject), ("body", body), ("html", ""), ("sms", sms)];
    let change = format!("{url}/change");
    let refused = me.fill(&change, &fields(body)).await.expect(400);
    shows(&refused, "Текст, строка 3: подстановки «naem» у этого письма нет");
    let refused = me.fill(&change, &fields("{{ number }}\n{% if name %}")).await.expect(400);
    shows(&refused, "Текст, строка 2");
    let refused = me.fill(&change, &fields("Спасибо!")).await.expect(400);
    shows(&refused, "без подстановки «number»");
    let html = "<p>{{ name }}, {{ number }}</p><script>alert(1)</script>";
    let mut good = fields("Ждите, {{ name }}: {{ number }}");
    good[2] = ("html", html);
    shows(&me.done(&change, &good).await, "изменён");
    order(&app).await;
    let sent = notifications::mailbox(&app.ctx);
    let last = sent.last().expect("a letter");
    assert!(last.subject.starts_with("Спасибо, ") && last.body.starts_with("Ждите, "), "{last:?}");
    // Скрипт в письме виден только песочнице, и она его не выполнит.
    let policy = me.get(&format!("{url}/letter")).await.expect(200);
    assert!(policy.header("content-security-policy").expect("policy").contains("default-src 'none'"));
    shows(&me.get(&format!("{url}/history")).await, "Ждите, ");

    // Предпросмотр показывает несохранённое и ничего не пишет; ошибка названа на своём месте.
    let draft =
        [("subject", "Черновик {{ number }}"), ("body", "{{ naem }}"), ("html", "<b>{{ number }}</b>"), ("sms", "")];
    let drawn = me.fill_at(&change, &format!("{change}/preview"), &draft).await.expect(200);
    assert!(drawn.header("content-security-policy").expect("policy").starts_with("sandbox;"));
    shows(&drawn, "Черновик MS-20260302-1A2B3C4D");
    shows(&drawn, "&lt;b&gt;MS-20260302-1A2B3C4D&lt;/b&gt;");
    shows(&drawn, "подстановки «naem» у этого письма нет");
    hides(&drawn, "SMS");
    assert_eq!(placed(&app).await.subject.as_deref(), Some(subject));
    shows(&me.get(&change).await.expect(200), "formtarget=\"preview\"");
    me.forged(&format!("{change}/preview"), &draft).await.expect(403);
    let reader = staff(&app, &[admin::permissions::ENTER, notifications::permissions::VIEW_TEMPLATE]).await;
    reader.send(&format!("{change}/preview"), &draft).await.expect(403);

    me.done(&format!("{url}/test"), &[("to", "me@example.ru")]).await;
    app.run_jobs().await;
    let sample = notifications::mailbox(&app.ctx).into_iter().find(|letter| letter.to == "me@example.ru");
    assert!(sample.expect("a sample").body.contains("MS-20260302-1A2B3C4D"));
    shows(&me.done(&format!("{url}/reset"), &[]).await, "прежний");
    assert_eq!(placed(&app).await.body, row.body);
    order(&app).await;
    assert!(notifications::mailbox(&app.ctx).last().expect("a letter").subject.ends_with("оформлен"));
    close(app).await;
}

/// Каждое объявленное письмо рисуется на своих данных, на обоих языках и без чужих имён.
#[tokio::test]
async fn every_built_in_letter_suits_its_sample() {
    let app = open().await;
    let letters = notifications::letters::all(&app.ctx);
    assert!(letters.len() > 10, "{}", letters.len());
    for letter in letters {
        for lang in [kernel::Lang::Ru, kernel::Lang::En] {
            for part in notifications::letters::PARTS {
                let Some(source) = notifications::letters::built_in(&app.ctx, letter.template, lang, part) else {
                    continue;
                };
                let fits = notifications::letters::check(&app.ctx, &letter, part, &source);
                assert!(fits.is_ok(), "{} {part} {lang:?}: {:?}", letter.template, fits.err());
            }
        }
    }
    close(app).await;
}

#[tokio::test]
async fn sms_are_counted_as_operators_count_them() {
    use notifications::letters::sms_size;
    assert_eq!(sms_size(&"a".repeat(160)), (160, 1));
    assert_eq!(sms_size(&"a".repeat(161)), (161, 2));
    assert_eq!(sms_size(&"я".repeat(70)), (70, 1));
    assert_eq!(sms_size(&"я".repeat(71)), (71, 2));
    assert_eq!(sms_size(&"я".repeat(134)), (134, 2));
    assert_eq!(sms_size(&"я".repeat(135)), (135, 3));
}
