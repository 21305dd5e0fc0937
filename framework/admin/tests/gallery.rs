//! Галерея товара: порядок, подпись, удаление — страницами админки и без скриптов.

use catalog::factories::product;
use catalog::models::product_media::{self, Entity as Media};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use testkit::TestApp;

use crate::shop::*;

const BOX: &[u8] = include_bytes!("../../files/tests/fixtures/Box.glb");

async fn gallery(app: &TestApp, product: i64) -> Vec<product_media::Model> {
    let find = Media::find().filter(product_media::Column::ProductId.eq(product));
    find.order_by_asc(product_media::Column::Position).all(app.ctx.db_fresh()).await.expect("gallery")
}

#[tokio::test]
async fn files_are_ordered_described_and_deleted() {
    let app = open().await;
    let me = administrator(&app).await;
    let id = product(&app.ctx).create().await.product.id;
    let url = format!("/admin/catalog/product/{id}");
    for alt in ["первый", "второй"] {
        let form = me.get(&format!("{url}/upload")).await.expect(200).text();
        let fields = [("_csrf", hidden(&form, "_csrf")), ("_key", hidden(&form, "_key")), ("alt", alt.to_owned())];
        me.upload(&format!("{url}/upload"), &fields, ("files", "box.glb", BOX)).await.expect(303);
    }
    let page = me.get(&url).await.expect(200);
    shows(&page, "<model-viewer");
    shows(&page, "data-order=");
    let ids: Vec<String> = gallery(&app, id).await.iter().map(|file| file.id.to_string()).collect();
    let fields = [("ids", ids[0].as_str()), ("ids", &ids[1]), ("ids__place", "2"), ("ids__place", "1")];
    me.submit(&format!("{url}/order_media"), &page.text(), &fields).await.expect(303);
    let after = gallery(&app, id).await;
    assert_eq!(after.iter().map(|file| file.alt.as_str()).collect::<Vec<_>>(), ["второй", "первый"]);
    // Без скриптов и без таблицы порядок — своя форма с номерами.
    shows(&me.get(&format!("{url}/order_media")).await.expect(200), "Место: № ");
    let file = format!("/admin/catalog/media/{}", after[0].id);
    me.done(&format!("{file}/change"), &[("alt", "обложка"), ("kind", "model_3d")]).await;
    assert_eq!(gallery(&app, id).await[0].alt, "обложка");
    me.fill(&format!("{file}/delete"), &[]).await.expect(303);
    assert_eq!(gallery(&app, id).await.len(), 1);
    // Смотреть может и тот, кому менять нельзя: порядка у него нет.
    let viewer = staff(&app, &[admin::permissions::ENTER, catalog::permissions::VIEW_PRODUCT]).await;
    hides(&viewer.get(&url).await.expect(200), "data-order=");
    close(app).await;
}
