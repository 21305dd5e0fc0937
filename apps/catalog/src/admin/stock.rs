//! Остатки рукой сотрудника: приход и пересчёт пишут журнал склада.

use admin::{Action, Cell, Choice, Field, Panel, Table, Tone};
use kernel::http::Paging;
use kernel::{Ctx, Error, Result, Work};

use crate::models::product::Entity as Product;
use crate::models::stock_movement::MovementKind;
use crate::permissions::{CHANGE_STOCK, VIEW_STOCK};
use crate::queries;
use crate::services::stock::StockChange;
use crate::services::{stock, update_product};

const MOVEMENTS: &[Choice] = &[
    Choice::new("receipt", ("приход", "receipt"), Tone::Good),
    Choice::new("sale", ("отгрузка", "sale"), Tone::Plain),
    Choice::new("return", ("возврат", "return"), Tone::Plain),
    Choice::new("adjust", ("поправка", "adjustment"), Tone::Wait),
    Choice::new("reserve", ("занято заказом", "reserved"), Tone::Quiet),
    Choice::new("release", ("отпущено заказом", "released"), Tone::Quiet),
];

/// Последних строк журнала в карточке.
const LEDGER: u64 = 30;

const NAMES: [&str; 2] = ["receive", "correct"];

fn fields(quantity: admin::Words) -> [Field; 3] {
    [
        Field::options("item", ("Что", "What"), |ctx, id| Box::pin(items(ctx, id))).required(),
        Field::number("quantity", quantity).required(),
        Field::text("reason", ("Почему", "Why")).required().hint((
            "Накладная, пересчёт, бой: попадёт в журнал склада.",
            "Waybill, recount, damage: goes to the ledger.",
        )),
    ]
}

/// Пришло на склад.
pub(super) fn receive() -> Action<Product> {
    Action::<Product>::new(NAMES[0], ("Принять товар", "Receive goods"), CHANGE_STOCK, |work, id, input| {
        Box::pin(async move {
            let quantity = count_of(&input)?;
            if quantity == 0 {
                return Err(Error::invalid("quantity", "not_positive"));
            }
            change(work, id, &input, StockChange::By(quantity), MovementKind::Receipt).await
        })
    })
    .fields(fields(("Сколько пришло", "How many arrived")))
}

/// Пересчитали: столько лежит на складе.
pub(super) fn correct() -> Action<Product> {
    Action::<Product>::new(
        NAMES[1],
        ("Поправить остаток", "Correct the stock"),
        CHANGE_STOCK,
        |work, id, input| {
            Box::pin(async move {
                let count = count_of(&input)?;
                change(work, id, &input, StockChange::OnHand(count), MovementKind::Adjust).await
            })
        },
    )
    .fields(fields(("Сколько насчитали на складе", "How many are on hand")))
    .note(("Занятое заказами считается вместе с лежащим.", "Items reserved by orders are counted as on hand."))
}

async fn change(
    work: &mut Work,
    product: i64,
    input: &admin::Input,
    change: StockChange,
    kind: MovementKind,
) -> Result<()> {
    let reason = input.text("reason");
    if !(3..=300).contains(&reason.chars().count()) {
        return Err(Error::invalid("reason", "too_short:3"));
    }
    let item = input.text("item").parse::<i64>().map_err(|_| Error::invalid("item", "required"))?;
    let item = update_product::stock_item(work, product, Some(item), None).await?;
    stock::adjust(work, item.id, change, kind, reason).await?;
    Ok(())
}

fn count_of(input: &admin::Input) -> Result<i64> {
    let count = input.values.get("quantity").and_then(serde_json::Value::as_i64);
    let count = count.ok_or_else(|| Error::invalid("quantity", "not_integer"))?;
    if (0..=1_000_000_000).contains(&count) { Ok(count) } else { Err(Error::invalid("quantity", "out_of_range")) }
}

/// Складские позиции: `номер → «S, M — на складе 5»`.
async fn items(ctx: &Ctx, product: i64) -> Result<Vec<(String, String)>> {
    let stock = queries::stock_of(ctx.db_fresh(), product).await?;
    let option = |item: &crate::schemas::StockItemOut| {
        (item.inventory_item_id.to_string(), format!("{}: {}", title(item), item.on_hand))
    };
    Ok(stock.items.iter().map(option).collect())
}

/// Кто продаётся из этой позиции.
pub(super) fn title(item: &crate::schemas::StockItemOut) -> String {
    let titles = item.variants.iter().map(|variant| variant.title.as_str()).filter(|title| !title.is_empty());
    let joined = titles.collect::<Vec<_>>().join(", ");
    if joined.is_empty() { "Весь товар".to_owned() } else { joined }
}

/// Последние движения.
pub(super) fn ledger() -> Panel {
    Panel::new(("Склад", "Stock"), VIEW_STOCK, |ctx, id| Box::pin(movements(ctx, id))).actions(NAMES)
}

async fn movements(ctx: &Ctx, product: i64) -> Result<Table> {
    let heads =
        [("Когда", "When"), ("Что", "What"), ("На складе", "On hand"), ("Занято", "Reserved"), ("Почему", "Why")];
    let mut table = Table::new(heads);
    for row in queries::ledger(ctx.db_fresh(), product, &Paging::first(LEDGER)).await?.0 {
        let signed = |delta: i64| if delta == 0 { Cell::Empty } else { Cell::Text(format!("{delta:+}")) };
        table.row([
            row.created_at.naive_utc().into(),
            Cell::coded(MOVEMENTS, &row.kind),
            signed(row.on_hand_delta),
            signed(row.reserved_delta),
            row.reason.clone().into(),
        ]);
    }
    Ok(table)
}
