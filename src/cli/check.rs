//! `nrg-enroll check`: the settings are valid, the database can be reached, and NRG accepts our credentials and address.

use anyhow::Context;

use crate::{
    clock::Clock,
    config::Settings,
    entropy::Entropy,
    fields::{Language, TdspCode, Transaction},
    journey::{Outcome, Site},
    messages::Catalogs,
    nrg::{Kind, Nrg, Refusal},
    store::{self, Store},
};

/// Asks NRG's `offers` once per enabled brand of each site, and returns the lines to print.
///
/// # Errors
/// The database or NRG cannot be reached, or NRG refuses us. The error names the setting, or whom to ask.
pub async fn run(settings: &Settings, clock: Clock, entropy: Entropy) -> anyhow::Result<String> {
    let now = clock.now();
    let nrg = Nrg::new(settings.nrg.client.clone(), clock, entropy)?;
    // A missing SQLite file is created when the server starts; PostgreSQL must be there already.
    if settings.store.url.starts_with("postgres") {
        let store = Store::open_with(&settings.store.url, settings.store.pool).await;
        store.context(
            "look at store.url (ENROLL__STORE__URL): does the server answer, are user name and password right?",
        )?;
    }
    // CenterPoint: any utility NRG serves will do.
    let tdsp = TdspCode::parse("D0001").map_err(|_| anyhow::anyhow!("the utility code of the check"))?;
    let mut said = String::from("The settings are complete.\n");
    let english = Catalogs::load()?;
    let english = english.of(Language::English);
    if let Some(folder) = store::exposed_folder(&settings.store.url) {
        said.push_str(&format!(
            "Other users of this machine may enter {}: chmod 700, unless they have to.\n",
            folder.display()
        ));
    }
    for window in settings.outage_windows.iter().filter(|window| now < window.to) {
        let (from, to) = (english.moment(window.from), english.moment(window.to));
        said.push_str(&format!("No enrollment begins from {from} to {to}.\n"));
    }
    let sites: Vec<Site> = settings.sites().map(|site| site.site.clone()).collect();
    // A single site needs no name.
    let of = |site: &str| if sites.len() == 1 { String::new() } else { format!("{site}, ") };
    for site in settings.sites() {
        for brand in &site.outage_brands {
            said.push_str(&format!(
                "{}{} is out for now: its outage is true.\n",
                of(&site.site.name),
                brand.id()
            ));
        }
    }
    let asked = sites.iter().flat_map(|site| site.brands.keys().map(move |brand| (site, *brand)));
    for (site, brand) in asked {
        let of = of(&site.name);
        let caller = nrg.brand_client(site, brand, Language::English);
        let line = match caller.offers(&tdsp, Transaction::MoveIn).await {
            Ok(Outcome::Accepted(offers)) if offers.list.is_empty() => {
                "NRG answers, but none of its plans can be sold here: look at the promo code, and at affiliate.link_hosts".to_owned()
            }
            Ok(Outcome::Accepted(offers)) if offers.default_offers => {
                format!("{} default plans: the promo code is not valid", offers.list.len())
            }
            Ok(Outcome::Accepted(offers)) => format!("{} plans", offers.list.len()),
            Ok(Outcome::Stop(stop)) => format!("NRG answers, but stops: {:?}", stop.kind),
            Ok(Outcome::Correct(_) | Outcome::Done) => "NRG gave an answer that offers does not have".to_owned(),
            Err(error) => {
                let hint = match error.kind {
                    Kind::Refused(Refusal::Unauthorized) => {
                        "401: nrg.username or nrg.password is wrong (ENROLL__NRG__USERNAME, ENROLL__NRG__PASSWORD)"
                    }
                    Kind::Refused(Refusal::NotAllowListed) => {
                        "403: NRG does not allow this address: ask NRG to allow-list the one this machine goes out by"
                    }
                    Kind::Unreachable | Kind::ConnectionLost | Kind::TimedOut => {
                        "NRG cannot be reached: look at nrg.base_url (ENROLL__NRG__BASE_URL)"
                    }
                    Kind::Rejected => "400: look at affiliate.id and the promo code",
                    Kind::ServerError | Kind::InvalidResponse | Kind::TooLarge => "NRG did not answer as it should",
                };
                return Err(anyhow::Error::from(error).context(format!("{of}{}: {hint}", brand.id())));
            }
        };
        said.push_str(&format!("{of}{}: {line}\n", brand.id()));
    }
    for target in settings.postbacks.iter() {
        let endings: Vec<_> = target.endings.iter().map(|ending| ending.word()).collect();
        said.push_str(&format!("postbacks to {}: {}\n", target.name, endings.join(", ")));
    }
    Ok(said)
}
