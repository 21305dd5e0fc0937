//! Память эмулятора.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Состояние у эмулятора; слова — как у YooKassa.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, utoipa::ToSchema)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
#[serde(rename_all = "snake_case")]
#[schema(as = EmulatorStatus)]
pub enum GatewayStatus {
    #[sea_orm(string_value = "pending")]
    Pending,
    #[sea_orm(string_value = "waiting_for_capture")]
    WaitingForCapture,
    #[sea_orm(string_value = "succeeded")]
    Succeeded,
    #[sea_orm(string_value = "canceled")]
    Canceled,
}

pub mod emulator_payment {
    use kernel::{Money, Timestamp};
    use sea_orm::entity::prelude::*;

    use super::GatewayStatus;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "emulator_payments")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub gateway_id: String,
        pub idempotence_key: String,
        /// Что магазин положил в метаданные.
        pub reference: Uuid,
        pub status: GatewayStatus,
        pub reason: Option<String>,
        pub amount: Money,
        pub refunded: Money,
        pub currency: String,
        pub is_two_stage: bool,
        /// Через запятую, см. `Fault`.
        pub faults: String,
        pub expires_at: Option<Timestamp>,
        pub paid_at: Option<Timestamp>,
        pub created_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod emulator_refund {
    use kernel::{Money, Timestamp};
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "emulator_refunds")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub gateway_id: String,
        pub idempotence_key: String,
        pub emulator_payment_id: i64,
        pub amount: Money,
        pub created_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod emulator_fault {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "emulator_faults")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub fault: String,
        /// Сколько вызовов ещё испортить.
        pub remaining: i32,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
