//! Соответствие внешнего ида нашему и отпечатки последнего загруженного: без них повторная загрузка
//! переписывала бы всё заново.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_links")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Откуда: `commerceml` или `table`.
    pub source: String,
    pub entity: LinkEntity,
    pub external_id: String,
    /// Ид каталога учётной системы: полная выгрузка скрывает только своё.
    pub scope: String,
    pub entity_id: i64,
    /// Отпечаток сведений о записи; пусто — при следующей загрузке сравнить заново.
    pub digest: String,
    /// Только у вариантов: отпечатки последней цены и последнего остатка.
    pub price_digest: String,
    pub stock_digest: String,
    pub state: LinkState,
}

impl ActiveModelBehavior for ActiveModel {}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
pub enum LinkEntity {
    #[sea_orm(string_value = "group")]
    Group,
    #[sea_orm(string_value = "property")]
    Property,
    /// Значение справочника; внешний ид — `свойство/значение`.
    #[sea_orm(string_value = "choice")]
    Choice,
    #[sea_orm(string_value = "product")]
    Product,
    #[sea_orm(string_value = "variant")]
    Variant,
}

/// Что загрузка сделала с показом. Скрытое человеком сюда не попадает.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
pub enum LinkState {
    #[default]
    #[sea_orm(string_value = "shown")]
    Shown,
    /// Пропал из полной выгрузки или снят с показа источником.
    #[sea_orm(string_value = "hidden")]
    Hidden,
    /// Помечен на удаление.
    #[sea_orm(string_value = "archived")]
    Archived,
}
