//! From settings to the parts of a server: which part is made of which settings, and which periodic work it has.

use std::{sync::Arc, time::Duration};

use super::{error::StartError, tasks::Tasks};
use crate::{
    clock::Clock,
    config::{Settings, SiteSettings},
    entropy::Entropy,
    funnel::Funnel,
    ledger::{self, EnrollSender, HoldsAsker, Ledger, Retention},
    mail::{AddressKey, MailSite, Mails, Poster, Sender},
    messages::Catalogs,
    nrg::{Holds, MeterCache, Nrg, OfferCache, UtilityCache},
    pages,
    partners::Partners,
    postback::Outbox,
    rate_limit::RateLimiter,
    session::{Claims, CookieKind, Sessions},
    store::Store,
    tracing_context::Tracer,
    web::{
        Assets,
        calls::Calls,
        metrics::Metrics,
        outage::OutageState,
        sites::{HostedSite, Sites},
        state::{AppState, SharedState},
    },
    worker::Worker,
};

/// The period of every cleanup task.
const CLEANUP_PERIOD: Duration = Duration::from_secs(300);
/// How many ended sessions one statement deletes.
const CLEANUP_BATCH: u32 = 500;
/// How often postbacks are enqueued that become due only because time has passed.
const DELAYED_POSTBACKS_PERIOD: Duration = Duration::from_secs(15);
/// How often the counts in memory, of journeys and of partners' calls, are written to the database. A server that is
/// killed loses what it counted since.
const FLUSH_PERIOD: Duration = Duration::from_secs(5);
/// How often SQLite's write-ahead log is checkpointed and emptied: what was deleted can be read in it until then.
const CHECKPOINT_PERIOD: Duration = Duration::from_secs(1);
/// One day.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// The database of the server with these settings, which may be running. It must exist. Whoever opens it closes it.
///
/// # Errors
/// [`StartError::Store`].
pub async fn open_store(settings: &Settings) -> Result<Store, StartError> {
    Ok(Store::open_existing(&settings.store.url, settings.store.pool).await?)
}

/// The outbox of postbacks in `store`.
pub fn outbox(settings: &Settings, store: &Store, clock: &Clock, entropy: &Entropy) -> Outbox {
    Outbox::new(store.clone(), settings.postbacks.clone(), clock.clone(), entropy.clone())
}

/// The outbox of mails in `store`.
pub fn mails(settings: &Settings, store: &Store, clock: &Clock, entropy: &Entropy) -> Mails {
    let addresses = AddressKey::new(settings.ledger.key.derived("addresses of mails"));
    Mails::new(store.clone(), settings.session.keys.clone(), addresses, clock.clone(), entropy.clone())
}

/// What writes and sends mails; none where the settings send none.
///
/// # Errors
/// [`StartError::Mail`], [`StartError::Messages`].
pub(super) fn poster(settings: &Settings) -> Result<Option<Poster>, StartError> {
    let Some(mail) = &settings.mail else { return Ok(None) };
    let sender = Sender::new(mail, settings.server.public_url.domain())?;
    let sites = settings.sites().filter_map(|site| {
        let page = |path: &str| site.public_url.join(path).ok();
        Some(MailSite {
            site: site.site.clone(),
            from: site.mail_from.clone()?,
            reply_to: site.mail_reply_to.clone(),
            resume: page(pages::resume::PATH)?,
            status: page(pages::status::PATH)?,
            unsubscribe: page(pages::unsubscribe::PATH)?,
        })
    });
    Ok(Some(Poster::new(sites, Catalogs::load()?, sender)))
}

/// The keys of partners in `store`.
pub fn partners(settings: &Settings, store: &Store, clock: &Clock, entropy: &Entropy) -> Partners {
    Partners::new(store.clone(), settings.ledger.key.clone(), clock.clone(), entropy.clone())
}

/// The ledger in `store`.
pub fn ledger(settings: &Settings, store: &Store, clock: &Clock, entropy: &Entropy) -> Ledger {
    Ledger::new(
        store.clone(),
        settings.session.keys.clone(),
        settings.ledger.key.clone(),
        clock.clone(),
        entropy.clone(),
        settings.ledger.sending(settings.store.lease),
    )
    .with_targets(settings.postbacks.clone())
    .with_amounts(settings.amounts.clone())
    .with_follow_ups(settings.follow_ups)
    .with_find_by_person(settings.ledger.find_by_person)
}

/// The state that all requests share.
///
/// # Errors
/// Any [`StartError`] but [`StartError::Listen`] and [`StartError::Store`].
pub(crate) fn app_state(
    settings: &Settings,
    store: &Store,
    clock: Clock,
    entropy: Entropy,
) -> Result<SharedState, StartError> {
    let keys = settings.session.keys.clone();
    let mails = settings.mail.is_some().then(|| mails(settings, store, &clock, &entropy));
    let limits =
        RateLimiter::new(store.clone(), settings.ledger.key.clone(), clock.clone(), settings.limits.rates);
    let funnel = Funnel::new(store.clone(), clock.clone());
    let sessions =
        Sessions::new(store.clone(), keys, clock.clone(), entropy.clone(), settings.session.limits)
            .with_targets(settings.postbacks.clone())
            .with_timed_out_kept(settings.session.keep_timed_out)
            .with_caps(settings.session.caps, settings.ledger.key.clone())
            .with_funnel(funnel.clone(), settings.sites().map(|site| site.site.clone()));
    let ledger = ledger(settings, store, &clock, &entropy);
    let partners = partners(settings, store, &clock, &entropy);
    let sessions = match &mails {
        Some(mails) if settings.session.resume => sessions.with_reminders(mails.clone(), limits.clone()),
        Some(_) | None => sessions,
    };
    let cookie =
        if settings.server.public_url.scheme() == "https" { CookieKind::Secure } else { CookieKind::Plain };
    let sites = Sites::new(hosted(&settings.main), settings.others.iter().map(hosted));
    let tracer = match &settings.traces.export {
        Some(export) => Tracer::exporting(export, entropy.clone())?,
        None => Tracer::new(entropy.clone()),
    };
    Ok(Arc::new(AppState {
        sites,
        outages: OutageState::new(settings.outages()),
        catalogs: Catalogs::load()?,
        nrg: Nrg::new(settings.nrg.client.clone(), clock.clone(), entropy.clone())?,
        offers: OfferCache::new(settings.nrg.offers, clock.clone()),
        utilities: UtilityCache::new(settings.nrg.utilities_cache, clock.clone()),
        meters: MeterCache::new(settings.nrg.utilities_cache, clock.clone()),
        sessions: Arc::new(sessions),
        claims: Claims::new(store.clone(), clock.clone(), settings.store.lease),
        calls: Calls::default(),
        limits,
        ledger,
        partners,
        mails,
        metrics: Metrics::default(),
        funnel,
        clock,
        entropy,
        tracer,
        cookie,
        trusted_proxies: settings.server.trusted_proxies,
        patience: settings.server.patience,
        form_timeout: settings.server.form_timeout,
        recent_window: settings.ledger.recent_window,
        numbers_per_address: settings.limits.numbers_per_address,
        honeypot: settings.limits.honeypot,
        minimum: settings.limits.minimum,
        idle: settings.session.limits.idle,
        absolute: settings.session.limits.absolute,
        resume: settings.session.resume,
        keep_timed_out: settings.session.keep_timed_out,
    }))
}

fn hosted(site: &SiteSettings) -> HostedSite {
    HostedSite {
        site: site.site.clone(),
        public_url: site.public_url.clone(),
        assets: Assets::new(&site.theme, site.preview.picture.as_ref()),
        link_builder: site.link_builder,
        own_words: site.preview.words.clone(),
        search_engines: site.preview.search_engines,
    }
}

/// Starts the periodic work of a server.
pub(super) fn start_tasks(
    settings: &Settings,
    store: &Store,
    app: &SharedState,
    outbox: &Outbox,
    mails: &Mails,
) -> Tasks {
    let journey = settings.session.limits.absolute;
    let retention = Retention {
        records: DAY.saturating_mul(settings.ledger.retention_days),
        attempts: DAY.saturating_mul(settings.ledger.attempts_days),
        repeats: settings.ledger.recent_window,
    };
    let counts_kept = settings.report.kept;
    let tasks = Tasks::default();
    tasks.every("session: cleanup", CLEANUP_PERIOD, app.sessions.clone(), |sessions| async move {
        sessions.cleanup(CLEANUP_BATCH).await
    });
    tasks.every("session: cleanup of claims", CLEANUP_PERIOD, app.claims.clone(), |claims| async move {
        claims.cleanup().await
    });
    tasks.every("ledger: cleanup", CLEANUP_PERIOD, app.ledger.clone(), move |ledger| async move {
        ledger.cleanup(retention).await
    });
    tasks.every("ledger: cleanup of follow-ups", CLEANUP_PERIOD, app.ledger.clone(), |ledger| async move {
        ledger.cleanup_follow_ups().await
    });
    tasks.every(
        "ledger: enqueueing delayed postbacks",
        DELAYED_POSTBACKS_PERIOD,
        app.ledger.clone(),
        move |ledger| async move { ledger.enqueue_delayed_postbacks(journey).await },
    );
    tasks.every("rate_limit: cleanup", CLEANUP_PERIOD, app.limits.clone(), |limits| async move {
        limits.cleanup().await
    });
    tasks.every("postback: cleanup", CLEANUP_PERIOD, outbox.clone(), |outbox| async move {
        outbox.cleanup().await
    });
    tasks.every("mail: cleanup", CLEANUP_PERIOD, mails.clone(), |mails| async move { mails.cleanup().await });
    tasks.every(
        "funnel: flush",
        FLUSH_PERIOD,
        app.funnel.clone(),
        |funnel| async move { funnel.flush().await },
    );
    tasks.every("partners: flush", FLUSH_PERIOD, app.partners.clone(), |partners| async move {
        partners.flush().await
    });
    let records = retention.records;
    tasks.every("partners: cleanup", CLEANUP_PERIOD, app.partners.clone(), move |partners| async move {
        partners.cleanup(records).await
    });
    tasks.every("funnel: cleanup", CLEANUP_PERIOD, app.funnel.clone(), move |funnel| async move {
        funnel.cleanup(counts_kept).await
    });
    tasks.every("store: WAL checkpoint", CHECKPOINT_PERIOD, store.clone(), |store| async move {
        store.checkpoint().await
    });
    tasks
}

/// Starts the worker that sends submissions to NRG, and counts what became of them.
pub(super) fn start_enroll_worker(settings: &Settings, app: &SharedState) -> Worker {
    let sites = settings.sites().map(|site| site.site.clone());
    let sender = Arc::new(EnrollSender::new(app.nrg.clone(), sites, app.tracer.clone()));
    let metrics = app.metrics.clone();
    ledger::start_worker(app.ledger.clone(), move |job| {
        let (sender, metrics) = (Arc::clone(&sender), metrics.clone());
        async move {
            let reply = sender.send(job).await;
            metrics.submitted(ledger::outcome(&reply.enrollment));
            reply
        }
    })
}

/// Starts the worker that asks NRG what became of enrollments, and counts its answers.
pub(super) fn start_follow_up_worker(settings: &Settings, app: &SharedState) -> Worker {
    let sites = settings.sites().map(|site| site.site.clone());
    let asker = Arc::new(HoldsAsker::new(app.nrg.clone(), sites));
    let metrics = app.metrics.clone();
    ledger::start_follow_up_worker(app.ledger.clone(), move |job| {
        let (asker, metrics) = (Arc::clone(&asker), metrics.clone());
        async move {
            let told = asker.ask(job).await;
            metrics.followed_up(match &told {
                Ok(Holds::Known(holds)) if holds.iter().any(|hold| hold.open) => "held",
                Ok(Holds::Known(_)) => "released",
                Ok(Holds::Unknown) => "unknown",
                Err(_) => "failed",
            });
            told
        }
    })
}

#[cfg(test)]
mod tests {
    use strum::VariantArray;

    use crate::{config, nrg::Endpoint};

    #[test]
    fn default_time_limits_contain_one_another() {
        let settings = config::testing::defaults();
        let client = &settings.nrg.client;
        for endpoint in Endpoint::VARIANTS {
            let limit = client.timeouts.of(*endpoint);
            assert!(limit > client.connect_timeout, "{endpoint}");
            assert!(limit < settings.server.drain, "{endpoint}");
        }
        assert!(client.timeouts.of(Endpoint::Enroll) < settings.ledger.send_limit);
        assert!(settings.session.limits.idle < settings.session.limits.absolute);
        assert!(settings.server.unready < settings.server.drain);
    }
}
