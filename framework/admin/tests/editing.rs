//! Правка: проверки приложения, двое сразу, повтор отправки, журнал.

use crate::shop::*;

const ADD: &str = "/admin/promos/promo_code/add";

#[tokio::test]
async fn refusals_of_the_app_stand_at_their_fields() {
    let app = open().await;
    let me = administrator(&app).await;
    let refused = me.fill(ADD, &[("code", "ЛЕТО"), ("is_active", "on")]).await.expect(422);
    shows(&refused, "Укажите скидку: процент или сумму.");
    shows(&refused, "value=\"ЛЕТО\"");
    let refused = me.fill(ADD, &[("code", "ЛЕТО"), ("discount_percent", "дорого")]).await.expect(422);
    shows(&refused, "Это не сумма.");
    me.fill(ADD, &[("code", "ЛЕТО"), ("discount_percent", "10"), ("is_active", "on")]).await.expect(303);
    let taken = me.fill(ADD, &[("code", "лето"), ("discount_percent", "5")]).await.expect(400);
    shows(&taken, "Такой промокод уже есть.");
    close(app).await;
}

#[tokio::test]
async fn the_same_form_sent_twice_does_it_once() {
    let app = open().await;
    let me = administrator(&app).await;
    let page = me.get(ADD).await.expect(200).text();
    let fields = [("code", "ДВАЖДЫ"), ("discount_amount", "100"), ("is_active", "on")];
    let (first, second) = futures::join!(me.submit(ADD, &page, &fields), me.submit(ADD, &page, &fields));
    assert_eq!((first.status, second.status), (303, 303));
    assert_eq!(location(&first), location(&second));
    let list = me.get("/admin/promos/promo_code").await.expect(200).text();
    assert_eq!(list.matches("class=\"row-link\"").count(), 1);
    close(app).await;
}

#[tokio::test]
async fn of_two_editors_the_second_is_told() {
    let app = open().await;
    let (anna, boris) = (administrator(&app).await, administrator(&app).await);
    let made = anna.fill(ADD, &[("code", "ОСЕНЬ"), ("discount_amount", "100"), ("is_active", "on")]).await.expect(303);
    let change = format!("{}/change", location(&made));
    let (page_a, page_b) = (anna.get(&change).await.text(), boris.get(&change).await.text());
    let form =
        |amount| [("code", "ОСЕНЬ"), ("discount_percent", "0"), ("discount_amount", amount), ("is_active", "on")];
    anna.submit(&change, &page_a, &form("150")).await.expect(303);
    let clash = boris.submit(&change, &page_b, &form("200")).await.expect(409);
    shows(&clash, "это сохранил кто-то другой");
    shows(&clash, "<td data-head=\"У вас\">200</td><td data-head=\"Сохранено другим\">150</td>");
    shows(&boris.get(&location(&made)).await, "150 ₽");
    boris.submit(&change, &clash.text(), &form("200")).await.expect(303);
    shows(&boris.get(&location(&made)).await, "200 ₽");
    let history = anna.get(&format!("{}/history", location(&made))).await.expect(200);
    shows(&history, "Скидка, ₽: <del>150</del> → <ins>200</ins>");
    shows(&history, "Скидка, ₽: <del>100</del> → <ins>150</ins>");
    close(app).await;
}

#[tokio::test]
async fn a_change_sends_only_what_changed() {
    let app = open().await;
    let me = administrator(&app).await;
    let made =
        me.fill(ADD, &[("code", "ЗИМА"), ("discount_percent", "12,5"), ("max_uses", "10"), ("is_active", "on")]).await;
    let url = location(&made.expect(303));
    let change = format!("{url}/change");
    let page = me.get(&change).await.expect(200);
    shows(&page, "value=\"12.5\"");
    let same = [
        ("code", "ЗИМА"),
        ("discount_percent", "12,50"),
        ("discount_amount", "0"),
        ("max_uses", "10"),
        ("is_active", "on"),
    ];
    me.submit(&change, &page.text(), &same).await.expect(303);
    hides(&me.get(&format!("{url}/history")).await, "Изменить</strong>");
    let without_limit = [same[0], same[1], same[2], ("max_uses", ""), same[4]];
    me.fill(&change, &without_limit).await.expect(303);
    let history = me.get(&format!("{url}/history")).await;
    shows(&history, "Сколько заказов всего: <del>10</del> → <ins>—</ins>");
    hides(&history, "Скидка, %: <del>");
    close(app).await;
}

#[tokio::test]
async fn the_log_is_written_with_the_deed_or_not_at_all() {
    let app = open().await;
    let me = administrator(&app).await;
    let made = me.fill(ADD, &[("code", "ВЕСНА"), ("discount_amount", "100"), ("is_active", "on")]).await.expect(303);
    let id: i64 = location(&made).rsplit('/').next().and_then(|id| id.parse().ok()).expect("id");
    me.fill(
        &format!("{}/change", location(&made)),
        &[("code", ""), ("discount_percent", "0"), ("discount_amount", "100"), ("is_active", "on")],
    )
    .await
    .expect(422);
    let count = rows(&app, id).await;
    assert_eq!(count, 1, "a refused change leaves no trace");
    me.done(&format!("{}/switch_off", location(&made)), &[]).await;
    assert_eq!(rows(&app, id).await, 2);
    // Выключенный второй раз не выключают: кнопки нет, а прямой вызов — отказ.
    let again = me.fill(&format!("{}/switch_off", location(&made)), &[]).await.expect(409);
    shows(&again, "Сейчас это невозможно");
    assert_eq!(rows(&app, id).await, 2);
    close(app).await;
}

async fn rows(app: &testkit::TestApp, id: i64) -> u64 {
    use admin::log_row::{Column, Entity};
    use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
    let find = Entity::find().filter(Column::Model.eq("promos.promo_code")).filter(Column::ObjectId.eq(id));
    find.count(app.ctx.db_fresh()).await.expect("count")
}
