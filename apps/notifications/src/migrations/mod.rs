use kernel::Migration;

pub const ALL: &[Migration] = &[
    Migration::new("m0001_create_messages", include_str!("m0001_create_messages.sql")),
    Migration::new("m0002_add_delivery", include_str!("m0002_add_delivery.sql")),
    Migration::new("m0003_add_html", include_str!("m0003_add_html.sql")),
    Migration::new("m0004_create_templates", include_str!("m0004_create_templates.sql")),
    Migration::new("m0005_add_channels", include_str!("m0005_add_channels.sql")),
    Migration::new("m0006_widen_messages", include_str!("m0006_widen_messages.sql")),
];
