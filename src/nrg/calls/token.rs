//! GET `token` (contract 5.1): an SSN or license number for a token. The number travels in the
//! query, which nothing logs.

use serde::{Deserialize, Serialize};

use crate::fields::{DriverLicense, Ssn, Token};

use crate::nrg::{client::BrandClient, endpoint::Endpoint, envelope::Verdict, error::Error, wire::Text};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fields<'a> {
    action_code: &'static str,
    num_to_be_tokenized: &'a str,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Body {
    return_token: Text,
}

impl BrandClient<'_> {
    /// The token of an SSN.
    ///
    /// # Errors
    /// [`Error`]; [`Kind::InvalidResponse`](crate::nrg::Kind) also where the token cannot be used.
    #[allow(clippy::disallowed_methods, reason = "the one call that sends it")]
    pub async fn token_ssn(&self, ssn: &Ssn) -> Result<Token, Error> {
        self.token("SE", ssn.expose()).await
    }

    /// The token of a Texas driver license or ID card.
    ///
    /// # Errors
    /// As [`BrandClient::token_ssn`].
    #[allow(clippy::disallowed_methods, reason = "the one call that sends it")]
    pub async fn token_license(&self, license: &DriverLicense) -> Result<Token, Error> {
        self.token("PE", license.expose()).await
    }

    async fn token(&self, action_code: &'static str, num_to_be_tokenized: &str) -> Result<Token, Error> {
        let fields = Fields { action_code, num_to_be_tokenized };
        let reply = self.get::<_, Body>(Endpoint::Token, &fields).await?.processed()?;
        match reply.verdict {
            Verdict::Continue => {
                let token = reply.body.return_token.exact().and_then(|token| Token::parse(token).ok());
                token.ok_or_else(|| reply.invalid_response("no usable token"))
            }
            Verdict::Stop | Verdict::Ask => Err(reply.invalid_response("no token")),
        }
    }
}
