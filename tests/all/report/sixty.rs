//! Sixty journeys of every kind, and a count of them that the test keeps by itself: the report equals it in every cell.

use std::{collections::BTreeMap, time::Duration};

use futures_util::future::join_all;
use nrg_enroll::{
    fields::Language,
    journey::Step,
    ledger::LedgerReader,
    report::{By, Numbers, ReportQuery, Reporter},
};

use crate::support::{Browser, Person, Walk, World};

/// What becomes of a journey.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Enrolled,
    Accepted,
    Refused,
    Duplicate,
    Correctable,
    Unknown,
    WithQuiz,
    WithDeposit,
    StoppedForGood,
    StoppedByItsArea,
    NeverCameBack,
    Left,
}

const KINDS: [Kind; 12] = [
    Kind::Enrolled,
    Kind::Accepted,
    Kind::Refused,
    Kind::Duplicate,
    Kind::Correctable,
    Kind::Unknown,
    Kind::WithQuiz,
    Kind::WithDeposit,
    Kind::StoppedForGood,
    Kind::StoppedByItsArea,
    Kind::NeverCameBack,
    Kind::Left,
];

impl Kind {
    fn person(self, brand: &'static str, number: usize) -> Person {
        let leak = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
        let letter = char::from(b'a' + u8::try_from(number % 26).unwrap());
        let last_four = if self == Kind::WithDeposit { "0200" } else { "6789" };
        let person = Person {
            brand,
            ssn: leak(format!("900-{}-{last_four}", number + 10)),
            street: leak(format!("100 Elm{letter} {} Ln", ["North", "South", "Old"][number / 26])),
            ..Person::default()
        };
        let (first_name, last_name, zip) = match self {
            Kind::Accepted => ("Blank", "Samplecase", "77999"),
            Kind::Refused => ("Existing", "Samplecase", "77999"),
            Kind::Duplicate => ("Already", "Samplecase", "77999"),
            Kind::Correctable => ("Never", "Samplecase", "77999"),
            Kind::Unknown => ("Garbage", "Samplecase", "77999"),
            Kind::WithQuiz => ("Jordan", "Kba", "77999"),
            Kind::StoppedForGood => ("Jordan", "Current", "77999"),
            Kind::StoppedByItsArea => ("Jordan", "Samplecase", "77990"),
            Kind::Enrolled | Kind::WithDeposit | Kind::NeverCameBack | Kind::Left => {
                ("Jordan", "Samplecase", "77999")
            }
        };
        Person { first_name, last_name, zip, ..person }
    }

    /// The steps it reaches.
    fn steps(self) -> Vec<Step> {
        use Step::{Address, Billing, Contact, Deposit, Identity, Plans, Quiz, Review, StartDate, Zip};
        let to_identity = [Zip, Plans, Address, Contact, Billing, Identity];
        match self {
            Kind::StoppedByItsArea => vec![Zip],
            Kind::NeverCameBack => vec![Zip, Plans],
            Kind::Left => vec![Zip, Plans, Address, Contact],
            Kind::StoppedForGood => to_identity.to_vec(),
            Kind::WithQuiz => [&to_identity[..], &[Quiz, StartDate, Review]].concat(),
            Kind::WithDeposit => [&to_identity[..], &[StartDate, Deposit, Review]].concat(),
            Kind::Enrolled
            | Kind::Accepted
            | Kind::Refused
            | Kind::Duplicate
            | Kind::Correctable
            | Kind::Unknown => [&to_identity[..], &[StartDate, Review]].concat(),
        }
    }

    /// The state of its submission.
    fn state(self) -> Option<&'static str> {
        match self {
            Kind::Enrolled | Kind::WithQuiz | Kind::WithDeposit => Some("enrolled"),
            Kind::Accepted => Some("accepted"),
            Kind::Refused => Some("refused"),
            Kind::Duplicate => Some("duplicate"),
            Kind::Correctable => Some("repairable"),
            Kind::Unknown => Some("unknown"),
            Kind::StoppedForGood | Kind::StoppedByItsArea | Kind::NeverCameBack | Kind::Left => None,
        }
    }
}

/// A journey, as its link and its person make it.
struct Plan {
    kind: Kind,
    walk: Walk,
    site: &'static str,
    link: BTreeMap<&'static str, &'static str>,
}

impl Plan {
    fn of(number: usize, world: &World) -> Self {
        let (site, host) =
            if number.is_multiple_of(5) { ("beta", "localhost") } else { ("main", "127.0.0.1") };
        let browser = Browser::new(&format!("http://{host}:{}", world.server.address.port())).patient();
        let kind = KINDS[number % 12];
        // Not every brand asks questions.
        let brand = if kind == Kind::WithQuiz { "RE" } else { ["RE", "GM", "CE"][(number / 5) % 3] };
        let language = if number % 7 < 3 { Language::Spanish } else { Language::English };
        let walk = Walk { language, ..Walk::new(browser, kind.person(brand, number)) };
        let mut link = BTreeMap::from([("cid", "click")]);
        link.extend(
            [("sub1", ["blue", "red", "=green"][number % 3])]
                .into_iter()
                .filter(|_| !number.is_multiple_of(4)),
        );
        link.extend([("sub2", "a b")].into_iter().filter(|_| !number.is_multiple_of(2)));
        link.extend([("utm_source", "news")].into_iter().filter(|_| !number.is_multiple_of(3)));
        link.extend([("utm_campaign", "spring")].into_iter().filter(|_| number % 9 > 4));
        Self { kind, walk, site, link }
    }

    async fn follow(&self) {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.link);
        self.walk.browser.get(&format!("/?lang={}&{}", self.walk.language.tag(), query.finish())).await;
    }

    async fn to_address(&self) -> Option<crate::support::Page> {
        let plans = self.walk.zip().await;
        match self.kind {
            Kind::StoppedByItsArea | Kind::NeverCameBack => None,
            _ => Some(self.walk.plan(&plans).await),
        }
    }

    async fn on_from_address(&self, page: &crate::support::Page) {
        let walk = &self.walk;
        let page = walk.address(page).await;
        if self.kind == Kind::Left {
            page.leave(&walk.browser).await;
            return;
        }
        let page = walk.contact(&page).await;
        let page = walk.identity(&page).await;
        let page = match self.kind {
            Kind::StoppedForGood => return,
            Kind::WithQuiz => walk.quiz(&page, true).await,
            _ => page,
        };
        let page = walk.start_date(&page).await;
        let page = if self.kind == Kind::WithDeposit { walk.deposit(&page).await } else { page };
        // The ledger tells what becomes of it.
        walk.review_form(&page).submit(&walk.browser.impatient()).await;
    }
}

/// What happened.
#[derive(Clone, Copy)]
enum What {
    LinkAlone,
    Step(Step),
    Answered(Step, usize),
    Stop(&'static str),
    Ended,
    Left(Step),
    Submission(&'static str),
    Took(usize),
}

/// What happened, when, and to whom.
struct Fact {
    what: What,
    day: String,
    hour: String,
    site: &'static str,
    brand: &'static str,
    language: &'static str,
    link: BTreeMap<&'static str, &'static str>,
}

impl Fact {
    fn value(&self, by: By) -> String {
        let value = match by {
            By::Day => &*self.day,
            By::Hour => &*self.hour,
            By::Site => self.site,
            By::Brand => self.brand,
            By::Language => self.language,
            parameter => self.link.get(parameter.word()).copied().unwrap_or("(none)"),
        };
        value.to_owned()
    }

    fn add_to(&self, numbers: &mut Numbers) {
        match self.what {
            What::LinkAlone => numbers.links_alone += 1,
            What::Step(step) => *numbers.steps.entry(step).or_default() += 1,
            What::Answered(step, bucket) => numbers.answered.entry(step).or_default()[bucket] += 1,
            What::Stop(kind) => *numbers.stops.entry(kind.to_owned()).or_default() += 1,
            What::Ended => numbers.stopped_before += 1,
            What::Left(step) => *numbers.left.entry(step).or_default() += 1,
            What::Submission(state) => *numbers.submissions.entry(state).or_default() += 1,
            What::Took(bucket) => numbers.took[bucket] += 1,
        }
    }
}

/// The count that the test keeps.
#[derive(Default)]
struct Tally(Vec<Fact>);

impl Tally {
    /// Notes `what` of `plan` at this moment. `with_plan`: whether it happened after a plan was chosen.
    fn note(&mut self, world: &World, plan: &Plan, what: What, with_plan: bool) {
        // In June, Texas is five hours behind UTC.
        let texas = *world.time().lock().unwrap() - Duration::from_secs(5 * 3600);
        let (day, time) =
            texas.to_string().split_once('T').map(|(day, time)| (day.to_owned(), time.to_owned())).unwrap();
        let (brand, language) = (plan.walk.person.brand, plan.walk.language.tag());
        self.0.push(Fact {
            what,
            day,
            hour: time[..2].to_owned(),
            site: plan.site,
            brand: if with_plan { brand } else { "(none)" },
            language,
            link: plan.link.clone(),
        });
    }

    /// Notes what a journey does up to the plans, which it is shown 25 seconds after its link.
    fn note_to_plans(&mut self, world: &World, plan: &Plan) {
        let steps = plan.kind.steps();
        for step in steps.iter().filter(|step| **step <= Step::Plans) {
            self.note(world, plan, What::Step(*step), false);
        }
        if plan.kind == Kind::StoppedByItsArea {
            self.note(world, plan, What::Stop("area_not_served"), false);
            return;
        }
        self.note(world, plan, What::Answered(Step::Zip, 3), false);
        if plan.kind != Kind::NeverCameBack {
            self.note(world, plan, What::Step(Step::Address), true);
            self.note(world, plan, What::Answered(Step::Plans, 0), false);
        }
    }

    /// Notes what it does from the address page on, which it answers at once or after a pause.
    fn note_from_address(&mut self, world: &World, plan: &Plan, pause: usize, took: usize) {
        let steps = plan.kind.steps();
        for step in steps.iter().filter(|step| **step > Step::Address) {
            self.note(world, plan, What::Step(*step), true);
        }
        for step in
            steps[..steps.len() - 1].iter().filter(|step| **step > Step::Plans && **step != Step::Billing)
        {
            let bucket = if *step == Step::Address { pause } else { 0 };
            self.note(world, plan, What::Answered(*step, bucket), true);
        }
        match plan.kind {
            Kind::Left => self.note(world, plan, What::Left(Step::Contact), true),
            Kind::StoppedForGood => {
                self.note(world, plan, What::Stop("current_customer"), true);
                self.note(world, plan, What::Ended, true);
            }
            _ => {}
        }
        if let Some(state) = plan.kind.state() {
            self.note(world, plan, What::Answered(Step::Review, 0), true);
            self.note(world, plan, What::Took(took), true);
            self.note(world, plan, What::Submission(state), true);
        }
    }

    fn expire(&mut self, world: &World, plan: &Plan) {
        match plan.kind {
            Kind::StoppedByItsArea => self.note(world, plan, What::Left(Step::Zip), false),
            Kind::NeverCameBack => self.note(world, plan, What::Left(Step::Plans), false),
            Kind::Correctable => self.note(world, plan, What::Left(Step::Review), true),
            _ => {}
        }
    }

    fn by(&self, by: &[By]) -> BTreeMap<Vec<String>, Numbers> {
        let mut groups: BTreeMap<_, Numbers> = BTreeMap::new();
        for fact in &self.0 {
            let names = by.iter().map(|by| fact.value(*by)).collect();
            fact.add_to(groups.entry(names).or_default());
        }
        groups
    }
}

/// Waits until every submission has its answer.
async fn all_sent(world: &World) {
    for _ in 0..600 {
        let counted = world.server.app.ledger.count().await.unwrap();
        if counted.iter().all(|(state, count)| state.is_final() || *count == 0) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("a submission has no answer");
}

#[tokio::test]
async fn report_equals_an_independent_count_of_sixty_journeys() {
    let world = World::with(&[
        ("ENROLL__SITES__BETA__PUBLIC_URL", "http://localhost"),
        ("ENROLL__LIMITS__IDENTITY__ADDRESS", "0"),
    ])
    .await;
    let mut tally = Tally::default();
    let journeys: Vec<Plan> = (0..60).map(|number| Plan::of(number, &world)).collect();
    // The pause before the address page is answered, its bucket, and that of the minutes the journey takes.
    let waves = [(3, 0, 0), (70, 6, 0), (400, 10, 3), (1700, 11, 6)];
    for (wave, (pause, bucket, took)) in journeys.chunks(15).zip(waves) {
        let followed: Vec<Plan> =
            (0..3).map(|at| Plan { link: wave[at].link.clone(), ..Plan::of(at, &world) }).collect();
        join_all(wave.iter().chain(&followed).map(Plan::follow)).await;
        followed.iter().for_each(|link| tally.note(&world, link, What::LinkAlone, false));
        world.forward(Duration::from_secs(25));
        let pages = join_all(wave.iter().map(Plan::to_address)).await;
        wave.iter().for_each(|plan| tally.note_to_plans(&world, plan));
        world.forward(Duration::from_secs(pause));
        let on = wave.iter().zip(&pages).filter_map(|(plan, page)| Some((plan, page.as_ref()?)));
        join_all(on.clone().map(|(plan, page)| plan.on_from_address(page))).await;
        all_sent(&world).await;
        on.for_each(|(plan, _)| tally.note_from_address(&world, plan, bucket, took));
        world.forward(Duration::from_secs(5 * 3600));
        world.server.app.sessions.cleanup(100).await.unwrap();
        wave.iter().for_each(|plan| tally.expire(&world, plan));
    }

    let app = &world.server.app;
    app.funnel.flush().await.unwrap();
    let reporter = Reporter { funnel: app.funnel.clone(), ledger: LedgerReader::clone(&app.ledger) };
    let single = By::ALL.iter().map(|by| vec![*by]);
    let pairs = [
        vec![By::Day, By::Sub1],
        vec![By::Hour, By::Brand],
        vec![By::UtmSource, By::UtmCampaign],
        vec![By::Sub2, By::Language],
        vec![By::Site, By::Sub1],
    ];
    let mut cells = 0;
    for by in single.chain(pairs).chain([vec![]]) {
        let query = ReportQuery::new(None, None, by.clone(), app.funnel.today()).unwrap();
        let report = reporter.report(query).await.unwrap();
        let counted = tally.by(&by);
        let reported: BTreeMap<_, _> =
            report.groups.into_iter().map(|group| (group.names, group.numbers)).collect();
        if !by.is_empty() {
            assert_eq!(reported.keys().collect::<Vec<_>>(), counted.keys().collect::<Vec<_>>(), "{by:?}");
        }
        for (names, numbers) in &reported {
            assert_eq!(numbers, &counted[names], "{by:?} {names:?}");
            cells += numbers.all().len();
        }
        assert_eq!(&report.all, &tally.by(&[])[&Vec::new()], "{by:?}");
    }
    assert!(cells > 9_000, "{cells}");
    let all = &tally.by(&[])[&Vec::new()];
    assert_eq!((all.journeys(), all.links_alone, all.submitted(), all.stopped()), (60, 12, 40, 15));
}
