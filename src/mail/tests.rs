//! The outbox on each database, and the letters as a table.

use std::time::Duration;

use jiff::{Timestamp, civil::date};
use url::Url;

use super::{
    address::AddressKey,
    content::StatusLink,
    enqueue::{NewMail, discard, enqueue, release},
    letter::Letter,
    message::message,
    outbox::LeasedMail,
    sender::{Delivery, Verdict},
    *,
};
use crate::{
    clock::Clock,
    config,
    entropy::Entropy,
    fields::{Brand, Email, Language, Transaction},
    journey::{DocumentUrl, Obstacle},
    messages::Catalogs,
    store::{
        Durability, Error, KeyRing, Store, sql,
        testing::{ManualClock, on_each_database},
    },
};

const HOUR: Duration = Duration::from_secs(3600);

fn outbox(store: &Store, clock: &Clock) -> Mails {
    let keys = KeyRing::parse([format!("k:{}=", "A".repeat(43))]).unwrap();
    Mails::new(store.clone(), keys, AddressKey::new([7; 32]), clock.clone(), Entropy::system())
}

fn address() -> Email {
    Email::parse("jordan.canary@example.com").unwrap()
}

fn link() -> ResumeLink {
    let until = Timestamp::from_second(1_900_040_000).unwrap();
    ResumeLink { code: "CODE-CANA-RY22".to_owned(), until, question: ChallengeKind::Phone }
}

fn document(path: &str) -> DocumentUrl {
    Url::parse(&format!("https://docs.nrg.test/{path}")).unwrap().into()
}

fn confirmation() -> Confirmation {
    Confirmation {
        brand: Brand::Reliant,
        plan: "Sample <Saver> 12".to_owned(),
        plan_language: Some(Language::English),
        transaction: Transaction::Switch,
        start_date: Some(date(2030, 7, 1)),
        efl: document("efl?a=1&b=2"),
        tos: document("tos"),
        yrac: document("yrac"),
        obstacles: Vec::new(),
        autopay: true,
        prepaid: false,
        status: Some(StatusLink { code: "STAT-USCO-DE22".to_owned(), until: link().until }),
    }
}

fn pending(mails: &Mails, about: &str, content: &Content) -> PendingMail {
    let (site, language, address) = ("main", Language::English, &address());
    mails.pending(&NewMail { about, site, language, address, content, until: None })
}

async fn within(
    mails: &Mails,
    work: impl for<'t, 'c> AsyncFnOnce(&'t mut crate::store::Tx<'c>) -> Result<(), Error>,
) {
    mails.store.transaction(Durability::ProcessCrash, work).await.unwrap();
}

async fn lease(mails: &Mails) -> Option<LeasedMail> {
    mails.lease_next("owner").await.unwrap()
}

async fn states(mails: &Mails) -> Vec<(String, State)> {
    let rows = list(&mails.store, None, 99).await.unwrap();
    rows.into_iter().map(|row| (row.kind.clone(), row.state())).collect()
}

fn came_to(verdict: Verdict) -> Delivery {
    Delivery { verdict, outcome: "said".to_owned() }
}

#[tokio::test]
async fn mail_is_enqueued_once_and_erased_once_it_has_ended() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let mails = outbox(&store, &clock);
        let content = Content::Link(link());
        for _ in 0..3 {
            mails.enqueue(&pending(&mails, "same", &content)).await.unwrap();
        }
        mails.enqueue(&pending(&mails, "other", &content)).await.unwrap();
        let first = lease(&mails).await.unwrap();
        let payload = first.payload.as_ref().unwrap();
        assert_eq!((payload.address.as_str(), first.tries), (address().as_str(), 1));
        // While it is sent, no other server sends it.
        let second = lease(&mails).await.unwrap();
        assert_ne!(first.id, second.id);
        assert!(lease(&mails).await.is_none());
        assert_eq!(mails.complete(&first, &came_to(Verdict::Taken)).await.unwrap(), Some(State::Sent));
        assert_eq!(mails.complete(&second, &came_to(Verdict::Refused)).await.unwrap(), Some(State::Dead));
        assert_eq!(mails.complete(&second, &came_to(Verdict::Taken)).await.unwrap(), None);
        let (left,): (i64,) = sql!(store.reader().await.unwrap(),
            "SELECT COUNT(*) FROM mails WHERE key_id IS NULL AND payload IS NULL AND LENGTH(address_hash) = 32"
            => fetch_one)
        .unwrap();
        assert_eq!(left, 2);
        assert!(key_ids(&store).await.unwrap().is_empty());
        // And it is not sent again.
        mails.enqueue(&pending(&mails, "same", &content)).await.unwrap();
        assert_eq!(states(&mails).await.len(), 2);
        manual.forward(31 * 24 * HOUR);
        assert_eq!(mails.cleanup().await.unwrap(), 1);
        manual.forward(60 * 24 * HOUR);
        assert_eq!(mails.cleanup().await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn waits_grow_until_the_day_is_over_and_a_lost_lease_is_taken_over() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let mails = outbox(&store, &clock);
        mails.enqueue(&pending(&mails, "a", &Content::Link(link()))).await.unwrap();
        lease(&mails).await.unwrap();
        manual.forward(Duration::from_secs(121));
        let (mut tries, mut waits) = (1, Vec::new());
        loop {
            let leased = lease(&mails).await.unwrap();
            tries += 1;
            assert_eq!(leased.tries, tries);
            if mails.complete(&leased, &came_to(Verdict::Failed)).await.unwrap() == Some(State::Dead) {
                break;
            }
            let row = list(&mails.store, None, 1).await.unwrap().remove(0);
            let wait = row.next_try().unwrap().duration_since(clock.now());
            waits.push(wait.as_secs());
            manual.forward(Duration::try_from(wait).unwrap());
        }
        assert_eq!(waits[..4], [60, 120, 240, 480]);
        assert!(waits.iter().all(|wait| *wait <= 7200), "{waits:?}");
        assert!((84_000..=86_400).contains(&waits.iter().sum::<i64>()), "{waits:?}");
        assert_eq!(mails.failing().await.unwrap(), Duration::ZERO);
    })
    .await;
}

#[tokio::test]
async fn confirmation_is_held_until_nrg_takes_it_and_deleted_if_it_refuses() {
    on_each_database(async |store| {
        let mails = outbox(&store, &ManualClock::new().1);
        let content = Content::Confirmation(Box::new(confirmation()));
        for about in ["enrolled", "accepted", "refused", "late"] {
            let mail = pending(&mails, about, &content);
            within(&mails, async |tx| enqueue(tx, &mail).await).await;
        }
        // A corrected submission takes the place of the first.
        let again = pending(&mails, "enrolled", &content);
        within(&mails, async |tx| enqueue(tx, &again).await).await;
        assert!(lease(&mails).await.is_none());
        within(&mails, async |tx| {
            release(tx, "enrolled", false).await?;
            release(tx, "accepted", true).await?;
            release(tx, "late", false).await?;
            discard(tx, "late").await?;
            discard(tx, "refused").await
        })
        .await;
        let [one, other] = [lease(&mails).await.unwrap(), lease(&mails).await.unwrap()];
        assert!(one.accepted != other.accepted && one.payload.is_some() && other.payload.is_some());
        assert!(lease(&mails).await.is_none());
        assert_eq!(mails.complete(&one, &came_to(Verdict::Taken)).await.unwrap(), Some(State::Sent));
        // Told again, it is not sent again.
        within(&mails, async |tx| release(tx, "enrolled", false).await).await;
        within(&mails, async |tx| release(tx, "accepted", false).await).await;
        assert_eq!(states(&mails).await.len(), 2);
        assert!(lease(&mails).await.is_none());
    })
    .await;
}

#[tokio::test]
async fn unsubscribed_address_is_known_after_its_mails_are_gone() {
    on_each_database(async |store| {
        let mails = outbox(&store, &ManualClock::new().1);
        mails.enqueue(&pending(&mails, "a", &Content::Link(link()))).await.unwrap();
        assert!(!mails.is_unsubscribed(&address()).await.unwrap());
        let hash = mails.recipient(&address());
        for _ in 0..2 {
            mails.unsubscribe(&hash).await.unwrap();
        }
        assert!(states(&mails).await.is_empty());
        // On another server, and spelled otherwise.
        let other = outbox(&store, &ManualClock::new().1);
        assert!(other.is_unsubscribed(&Email::parse("Jordan.Canary@EXAMPLE.com").unwrap()).await.unwrap());
        assert!(!other.is_unsubscribed(&Email::parse("alex@example.com").unwrap()).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn stored_mail_is_readable_nowhere_without_the_key() {
    on_each_database(async |store| {
        let mails = outbox(&store, &ManualClock::new().1);
        mails.enqueue(&pending(&mails, "a", &Content::Link(link()))).await.unwrap();
        let (payload,): (Vec<u8>,) =
            sql!(store.reader().await.unwrap(), "SELECT payload FROM mails" => fetch_one).unwrap();
        for plain in ["jordan", "canary", "CODE"] {
            assert!(!payload.windows(plain.len()).any(|part| part == plain.as_bytes()), "{plain}");
        }
        let keys = KeyRing::parse([format!("k:{}A=", "B".repeat(42))]).unwrap();
        let other = Mails { keys, ..mails };
        assert!(lease(&other).await.unwrap().payload.is_none());
    })
    .await;
}

fn site() -> MailSite {
    let page = |path: &str| format!("https://enroll.affiliate.test/{path}").parse().unwrap();
    MailSite {
        site: config::testing::defaults().main.site,
        from: "Señal Affiliate <hello@affiliate.test>".parse().unwrap(),
        reply_to: Some("desk@affiliate.test".parse().unwrap()),
        resume: page("resume"),
        status: page("status"),
        unsubscribe: page("unsubscribe"),
    }
}

fn letter(content: &Content, language: Language, accepted: bool) -> Letter {
    let catalogs = Catalogs::load().unwrap();
    Letter::write(&site(), catalogs.of(language), language, content, accepted, "TOKEN").unwrap()
}

#[test]
fn letters_say_what_their_kind_says_in_both_languages() {
    let held = Confirmation { obstacles: vec![Obstacle::Deposit, Obstacle::SwitchHold], ..confirmation() };
    let [link_, reminder] = [Content::Link(link()), Content::Reminder(link())];
    let [done, held] = [confirmation(), held].map(|one| Content::Confirmation(Box::new(one)));
    let resume = "https://enroll.affiliate.test/resume?code=CODE-CANA-RY22&lang=";
    let status = "https://enroll.affiliate.test/status?code=STAT-USCO-DE22&lang=en";
    for (content, language, accepted, subject, says, not) in [
        (
            &link_,
            Language::English,
            false,
            "Your link to continue with Affiliate",
            &[resume, "phone number"][..],
            &[][..],
        ),
        (
            &link_,
            Language::Spanish,
            false,
            "Su enlace para continuar con Affiliate",
            &["&lang=es"],
            &["Your"],
        ),
        (
            &reminder,
            Language::English,
            false,
            "Continue your enrollment with Affiliate",
            &["agreed", resume],
            &[],
        ),
        (
            &done,
            Language::English,
            false,
            "Your enrollment with Reliant",
            &[
                "Monday, July 1, 2030",
                status,
                "https://docs.nrg.test/tos",
                "(866) 222-7100",
                "Set up automatic payment",
            ],
            &["Before service can start"],
        ),
        (
            &held,
            Language::English,
            true,
            "Your enrollment with Reliant",
            &["last check", "Before service can start", "deposit", "switch hold", "Date you asked for"],
            &["/status", "top of this page"],
        ),
        (&done, Language::Spanish, false, "Su inscripción con Reliant", &["1 de julio de 2030"], &["Your"]),
    ] {
        let Letter { subject: written, text, html, unsubscribe } = letter(content, language, accepted);
        assert_eq!(written, subject);
        assert!(unsubscribe.starts_with("https://enroll.affiliate.test/unsubscribe?t=TOKEN&lang="));
        assert!(text.contains(&unsubscribe) && html.contains(&unsubscribe.replace('&', "&#38;")), "{html}");
        for part in says {
            assert!(text.contains(part), "{part} is not in\n{text}");
            assert!(html.contains(&part.replace('&', "&#38;")), "{part} is not in\n{html}");
        }
        for part in not {
            assert!(!text.contains(part) && !html.contains(part), "{part} is in\n{text}");
        }
        assert!(!text.contains('{') && !html.contains('{'), "{text}\n{html}");
        // Nothing is loaded, and nothing tells that it was read.
        for never in ["<img", "src=", "url(", "<link", "<script"] {
            assert!(!html.contains(never), "{never}");
        }
        assert!(!text.contains("\n\n\n") && !text.starts_with('\n'), "{text:?}");
    }
    let Letter { text, html, .. } = letter(&done, Language::English, false);
    assert!(text.contains("Sample <Saver> 12") && html.contains("Sample &#60;Saver&#62; 12"), "{html}");
}

#[test]
fn message_has_the_headers_of_automatic_mail_and_folds_none_of_them() {
    let letter = letter(&Content::Link(link()), Language::Spanish, false);
    let at = Timestamp::from_second(1_900_000_000).unwrap();
    let message = message(&site(), "0123", &address(), &letter, at).unwrap();
    let text = String::from_utf8(message.formatted()).unwrap();
    for line in [
        "Date: Sun, 17 Mar 2030 17:46:40 +0000",
        "To: jordan.canary@example.com",
        "Reply-To: desk@affiliate.test",
        "Message-ID: <0123@affiliate.test>",
        "Auto-Submitted: auto-generated",
        "List-Unsubscribe: <https://enroll.affiliate.test/unsubscribe?t=TOKEN&lang=es>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    ] {
        assert!(text.contains(&format!("{line}\r\n")), "{line} is not in\n{text}");
    }
    assert!(text.contains("multipart/alternative") && text.contains("text/plain; charset=utf-8"), "{text}");
    assert!(text.is_ascii() && text.lines().all(|line| line.len() < 998));
}
