//! Имена в Telegram и VK: как бы их ни записали, храним одно короткое имя.

/// `@name`, `t.me/name`, `tg://resolve?domain=name` → `name`.
pub fn telegram(input: &str) -> Option<String> {
    let name = strip(input, &["tg://resolve?domain=", "t.me/", "telegram.me/"]).to_lowercase();
    let first_is_letter = name.starts_with(|c: char| c.is_ascii_lowercase());
    let all_fit = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    let is_handle = (5..=32).contains(&name.len()) && first_is_letter && all_fit;
    (is_handle && !name.contains("__") && !name.ends_with('_')).then_some(name)
}

/// `vk.com/name`, `m.vk.com/id123`, `@name` → `name` или `id123`.
pub fn vk(input: &str) -> Option<String> {
    let name = strip(input, &["m.vk.com/", "m.vk.ru/", "vk.com/", "vk.ru/"]).to_lowercase();
    let is_id = name
        .strip_prefix("id")
        .is_some_and(|digits| (1..=12).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()));
    let all_fit = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.'));
    let has_letter = name.chars().any(|c| c.is_ascii_lowercase());
    let is_name = (5..=32).contains(&name.len()) && all_fit && has_letter;
    (is_id || is_name).then_some(name)
}

fn strip<'a>(input: &'a str, hosts: &[&str]) -> &'a str {
    let rest = input.trim();
    let rest = ["https://", "http://"].iter().find_map(|scheme| rest.strip_prefix(scheme)).unwrap_or(rest);
    let rest = rest.strip_prefix("www.").unwrap_or(rest);
    let rest = hosts.iter().find_map(|host| rest.strip_prefix(host)).unwrap_or(rest);
    rest.trim_start_matches('@').trim_end_matches('/')
}
