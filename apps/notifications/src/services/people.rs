//! Написать человеку туда, где он это включил.

use kernel::{Lang, Result, Work};
use serde_json::{Value, json};

use super::{Message, NO_CONSENT, Terms, enqueue, queue, render};
use crate::models::message::{Channel, Purpose};
use crate::models::preference::is_on;
use crate::{letters, queries, unsubscribe};

/// Кому: человек магазина, если он известен, и адреса, которые он назвал.
#[derive(Clone, Debug)]
pub struct Person {
    pub user_id: Option<i64>,
    pub email: Option<String>,
    /// E.164.
    pub phone: Option<String>,
    pub lang: Lang,
}

/// О чём.
#[derive(Clone, Debug)]
pub struct Notice {
    /// `<приложение>.letters.<имя>`.
    pub template: String,
    /// Подстановки; `url` — ещё и куда ведёт нажатие на уведомление браузера.
    pub data: Value,
    /// Ответ на то, что человек делает прямо сейчас: тихое время его не держит.
    pub urgent: bool,
}

/// Ставит по сообщению на каждый включённый у человека канал, для которого у письма есть слова.
///
/// О его делах ему пишут непременно: осталось только уведомление браузера, которое легко теряется, — уйдёт ещё и на почту, а нет её —
/// SMS. Реклама без согласия не уходит, и видно почему.
pub async fn tell(work: &mut Work, person: &Person, notice: &Notice) -> Result<()> {
    let purpose = letters::purpose_of(work.ctx(), &notice.template);
    let chosen = match person.user_id {
        Some(user_id) => queries::preferences(work.db(), user_id).await?,
        None => Vec::new(),
    };
    let on: Vec<Channel> = Channel::ALL.into_iter().filter(|channel| is_on(&chosen, *channel, purpose)).collect();
    let mut told = Vec::new();
    for (channel, to) in queries::ways(work.db(), person, &on).await? {
        if say(work, person, notice, channel, to).await? {
            told.push(channel);
        }
    }
    match purpose {
        Purpose::Advertising if told.is_empty() => bar(work, person, notice).await,
        Purpose::Service if told.iter().all(|channel| *channel == Channel::Push) => insist(work, person, notice).await,
        _ => Ok(()),
    }
}

/// Почта, а нет её — телефон.
fn main_way(person: &Person) -> Option<(Channel, String)> {
    let email = person.email.clone().map(|email| (Channel::Email, email));
    email.or_else(|| person.phone.clone().map(|phone| (Channel::Sms, phone)))
}

/// `false` — слов для этого канала у письма нет.
async fn say(work: &mut Work, person: &Person, notice: &Notice, channel: Channel, to: String) -> Result<bool> {
    let message = message(work, person, notice, channel, to);
    let Some(rendered) = render(work, &message).await? else { return Ok(false) };
    let terms = terms(work, person, notice);
    enqueue(work, &message, terms, rendered).await?;
    Ok(true)
}

async fn insist(work: &mut Work, person: &Person, notice: &Notice) -> Result<()> {
    let Some((channel, to)) = main_way(person) else { return Ok(()) };
    let message = message(work, person, notice, channel, to);
    let terms = terms(work, person, notice);
    queue(work, &message, terms).await
}

/// Рекламу слать некуда: остаётся строка с причиной.
async fn bar(work: &mut Work, person: &Person, notice: &Notice) -> Result<()> {
    let Some((channel, to)) = main_way(person) else { return Ok(()) };
    let message = message(work, person, notice, channel, to);
    let terms = Terms { barred: Some(NO_CONSENT), ..terms(work, person, notice) };
    queue(work, &message, terms).await
}

fn terms(work: &Work, person: &Person, notice: &Notice) -> Terms<'static> {
    let purpose = letters::purpose_of(work.ctx(), &notice.template);
    Terms { user_id: person.user_id, purpose, urgent: notice.urgent, ..Terms::default() }
}

fn message(work: &Work, person: &Person, notice: &Notice, channel: Channel, to: String) -> Message {
    let mut data = notice.data.clone();
    let is_advertising = letters::purpose_of(work.ctx(), &notice.template) == Purpose::Advertising;
    if let (Value::Object(data), true) = (&mut data, is_advertising) {
        let link = person.user_id.map(|user_id| unsubscribe::link(work.ctx(), user_id, channel));
        data.insert("unsubscribe".to_owned(), json!(link.unwrap_or_default()));
    }
    Message { channel, to, template: notice.template.clone(), lang: person.lang, data, secret: false }
}
