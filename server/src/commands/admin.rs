//! `megashop admin create`.

use std::io::{BufRead, IsTerminal, Write};
use std::process::ExitCode;

use accounts::contacts::Contact;
use accounts::settings::AuthSettings;
use accounts::{hashing, passwords, services};
use anyhow::{Context, anyhow};
use kernel::{Actor, Work};

use crate::boot;
use crate::cli::Common;

pub async fn create(
    common: &Common,
    phone: Option<String>,
    email: Option<String>,
    password_stdin: bool,
) -> anyhow::Result<ExitCode> {
    let contacts = parse_contacts(phone, email)?;
    let password = read_password(password_stdin)?;
    let platform = boot::start(common).await?;
    let ctx = &platform.ctx;
    let own: Vec<&str> = contacts.iter().map(Contact::key).collect();
    let least = ctx.section::<AuthSettings>().password_min_length;
    passwords::check_strength(&password, least, &own).map_err(|weak| {
        anyhow!("the password is too weak ({weak:?}): at least {least} characters, not a common one")
    })?;
    let hash = hashing::hash(ctx, &password).await?;
    let work = async move |work: &mut Work| services::create_admin(work, &contacts, &hash).await;
    let admin = ctx.atomic(&Actor::System("command line"), work).await?;
    println!("administrator {} is ready", admin.public_id);
    Ok(ExitCode::SUCCESS)
}

fn parse_contacts(phone: Option<String>, email: Option<String>) -> anyhow::Result<Vec<Contact>> {
    let given = [("--phone", phone), ("--email", email)];
    let mut contacts = Vec::new();
    for (flag, text) in given {
        let Some(text) = text else { continue };
        contacts.push(Contact::parse(&text).with_context(|| format!("{flag} {text}: neither a phone nor an e-mail"))?);
    }
    anyhow::ensure!(!contacts.is_empty(), "give --phone or --email");
    Ok(contacts)
}

fn read_password(from_stdin: bool) -> anyhow::Result<String> {
    if !from_stdin && std::io::stdin().is_terminal() {
        print!("Password: ");
        std::io::stdout().flush()?;
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("cannot read the password")?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    anyhow::ensure!(!password.is_empty(), "the password is empty");
    Ok(password)
}
