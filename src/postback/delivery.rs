//! The delivery client of a target: calls it without following redirects, reads the beginning of its answer, and connects
//! only to public addresses, or to this machine where the settings say so.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use reqwest::{
    Client, Response, StatusCode,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{AUTHORIZATION, CONTENT_TYPE},
    redirect, retry,
};

use zeroize::Zeroizing;

use super::{
    acceptance::AcceptIf,
    credential::Credential,
    failure::{Unresolved, why},
    message::Message,
    public_ip::is_public,
    target::Target,
};
use crate::{egress, tls};

/// The timeouts of connecting and of the whole request.
const CONNECT: Duration = Duration::from_secs(5);
pub(super) const WHOLE: Duration = Duration::from_secs(15);
/// So much of an answer is read, in bytes; a condition on it is looked for there.
const MOST_READ: usize = 64 * 1024;
/// So much of it is kept, in bytes.
const MOST_KEPT: usize = 200;

/// The client for one target. A clone is the same.
#[derive(Clone)]
pub(super) struct DeliveryClient {
    client: Client,
    by_proxy: bool,
    credential: Option<Credential>,
    token: Option<Zeroizing<String>>,
    accept_if: Arc<[AcceptIf]>,
}

/// What came of sending a postback once.
#[derive(Debug, PartialEq, Eq)]
pub struct Delivery {
    /// What the target makes of it.
    pub verdict: Verdict,
    /// The outcome in a few words: `HTTP 200`, `timed out`.
    pub outcome: String,
    /// The first 200 bytes of its answer, in one line; None if it was blank.
    pub answer: Option<String>,
}

/// What a target makes of a postback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It has it.
    Accepted,
    /// It does not have it, as far as is known.
    Failed,
    /// It says that it will take none any more (410).
    Gone,
}

impl DeliveryClient {
    /// The client for `target`.
    ///
    /// # Errors
    /// No HTTP client can be made with these settings.
    pub(super) fn of(target: &Target) -> Result<Self, reqwest::Error> {
        tls::provide();
        let allowed = if target.loopback { |address: IpAddr| address.is_loopback() } else { is_public };
        #[allow(clippy::disallowed_methods, reason = "the only client that calls targets")]
        let mut builder = Client::builder()
            .connect_timeout(CONNECT)
            .timeout(WHOLE)
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .pool_max_idle_per_host(1)
            .user_agent(concat!("nrg-enroll/", env!("CARGO_PKG_VERSION")))
            .tls_certs_merge(target.authorities.clone());
        // A proxy resolves the target's name by itself, and the name of the proxy may be of a private network.
        if target.proxy.is_none() {
            builder = builder.dns_resolver(Arc::new(Only(allowed)));
        }
        Ok(Self {
            client: egress::by(target.proxy.as_ref(), builder)?.build()?,
            by_proxy: target.proxy.is_some(),
            credential: target.credential.clone(),
            token: target.call.token.clone(),
            accept_if: target.accept_if.clone().into(),
        })
    }

    /// Sends `message` once.
    pub(super) async fn send(&self, message: Message) -> Delivery {
        let failed = |outcome| Delivery { verdict: Verdict::Failed, outcome, answer: None };
        let mut request = match message.body {
            None => self.client.get(message.url),
            Some((body, kind)) => self.client.post(message.url).header(CONTENT_TYPE, kind).body(body),
        };
        let mut secrets: Vec<Zeroizing<String>> = self.token.iter().cloned().collect();
        if let Some(credential) = &self.credential {
            let secret = match credential.secret() {
                Ok(secret) => secret,
                Err(error) => return failed(format!("not sent: its token cannot be read: {error}")),
            };
            match credential.header(&secret) {
                Some(value) => request = request.header(AUTHORIZATION, value),
                None => return failed("not sent: its credential cannot stand in a header".to_owned()),
            }
            secrets.push(secret);
        }
        for (name, value) in message.headers {
            request = request.header(name, value);
        }
        #[allow(clippy::disallowed_methods, reason = "the only client that calls targets")]
        match request.send().await {
            Ok(answer) => self.judge(answer, &secrets).await,
            Err(error) => failed(why(&error, self.by_proxy)),
        }
    }

    async fn judge(&self, answer: Response, secrets: &[Zeroizing<String>]) -> Delivery {
        let status = answer.status();
        let body = beginning(answer).await;
        let conditions = &self.accept_if;
        let met = conditions.is_empty() || conditions.iter().any(|condition| condition.is_met(&body));
        let said = format!("HTTP {}", status.as_u16());
        let (verdict, outcome) = match status {
            StatusCode::GONE => (Verdict::Gone, format!("{said}: it takes none any more")),
            status if !status.is_success() => (Verdict::Failed, said),
            _ if met => (Verdict::Accepted, said),
            _ => (Verdict::Failed, format!("{said}, but not accepted")),
        };
        Delivery { verdict, outcome, answer: kept(&body, secrets) }
    }
}

/// What is read of an answer. If it breaks off, what came is the answer: its status is known.
async fn beginning(mut answer: Response) -> String {
    let mut read = Vec::new();
    while let Ok(Some(chunk)) = answer.chunk().await {
        read.extend_from_slice(&chunk);
        if read.len() >= MOST_READ {
            break;
        }
    }
    String::from_utf8_lossy(&read).into_owned()
}

/// What is kept of a body: its beginning, on one line, without control characters and without what is secret.
fn kept(body: &str, secrets: &[Zeroizing<String>]) -> Option<String> {
    let halves = secrets.iter().flat_map(|secret| secret.split(':')).filter(|half| !half.is_empty());
    let body = halves.fold(body.to_owned(), |body, half| body.replace(half, "[secret]"));
    let words: Vec<&str> =
        body.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect();
    let line = words.join(" ");
    let end = (0..=MOST_KEPT.min(line.len())).rev().find(|end| line.is_char_boundary(*end));
    line.get(..end?).filter(|line| !line.is_empty()).map(str::to_owned)
}

/// Resolves names to allowed addresses only. It is used for every connection, so that a name whose address has changed
/// since leads nowhere else.
struct Only(fn(IpAddr) -> bool);

impl Resolve for Only {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await.map_err(|_| Unresolved::Unknown)?;
            let fit: Vec<SocketAddr> = found.filter(|address| allowed(address.ip())).collect();
            if fit.is_empty() {
                return Err(Unresolved::Forbidden.into());
            }
            Ok(Box::new(fit.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn resolver_returns_allowed_addresses_only() {
        let resolve = async |allowed: fn(IpAddr) -> bool| {
            let found = Only(allowed).resolve("localhost".parse().unwrap()).await;
            found.map(|addresses| addresses.map(|address| address.ip()).collect::<Vec<_>>())
        };
        let found = resolve(|address| address.is_loopback()).await.unwrap();
        assert!(!found.is_empty() && found.iter().all(IpAddr::is_loopback));
        assert!(resolve(is_public).await.is_err());
    }

    #[test]
    fn answer_is_kept_on_one_line_of_two_hundred_bytes() {
        assert_eq!(kept(" \r\n\t", &[]), None);
        assert_eq!(kept("{\r\n  \"ok\":\u{1b}[31m true\0}", &[]).as_deref(), Some("{ \"ok\": [31m true }"));
        let long = "ñ".repeat(200);
        let secrets = [Zeroizing::new("us:pass-word".to_owned())];
        assert_eq!(kept("no us with pass-word", &secrets).as_deref(), Some("no [secret] with [secret]"));
        assert_eq!(kept(&format!("a{long}"), &[]).unwrap().len(), 199);
    }
}
