//! Names in the settings that lead nowhere. Where a proxy resolves a name, it is the proxy's that is looked up.

use std::{collections::BTreeSet, net::IpAddr, time::Duration};

use futures_util::future::join_all;
use tokio::{net::lookup_host, time::timeout};
use url::{Host, Url};

use crate::{
    config::Settings,
    egress::Proxy,
    journey::DepositPayment,
    mail::Relay,
    postback::{Target, is_public},
};

/// How long a name may take: a resolver that does not answer is asked again by the system after five seconds.
const PATIENCE: Duration = Duration::from_secs(12);

/// A name to look up.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Named {
    /// The setting that has it.
    key: String,
    host: String,
    /// Whether only addresses of the Internet are called.
    public: bool,
}

/// A line for each name that leads nowhere.
pub(super) async fn unresolved(settings: &Settings) -> Vec<String> {
    join_all(named(settings).into_iter().map(problem)).await.into_iter().flatten().collect()
}

fn named(settings: &Settings) -> BTreeSet<Named> {
    let client = &settings.nrg.client;
    let calls = reached(client.base_url.host(), client.proxy.as_ref(), "nrg", "base_url", false);
    let targets = settings.postbacks.iter().filter_map(|target: &Target| {
        let section = format!("postbacks.{}", target.name);
        reached(target.call.host(), target.proxy.as_ref(), &section, "url", !target.loopback)
    });
    let gateways = settings.sites().flat_map(|site| {
        let prefix = match site.site.name.as_str() {
            crate::journey::Site::MAIN => String::new(),
            name => format!("sites.{name}."),
        };
        site.site.brands.iter().filter_map(move |(brand, at)| match &at.deposit {
            DepositPayment::Gateway(gateway) => {
                let key = format!("{prefix}brands.{}.deposit.url", brand.id());
                name(Url::parse(&gateway.url).ok()?.host(), key, false)
            }
            DepositPayment::Phone => None,
        })
    });
    let relay = settings.mail.as_ref().and_then(|mail| match &mail.relay {
        Relay::Smtp { host, .. } => match Host::parse(host).ok()? {
            Host::Domain(host) => name(Some(Host::Domain(&host)), "mail.host".to_owned(), false),
            Host::Ipv4(_) | Host::Ipv6(_) => None,
        },
        Relay::Capture => None,
    });
    calls.into_iter().chain(targets).chain(gateways).chain(relay).collect()
}

/// What has to be resolved here, so that the host is reached.
fn reached(
    host: Option<Host<&str>>,
    proxy: Option<&Proxy>,
    section: &str,
    key: &str,
    public: bool,
) -> Option<Named> {
    match proxy {
        Some(proxy) => name(proxy.host(), format!("{section}.proxy"), false),
        None => name(host, format!("{section}.{key}"), public),
    }
}

fn name(host: Option<Host<&str>>, key: String, public: bool) -> Option<Named> {
    match host? {
        Host::Domain(host) => Some(Named { key, host: host.to_owned(), public }),
        Host::Ipv4(_) | Host::Ipv6(_) => None,
    }
}

async fn problem(Named { key, host, public }: Named) -> Option<String> {
    let found: Vec<IpAddr> = match timeout(PATIENCE, lookup_host((host.as_str(), 0))).await {
        Err(_) => return Some(format!("{key}: {host} was not resolved within {PATIENCE:?}")),
        Ok(Err(error)) => return Some(format!("{key}: {host} cannot be resolved: {error}")),
        Ok(Ok(found)) => found.map(|address| address.ip()).collect(),
    };
    let fits = found.iter().any(|address| !public || is_public(*address));
    (!fits).then(|| format!("{key}: {host} has no address of the Internet, and no other is called"))
}
