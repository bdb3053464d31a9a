//! The sender: hands a message to the relay. What the relay says of the mail itself is final; whatever else fails is tried
//! again.

use std::{net::Ipv4Addr, time::Duration};

use lettre::{
    Message,
    transport::smtp::{
        self,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        extension::ClientId,
    },
};
use tokio::time::timeout;

use super::{
    capture::Capture,
    reply::{tidied, why},
    settings::{Relay, Settings, Tls},
};
use crate::tls;

/// The relay cannot be used with these settings.
#[derive(Debug, thiserror::Error)]
#[error("mail.ca_file or mail.host cannot be used for TLS")]
pub struct InvalidRelay(#[from] smtp::Error);

/// What an attempt came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The relay has taken the mail.
    Taken,
    /// It has refused it for good (5xx), or there is nothing to send.
    Refused,
    /// Not now.
    Failed,
}

/// An attempt, and what it came to in a few words.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Delivery {
    pub(super) verdict: Verdict,
    pub(super) outcome: String,
}

impl Delivery {
    pub(super) fn failed(outcome: impl Into<String>) -> Self {
        Self { verdict: Verdict::Failed, outcome: outcome.into() }
    }

    pub(super) fn refused(outcome: impl Into<String>) -> Self {
        Self { verdict: Verdict::Refused, outcome: outcome.into() }
    }
}

/// Where mails go. A clone shares it.
#[derive(Clone)]
pub enum Sender {
    /// To a relay.
    Smtp(Box<SmtpSender>),
    /// To the memory of the demo.
    Capture(Capture),
}

/// Sends to a relay, each mail over a connection of its own.
#[derive(Clone)]
pub struct SmtpSender {
    host: String,
    port: u16,
    tls: Tls,
    parameters: TlsParameters,
    credentials: Option<Credentials>,
    hello: ClientId,
    limit: Duration,
}

impl Sender {
    /// The sender of `settings`, which calls itself `name`: a host name, if this server has one.
    ///
    /// # Errors
    /// [`InvalidRelay`].
    pub fn new(settings: &Settings, name: Option<&str>) -> Result<Self, InvalidRelay> {
        let Relay::Smtp { host, port, tls, credentials, authorities } = &settings.relay else {
            return Ok(Self::Capture(Capture::default()));
        };
        tls::provide();
        // An address of IPv6 stands in brackets where it is written, and nowhere else.
        let host = host.trim_matches(['[', ']']).to_owned();
        let mut parameters = TlsParameters::builder(host.clone());
        if let Some(pem) = authorities {
            parameters = parameters.add_root_certificate(Certificate::from_pem(pem)?);
        }
        let hello =
            name.map_or(ClientId::Ipv4(Ipv4Addr::LOCALHOST), |name| ClientId::Domain(name.to_owned()));
        Ok(Self::Smtp(Box::new(SmtpSender {
            parameters: parameters.build_rustls()?,
            host,
            port: *port,
            tls: *tls,
            credentials: credentials
                .as_ref()
                .map(|(user, password)| Credentials::new(user.clone(), password.to_string())),
            hello,
            limit: settings.timeout,
        })))
    }
}

impl SmtpSender {
    /// Makes one attempt.
    pub(super) async fn send(&self, message: &Message) -> Delivery {
        match timeout(self.limit, self.attempt(message)).await {
            Ok(delivery) => delivery,
            Err(_) => Delivery::failed("timed out"),
        }
    }

    async fn attempt(&self, message: &Message) -> Delivery {
        let mut connection = match self.connect().await {
            Ok(connection) => connection,
            // Whatever it says so early, it says of this server and not of the mail.
            Err(error) => return Delivery::failed(why(&error)),
        };
        let sent = connection.send(message.envelope(), &message.formatted()).await;
        // The mail is taken or not; how the connection ends changes nothing.
        connection.abort().await;
        match sent {
            Ok(response) => Delivery {
                verdict: Verdict::Taken,
                outcome: tidied(response.code(), &response.message().collect::<Vec<_>>().join(" ")),
            },
            Err(error) if error.is_permanent() => Delivery::refused(why(&error)),
            Err(error) => Delivery::failed(why(&error)),
        }
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, smtp::Error> {
        let at_once = (self.tls == Tls::Implicit).then(|| self.parameters.clone());
        let server = (self.host.as_str(), self.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, Some(self.limit), &self.hello, at_once, None).await?;
        if self.tls == Tls::Required {
            connection.starttls(self.parameters.clone(), &self.hello).await?;
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(&[Mechanism::Plain, Mechanism::Login], credentials).await?;
        }
        Ok(connection)
    }
}
