//! The settings: read once at the start, validated as a whole, and passed on as typed values.
//!
//! They come from three sources, of which later ones win: `default.toml`, which documents every key and is the only place
//! of a default; the settings file; environment variables.
//!
//! ```text
//! default.toml < file < ENROLL__SECTION__KEY → layers → section (typed reading) → Settings
//! ```
//!
//! All problems are reported at once, each with key and origin, and the server does not start. Secrets are wiped when
//! dropped and have no `Debug`; no value is ever part of a [`Problem`]. A command that only reads the database needs the
//! few settings that it uses ([`ReaderSettings`]).

mod affiliate;
mod amounts;
mod api;
mod brands;
mod demo;
mod desk;
mod environment;
mod follow_up;
mod key;
mod layers;
mod ledger;
mod limits;
mod log;
mod mail;
mod name;
mod nrg;
mod outage;
mod postbacks;
mod preview;
mod problem;
mod proxy;
mod reader;
mod reference;
mod report;
mod section;
mod server;
mod session;
mod show;
mod sites;
mod store;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod theme;
mod traces;
mod underscores;
mod words;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use config::{Map, Value};
use url::Url;

use crate::{
    api::ApiSettings,
    desk::DeskSettings,
    entropy::Entropy,
    journey::{ClickParams, Outages, Site, Window},
    ledger::FollowUps,
    nrg::Endpoint,
    postback::{Amounts, Targets},
};
use layers::{DEFAULT, Layer, merge};
use section::{Section, read_all};

pub(crate) use name::{NAMED, is_name};

pub use environment::environment;
pub use ledger::Ledger;
pub use limits::Limits;
pub use log::{Log, LogFormat};
pub use nrg::Nrg;
pub use problem::{Problem, Problems, Why};
pub use reader::ReaderSettings;
pub use reference::reference;
pub use report::Report;
pub use server::Server;
pub use session::Session;
pub use sites::SiteSettings;
pub use store::Store;
pub use traces::Traces;

/// All settings, with a field for each section.
#[allow(missing_docs, reason = "the types say it")]
pub struct Settings {
    pub server: Server,
    pub store: Store,
    pub session: Session,
    pub ledger: Ledger,
    pub nrg: Nrg,
    /// The site that `[server]`, `[affiliate]`, `[brands]`, `[theme]` and `[preview]` describe.
    pub main: SiteSettings,
    /// The sites of `[sites]`.
    pub others: Vec<SiteSettings>,
    /// The times in which no journey begins, at any site.
    pub outage_windows: Vec<Window>,
    /// What systems of partners may ask for.
    pub api: ApiSettings,
    pub limits: Limits,
    /// The targets of postbacks.
    pub postbacks: Targets,
    /// What an enrollment is worth.
    pub amounts: Amounts,
    /// How enrollments are followed, if they are.
    pub follow_ups: Option<FollowUps>,
    /// How mails are sent, if they are.
    pub mail: Option<crate::mail::Settings>,
    pub report: Report,
    /// The desk, if there is one.
    pub desk: Option<DeskSettings>,
    pub log: Log,
    pub traces: Traces,
}

impl Settings {
    /// The settings of `file`, or else of the file that `ENROLL_CONFIG` names, overridden by those of `env`
    /// (see [`environment`]).
    ///
    /// # Errors
    /// All problems at once.
    pub fn load(
        file: Option<&Path>,
        env: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Problems> {
        let env: Vec<_> = env.into_iter().collect();
        let slips = underscores::find(&env);
        refuse(slips, read_all(merged(file, env)?, false, read))
    }

    /// The settings of the demo: every brand, the sandbox at `nrg` (scheme, host and port), and database and keys in the
    /// folder `data`, which is created. `env` still wins.
    ///
    /// # Errors
    /// All problems at once.
    pub fn demo(
        data: &Path,
        nrg: &Url,
        entropy: &Entropy,
        env: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Problems> {
        read_all(with_defaults(demo::layers(data, nrg, entropy)?, env)?, true, read)
    }

    /// The demo's settings as a file to start from: the lines marked CHANGE are refused as they are.
    pub fn demo_text(data: &Path, nrg: &Url) -> String {
        demo::text(data, nrg)
    }

    /// The parameters of links that tell a click, at any site.
    pub fn click_params(&self) -> ClickParams {
        ClickParams::of_all(self.sites().map(|site| &site.site.click_params))
    }

    /// What `nrg-enroll config` prints: the settings that [`load`](Self::load) would read, one a line with its origin,
    /// whether they are valid or not. No secret is shown.
    ///
    /// # Errors
    /// The file cannot be read, or is not TOML.
    pub fn show(
        file: Option<&Path>,
        env: impl IntoIterator<Item = (String, String)>,
    ) -> Result<String, Problems> {
        Ok(show::show(&merged(file, env)?))
    }

    /// The outages, by the name of the site.
    pub fn outages(&self) -> BTreeMap<String, Outages> {
        let of = |site: &SiteSettings| Outages {
            windows: self.outage_windows.clone(),
            brands: site.outage_brands.clone(),
        };
        self.sites().map(|site| (site.site.name.clone(), of(site))).collect()
    }

    /// Every site, the main one first.
    pub fn sites(&self) -> impl Iterator<Item = &SiteSettings> {
        std::iter::once(&self.main).chain(&self.others)
    }
}

/// The settings file: `file`, or else the one that `ENROLL_CONFIG` names.
pub fn settings_file(
    file: Option<&Path>,
    env: impl IntoIterator<Item = (String, String)>,
) -> Option<PathBuf> {
    let named = |(name, path): &(String, String)| name == "ENROLL_CONFIG" && !path.is_empty();
    file.map(Path::to_owned).or_else(|| env.into_iter().find(named).map(|(_, path)| PathBuf::from(path)))
}

/// `settings`, unless there are more problems.
fn refuse(more: Vec<Problem>, settings: Result<Settings, Problems>) -> Result<Settings, Problems> {
    match settings {
        Ok(settings) if more.is_empty() => Ok(settings),
        settings => {
            Err(Problems(settings.err().into_iter().flat_map(|Problems(known)| known).chain(more).collect()))
        }
    }
}

/// The keys and values that [`Settings::load`] reads.
fn merged(
    file: Option<&Path>,
    env: impl IntoIterator<Item = (String, String)>,
) -> Result<Map<String, Value>, Problems> {
    let env: Vec<_> = env.into_iter().collect();
    let file = settings_file(file, env.iter().cloned());
    with_defaults(file.map(|path| Layer::file(&path)).transpose()?, env)
}

/// The defaults, overridden by `layers`, overridden by the environment.
fn with_defaults(
    layers: impl IntoIterator<Item = Layer>,
    env: impl IntoIterator<Item = (String, String)>,
) -> Result<Map<String, Value>, Problems> {
    let defaults = Layer::toml(DEFAULT, include_str!("default.toml"))?;
    let env = env.into_iter().filter_map(|(name, value)| Layer::variable(&name, value));
    let mut keys = merge(std::iter::once(defaults).chain(layers).chain(env).collect());
    postbacks::fill_in(&mut keys);
    Ok(keys)
}

fn read(root: &mut Section<'_>) -> Option<Settings> {
    let server = root.section("server", server::read);
    let store = root.section("store", store::read);
    let session = root.section("session", session::read);
    let ledger = root.section("ledger", ledger::read);
    let nrg = root.section("nrg", nrg::read);
    let shared = root.copy(&sites::OWN);
    let public_url = server.as_ref().map(|server| server.public_url.clone());
    let main = sites::read_site(root, Site::MAIN, public_url);
    let others = root.section("sites", |section| sites::read_others(section, &shared));
    let windows = root.section("outage", outage::read);
    let api = root.section("api", api::read);
    let limits = root.section("limits", limits::read);
    let follow_ups = root.section("follow_up", follow_up::read);
    let mail = root.section("mail", mail::read);
    let report = root.section("report", report::read);
    let desk = root.section("desk", desk::read);
    let sites = main.iter().chain(others.iter().flatten());
    let params = ClickParams::of_all(sites.map(|site| &site.site.click_params));
    let postbacks = root.section("postbacks", |section| postbacks::read(section, &params));
    let amounts = root.section("amounts", amounts::read);
    let log = root.section("log", log::read);
    let traces = root.section("traces", traces::read);

    // Rules that span sections.
    if let (Some(main), Some(others)) = (&main, &others) {
        sites::check_hosts(root, main, others);
        for target in postbacks.iter().flat_map(Targets::iter) {
            let known =
                |site: &String| site == Site::MAIN || others.iter().any(|other| other.site.name == *site);
            if !target.wants.sites.iter().all(known) {
                let key = format!("postbacks.{}.sites", target.name);
                root.must_be::<()>(&key, "a list of main and names of [sites]", None);
            }
        }
    }
    if let Some(Some(_)) = &mail {
        for site in main.iter().chain(others.iter().flatten()).filter(|site| site.mail_from.is_none()) {
            let name = site.site.name.as_str();
            let prefix = if name == Site::MAIN { String::new() } else { format!("sites.{name}.") };
            root.missing::<()>(&format!("{prefix}affiliate.mail_from"));
        }
    }
    if let (Some(ledger), Some(nrg)) = (&ledger, &nrg)
        && ledger.send_limit <= nrg.client.timeouts.of(Endpoint::Enroll)
    {
        root.must_be::<()>("ledger.send_limit", "longer than nrg.timeouts.enroll", None);
    }
    Some(Settings {
        server: server?,
        store: store?,
        session: session?,
        ledger: ledger?,
        nrg: nrg?,
        main: main?,
        others: others?,
        outage_windows: windows?,
        api: api?,
        limits: limits?,
        postbacks: postbacks?,
        amounts: amounts?,
        follow_ups: follow_ups?,
        mail: mail?,
        report: report?,
        desk: desk?,
        log: log?,
        traces: traces?,
    })
}
