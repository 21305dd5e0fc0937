//! Адреса: документированные вызовы кампании и дела сотрудника.

mod calls;
mod export;
mod staff;

use axum::routing::{get, post};
use kernel::http::Routes;
use kernel::{Access, Ctx};
use utoipa_axum::routes;

use crate::permissions::{CHANGE_CAMPAIGN, VIEW_CAMPAIGN};
pub use calls::showcase;
use calls::*;
use export::*;
pub(crate) use export::{DAY_HEADS, day_line};
pub(crate) use staff::store_file;
use staff::*;

/// Больше этого вызов кампании не бывает, байт: запрос целиком ложится в журнал.
const CALL_LIMIT: usize = 16 * 1024;

/// Шесть документированных вызовов отвечают и в корне: так написано в описании прежней системы, а её программа звала их под `/api`.
pub fn calls(_: &Ctx) -> Routes {
    Routes::new("Кампании")
        .add(routes!(start_session), Access::Public)
        .lenient()
        .body_limit(CALL_LIMIT)
        .add(routes!(register_view), Access::Public)
        .lenient()
        .body_limit(CALL_LIMIT)
        .add(routes!(attach_email), Access::Public)
        .lenient()
        .body_limit(CALL_LIMIT)
        .add(routes!(read_progress), Access::Public)
        .lenient()
        .add(routes!(read_promo), Access::Public)
        .lenient()
        .add(routes!(read_stats), Access::Public)
        .lenient()
        .add(routes!(read_health_message), Access::Public)
        .lenient()
        .add(routes!(open_asset), Access::Public)
        .lenient()
        .body_limit(CALL_LIMIT)
        .add(routes!(read_showcase), Access::Public)
        .page("POST", "/session/start/", post(start_session), Access::Public)
        .body_limit(CALL_LIMIT)
        .page("POST", "/view/", post(register_view), Access::Public)
        .body_limit(CALL_LIMIT)
        .page("POST", "/user/email/", post(attach_email), Access::Public)
        .body_limit(CALL_LIMIT)
        .page("GET", "/progress/", get(read_progress), Access::Public)
        .page("GET", "/promo/", get(read_promo), Access::Public)
        .page("GET", "/stats/", get(read_stats), Access::Public)
}

pub fn staff(ctx: &Ctx) -> Routes {
    let limits = &ctx.settings().kernel.limits;
    let view = Access::Staff(VIEW_CAMPAIGN);
    let change = Access::Staff(CHANGE_CAMPAIGN);
    Routes::new("Кампании: сотруднику")
        .add(routes!(list_campaigns), view)
        .add(routes!(create_campaign), change)
        .add(routes!(read_campaign), view)
        .add(routes!(patch_campaign), change)
        .add(routes!(read_statistics), view)
        .add(routes!(export_funnel), view)
        .add(routes!(export_codes), view)
        .add(routes!(list_pools), view)
        .add(routes!(create_pool), change)
        .add(routes!(list_assets), view)
        .add(routes!(create_asset), change)
        .add(routes!(read_asset), view)
        .add(routes!(patch_asset, delete_asset), change)
        .add(routes!(upload_asset_file), change)
        .body_limit(limits.upload)
        .add(routes!(list_sessions), view)
        .add(routes!(read_session), view)
        .add(routes!(patch_session), change)
        .add(routes!(list_codes), view)
        .add(routes!(list_campaign_users), view)
}
