//! Что покупают: строки заказа с сегодняшними ценами и остатками.

use std::collections::BTreeMap;

use cart::CartOwner;
use cart::services::{CartLine, counts_stock};
use catalog::errors::{PRODUCT_NOT_FOUND, out_of_stock};
use catalog::models::product::OrderType;
use catalog::queries::{Sellable, Wanted, sellable, sellable_for};
use catalog::services::stock::StockLine;
use kernel::{Ctx, Error, Money, OrNotFound, Result, Timestamp};
use preorders::calculations::Share;
use preorders::errors::no_seats;
use preorders::queries::Waves;
use sea_orm::ConnectionTrait;

use crate::calculations::{deposit_of, items_sum};
use crate::errors;
use crate::settings::Mixed;

/// Откуда строки.
#[derive(Clone, Debug)]
pub enum Goods {
    Lines(Vec<WantedLine>),
    /// Из корзины; оформление её опустошает.
    Cart(CartOwner),
}

/// Строка, как её назвал покупатель.
#[derive(Clone, Debug)]
pub struct WantedLine {
    pub product_id: i64,
    pub size: Option<String>,
    pub quantity: i64,
}

/// Строка с прочитанным товаром.
#[derive(Clone, Debug)]
pub struct Line {
    pub good: Sellable,
    pub quantity: i64,
    /// Доля скидки заказа; не больше суммы строки.
    pub discount: Money,
    /// Какие это места предзаказа: строка покупателя поделена между волнами, у каждой части — своя.
    pub share: Option<Share>,
    /// Номер строки у спросившего.
    pub index: usize,
}

impl Line {
    fn of_share(good: &Sellable, share: Share, index: usize) -> Line {
        let good = Sellable { price: share.price, ..good.clone() };
        Line { good, quantity: share.quantity, discount: Money::ZERO, share: Some(share), index }
    }

    /// Цена на количество; предел проверен в [`Basket::items_amount`].
    pub fn amount(&self) -> Money {
        self.good.price.times(self.quantity).unwrap_or(Money::MAX)
    }

    /// Что платят потом, если волна продаёт с задатком.
    pub fn balance(&self) -> Money {
        let price = self.amount() - self.discount;
        let percent = self.share.as_ref().and_then(|share| share.deposit_percent);
        percent.map_or(Money::ZERO, |percent| price - deposit_of(price, percent))
    }

    /// Складская позиция, если остаток ведётся.
    pub fn inventory_item(&self) -> Option<i64> {
        counts_stock(&self.good).then_some(self.good.inventory_item_id)
    }
}

/// Все строки заказа в том порядке, в каком их назвали.
#[derive(Clone, Debug)]
pub struct Basket {
    pub lines: Vec<Line>,
    /// Волны строк предзаказа, какими их видел расчёт.
    pub waves: Waves,
    /// Покупателю отложены места: покупка тратит предложение листа ожидания.
    pub has_offers: bool,
}

impl Basket {
    /// По товару и размеру контракта; незнакомый товар — 404.
    pub async fn of_wanted(
        ctx: &Ctx,
        db: &impl ConnectionTrait,
        user_id: Option<i64>,
        wanted: &[WantedLine],
    ) -> Result<Basket> {
        let named: Vec<Wanted> =
            wanted.iter().map(|line| Wanted { product_id: line.product_id, size: line.size.clone() }).collect();
        let goods = sellable_for(db, &named).await?;
        let lines = goods.into_iter().zip(wanted.iter().map(|line| line.quantity)).collect();
        spread(ctx, db, user_id, lines).await
    }

    /// По вариантам корзины.
    pub async fn of_cart(
        ctx: &Ctx,
        db: &impl ConnectionTrait,
        user_id: Option<i64>,
        cart: &[CartLine],
    ) -> Result<Basket> {
        if cart.is_empty() {
            return Err(errors::cart_empty());
        }
        let variants: Vec<i64> = cart.iter().map(|line| line.variant_id).collect();
        let goods = sellable(db, &variants).await?;
        let mut lines = Vec::with_capacity(cart.len());
        for line in cart {
            let good = goods.iter().find(|good| good.variant_id == line.variant_id).or_not_found(PRODUCT_NOT_FOUND)?;
            lines.push((good.clone(), line.quantity));
        }
        spread(ctx, db, user_id, lines).await
    }

    /// Первое, что мешает продать, или ничего.
    pub fn check(&self, now: Timestamp) -> Result<()> {
        self.problems(now).into_iter().next().map_or(Ok(()), Err)
    }

    /// Всё, что мешает продать, по строкам.
    pub fn problems(&self, now: Timestamp) -> Vec<Error> {
        let mut found: Vec<Error> = self.lines.iter().filter_map(|line| line_problem(line, now)).collect();
        found.extend(self.shortages());
        if self.lines.iter().any(|line| line.good.currency != self.currency()) {
            found.push(errors::mixed_currencies());
        }
        found
    }

    /// Строки на одну складскую позицию складываются. Решает всё равно `claim`; здесь — вежливый отказ до записи.
    fn shortages(&self) -> Vec<Error> {
        let mut needs: BTreeMap<i64, (i64, usize)> = BTreeMap::new();
        for (place, line) in self.lines.iter().enumerate() {
            if let Some(item) = line.inventory_item() {
                needs.entry(item).or_insert((0, place)).0 += line.quantity;
            }
        }
        let short = |(need, place): &(i64, usize)| {
            let Line { good, index, .. } = &self.lines[*place];
            (good.available < *need).then(|| out_of_stock(&good.title(), good.available, *index))
        };
        needs.values().filter_map(short).collect()
    }

    /// Чем станет корзина: одним заказом или, если она смешанная и так велит настройка, двумя.
    pub fn parts(self, mixed: Mixed) -> Vec<Basket> {
        if mixed == Mixed::Together {
            return vec![self];
        }
        let Basket { lines, waves, has_offers } = self;
        let (preorders, stock): (Vec<Line>, Vec<Line>) = lines.into_iter().partition(|line| line.share.is_some());
        let part = |lines| Basket { lines, waves: waves.clone(), has_offers };
        [stock, preorders].into_iter().filter(|lines| !lines.is_empty()).map(part).collect()
    }

    pub fn currency(&self) -> &str {
        self.lines.first().map_or(kernel::RUB, |line| line.good.currency.as_str())
    }

    /// Сумма строк; больше предела денег — отказ.
    pub fn items_amount(&self) -> Result<Money> {
        items_sum(self.lines.iter().map(|line| (line.good.price, line.quantity))).ok_or_else(errors::too_expensive)
    }

    /// Скидки не будет.
    pub fn clear_discount(&mut self) {
        self.lines.iter_mut().for_each(|line| line.discount = Money::ZERO);
    }

    /// Скидка всех строк.
    pub fn discount(&self) -> Money {
        self.lines.iter().map(|line| line.discount).sum()
    }

    /// Остаток всех строк: вторым платежом.
    pub fn balance(&self) -> Money {
        self.lines.iter().map(Line::balance).sum()
    }

    /// Что занять на складе.
    pub fn stock_lines(&self) -> Vec<StockLine> {
        let stock = |line: &Line| {
            let inventory_item_id = line.inventory_item()?;
            Some(StockLine { inventory_item_id, quantity: line.quantity, title: line.good.title() })
        };
        self.lines.iter().filter_map(stock).collect()
    }
}

/// Предзаказ делится на части по волнам; каждая часть — своя строка со своей ценой. Мест не хватило — строка остаётся без волны, и
/// [`Basket::problems`] об этом скажет.
async fn spread(
    ctx: &Ctx,
    db: &impl ConnectionTrait,
    user_id: Option<i64>,
    wanted: Vec<(Sellable, i64)>,
) -> Result<Basket> {
    let (goods, quantities): (Vec<Sellable>, Vec<i64>) = wanted.into_iter().unzip();
    let mut places = preorders::services::quote(ctx, db, user_id, &goods).await?;
    let mut lines = Vec::with_capacity(goods.len());
    for (index, (mut good, quantity)) in goods.into_iter().zip(quantities).enumerate() {
        places.fit(&mut good);
        match places.take(&good, quantity) {
            Some(shares) => lines.extend(shares.into_iter().map(|share| Line::of_share(&good, share, index))),
            None => lines.push(Line { good, quantity, discount: Money::ZERO, share: None, index }),
        }
    }
    Ok(Basket { lines, waves: places.waves().clone(), has_offers: places.has_offers() })
}

fn line_problem(line: &Line, now: Timestamp) -> Option<Error> {
    let Line { good, index, .. } = line;
    let index = *index;
    if !good.on_sale(now) {
        return Some(errors::not_on_sale(good, index));
    }
    match good.order_type {
        OrderType::Waiting => Some(errors::waiting(good, index)),
        OrderType::Preorder if line.share.is_none() => Some(no_seats(&good.title(), good.available, index)),
        _ if good.price <= Money::ZERO => Some(errors::price_unknown(good, index)),
        OrderType::Preorder | OrderType::Order => None,
    }
}
