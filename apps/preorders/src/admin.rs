//! Админка: волны предзаказа.

use admin::{Action, Cell, Choice, Field, Filter, Input, Inside, Model, Panel, PanelOf, Screen, Table, Tone};
use kernel::{Ctx, Result, Work};
use sea_orm::Condition;
use sea_orm::entity::prelude::*;
use serde_json::json;

use crate::models::{Status, Wave, wave};
use crate::permissions::{CHANGE_WAVE, VIEW_WAVE};
use crate::schemas::{WaveIn, WavePatch};
use crate::{queries, services};

const STATUSES: &[Choice] = &[
    Choice::new("collecting", ("набирается", "collecting"), Tone::Wait),
    Choice::new("production", ("изготавливается", "in production"), Tone::Plain),
    Choice::new("tracking", ("готова", "ready"), Tone::Plain),
    Choice::new("shipping", ("отправляется", "shipping"), Tone::Plain),
    Choice::new("completed", ("завершена", "completed"), Tone::Good),
    Choice::new("cancelled", ("отменена", "cancelled"), Tone::Quiet),
];

pub fn waves() -> Screen {
    use wave::Column;
    Model::<Wave>::new("preorders", "wave", ("Волны предзаказа", "Pre-order waves"), ("Волна", "Wave"), VIEW_WAVE)
        .label(|wave| format!("Товар № {}, волна {}", wave.product_id, wave.wave_number))
        .column(("Волна", "Wave"), |wave| format!("№ {}", wave.wave_number).into())
        .column(("Товар", "Product"), product)
        .column(("Состояние", "Status"), |wave| Cell::coded(STATUSES, &wave.status))
        .column(("Занято", "Taken"), |wave| format!("{} / {}", wave.current_count, wave.capacity).into())
        .column(("Набор до", "Closes"), |wave| wave.closes_at.into())
        .column(("Отправка", "Ships"), |wave| wave.ships_at.into())
        .filter(Filter::choice("status", ("Состояние", "Status"), Column::Status, STATUSES))
        .filter(Filter::id("product_id", ("Номер товара", "Product number"), Column::ProductId))
        .search(("номер товара", "product number"), |text| {
            Condition::all().add(Column::ProductId.eq(text.parse::<i64>().unwrap_or_default()))
        })
        .group(("Места", "Seats"))
        .line(("Товар", "Product"), product)
        .line(("Состояние", "Status"), |wave| Cell::coded(STATUSES, &wave.status))
        .line(("Мест", "Capacity"), |wave| wave.capacity.into())
        .line(("Занято", "Taken"), |wave| wave.current_count.into())
        .line(("Меньше не шьём", "Minimum"), |wave| wave.min_count.into())
        .line(("Последнее сообщение покупателям", "Last message to buyers"), |wave| {
            wave.status_message.clone().into()
        })
        .group(("Условия", "Terms"))
        .line(("Своя цена", "Own price"), |wave| wave.price.into())
        .line(("Задаток, %", "Deposit, %"), |wave| wave.deposit_percent.into())
        .line(("Набор до", "Closes"), |wave| wave.closes_at.into())
        .line(("Обещанная отправка", "Promised shipping"), |wave| wave.ships_at.into())
        .line(("Завершена", "Completed"), |wave| wave.completed_at.into())
        .add(CHANGE_WAVE, new_fields(), |work, input| {
            Box::pin(async move { Ok(services::create_wave(work, &input.parse::<WaveIn>()?).await?.id) })
        })
        .action(change())
        .action(
            move_to("production", ("В производство", "To production"), |work, id, input| {
                Box::pin(moved(work, id, Status::Production, input))
            })
            .when(|wave| wave.status.can_become(Status::Production)),
        )
        .action(
            move_to("tracking", ("Готова", "Ready"), |work, id, input| {
                Box::pin(moved(work, id, Status::Tracking, input))
            })
            .when(|wave| wave.status.can_become(Status::Tracking)),
        )
        .action(
            move_to("shipping", ("Отправляется", "Shipping"), |work, id, input| {
                Box::pin(moved(work, id, Status::Shipping, input))
            })
            .when(|wave| wave.status.can_become(Status::Shipping)),
        )
        .action(
            move_to("complete", ("Завершить", "Complete"), |work, id, input| {
                Box::pin(moved(work, id, Status::Completed, input))
            })
            .when(|wave| wave.status.can_become(Status::Completed)),
        )
        .action(
            move_to("cancel", ("Отменить волну", "Cancel the wave"), |work, id, input| {
                Box::pin(moved(work, id, Status::Cancelled, input))
            })
            .note((
                "Деньги за места вернутся всем покупателям волны, каждый получит письмо.",
                "Every buyer of the wave is refunded and gets a letter.",
            ))
            .when(|wave| wave.status.can_become(Status::Cancelled))
            .danger(),
        )
        .action(
            Action::<Wave>::delete(CHANGE_WAVE, |work, id, _| Box::pin(services::delete_wave(work, id)))
                .note((
                    "Удалить можно волну, места в которой никому не доставались.",
                    "Only a wave nobody took a seat in.",
                ))
                .when(|wave| wave.current_count == 0),
        )
        .screen()
}

/// Волны в карточке товара.
pub fn waves_of_product() -> PanelOf {
    PanelOf(
        "catalog.product",
        Panel::new(("Волны предзаказа", "Pre-order waves"), VIEW_WAVE, |ctx, id| {
            Box::pin(table(ctx, id))
        }),
    )
}

async fn table(ctx: &Ctx, product_id: i64) -> Result<Table> {
    let heads =
        [("Волна", "Wave"), ("Состояние", "Status"), ("Занято", "Taken"), ("Мест", "Capacity"), ("Набор до", "Closes")];
    let add = format!("/admin/preorders/wave/add?product_id={product_id}");
    let mut table = Table::new(heads).link(("Открыть волну", "Open a wave"), add);
    for wave in queries::waves_of(ctx.db(), product_id).await? {
        table.row([
            Cell::Object("preorders.wave", wave.id, format!("№ {}", wave.wave_number)),
            Cell::coded(STATUSES, &wave.status),
            wave.current_count.into(),
            wave.capacity.into(),
            wave.closes_at.into(),
        ]);
    }
    Ok(table)
}

fn product(wave: &wave::Model) -> Cell {
    Cell::Object("catalog.product", wave.product_id, format!("№ {}", wave.product_id))
}

fn fields() -> [Field; 6] {
    [
        Field::number("capacity", ("Мест", "Capacity")).required(),
        Field::money("price", ("Своя цена, ₽", "Own price, ₽"))
            .nullable()
            .hint(("Пусто — цена товара.", "Empty: the price of the product.")),
        Field::number("deposit_percent", ("Задаток, % цены", "Deposit, % of the price"))
            .nullable()
            .hint(("Пусто — платят сразу всё; иначе остаток — когда сошьёте.", "Empty: everything is paid at once.")),
        Field::number("min_count", ("Меньше этого не шьём", "Minimum"))
            .nullable()
            .hint(("Не набралось к сроку — волна закрывается.", "Not reached in time: the wave closes.")),
        Field::moment("closes_at", ("Набираем до", "Closes at")).nullable(),
        Field::moment("ships_at", ("Обещанная отправка", "Promised shipping")).nullable(),
    ]
}

fn new_fields() -> Vec<Field> {
    let product = Field::pick("product_id", ("Товар", "Product"), "catalog.product").required();
    [product].into_iter().chain(fields()).collect()
}

fn change() -> Action<Wave> {
    Action::<Wave>::change(
        CHANGE_WAVE,
        |_, wave| Box::pin(values(wave)),
        |work, id, input| {
            Box::pin(async move {
                services::update_wave(work, id, &input.parse::<WavePatch>()?).await?;
                Ok(())
            })
        },
    )
    .fields(fields())
    .note(("Цена касается только следующих покупателей.", "The price concerns later buyers only."))
}

async fn values(wave: wave::Model) -> Result<serde_json::Value> {
    Ok(json!({
        "capacity": wave.capacity,
        "price": wave.price,
        "deposit_percent": wave.deposit_percent,
        "min_count": wave.min_count,
        "closes_at": wave.closes_at.map(|at| at.and_utc()),
        "ships_at": wave.ships_at.map(|at| at.and_utc()),
    }))
}

/// Перевод волны: каждый заказ в ней узнаёт об этом, каждый покупатель получает письмо.
fn move_to(name: &'static str, words: admin::Words, run: Inside) -> Action<Wave> {
    Action::<Wave>::new(name, words, CHANGE_WAVE, run)
        .fields([Field::area("message", ("Слова покупателям", "Words to the buyers"), 4)])
        .note(("Каждый покупатель волны получит письмо.", "Every buyer of the wave gets a letter."))
        .bulk()
}

async fn moved(work: &mut Work, id: i64, to: Status, input: Input) -> Result<()> {
    // Форма уже сказала, что отмена вернёт деньги: её отправка и есть согласие.
    services::move_wave(work, id, to, input.text("message"), to == Status::Cancelled).await?;
    Ok(())
}
