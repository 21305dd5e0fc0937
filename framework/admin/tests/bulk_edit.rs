//! Поля сразу у многих: показ, проценты, пропуск изменённого, предел.

use catalog::factories::{Made, product};
use catalog::models::product as goods;
use kernel::Money;
use sea_orm::EntityTrait;
use testkit::TestApp;

use crate::shop::*;

const LIST: &str = "/admin/catalog/product";

async fn row(app: &TestApp, made: &Made) -> goods::Model {
    let found = goods::Entity::find_by_id(made.product.id).one(app.ctx.db_fresh()).await;
    found.expect("read").expect("product")
}

/// Скрытые поля второго шага.
fn carried(page: &str) -> Vec<(String, String)> {
    let form = page.split("/bulk/edit\"").nth(1).expect("the form");
    let inputs = form.split("<input type=\"hidden\" ").skip(1).filter_map(|tag| {
        let name = tag.split("name=\"").nth(1)?.split('"').next()?;
        let value = tag.split("value=\"").nth(1)?.split('"').next()?;
        Some((name.to_owned(), value.to_owned()))
    });
    inputs.collect()
}

fn with<'a>(fields: &'a [(String, String)], last: (&'a str, &'a str)) -> Vec<(&'a str, &'a str)> {
    let own = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    own.chain([last]).collect()
}

#[tokio::test]
async fn prices_move_by_percent_after_a_look_and_changed_rows_are_skipped() {
    let app = open().await;
    let me = administrator(&app).await;
    let (chair, table) = (product(&app.ctx).price(1000).create().await, product(&app.ctx).price(333).create().await);
    let ids = [chair.product.id.to_string(), table.product.id.to_string()];
    let list = me.get(LIST).await.expect(200).text();
    shows(&me.get(LIST).await, "Изменить поля");
    let csrf = hidden(&list, "_csrf");
    let chosen = [("_csrf", csrf.as_str()), ("ids", &ids[0]), ("ids", &ids[1])];
    let edit = format!("{LIST}/bulk/edit");
    shows(&me.send(&edit, &chosen).await.expect(200), "Показать, что изменится");
    let nothing = [&chosen[..], &[("_preview", "1")]].concat();
    shows(&me.send(&edit, &nothing).await.expect(200), "Отметьте хотя бы одно поле");
    let wanted =
        [("_set", "price"), ("price", "-5,5"), ("price__how", "percent"), ("_set", "is_new"), ("is_new", "on")];
    let look = me.send(&edit, &[&nothing[..], &wanted].concat()).await.expect(200);
    for words in ["1 000 ₽", "945 ₽", "333 ₽", "314,69 ₽", "Изменится 2 из 2"] {
        shows(&look, words);
    }
    assert_eq!(row(&app, &chair).await.price, Money::minor(1000_00), "a look changes nothing");
    // Пока смотрели, один товар изменили.
    let change = format!("{LIST}/{}/change", ids[1]);
    let form = me.get(&change).await.expect(200).text();
    let values = [
        ("name", table.product.name.as_str()),
        ("article", &table.product.article),
        ("price", "400"),
        ("order_type", "order"),
        ("is_active", "on"),
    ];
    me.submit(&change, &form, &values).await.expect(303);
    let fields = carried(&look.text());
    let done = me.send(&edit, &with(&fields, ("_confirm", "1"))).await.expect(200);
    shows(&done, "Сделано: 1 из 2");
    shows(&done, "пропущено: это изменил кто-то другой");
    let (first, second) = (row(&app, &chair).await, row(&app, &table).await);
    assert_eq!((first.price, first.is_new), (Money::minor(945_00), true));
    assert_eq!((second.price, second.is_new), (Money::minor(400_00), false));
    // Дважды отправленное — сделано один раз.
    me.send(&edit, &with(&fields, ("_confirm", "1"))).await.expect(200);
    assert_eq!(row(&app, &chair).await.price, Money::minor(945_00));
    shows(&me.get(&format!("{LIST}/{}/history", ids[0])).await, "945");
    close(app).await;
}

#[tokio::test]
async fn everything_that_matches_the_filter_is_taken() {
    let app = open().await;
    let me = administrator(&app).await;
    for _ in 0..12 {
        product(&app.ctx).price(100).create().await;
    }
    let dear = product(&app.ctx).price(5000).create().await;
    let csrf = hidden(&me.get(LIST).await.expect(200).text(), "_csrf");
    let fields = [
        ("_csrf", csrf.as_str()),
        ("_all", "1"),
        ("_query", "?price_to=1000"),
        ("_set", "is_popular"),
        ("is_popular", "on"),
        ("_preview", "1"),
    ];
    let look = me.send(&format!("{LIST}/bulk/edit"), &fields).await.expect(200);
    shows(&look, "Изменится 12 из 12");
    me.send(&format!("{LIST}/bulk/edit"), &with(&carried(&look.text()), ("_confirm", "1"))).await.expect(200);
    let all = goods::Entity::find().all(app.ctx.db_fresh()).await.expect("read");
    assert_eq!(all.iter().filter(|row| row.is_popular).count(), 12);
    assert!(!row(&app, &dear).await.is_popular);
    close(app).await;
}
