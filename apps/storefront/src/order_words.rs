//! Состояние заказа словами и картинкой: заголовок, пояснение, путь.

use kernel::texts::format_roubles;
use orders::models::{PaymentStatus, Status, order};
use serde::Serialize;

use crate::format::Moment;

/// Как заказ выглядит наверху страницы.
#[derive(Clone, Debug, Serialize)]
pub struct Look {
    pub title: String,
    pub text: String,
    pub icon: &'static str,
    /// `good`, `wait`, `bad`: цвет.
    pub tone: &'static str,
}

fn words(title: &str, text: impl Into<String>, icon: &'static str, tone: &'static str) -> Look {
    Look { title: title.to_owned(), text: text.into(), icon, tone }
}

/// `reason` — почему отменён; `is_checking` — деньги в пути; `expires` — когда отменится сам.
pub fn look(order: &order::Model, reason: Option<String>, is_checking: bool, expires: Option<Moment>) -> Look {
    if !order.balance_due().is_zero() && !order.is_cash() {
        return balance(order);
    }
    match order.status {
        Status::Pending if is_checking => {
            words("Проверяем оплату", "Обычно это занимает пару секунд, страница обновится сама.", "clock", "wait")
        }
        Status::Pending => pending(order, expires),
        Status::Paid => words("Заказ оплачен", "Спасибо! Мы уже взялись за него.", "check", "good"),
        Status::Processing => words("Собираем заказ", "Проверяем, пакуем и готовим к отправке.", "box", "good"),
        Status::Shipped => words("Заказ в пути", "Он уже едет к вам.", "truck", "good"),
        Status::Delivered => words("Заказ получен", "Спасибо, что выбрали нас.", "check", "good"),
        Status::Installed => words("Заказ собран", "Всё на своих местах. Спасибо, что выбрали нас.", "check", "good"),
        Status::Cancelled => words("Заказ отменён", cancelled(order, reason), "cross", "bad"),
        Status::Returned => words("Заказ возвращён", money_back(order), "cross", "bad"),
    }
}

/// Задаток есть, остатка ещё нет.
fn balance(order: &order::Model) -> Look {
    match order.balance_asked_at {
        Some(_) => words("Вещи готовы", "Осталось доплатить, и мы их отправим.", "card", "wait"),
        None => words(
            "Задаток получен",
            "Остаток попросим, когда вещи будут готовы. Можно заплатить и сейчас.",
            "check",
            "good",
        ),
    }
}

fn pending(order: &order::Model, expires: Option<Moment>) -> Look {
    let until = expires.map(|at| format!("Товары отложены для вас до {}. Потом заказ отменится сам.", at.time));
    match order.payment_status {
        PaymentStatus::Attention => {
            let text = "Сведения об оплате не сошлись. Мы разбираемся и напишем вам.";
            words("Уточняем оплату", text, "clock", "wait")
        }
        PaymentStatus::Failed => words("Оплата не прошла", until.unwrap_or_default(), "warn", "bad"),
        _ if order.is_cash() => words("Заказ принят", "Заплатите, когда получите его.", "check", "good"),
        _ => words("Ждёт оплаты", until.unwrap_or_default(), "clock", "wait"),
    }
}

fn cancelled(order: &order::Model, reason: Option<String>) -> String {
    let reason = reason.map(|reason| format!("{reason}.")).unwrap_or_default();
    [reason, money_back(order)].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
}

fn money_back(order: &order::Model) -> String {
    match (order.payment_status, order.paid_at) {
        (PaymentStatus::Refunded, _) => "Деньги возвращены.".to_owned(),
        (_, Some(_)) => "Деньги вернутся тем же способом, каким вы платили.".to_owned(),
        _ => String::new(),
    }
}

/// Чем и оплачено ли.
pub fn payment_words(order: &order::Model, paid: Option<Moment>) -> String {
    if order.is_free() {
        return "Платить нечего: скидка покрыла всё".to_owned();
    }
    let way = if order.is_cash() { "При получении" } else { "Картой онлайн" };
    if !order.balance_due().is_zero() {
        return format!("{way}, осталось доплатить {}", format_roubles(order.balance_due()));
    }
    match (order.payment_status, paid) {
        (PaymentStatus::Refunded, _) => format!("{way}, деньги возвращены"),
        (_, Some(at)) => format!("{way}, оплачено {}", at.full),
        (_, None) if order.is_cash() => way.to_owned(),
        (_, None) if order.status == Status::Pending => format!("{way}, ещё не оплачено"),
        (_, None) => "Не оплачен".to_owned(),
    }
}

/// Переход в истории.
pub fn status_words(status: Status) -> &'static str {
    match status {
        Status::Pending => "Заказ восстановлен",
        Status::Paid => "Заказ оплачен",
        Status::Processing => "Начали собирать",
        Status::Shipped => "Заказ отправлен",
        Status::Delivered => "Заказ получен",
        Status::Installed => "Заказ собран у вас",
        Status::Cancelled => "Заказ отменён",
        Status::Returned => "Заказ возвращён",
    }
}

/// Остановка на пути заказа.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    pub name: &'static str,
    /// `done`, `now`, `next`.
    pub state: &'static str,
}

/// Путь заказа; у отменённого и возвращённого его нет. С оплатой при получении шага «Оплачен» нет.
pub fn steps(order: &order::Model) -> Vec<Step> {
    let path = [
        (Status::Pending, "Принят"),
        (Status::Paid, "Оплачен"),
        (Status::Processing, "Собираем"),
        (Status::Shipped, "В пути"),
        (Status::Delivered, "Получен"),
    ];
    let at = match order.status {
        Status::Cancelled | Status::Returned => return Vec::new(),
        Status::Installed => Status::Delivered,
        status => status,
    };
    let shown =
        path.into_iter().filter(|(status, _)| *status != Status::Paid || !order.is_cash() || at == Status::Paid);
    let state = |status: Status| match status.cmp(&at) {
        std::cmp::Ordering::Less => "done",
        std::cmp::Ordering::Equal => "now",
        std::cmp::Ordering::Greater => "next",
    };
    shown.map(|(status, name)| Step { name, state: state(status) }).collect()
}
