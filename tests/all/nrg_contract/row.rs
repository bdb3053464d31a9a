//! One row: an answer of NRG's, how far to walk to meet it, and everything it has to lead to.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use nrg_enroll::{
    fields::Language,
    journey::{Cleaned, Journey, Meters, PriorAccount, Quiz, Record, SubmissionState},
    messages::{Catalogs, Messages},
};
use serde_json::{Value, json};

use crate::support::{
    Page, Person, Walk, World,
    fault_proxy::{Exchange, Reply},
};

/// How far the walk goes: to the page after this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum At {
    /// The ZIP is posted, the plans are shown.
    Plans,
    /// A plan is chosen.
    Plan,
    /// The address is posted.
    Address,
    /// The bill's address is posted.
    Billing,
    /// Birth date and number are posted.
    Identity,
    /// What was asked about the past is answered.
    PriorAccount,
    /// NRG's questions are answered.
    Quiz,
    /// A date is picked.
    StartDate,
    /// The deposit is accepted, or checked again.
    Deposit,
    /// It is the next day.
    NextDay,
    /// All is submitted and settled.
    Review,
}

/// What the answer has to be on the wire: endpoint, HTTP status, `statusCode`, `messageCode` or `errorCode`.
pub type Met = (&'static str, u16, &'static str, &'static str);

/// What a person does otherwise than most.
#[derive(Clone, Copy, Default)]
pub struct Ways {
    pub esi_id: Option<&'static str>,
    pub billing: Option<&'static str>,
    pub prospect: Option<&'static str>,
    /// What is chosen on the ask page; else the first choice.
    pub choice: Option<&'static str>,
    pub no_number: bool,
    pub wrong_answers: bool,
    pub recheck: Option<&'static str>,
    /// There are papers instead of the deposit.
    pub papers: bool,
}

pub struct Row {
    pub id: &'static str,
    pub at: At,
    pub met: Met,
    pub person: Person,
    pub ways: Ways,
    pub says: Vec<(&'static str, Reply)>,
    pub env: &'static [(&'static str, &'static str)],
    pub path: &'static str,
    pub status: u16,
    pub title: fn(&Messages) -> &str,
    /// Words of the page beside its title.
    pub words: Option<fn(&Messages) -> &str>,
    /// Text that stands on the page in either language, such as an amount.
    pub shows: Option<&'static str>,
    /// What must not be on the page: a CSS selector.
    pub lacks: Option<&'static str>,
    /// The endpoints NRG is asked at after this answer, in order.
    pub then: &'static str,
    /// What the journey remembers, as [`memory`] tells it.
    pub keeps: &'static str,
}

/// Begins a row; [`Row::leads`] ends it.
pub fn row(id: &'static str, at: At, met: Met) -> Row {
    Row {
        id,
        at,
        met,
        person: Person::default(),
        ways: Ways::default(),
        says: Vec::new(),
        env: &[],
        path: "",
        status: 0,
        title: |_| "",
        words: None,
        shows: None,
        lacks: None,
        then: "",
        keeps: "",
    }
}

impl Row {
    pub fn zip(mut self, zip: &'static str) -> Self {
        self.person.zip = zip;
        self
    }

    pub fn brand(mut self, brand: &'static str) -> Self {
        self.person.brand = brand;
        self
    }

    pub fn street(mut self, street: &'static str) -> Self {
        self.person.street = street;
        self
    }

    pub fn unit(mut self, unit: &'static str) -> Self {
        self.person.unit = unit;
        self
    }

    pub fn switch(mut self) -> Self {
        self.person.transaction = "SWI";
        self
    }

    pub fn first(mut self, name: &'static str) -> Self {
        self.person.first_name = name;
        self
    }

    pub fn last(mut self, name: &'static str) -> Self {
        self.person.last_name = name;
        self
    }

    pub fn ssn(mut self, ssn: &'static str) -> Self {
        self.person.ssn = ssn;
        self
    }

    pub fn ways(mut self, ways: Ways) -> Self {
        self.ways = ways;
        self
    }

    pub fn env(mut self, env: &'static [(&'static str, &'static str)]) -> Self {
        self.env = env;
        self
    }

    /// The next call of `endpoint` is answered so.
    pub fn says(mut self, endpoint: &'static str, says: Reply) -> Self {
        self.says.push((endpoint, says));
        self
    }

    /// The next call of each of the five brands is answered so.
    pub fn every_brand(mut self, endpoint: &'static str, says: &Reply) -> Self {
        self.says.extend((0..5).map(|_| (endpoint, says.clone())));
        self
    }

    /// The call of the row is answered as the sandbox does, with these fields instead of its own.
    pub fn changed(self, fields: Value) -> Self {
        let endpoint = self.met.0;
        self.says(endpoint, Reply::Changed(fields))
    }

    /// The call of the row is answered with its status and code, and nothing of the sandbox's.
    pub fn plainly(self) -> Self {
        let (endpoint, http, status_code, code) = self.met;
        let (message, error) = if http == 200 { (code, "") } else { ("", code) };
        let body = json!({
            "statusCode": status_code, "messageCode": message, "errorCode": error, "messageText": "",
            "errorDescription": INTERNAL, "httpStatus": null
        });
        self.says(endpoint, crate::support::fault_proxy::json(http, &body))
    }

    /// The page: path, HTTP status, title.
    pub fn leads(mut self, path: &'static str, status: u16, title: fn(&Messages) -> &str) -> Self {
        (self.path, self.status, self.title) = (path, status, title);
        self
    }

    /// Words that stand on the page too.
    pub fn words(mut self, words: fn(&Messages) -> &str) -> Self {
        self.words = Some(words);
        self
    }

    /// Text that stands on the page in either language.
    pub fn shows(mut self, text: &'static str) -> Self {
        self.shows = Some(text);
        self
    }

    /// What must not be on the page: a CSS selector.
    pub fn lacks(mut self, selector: &'static str) -> Self {
        self.lacks = Some(selector);
        self
    }

    pub fn then(mut self, then: &'static str) -> Self {
        self.then = then;
        self
    }

    pub fn keeps(mut self, keeps: &'static str) -> Self {
        self.keeps = keeps;
        self
    }
}

impl Row {
    /// The page can be asked for again, as a switch of language does. Else the row is walked anew in Spanish.
    pub fn is_shown_again(&self) -> bool {
        self.status == 200 && self.at != At::Plans
    }
}

/// What NRG says to itself. No page may show it.
pub const INTERNAL: &str = "internal words of NRG";

/// How fast NRG answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// While the request waits.
    Prompt,
    /// Once a page has been shown that waits, which leads to what the row says.
    Slow,
}

/// Walks a row in one language and says what is wrong with where it led.
pub async fn check(row: &Row, language: Language, pace: Pace) -> Vec<String> {
    let mut env = vec![("ENROLL__SESSION__IDLE", "23h"), ("ENROLL__SESSION__ABSOLUTE", "24h")];
    env.extend_from_slice(row.env);
    if pace == Pace::Slow {
        env.push(("ENROLL__SERVER__PATIENCE", "100ms"));
    }
    let world = World::with_fault_proxy(&env).await;
    let (nrg, endpoint) = (world.fault_proxy().clone(), row.met.0);
    if pace == Pace::Slow {
        nrg.hold(endpoint);
    }
    let waited = Arc::new(AtomicBool::new(false));
    let at_each = {
        let waited = Arc::clone(&waited);
        move || {
            if nrg.begun(endpoint) > 0 {
                waited.store(true, Ordering::SeqCst);
                nrg.release(endpoint);
            }
        }
    };
    for (endpoint, says) in &row.says {
        world.fault_proxy().once(endpoint, says.clone());
    }
    let walk = Walk { language, ..Walk::new(world.browser().patient_with(at_each), row.person.clone()) };
    let page = go(row, &world, &walk).await;
    let catalogs = Catalogs::load().unwrap();
    let text = catalogs.of(language);

    let mut wrong = Vec::new();
    shown(row, &page, text, &mut wrong);
    let mut is = |what: &str, found: &str, expected: &str| {
        if found != expected {
            wrong.push(format!("{what} is {found:?}, not {expected:?}"));
        }
    };
    is("path", page.path.split('?').next().unwrap_or_default(), row.path);
    is("status", &page.status.as_u16().to_string(), &row.status.to_string());
    let (then, met) = after(&in_order(world.fault_proxy().exchanges(), row), row.met);
    is("what NRG was asked then", &then, row.then);
    is("what the journey remembers", &memory(world.journey(&walk.browser).await.as_ref()), row.keeps);
    if !met {
        let met: Vec<_> = world.fault_proxy().exchanges();
        wrong.push(format!("{:?} was never answered, but {met:?}", row.met));
    }
    for call in world.sandbox.calls() {
        if call.language_code.as_deref() != Some(language.wire()) {
            wrong.push(format!("{} was asked in {:?}", call.endpoint, call.language_code));
        }
    }
    if pace == Pace::Slow && !waited.load(Ordering::SeqCst) {
        wrong.push("no page waited for NRG".to_owned());
    }
    if row.is_shown_again() && pace == Pace::Prompt {
        // Dates are asked for again in the other language.
        let is_asked_again = row.path == "/start-date";
        for (endpoint, says) in
            row.says.iter().filter(|(endpoint, _)| is_asked_again && *endpoint == "available-dates")
        {
            world.fault_proxy().once(endpoint, says.clone());
        }
        let spanish = walk.browser.get(&format!("{}?lang=es", row.path)).await;
        if spanish.attributes("html", "lang") != ["es"] || spanish.status != 200 {
            wrong.push(format!(
                "in Spanish it is {} {:?}",
                spanish.status,
                spanish.attributes("html", "lang")
            ));
        }
        shown(row, &spanish, catalogs.of(Language::Spanish), &mut wrong);
    }
    wrong
}

/// What the page has to say, in the language of `text`.
fn shown(row: &Row, page: &Page, text: &Messages, wrong: &mut Vec<String>) {
    if !says(&page.h1(), (row.title)(text)) {
        wrong.push(format!("the title is {:?}, not {:?}", page.h1(), (row.title)(text)));
    }
    if let Some(words) = row.words
        && !says(&page.text(), words(text))
    {
        wrong.push(format!("it does not say {:?}:\n{}", words(text), page.text()));
    }
    if let Some(text) = row.shows
        && !page.text().contains(text)
    {
        wrong.push(format!("it does not show {text:?}:\n{}", page.text()));
    }
    if let Some(selector) = row.lacks
        && page.one(selector).is_some()
    {
        wrong.push(format!("there is a {selector}"));
    }
    if page.attributes("a[href^='tel:']", "href").is_empty() {
        wrong.push("there is no number to call".to_owned());
    }
    if page.body.contains(INTERNAL) {
        wrong.push("it shows what NRG says to itself".to_owned());
    }
}

/// Whether `text` holds `template`, whatever its placeholders were filled with.
pub fn says(text: &str, template: &str) -> bool {
    let mut rest = text;
    for (index, part) in template.split('{').enumerate() {
        let part = if index == 0 { part } else { part.split_once('}').map_or(part, |(_, after)| after) };
        let part = part.split_whitespace().collect::<Vec<_>>().join(" ");
        let Some(found) = rest.find(&part) else { return false };
        rest = &rest[found + part.len()..];
    }
    true
}

/// The calls, oldest first, without that for the meters at the address as typed, which is answered before or after the
/// verification beside it; where the row is about it, it comes after that.
fn in_order(mut calls: Vec<Exchange>, row: &Row) -> Vec<Exchange> {
    let person = &row.person;
    let early = calls.iter().position(|call| {
        call.endpoint == "esid/residential"
            && call.request["servStreet"] == person.street
            && call.request["servStreetAptNum"].as_str().unwrap_or_default() == person.unit
    });
    if let Some(early) = early.map(|at| calls.remove(at))
        && row.met.0 == early.endpoint
    {
        let verified = calls.iter().position(|call| call.endpoint == "cleanup-address");
        calls.insert(verified.map_or(0, |at| at + 1), early);
    }
    calls
}

/// The endpoints asked after the last answer that fits `met`, repeats of one taken together; and whether any fits.
fn after(answered: &[Exchange], (endpoint, http, status_code, code): Met) -> (String, bool) {
    let fits = |call: &Exchange| {
        call.endpoint == endpoint && (call.http, &*call.status_code, &*call.code) == (http, status_code, code)
    };
    let last = answered.iter().rposition(fits);
    let mut then: Vec<&str> =
        answered.iter().skip(last.map_or(0, |at| at + 1)).map(|call| &*call.endpoint).collect();
    then.dedup();
    (then.join(" "), last.is_some())
}

pub async fn go(row: &Row, world: &World, walk: &Walk) -> Page {
    let Row { at, ways, .. } = row;
    let page = walk.zip().await;
    if *at == At::Plans {
        return page;
    }
    let page = walk.plan(&page).await;
    if *at == At::Plan {
        return page;
    }
    let page = match ways.esi_id {
        None => walk.address(&page).await,
        Some(esi_id) => page.form("/address").set("esi_id", esi_id).submit(&walk.browser).await,
    };
    if *at == At::Address {
        return page;
    }
    let page = answer_ask(ways, walk, page).await;
    let page = walk.contact(&page).await;
    let page = match ways.billing {
        None => walk.billing(&page).await,
        Some(street) => {
            let page = walk.browser.get("/billing").await;
            let form = page.form("/billing").set("choice", "street").set("street", street);
            form.set("city", "Sampleton").set("zip", "77999").submit(&walk.browser).await
        }
    };
    if *at == At::Billing {
        return page;
    }
    let page = answer_ask(ways, walk, page).await;
    let page = identity(ways, walk, &page).await;
    if *at == At::Identity {
        return page;
    }
    let page = answer_ask(ways, walk, page).await;
    if *at == At::PriorAccount {
        return page;
    }
    let page = if page.path == "/quiz" { walk.quiz(&page, !ways.wrong_answers).await } else { page };
    if *at == At::Quiz {
        return page;
    }
    let page = walk.start_date(&page).await;
    if *at == At::StartDate {
        return page;
    }
    let page = match (page.path.as_str(), ways.recheck) {
        ("/deposit", Some(ssn)) => {
            let form = page.form("/deposit").set("choice", "with_ssn").set("ssn", ssn);
            form.submit(&walk.browser).await
        }
        ("/deposit", None) if ways.papers => {
            page.form("/deposit").set("choice", "papers").submit(&walk.browser).await
        }
        ("/deposit", None) => walk.deposit(&page).await,
        _ => page,
    };
    match at {
        At::NextDay => {
            world.forward(Duration::from_secs(17 * 3600));
            walk.browser.get("/review").await
        }
        At::Review => walk.review(&page).await,
        _ => page,
    }
}

async fn answer_ask(ways: &Ways, walk: &Walk, page: Page) -> Page {
    if page.path != "/ask" {
        return page;
    }
    let form = page.form("/ask");
    let choices = page.attributes("input[name=choice]", "value");
    let form = match (ways.choice, choices.first()) {
        (Some(choice), _) => form.forge("choice", choice),
        (None, Some(first)) => form.set("choice", first),
        (None, None) => form,
    };
    form.submit(&walk.browser).await
}

async fn identity(ways: &Ways, walk: &Walk, page: &Page) -> Page {
    let form = walk.identity_form(page);
    let form = if ways.no_number { form.set("document", "none").set("ssn", "") } else { form };
    let form = match ways.prospect {
        Some(prospect) => form.set("prospect_id", prospect),
        None => form,
    };
    form.submit(&walk.browser).await
}

/// What a journey remembers of NRG's answers, in a few words. That the address is verified and has one meter is
/// what most begin with, and goes without saying.
pub fn memory(journey: Option<&Journey>) -> String {
    let Some(journey) = journey else { return "no session".to_owned() };
    let mut parts: Vec<String> = Vec::new();
    let mut say = |part: String| parts.push(part);
    if let Some(Err(stop)) = journey.area.as_ref().map(|area| &area.result) {
        say(format!("area {:?}", stop.kind));
    }
    if let Some(premise) = journey.premise() {
        let cleaned = match (&premise.cleaned, premise.settled.is_some()) {
            (None, false) => "address",
            (None | Some(Cleaned::Verified(_)), true) => "",
            (_, true) => "address settled",
            (Some(Cleaned::Suggested(_)), false) => "address suggested",
            (Some(Cleaned::UnitNeeded), false) => "unit needed",
            (Some(Cleaned::UnitUnknown), false) => "unit unknown",
            (Some(Cleaned::Verified(_) | Cleaned::NotVerified), false) => "address not verified",
        };
        if !cleaned.is_empty() {
            say(cleaned.to_owned());
        }
        match &premise.meters {
            None => {}
            Some(Meters::Residential(meters)) if meters.len() == 1 => {}
            Some(Meters::None) => say("no meter".to_owned()),
            Some(Meters::Business) => say("business meter".to_owned()),
            Some(Meters::Residential(meters)) => say(format!("meters {}", meters.len())),
        }
    }
    if let Some(Record { repeats, .. }) = &journey.record {
        say(format!("record {repeats}"));
    }
    if let Some(identity) = journey.identity() {
        let past = match &identity.prior_account {
            PriorAccount::None => "",
            PriorAccount::Undecided => ", undecided",
            PriorAccount::Service { .. } => ", past service",
            PriorAccount::Balance { .. } => ", past balance",
            PriorAccount::Other { .. } => ", question",
        };
        let quiz = match &identity.quiz {
            None => "",
            Some(Quiz::Asked { .. }) => ", quiz asked",
            Some(Quiz::Passed) => ", quiz passed",
            Some(Quiz::Failed) => ", quiz failed",
            Some(Quiz::Unavailable) => ", no quiz",
        };
        say(format!("{:?}{past}{quiz}", identity.verification));
    }
    match journey.dates().map(|dates| &dates.verdict) {
        None => {}
        Some(Ok(_)) => say("dates".to_owned()),
        Some(Err(stop)) => say(format!("no dates {:?}", stop.kind)),
    }
    match journey.credit() {
        None => {}
        Some(Ok(credit)) => say(format!("deposit {}", credit.deposit)),
        Some(Err(stop)) => say(format!("no credit {:?}", stop.kind)),
    }
    for advice in journey.advice() {
        say(format!("advice {:?}", advice.kind));
    }
    if let Some(repair) = &journey.correction {
        let word = format!("{repair:?}");
        say(format!("repair {}", word.split('(').next().unwrap_or_default()));
    }
    if let Some(submission) = &journey.submission {
        say(match &submission.state {
            SubmissionState::Enrolled(_) => "enrolled".to_owned(),
            SubmissionState::Refused { correctable: true, .. } => "refused, open".to_owned(),
            SubmissionState::Refused { correctable: false, .. } => "refused".to_owned(),
            other => format!("{other:?}").to_lowercase(),
        });
    }
    if let Some(stop) = &journey.ending {
        say(format!("ended {:?}", stop.kind));
    }
    parts.join("; ")
}
