//! Выгрузки CSV.

use accounts::models::user;
use catalog::factories::product;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};
use serde_json::json;

use crate::{customer, order, owner, pay, shop};

#[tokio::test]
async fn orders_leave_as_a_table() {
    let app = shop().await;
    let owner = owner(&app).await;
    let chair = product(&app.ctx).price(100).stock(5000).create().await;
    let (login, anna) = customer(&app).await;
    let made = order(&anna, &chair, 2).await;
    pay(&app, &made).await;
    let answer = owner.get("/api/v1/analytics/export/orders").await.expect(200);
    assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"orders_20260302.csv\""));
    let expected = format!(
        "Номер заказа,Телефон клиента,Сумма,Скидка,Итого,Статус,Статус оплаты,Трек-номер,Создан,Оплачен\n\
         {},{},200.00,0.00,200.00,paid,succeeded,,2026-03-02 09:00:00,2026-03-02 09:00:00\n",
        made["order_number"].as_str().expect("number"),
        login.phone,
    );
    assert_eq!(answer.text(), expected);
    let marked = owner.get("/api/v1/analytics/export/orders?bom=true").await.expect(200).text();
    assert_eq!(marked.strip_prefix('\u{feff}'), Some(expected.as_str()));
    let none = owner.get("/api/v1/analytics/export/orders?end_date=2026-03-01").await.expect(200).text();
    assert_eq!(none.lines().count(), 1);
    app.close().await;
}

/// Порций несколько: ни строки не теряется на их границе и не повторяется.
#[tokio::test]
async fn a_long_export_loses_nothing_between_portions() {
    let app = shop().await;
    let owner = owner(&app).await;
    let (login, _) = customer(&app).await;
    let sample = user::Entity::find_by_id(login.user_id).one(app.ctx.db_fresh()).await.unwrap().unwrap();
    let copies = (0..2500u128).map(|n| user::ActiveModel {
        id: sea_orm::NotSet,
        public_id: Set(sea_orm::prelude::Uuid::from_u128(n + 1)),
        phone: Set(Some(format!("+7999{n:07}"))),
        email: Set(None),
        email_normalized: Set(None),
        ..sample.clone().into_active_model().reset_all()
    });
    let copies: Vec<_> = copies.collect();
    for part in copies.chunks(500) {
        user::Entity::insert_many(part.to_vec()).exec(&app.ctx.db_handle().write).await.expect("people");
    }
    let text = owner.get("/api/v1/analytics/export/customers").await.expect(200).text();
    let mut ids: Vec<&str> = text.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(ids.len(), 2501);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 2501);
    app.close().await;
}

#[tokio::test]
async fn a_cell_is_never_a_formula() {
    let app = shop().await;
    let owner = owner(&app).await;
    let (_, anna) = customer(&app).await;
    let hostile = ["=cmd|' /C calc'!A0", "+SUM(1)", "-2+3", "@SUM(A1)", "\tcell", "a,\"b\"\nc"];
    let mut cells = Vec::new();
    for name in hostile {
        anna.put("/api/v1/users/me", json!({"address": name})).await.expect(200);
        let text = owner.get("/api/v1/analytics/export/customers").await.expect(200).text();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let row = reader.records().next().expect("row").expect("csv");
        assert!(row[1].starts_with("+7"), "a phone stays a phone: {}", &row[1]);
        cells.push(row[6].to_owned());
    }
    assert_eq!(cells, ["'=cmd|' /C calc'!A0", "'+SUM(1)", "'-2+3", "'@SUM(A1)", "cell", "a,\"b\"\nc"]);
    app.close().await;
}
