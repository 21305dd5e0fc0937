//! Права приложения.

use kernel::Permission;

pub const CHANGE_PAGE: Permission = Permission::new("content.change_page", "Страницы: писать и публиковать");
pub const CHANGE_SPLASH: Permission = Permission::new("content.change_splash", "Приветствия на входе");

pub const ALL: &[Permission] = &[CHANGE_PAGE, CHANGE_SPLASH];
