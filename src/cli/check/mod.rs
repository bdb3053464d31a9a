//! `nrg-enroll check`: the settings are valid, the database can be reached, NRG accepts our credentials and address, and
//! each brand has plans that can be sold.

mod database;
mod desk;
mod hints;
mod hosts;
mod limits;
mod plans;

use std::io::{self, Write};

use anyhow::bail;

use self::{hints::explained, plans::Tallies};
use crate::{
    cli::output,
    clock::Clock,
    config::Settings,
    entropy::Entropy,
    fields::{Brand, Language, TdspCode, Transaction},
    journey::Site,
    messages::Catalogs,
    nrg::{self, BrandClient, Error, Kind, Nrg, Refusal, UTILITIES},
    server::process,
    store,
};

/// Checks the server with these settings, and prints to standard output.
///
/// # Errors
/// As [`execute`].
pub async fn run(settings: &Settings, clock: Clock, entropy: Entropy) -> anyhow::Result<()> {
    match execute(settings, clock, entropy, &mut io::stdout()).await {
        Err(error) if error.downcast_ref().is_some_and(output::is_closed) => Ok(()),
        checked => checked,
    }
}

/// Asks NRG for the plans of every enabled brand of each site at every published utility, and writes to `out` what can be
/// sold and why the rest cannot, as soon as it is known.
///
/// # Errors
/// The database or NRG cannot be reached, or NRG refuses us: the error names the setting, or whom to ask. A brand sells
/// nothing: the error says why. `out` cannot be written.
pub async fn execute(
    settings: &Settings,
    clock: Clock,
    entropy: Entropy,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let now = clock.now();
    let nrg = Nrg::new(settings.nrg.client.clone(), clock.clone(), entropy.clone())?;
    let database::Findings { mut problems, mut notes } = database::findings(settings).await?;
    problems.extend(hosts::unresolved(settings).await);
    problems.extend(desk::problem(settings));
    writeln!(out, "The settings are complete.")?;
    // Here too, as NRG may refuse everything below.
    problems.iter().try_for_each(|problem| writeln!(out, "{problem}"))?;
    notes.extend(limits::contradictions(settings));
    notes.iter().try_for_each(|note| writeln!(out, "{note}"))?;
    let english = Catalogs::load()?;
    let english = english.of(Language::English);
    if let Some(folder) = store::exposed_folder(&settings.store.url) {
        let folder = folder.display();
        writeln!(out, "Other users of this machine may enter {folder}: chmod 700, unless they have to.")?;
    }
    let (most, room) =
        (settings.server.max_connections, process::room_for_connections(process::raise_open_files()));
    if room < most {
        let needed = process::open_files_for(most);
        writeln!(
            out,
            "Open files: this process may have so few that there is room for {room} connections, not for \
             server.max_connections = {most}: allow the server {needed} (Docker: --ulimit nofile; systemd: LimitNOFILE)."
        )?;
    }
    for window in settings.outage_windows.iter().filter(|window| now < window.to) {
        let (from, to) = (english.moment(window.from), english.moment(window.to));
        writeln!(out, "No enrollment begins from {from} to {to}.")?;
    }
    let sites: Vec<&Site> = settings.sites().map(|site| &site.site).collect();
    // A single site needs no name.
    let of = |site: &str| if sites.len() == 1 { String::new() } else { format!("{site}, ") };
    for site in settings.sites() {
        for brand in &site.outage_brands {
            let (of, brand) = (of(&site.site.name), brand.id());
            writeln!(out, "{of}{brand} is out for now: its outage is true.")?;
        }
    }
    for target in settings.postbacks.iter() {
        let endings: Vec<_> = target.wants.endings.iter().map(|ending| ending.word()).collect();
        writeln!(out, "postbacks to {}: {}", target.name, endings.join(", "))?;
    }
    if let Some(mail) = &settings.mail {
        writeln!(out, "mails by {}", mail.relay)?;
    }

    let name = |site: &Site, brand: Brand| format!("{}{}", of(&site.name), brand.id());
    let cookie = settings.nrg.client.gateway_cookie;
    let other_way = nrg::Settings { gateway_cookie: !cookie, ..settings.nrg.client.clone() };
    let other_way = Nrg::new(other_way, clock, entropy)?;
    let (mut let_in, mut kept_out) = (None, None);
    for (site, brand) in sites.iter().filter_map(|site| Some((site, site.brands.keys().next()?))) {
        let [asked, other_way] =
            [&nrg, &other_way].map(|nrg| nrg.brand_client(site, *brand, Language::English));
        match is_let_in(&name(site, *brand), asked, other_way, cookie).await {
            Ok(()) => let_in = let_in.or(Some(site)),
            Err(error) => kept_out = kept_out.or(Some((site, error))),
        }
    }
    if let Some((site, error)) = kept_out {
        return Err(match let_in {
            // All sites call from one address with one name: only the id can be what is refused.
            Some(other) if is_forbidden(&error) && other.affiliate_id != site.affiliate_id => error.context(format!(
                "NRG lets in site {}, so the address is allowed: the affiliate.id of site {} is the one it refuses",
                other.name, site.name
            )),
            _ => error,
        });
    }
    for (site, brand) in sites.iter().flat_map(|site| site.brands.keys().map(move |brand| (site, *brand))) {
        let name = name(site, brand);
        let tallies = Tallies::ask(nrg.brand_client(site, brand, Language::English)).await;
        let tallies = tallies.map_err(|error| explained(&name, error, ""))?;
        tallies.lines(&name, brand).iter().try_for_each(|line| writeln!(out, "{line}"))?;
        problems.extend(tallies.why_nothing(brand).map(|why| format!("{name} sells nothing; {why}")));
    }
    let odd: Vec<&str> = nrg.odd_fields().into_iter().collect();
    if !odd.is_empty() {
        writeln!(out, "Read although NRG spells them otherwise than its contract: {}.", odd.join(", "))?;
    }
    out.flush()?;
    if !problems.is_empty() {
        bail!(problems.join("\n"));
    }
    Ok(())
}

/// Asks once, so that a refusal of every call is found before all are made. Where a gateway seems to answer, asks again
/// by `other_way`, whose `nrg.gateway_cookie` is not `cookie`.
async fn is_let_in(
    name: &str,
    asked: BrandClient<'_>,
    other_way: BrandClient<'_>,
    cookie: bool,
) -> anyhow::Result<()> {
    let Err(error) = first_plans(asked).await else { return Ok(()) };
    if error.is_from_gateway() {
        return Err(match first_plans(other_way).await.err().map(|error| error.kind) {
            // A 400 is an answer of NRG's application.
            None | Some(Kind::Rejected) => anyhow::Error::from(error).context(format!(
                "{name}: nrg.gateway_cookie = {works} works: set it (ENROLL__NRG__GATEWAY_COOKIE={works})",
                works = !cookie
            )),
            Some(_) => explained(name, error, "; nrg.gateway_cookie makes no difference"),
        });
    }
    match error.kind {
        Kind::Refused(_) | Kind::Unreachable | Kind::ConnectionLost | Kind::TimedOut => {
            Err(explained(name, error, ""))
        }
        // Another utility may have plans.
        Kind::Rejected | Kind::ServerError | Kind::InvalidResponse | Kind::TooLarge => Ok(()),
    }
}

/// Whether NRG answered 403.
fn is_forbidden(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Error>().is_some_and(|error| error.kind == Kind::Refused(Refusal::NotAllowListed))
}

/// Asks for the plans at the first published utility.
async fn first_plans(client: BrandClient<'_>) -> Result<(), Error> {
    let [utility, ..] = UTILITIES;
    match TdspCode::parse(utility.code) {
        Ok(tdsp) => client.offers(&tdsp, Transaction::MoveIn).await.map(drop),
        Err(_) => Ok(()),
    }
}
