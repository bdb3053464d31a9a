//! Who is looked for.

use std::io::{self, BufRead};

use clap::Args;

use super::error::CommandError;
use crate::{
    fields::{Email, Phone},
    ledger::{FullName, PersonFilter},
};

/// By what a person is looked for. All that is given has to fit.
#[derive(Debug, Default, Args)]
#[group(required = true, multiple = true)]
pub struct PersonOptions {
    /// The phone number, in any spelling. With `-` it is read from standard input, so that it stands in no history.
    #[arg(long)]
    phone: Option<String>,
    /// The e-mail address, whole. Capitals do not matter. With `-` it is read from standard input.
    #[arg(long)]
    email: Option<String>,
    /// Given and family name, in this order. Capitals, accents and initials do not matter. With `-` it is read from standard
    /// input.
    #[arg(long)]
    name: Option<String>,
}

impl PersonOptions {
    /// The filter. What is to be read from `input` is a line each: the number, the address, the name.
    ///
    /// # Errors
    /// One of them is not what it is given as, or `input` cannot be read.
    pub fn filter(self, input: &mut impl BufRead) -> Result<PersonFilter, CommandError> {
        let Self { phone, email, name } = self;
        let phone = given(phone, input)?.map(|text| Phone::parse(&text).map_err(|_| "phone number"));
        let email = given(email, input)?.map(|text| Email::parse(&text).map_err(|_| "e-mail address"));
        let name = given(name, input)?.map(|text| FullName::parse(&text).ok_or("given and family name"));
        Ok(PersonFilter {
            phone: phone.transpose().map_err(CommandError::NotRead)?,
            email: email.transpose().map_err(CommandError::NotRead)?,
            name: name.transpose().map_err(CommandError::NotRead)?,
        })
    }
}

fn given(option: Option<String>, input: &mut impl BufRead) -> io::Result<Option<String>> {
    match option {
        Some(dash) if dash == "-" => {
            let mut line = String::new();
            input.read_line(&mut line)?;
            Ok(Some(line))
        }
        option => Ok(option),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn person_options_are_read_from_arguments_and_lines() {
        let some = |text: &str| Some(text.to_owned());
        let options = || PersonOptions { phone: some("-"), email: some("jo@example.com"), name: some("-") };
        let read = options().filter(&mut &b"713-555-0142\nJordan Samplecase\n"[..]).unwrap();
        assert!(read.phone.is_some_and(|phone| phone.digits() == "7135550142"));
        assert!(read.email.is_some() && read.name.is_some());
        for (input, wrong) in
            [("555-0142\n", "phone number"), ("7135550142\nJordan\n", "given and family name")]
        {
            let error = options().filter(&mut input.as_bytes()).unwrap_err();
            assert!(matches!(error, CommandError::NotRead(what) if what == wrong), "{input}");
        }
    }
}
