use kernel::Migration;

pub const ALL: &[Migration] = &[
    Migration::new("m0001_create_messages", include_str!("m0001_create_messages.sql")),
    Migration::new("m0002_add_delivery", include_str!("m0002_add_delivery.sql")),
];
