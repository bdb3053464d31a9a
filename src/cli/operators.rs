//! `nrg-enroll operators`: adds, lists and removes the operators of the desk, and gives them passwords.

use std::{
    io::{self, BufRead, Write},
    path::Path,
};

use clap::{
    Args, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use serde::Serialize;
use zeroize::Zeroizing;

use super::output::{self, json_line, table};
use crate::{
    config::{Settings, environment},
    desk::{FEWEST, Operator, Operators, OperatorsError, PasswordHash, Role},
    entropy::Entropy,
};

/// The subcommands. They change the file that `desk.operators_file` names; a server that runs takes it up at once.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Add an operator.
    Add {
        /// The name, which stands in every record that the operator leaves: letters, digits, and . - _ between them.
        #[arg(value_parser = name)]
        name: String,
        /// What the operator may do: read everything; or settle, amend and send postbacks again, too.
        #[arg(long, value_parser = role())]
        role: Role,
        /// The password.
        #[command(flatten)]
        password: NewPassword,
    },
    /// List the operators and their roles.
    List {
        /// Print a line of JSON for each.
        #[arg(long)]
        json: bool,
    },
    /// Remove an operator, whose sessions end at once.
    Remove {
        /// The operator.
        name: String,
    },
    /// Give an operator another password. Sessions that began with the one before end at once.
    Password {
        /// The operator.
        name: String,
        /// The password.
        #[command(flatten)]
        password: NewPassword,
    },
}

/// Where a password comes from.
#[derive(Debug, Args)]
pub struct NewPassword {
    /// Make a password and print it. Without it: the password is a line of standard input, 12 characters or more.
    #[arg(long)]
    generate: bool,
}

/// Why the command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The settings name no file.
    #[error("there is no desk: desk.operators_file is not set")]
    NoDesk,
    /// The operator is there already.
    #[error("{0} is an operator already: remove it first, or give it another password")]
    There(String),
    /// There is no such operator.
    #[error("there is no operator {0}")]
    NoneFound(String),
    /// The password is too short.
    #[error("a password has {FEWEST} characters or more")]
    TooShort,
    /// The file cannot be used.
    #[error(transparent)]
    File(#[from] OperatorsError),
    /// The password cannot be read, or the answer not be written.
    #[error("the password cannot be read, or the answer cannot be written")]
    Stream(#[from] io::Error),
}

/// Runs `command` with the settings in `config`, and prints to standard output.
///
/// # Errors
/// The settings are invalid; [`CommandError`].
pub(super) fn run(command: Command, config: Option<&Path>, entropy: &Entropy) -> anyhow::Result<()> {
    let settings = Settings::load(config, environment())?;
    let file = settings.desk.ok_or(CommandError::NoDesk)?.operators_file;
    match execute(command, &file, entropy, &mut io::stdin().lock(), &mut io::stdout()) {
        Err(CommandError::Stream(error)) if output::is_closed(&error) => Ok(()),
        result => Ok(result?),
    }
}

/// Runs `command` on `file`, reads a password from `input`, and writes the answer to `out`.
///
/// # Errors
/// [`CommandError`]; the file is as before then.
pub fn execute(
    command: Command,
    file: &Path,
    entropy: &Entropy,
    input: &mut impl BufRead,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    let mut operators = Operators::read_or_none(file)?;
    match command {
        Command::Add { name, role, password } => {
            if operators.named(&name).is_some() {
                return Err(CommandError::There(name));
            }
            let (hash, generated) = password.read(entropy, input)?;
            operators.0.push(Operator { name: name.clone(), role, hash });
            operators.write(file)?;
            said(out, &format!("{name} may {} at the desk.", role.word()), generated)?;
        }
        Command::List { json: true } => {
            let line = |operator: &Operator| Line { name: operator.name.clone(), role: operator.role.word() };
            operators.0.iter().try_for_each(|operator| json_line(out, &line(operator)))?;
        }
        Command::List { json: false } if operators.0.is_empty() => writeln!(out, "No operator.")?,
        Command::List { json: false } => {
            let cells =
                operators.0.iter().map(|operator| [operator.name.clone(), operator.role.word().to_owned()]);
            table(out, ["NAME", "ROLE"], cells.collect())?;
        }
        Command::Remove { name } => {
            let before = operators.0.len();
            operators.0.retain(|operator| operator.name != name);
            if operators.0.len() == before {
                return Err(CommandError::NoneFound(name));
            }
            operators.write(file)?;
            writeln!(out, "{name} is no operator any more.")?;
        }
        Command::Password { name, password } => {
            let Some(operator) = operators.0.iter_mut().find(|operator| operator.name == name) else {
                return Err(CommandError::NoneFound(name));
            };
            let (hash, generated) = password.read(entropy, input)?;
            operator.hash = hash;
            operators.write(file)?;
            said(out, &format!("{name} has another password."), generated)?;
        }
    }
    Ok(out.flush()?)
}

impl NewPassword {
    /// The hash of the password, and the password if it was made here.
    fn read(
        &self,
        entropy: &Entropy,
        input: &mut impl BufRead,
    ) -> Result<(PasswordHash, Option<Zeroizing<String>>), CommandError> {
        let mut password = Zeroizing::new(String::new());
        if self.generate {
            let signs = Zeroizing::new(entropy.signs::<24>());
            password.extend(signs.iter().map(|sign| char::from(*sign)));
        } else {
            input.read_line(&mut password)?;
        }
        let text = password.trim_end_matches(['\r', '\n']);
        let hash = PasswordHash::of(text, entropy).ok_or(CommandError::TooShort)?;
        Ok((hash, self.generate.then_some(password)))
    }
}

/// Writes what was done, and the password that was made.
fn said(out: &mut impl Write, done: &str, generated: Option<Zeroizing<String>>) -> io::Result<()> {
    match generated {
        Some(password) => writeln!(out, "{done} Password: {}", password.as_str()),
        None => writeln!(out, "{done}"),
    }
}

/// An operator in JSON. The names are public: programs read them.
#[derive(Serialize)]
struct Line {
    name: String,
    role: &'static str,
}

fn name(text: &str) -> Result<String, String> {
    let right = Operator::is_name(text);
    if right {
        Ok(text.to_owned())
    } else {
        Err("must be letters, digits, and . - _ between them".to_owned())
    }
}

fn role() -> impl TypedValueParser<Value = Role> {
    let words = Role::ALL.iter().map(|role| role.word());
    PossibleValuesParser::new(words).try_map(|word| word.parse())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::is_right;

    fn run(file: &Path, command: Command, input: &str) -> Result<String, String> {
        let mut out = Vec::new();
        execute(command, file, &Entropy::system(), &mut input.as_bytes(), &mut out)
            .map(|()| String::from_utf8(out).unwrap())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn operators_are_added_listed_given_passwords_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("operators");
        let (typed, made) = (|| NewPassword { generate: false }, || NewPassword { generate: true });
        let add = |name: &str, role, password| Command::Add { name: name.to_owned(), role, password };
        let is = |name: &str, password: &str| {
            let operators = Operators::read(&file).unwrap();
            is_right(password, Some(&operators.named(name).unwrap().hash), &Entropy::system())
        };
        assert_eq!(run(&file, Command::List { json: false }, "").unwrap(), "No operator.\n");
        let short = run(&file, add("ana", Role::Settle, typed()), "eleven char\n");
        assert_eq!(short.unwrap_err(), "a password has 12 characters or more");
        let said = run(&file, add("ana", Role::Settle, typed()), "correct horse\n").unwrap();
        assert_eq!(said, "ana may settle at the desk.\n");
        assert!(is("ana", "correct horse"));
        let said = run(&file, add("ben", Role::Read, made()), "").unwrap();
        let password = said.trim_end().strip_prefix("ben may read at the desk. Password: ").unwrap();
        assert!(password.len() == 24 && is("ben", password), "{said}");
        let again = run(&file, add("ana", Role::Read, made()), "").unwrap_err();
        assert!(again.starts_with("ana is an operator already"), "{again}");
        let list = run(&file, Command::List { json: false }, "").unwrap();
        assert_eq!(list, "NAME  ROLE\nana   settle\nben   read\n");
        let json = run(&file, Command::List { json: true }, "").unwrap();
        assert!(json.starts_with("{\"name\":\"ana\",\"role\":\"settle\"}\n"), "{json}");
        let other = Command::Password { name: "ana".to_owned(), password: typed() };
        assert_eq!(run(&file, other, "battery staple\r\n").unwrap(), "ana has another password.\n");
        assert!(is("ana", "battery staple") && !is("ana", "correct horse"));
        let remove = || Command::Remove { name: "ana".to_owned() };
        assert_eq!(run(&file, remove(), "").unwrap(), "ana is no operator any more.\n");
        assert_eq!(run(&file, remove(), "").unwrap_err(), "there is no operator ana");
    }
}
