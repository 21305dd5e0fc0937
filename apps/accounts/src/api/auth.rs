//! Регистрация, вход, обновление, выход, коды, первый администратор.

use axum::Json;
use http::HeaderMap;
use kernel::access::Authenticate;
use kernel::http::{Created, NoContent, Valid};
use kernel::{Actor, Ctx, Error, Kind, Result, Work};

use crate::codes::read_link;
use crate::contacts::Contact;
use crate::models::{Purpose, user};
use crate::passwords::Verdict;
use crate::schemas::*;
use crate::security::{BearerAuthenticator, Security};
use crate::services::{self, Client, NewUser, Opened, second_factor};
use crate::settings::AuthSettings;
use crate::tokens::RefreshToken;
use crate::{errors, hashing, queries};

pub(super) fn session_out(ctx: &Ctx, opened: Opened) -> SessionOut {
    SessionOut::of(opened, ctx.section::<AuthSettings>().access_token_ttl)
}

/// Зарегистрироваться и сразу войти.
///
/// Телефон или почта и пароль; вместо пароля — код, присланный через `/auth/code/send`. Занятый логин — 400.
#[utoipa::path(post, path = "/auth/register", request_body = RegisterIn, responses((status = 201, body = SessionOut)))]
pub async fn register(ctx: Ctx, headers: HeaderMap, Valid(input): Valid<RegisterIn>) -> Result<Created<SessionOut>> {
    let client = Client::of(&ctx, &headers);
    let code = input.code.clone();
    let (contact, new) = new_user(&ctx, input).await?;
    let opened = match code {
        Some(code) => register_with_code(&ctx, client, contact, new, code).await?,
        None => register_with_password(&ctx, client, new).await?,
    };
    Ok(Created(session_out(&ctx, opened)))
}

/// Проверяет поля и считает хеш. Первый из логинов — тот, который доказывает код.
async fn new_user(ctx: &Ctx, input: RegisterIn) -> Result<(Contact, NewUser)> {
    let contacts = contacts_of(input.phone.as_deref(), input.email.as_deref())?;
    let password_hash = match &input.password {
        Some(password) => {
            check_password("password", password, ctx.section::<AuthSettings>().password_min_length, &contacts)?;
            Some(hashing::hash(ctx, password).await?)
        }
        None if input.code.is_none() => return Err(Error::invalid("password", "required")),
        None => None,
    };
    let new = NewUser {
        password_hash,
        first_name: input.first_name.trim().to_owned(),
        last_name: input.last_name.trim().to_owned(),
        patronymic: input.patronymic.trim().to_owned(),
        full_name: input.full_name.trim().to_owned(),
        newsletter: input.newsletter,
        ..NewUser::with_contacts(&contacts)
    };
    Ok((contacts[0].clone(), new))
}

async fn register_with_password(ctx: &Ctx, client: Client, new: NewUser) -> Result<Opened> {
    ctx.atomic(&Actor::Anonymous, async move |work: &mut Work| {
        let user = services::register(work, new.clone()).await?;
        ask_to_prove_email(work, &user, &client).await?;
        services::open_session(work, user, &client, "registration").await
    })
    .await
}

/// Письмо с кодом на новую почту; исчерпанный предел писем регистрации не мешает.
async fn ask_to_prove_email(work: &mut Work, user: &user::Model, client: &Client) -> Result<()> {
    let Some(email) = user.email.as_deref().map(email_of).transpose()? else {
        return Ok(());
    };
    match services::send_code(work, &Contact::Email(email), Purpose::Confirm, Some(user.id), client).await {
        Err(error) if error.kind != Kind::TooManyRequests => Err(error),
        _ => Ok(()),
    }
}

async fn register_with_code(ctx: &Ctx, client: Client, contact: Contact, new: NewUser, code: String) -> Result<Opened> {
    let opened = ctx.atomic(&Actor::Anonymous, async move |work: &mut Work| {
        if !services::take_code(work, &contact, Purpose::Login, None, &code).await? {
            return Ok(None);
        }
        let user = services::register_proven(work, &contact, new.clone()).await?;
        services::open_session(work, user, &client, "registration").await.map(Some)
    });
    opened.await?.ok_or_else(errors::wrong_code)
}

/// Войти по паролю.
///
/// Включён второй фактор — без верного `code` ответ 401 `accounts.second_factor_required` с полем `code`.
#[utoipa::path(post, path = "/auth/login", request_body = LoginIn, responses((status = 200, body = SessionOut)))]
pub async fn log_in(ctx: Ctx, headers: HeaderMap, Valid(input): Valid<LoginIn>) -> Result<Json<SessionOut>> {
    let client = Client::of(&ctx, &headers);
    let contact = contact_of(input.phone.as_deref(), input.email.as_deref(), input.login.as_deref())?;
    let found = claim_attempt(&ctx, client.clone(), contact.clone()).await?;
    let stored = found.as_ref().and_then(|user| user.password_hash.as_deref());
    let verdict = hashing::verify(&input.password, stored).await?;
    let user = found.filter(|_| verdict != Verdict::Wrong).ok_or_else(errors::wrong_credentials)?;
    let new_hash = match verdict {
        Verdict::RightButOld => Some(hashing::hash(&ctx, &input.password).await?),
        _ => None,
    };
    second_factor::require(&ctx, &user, input.code.as_deref()).await?;
    let opened = ctx
        .atomic(&Actor::Anonymous, async move |work: &mut Work| {
            services::forgive_login(work, &contact, &client).await?;
            let user = unchanged(work, &user).await?;
            if let Some(new_hash) = &new_hash {
                services::upgrade_hash(work, &user, new_hash).await?;
            }
            services::open_session(work, user, &client, "password").await
        })
        .await?;
    Ok(Json(session_out(&ctx, opened)))
}

/// Занимает попытку входа и читает человека, если он есть.
async fn claim_attempt(ctx: &Ctx, client: Client, contact: Contact) -> Result<Option<user::Model>> {
    ctx.atomic(&Actor::Anonymous, async move |work: &mut Work| {
        services::claim_login(work, &contact, &client).await?;
        queries::user_by_contact(work.db(), &contact).await
    })
    .await
}

/// Пока считался хеш, пароль могли сменить: тогда сверенный пароль уже неверен.
async fn unchanged(work: &Work, seen: &user::Model) -> Result<user::Model> {
    let user = queries::user_by_id(work.db(), seen.id).await?;
    user.filter(|user| user.password_hash == seen.password_hash).ok_or_else(errors::wrong_credentials)
}

/// Обменять refresh-токен на новую пару.
///
/// Прежний refresh-токен больше не годится; повтор старого заканчивает вход на этом устройстве.
#[utoipa::path(post, path = "/auth/refresh", request_body = RefreshIn, responses((status = 200, body = SessionOut)))]
pub async fn refresh_token(ctx: Ctx, Valid(input): Valid<RefreshIn>) -> Result<Json<SessionOut>> {
    let token = RefreshToken::parse(&input.refresh_token).ok_or_else(errors::wrong_refresh_token)?;
    let refreshed = ctx
        .atomic(&Actor::Anonymous, async move |work: &mut Work| services::refresh_session(work, &token).await)
        .await?;
    let opened = refreshed.ok_or_else(errors::wrong_refresh_token)?;
    Ok(Json(session_out(&ctx, opened)))
}

/// Выйти: на этом устройстве или на всех.
///
/// Хватает токена доступа или `refresh_token` в теле; тело можно не слать.
#[utoipa::path(post, path = "/auth/logout", request_body = Option<LogoutIn>, responses((status = 204)))]
pub async fn log_out(ctx: Ctx, headers: HeaderMap, body: bytes::Bytes) -> Result<NoContent> {
    let input: LogoutIn = match body.is_empty() {
        true => LogoutIn::default(),
        false => serde_json::from_slice(&body).map_err(|_| Error::invalid_body())?,
    };
    let (user_id, device_id) = whose_session(&ctx, &headers, &input).await?;
    let everywhere = input.all;
    ctx.atomic(&Actor::Anonymous, async move |work: &mut Work| match everywhere {
        true => services::end_all_sessions(work, user_id).await.map(|_| ()),
        false => services::end_session(work, user_id, device_id).await.map(|_| ()),
    })
    .await?;
    Ok(NoContent)
}

/// Чей вход заканчивают. Истёкший токен доступа выходу не мешает, если прислан refresh-токен.
async fn whose_session(ctx: &Ctx, headers: &HeaderMap, input: &LogoutIn) -> Result<(i64, i64)> {
    if let Ok(Actor::User(user)) = BearerAuthenticator.authenticate(ctx, headers).await
        && let Some(device_id) = user.session
    {
        return Ok((user.id, device_id));
    }
    let token = input.refresh_token.as_deref().and_then(RefreshToken::parse).ok_or_else(Error::unauthorized)?;
    let device = services::device_of_token(ctx.db_fresh(), &token).await?.ok_or_else(Error::unauthorized)?;
    Ok((device.user_id, device.id))
}

/// Послать код для входа или регистрации на телефон или почту.
///
/// Ответ одинаков, известен человек или нет. Чаще раза в минуту — 429.
#[utoipa::path(post, path = "/auth/code/send", request_body = ContactIn, responses((status = 200, body = SentCodeOut)))]
pub async fn send_code(ctx: Ctx, headers: HeaderMap, Valid(input): Valid<ContactIn>) -> Result<Json<SentCodeOut>> {
    let client = Client::of(&ctx, &headers);
    let contact = input.contact()?;
    let sent = ctx
        .atomic(&Actor::Anonymous, async move |work: &mut Work| {
            services::send_code(work, &contact, Purpose::Login, None, &client).await
        })
        .await?;
    Ok(Json(sent.into()))
}

/// Войти по коду; незнакомый телефон или почта — заодно зарегистрироваться.
#[utoipa::path(post, path = "/auth/code/verify", request_body = CodeIn, responses((status = 200, body = SessionOut)))]
pub async fn verify_code(ctx: Ctx, headers: HeaderMap, Valid(input): Valid<CodeIn>) -> Result<Json<SessionOut>> {
    let client = Client::of(&ctx, &headers);
    let contact = input.contact()?;
    let (given, input_second) = (input.second_factor.clone(), input.second_factor.clone());
    let user = ctx
        .atomic(&Actor::Anonymous, async move |work: &mut Work| {
            if !services::take_code(work, &contact, Purpose::Login, None, &input.code).await? {
                return Ok(None);
            }
            let user = services::owner_of_proven(work, &contact, NewUser::default()).await?;
            // Код из СМС верен, но ещё не потрачен: запрос повторят с кодом второго фактора.
            if given.is_none() && second_factor::is_on(work.db(), user.id).await? {
                return Err(errors::second_factor_required());
            }
            Ok(Some(user))
        })
        .await?
        .ok_or_else(errors::wrong_code)?;
    second_factor::require(&ctx, &user, input_second.as_deref()).await?;
    let opened = ctx
        .atomic(&Actor::Anonymous, async move |work: &mut Work| {
            services::open_session(work, user.clone(), &client, "code").await
        })
        .await?;
    Ok(Json(session_out(&ctx, opened)))
}

/// Завести первого администратора по одноразовой ссылке из журнала первого запуска.
#[utoipa::path(post, path = "/auth/setup", request_body = SetupIn, responses((status = 201, body = SessionOut)))]
pub async fn set_up(ctx: Ctx, headers: HeaderMap, Valid(input): Valid<SetupIn>) -> Result<Created<SessionOut>> {
    let client = Client::of(&ctx, &headers);
    let contacts = contacts_of(input.phone.as_deref(), input.email.as_deref())?;
    check_password("password", &input.password, ctx.section::<AuthSettings>().password_min_length, &contacts)?;
    // Подпись проверяется до хеша: чужой токен процессор не займёт.
    read_link(&Security::of(&ctx).code_key, &input.token).ok_or_else(errors::wrong_code)?;
    let hash = hashing::hash(&ctx, &input.password).await?;
    let opened = ctx
        .atomic(&Actor::System("setup"), async move |work: &mut Work| {
            if !services::take_setup_link(work, &input.token).await? {
                return Err(errors::wrong_code());
            }
            let admin = services::create_admin(work, &contacts, &hash).await?;
            services::open_session(work, admin, &client, "setup").await
        })
        .await?;
    Ok(Created(session_out(&ctx, opened)))
}
