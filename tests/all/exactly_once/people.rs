//! People who enroll, whatever happens to the servers: when a page does not come, they load it again.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::{StreamExt, stream};
use nrg_enroll::messages::Catalogs;
use tokio::time::sleep;

use super::chance::Chance;
use crate::support::{Browser, Page, Person, Walk};

/// The servers that live, and where everyone is.
pub struct Town {
    pub chance: Chance,
    doors: Mutex<Vec<String>>,
    places: Mutex<BTreeMap<String, String>>,
}

impl Town {
    pub fn new(seed: u64) -> Arc<Self> {
        let chance = Chance::new(seed);
        Arc::new(Self { chance, doors: Mutex::default(), places: Mutex::default() })
    }

    /// From now on the site is reached there.
    pub fn open(&self, bases: Vec<String>) {
        *self.doors.lock().unwrap() = bases;
    }

    /// Everyone who is not through, by journey.
    pub fn places(&self) -> BTreeMap<String, String> {
        self.places.lock().unwrap().clone()
    }

    fn door(&self) -> Option<String> {
        let bases = self.doors.lock().unwrap();
        (!bases.is_empty()).then(|| bases[self.chance.below(bases.len())].clone())
    }

    fn is_at(&self, journey: &str, place: Option<&str>) {
        let mut places = self.places.lock().unwrap();
        match place {
            Some(place) => places.insert(journey.to_owned(), place.to_owned()),
            None => places.remove(journey),
        };
    }
}

/// Someone who has answered everything, and looks at the review page.
pub struct Ready {
    pub walk: Walk,
    pub review: Page,
    /// The first half of the reference.
    pub journey: String,
}

/// Where it ended for someone.
pub struct End {
    pub journey: String,
    pub tracking_id: String,
    pub page: Page,
    /// The site had said that the enrollment is under way.
    pub acknowledged: bool,
}

/// `count` different people at the review page. One in ten is refused once and repairs it, one in twenty gets
/// the account number later.
pub async fn get_ready(base: &str, first: usize, count: usize) -> Vec<Ready> {
    stream::iter(first..first + count)
        .map(|number| async move {
            let first_name = match number % 20 {
                3 | 13 => "Notyet",
                7 => "Blank",
                _ => "Jordan",
            };
            // The numbers below a thousand are test inputs.
            let street = format!("{} Example Oak Ln", 1000 + number).leak();
            let person = Person { first_name, street, ..Person::default() };
            ready(base, person).await
        })
        .buffer_unordered(6)
        .collect()
        .await
}

pub async fn ready(base: &str, person: Person) -> Ready {
    let walk = Walk::new(Browser::new(base), person);
    let review = walk.through_start_date().await;
    review.is_at("/review");
    let journey = reference(&review).0;
    Ready { walk, review, journey }
}

/// Journey and, once a page names it, tracking id.
pub fn reference(page: &Page) -> (String, String) {
    let reference = page.one("p.reference b").unwrap_or_default();
    let (journey, tracking_id) = reference.split_once(" / ").unwrap_or((&reference, ""));
    (journey.to_owned(), tracking_id.to_owned())
}

/// Submits, and goes on from wherever the site leads, until it is over or nobody knows.
pub async fn enroll(ready: Ready, town: Arc<Town>) -> End {
    let Ready { walk, review: mut page, journey } = ready;
    let unknown = Catalogs::load().unwrap().of(walk.language).processing.unknown_title.clone();
    let mut acknowledged = false;
    loop {
        let path = page.path.split('?').next().unwrap().to_owned();
        let correctable = path == "/stop" && page.body.contains("action=\"/stop\"");
        let over = path == "/confirmation" || path == "/stop" && !correctable;
        town.is_at(&journey, Some(&format!("{} {}", page.status, page.path)));
        acknowledged |= over || correctable || path == "/processing";
        if over || page.h1() == unknown {
            let (named, tracking_id) = reference(&page);
            assert_eq!(named, journey);
            town.is_at(&journey, None);
            return End { journey, tracking_id, page, acknowledged };
        }
        let Some(base) = town.door() else {
            sleep(Duration::from_millis(30)).await;
            continue;
        };
        let browser = walk.browser.at(&base);
        let next = match path.as_str() {
            "/review" => walk.review_form(&page).try_submit(&browser).await,
            "/stop" => page.form("/stop").try_submit(&browser).await,
            "/start-date" => {
                let first = page.attributes("input[name=date]", "value").remove(0);
                page.form("/start-date").set("date", &first).try_submit(&browser).await
            }
            "/processing" => {
                sleep(Duration::from_millis(100)).await;
                browser.try_get("/processing").await
            }
            other => panic!("led to {other}: {}", page.text()),
        };
        page = match next {
            Ok(next) if !next.status.is_server_error() => next,
            Ok(failed) => {
                town.is_at(&journey, Some(&format!("{} {} {}", failed.status, failed.path, failed.h1())));
                look_again(&walk, &town).await
            }
            Err(cut) => {
                town.is_at(&journey, Some(&format!("{path}: {cut}")));
                look_again(&walk, &town).await
            }
        };
    }
}

/// Loads the page again until a server shows one.
async fn look_again(walk: &Walk, town: &Town) -> Page {
    loop {
        sleep(Duration::from_millis(50)).await;
        let Some(base) = town.door() else { continue };
        if let Ok(page) = walk.browser.at(&base).try_get("/review").await
            && page.status.is_success()
        {
            return page;
        }
    }
}
