//! `whittle token`

use std::process::ExitCode;

use serde_json::json;
use whittle_server::{Records, data_dir, new_token};

use crate::args::TokenCommand;
use crate::failure::Failure;
use crate::print::Out;
use crate::table::{Align, table};

pub(crate) fn run(command: TokenCommand, out: &mut Out) -> Result<ExitCode, Failure> {
    let records = Records::open(data_dir()?)?;
    match command {
        TokenCommand::New { account } => out.line(&new_token(&records, &account)?),
        TokenCommand::List { json } => list(&records, json, out)?,
        TokenCommand::Revoke { id } => {
            if !records.revoke_token(id)? {
                return Err(Failure::usage(format!(
                    "there is no token {id} that could be revoked"
                )));
            }
        }
        TokenCommand::Plan { account, bytes } => {
            known(records.set_plan(&account, bytes)?, &account)?;
        }
        TokenCommand::Suspend { account } => {
            known(records.set_suspended(&account, true)?, &account)?;
        }
        TokenCommand::Resume { account } => {
            known(records.set_suspended(&account, false)?, &account)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn known(found: bool, account: &str) -> Result<(), Failure> {
    match found {
        true => Ok(()),
        false => Err(Failure::usage(format!("there is no account '{account}'"))),
    }
}

fn list(records: &Records, json: bool, out: &mut Out) -> Result<(), Failure> {
    let tokens = records.tokens()?;
    if json {
        for token in tokens {
            out.json(&json!({
                "id": token.id,
                "account": token.account,
                "hint": token.hint,
                "created_at": token.created_at,
                "revoked_at": token.revoked_at,
            }));
        }
        return Ok(());
    }
    let rows = tokens.into_iter().map(|token| {
        let state = match token.revoked_at {
            None => "valid".to_owned(),
            Some(time) => format!("revoked {time}"),
        };
        vec![
            token.id.to_string(),
            token.account,
            format!("{}…", token.hint),
            token.created_at,
            state,
        ]
    });
    let aligns = [
        Align::Right,
        Align::Left,
        Align::Left,
        Align::Left,
        Align::Left,
    ];
    for line in table(&aligns, &rows.collect::<Vec<_>>()) {
        out.line(&line);
    }
    Ok(())
}
