//! Права приложения.

use kernel::Permission;

pub const VIEW_CAMPAIGN: Permission = Permission::new("campaigns.view_campaign", "Кампании: просмотр");
/// Завести и изменить кампанию, пул, актив; остановить сеанс.
pub const CHANGE_CAMPAIGN: Permission = Permission::new("campaigns.change_campaign", "Кампании: изменение");

pub const ALL: &[Permission] = &[VIEW_CAMPAIGN, CHANGE_CAMPAIGN];
