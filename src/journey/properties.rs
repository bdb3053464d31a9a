//! Whatever is answered, asked and refused, in whatever order: the journey has a place that can be visited,
//! endings absorb, and nothing is submitted that NRG has not said yes to.

use jiff::{SignedDuration, Timestamp};
use proptest::{prelude::*, sample::select};

use super::{
    tests::{
        answer, answered_to, choose, contact, credit, dates, ids, meter, now, premise, site, tdsp, verified,
    },
    *,
};
use crate::fields::*;

/// One thing that happens: a form that is taken, an answer of NRG's, time.
#[derive(Debug, Clone)]
enum Event {
    Zip(&'static str, Transaction),
    Area(Result<&'static [&'static str], StopKind>),
    Utility(&'static str),
    Plan(Brand, &'static str),
    Address(&'static str, Meters),
    Contact(&'static str),
    Billing,
    Person(Document),
    Identity(Outcome<Identity>, u8),
    PriorAccount(bool),
    Quiz(Outcome<Quiz>),
    Dates(Outcome<Dates>),
    Date(usize),
    Credit(Outcome<u32>),
    Deposit,
    Papers,
    Submit,
    Ledger(SubmissionState),
    Read,
    Time(i64),
}

fn stops() -> impl Strategy<Value = StopKind> {
    select(vec![
        StopKind::AreaNotServed,
        StopKind::OtherArea,
        StopKind::BusinessMeter,
        StopKind::SwitchHold,
        StopKind::OwnCustomer,
        StopKind::NoMeter,
        StopKind::CreditFreeze,
        StopKind::CreditFraud,
        StopKind::DepositUnknown,
        StopKind::AttemptsUsedUp,
        StopKind::IdentityHold,
        StopKind::QuizFailed,
        StopKind::CurrentCustomer,
        StopKind::Restricted,
        StopKind::NoId,
        StopKind::Refused,
        StopKind::NotSent,
        StopKind::AlreadySubmitted,
        StopKind::Other,
    ])
}

fn repairs() -> impl Strategy<Value = Correction> {
    select(vec![
        Correction::OtherUtility(tdsp("D0002")),
        Correction::ProspectUnknown,
        Correction::RecordUnknown,
        Correction::NewQuestions,
        Correction::BirthDate,
        Correction::TokenUnusable,
        Correction::NothingChanged,
        Correction::NothingChangedAgain,
        Correction::SameNumber,
        Correction::PlanGone,
        Correction::PlanChanged,
    ])
}

/// Mostly what lets the journey go on, so that it gets far.
fn outcome<T: Clone + std::fmt::Debug + 'static>(
    accepted: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Outcome<T>> {
    prop_oneof![
        8 => accepted.prop_map(Outcome::Accepted),
        1 => repairs().prop_map(Outcome::Correct),
        1 => stops().prop_map(|kind| Outcome::Stop(Stop::new(kind))),
        1 => Just(Outcome::Done),
    ]
}

fn identities() -> impl Strategy<Value = Identity> {
    let verification = prop_oneof![
        4 => Just(Verification::Verified),
        1 => Just(Verification::NotVerified),
        1 => Just(Verification::Held)
    ];
    let prior_account = prop_oneof![
        4 => Just(PriorAccount::None),
        1 => Just(PriorAccount::Undecided),
        1 => Just(PriorAccount::Service { masked_address: None }),
        1 => Just(PriorAccount::Balance { amount: None }),
        1 => Just(PriorAccount::Other { message: None }),
    ];
    (verification, any::<bool>(), prior_account).prop_map(|(verification, quiz_suggested, prior_account)| {
        Identity { verification, quiz_suggested, prior_account, ..verified() }
    })
}

fn meters() -> impl Strategy<Value = Meters> {
    let of = |utility: &str| Meter { tdsp: Some(tdsp(utility)), ..meter("10000009999999912") };
    select(vec![
        Meters::None,
        Meters::Business,
        Meters::Residential(vec![of("D0001")]),
        Meters::Residential(vec![of("D0002")]),
        Meters::Residential(vec![Meter { switch_hold: true, ..of("D0001") }]),
        Meters::Residential(vec![of("D0001"), meter("10000009999999913")]),
    ])
}

fn events() -> impl Strategy<Value = Event> {
    let transaction = || select(vec![Transaction::MoveIn, Transaction::Switch]);
    let utility = || select(vec!["D0001", "D0002"]);
    let area: Vec<&'static [&'static str]> = vec![&["D0001"], &["D0001", "D0002"]];
    let asked = Quiz::Asked { transaction_key: "1".into(), questions: Vec::new(), language: None };
    let quiz = select(vec![asked, Quiz::Passed, Quiz::Failed, Quiz::Unavailable]);
    let account = Account { number: "1".into(), check_digit: "7".into(), customer_number: "2".into() };
    let states = select(vec![
        SubmissionState::Ready,
        SubmissionState::Sent,
        SubmissionState::Enrolled(account),
        SubmissionState::Accepted,
        SubmissionState::Duplicate,
        SubmissionState::Unknown,
        SubmissionState::Refused { correctable: true, message: None },
        SubmissionState::Refused { correctable: false, message: None },
        SubmissionState::NotSent,
    ]);
    prop_oneof![
        1 => (select(vec!["77999", "75999"]), transaction()).prop_map(|(zip, kind)| Event::Zip(zip, kind)),
        2 => prop_oneof![4 => select(area).prop_map(Ok), 1 => stops().prop_map(Err)].prop_map(Event::Area),
        1 => utility().prop_map(Event::Utility),
        2 => (select(vec![Brand::Reliant, Brand::Cirro]), utility()).prop_map(|(brand, at)| Event::Plan(brand, at)),
        2 => (select(vec!["100 Example Oak Ln", "102 Example Oak Ln"]), meters())
            .prop_map(|(line, meters)| Event::Address(line, meters)),
        2 => select(vec!["Jordan", "Sam"]).prop_map(Event::Contact),
        1 => Just(Event::Billing),
        2 => select(vec![Document::Ssn, Document::DriverLicense, Document::None]).prop_map(Event::Person),
        4 => (outcome(identities()), 0..5u8).prop_map(|(outcome, repeats)| Event::Identity(outcome, repeats)),
        2 => any::<bool>().prop_map(Event::PriorAccount),
        2 => outcome(quiz).prop_map(Event::Quiz),
        4 => outcome(Just(dates())).prop_map(Event::Dates),
        2 => (0..4usize).prop_map(Event::Date),
        4 => outcome(select(vec![0, 200])).prop_map(Event::Credit),
        2 => Just(Event::Deposit),
        1 => Just(Event::Papers),
        3 => Just(Event::Submit),
        1 => states.prop_map(Event::Ledger),
        1 => Just(Event::Read),
        1 => select(vec![1, 61, 24 * 60]).prop_map(Event::Time),
    ]
}

/// A journey and its time.
struct World {
    journey: Journey,
    now: Timestamp,
    site: Site,
}

impl World {
    fn context(&self) -> EvalContext<'_> {
        EvalContext { site: &self.site, now: self.now }
    }

    /// Applies an event where the pages would: on a step that may be visited, for a call that may be made.
    fn happen(&mut self, event: Event) {
        let open = |world: &Self, step| world.journey.may_visit(step, world.context());
        let place = self.journey.position(self.context());
        let now = self.now;
        match event {
            Event::Zip(zip, transaction) if open(self, Step::Zip) => {
                self.journey.service = Some(Service { zip: Zip::parse(zip).unwrap(), transaction });
            }
            Event::Area(found) if open(self, Step::Zip) => {
                let Some(service) = self.journey.service.clone() else { return };
                let utility = |code: &&str| Utility { code: tdsp(code), name: (*code).to_owned() };
                let result = found.map(|codes| codes.iter().map(utility).collect()).map_err(Stop::new);
                self.journey.area = Some(Memo { inputs: service, result });
            }
            Event::Utility(code) if place == Position::Ask(Step::Zip) => {
                let inputs = self.journey.service.clone().unwrap();
                self.journey.picked_utility = Some(Memo { inputs, result: tdsp(code) });
            }
            Event::Plan(brand, at) if open(self, Step::Plans) => {
                choose(&mut self.journey, brand, at);
                self.journey.plan.as_mut().unwrap().transaction =
                    self.journey.service.as_ref().unwrap().transaction;
                self.journey.answered(Step::Plans);
            }
            Event::Address(line, meters) if open(self, Step::Address) => {
                let mut premise = premise(line, meters);
                premise.zip = self.journey.service.as_ref().unwrap().zip.clone();
                self.journey.premise_found(premise);
            }
            Event::Contact(name) if open(self, Step::Contact) => self.journey.contact = Some(contact(name)),
            Event::Billing if open(self, Step::Billing) => {
                self.journey.billing = Some(Billing::SameAsService)
            }
            Event::Person(document) if open(self, Step::Identity) => {
                answer_person(&mut self.journey, document);
            }
            Event::Identity(outcome, repeats) if open(self, Step::Identity) => {
                let Some(applicant) = self.journey.applicant() else { return };
                if applicant.proof == Proof::None {
                    return;
                }
                self.journey.answered(Step::Identity);
                self.journey.identity_answered(&applicant, ids(), Some(repeats), outcome);
            }
            Event::PriorAccount(yes) if place == Position::Ask(Step::Identity) => {
                self.journey.identity.as_mut().unwrap().result.past_answer = Some(yes);
            }
            Event::Quiz(outcome) if place == Position::Step(Step::Quiz) => {
                let applicant = self.journey.applicant().unwrap();
                let site = self.site.clone();
                self.journey.quiz_answered(&applicant, outcome, &site);
            }
            Event::Dates(outcome) if open(self, Step::StartDate) => {
                let (Some(applicant), Some(asked)) = (self.journey.applicant(), self.journey.dates_asked())
                else {
                    return;
                };
                self.journey.dates_answered(&applicant, asked, now, outcome);
            }
            Event::Date(index) if open(self, Step::StartDate) => {
                let offered = self.journey.dates().and_then(|dates| dates.verdict.as_ref().ok());
                self.journey.start_date = offered.and_then(|dates| dates.offered.get(index).copied());
            }
            Event::Credit(outcome) if open(self, Step::StartDate) => {
                let (Some(applicant), Some(asked)) = (self.journey.applicant(), self.journey.credit_asked())
                else {
                    return;
                };
                let outcome = match outcome {
                    Outcome::Accepted(dollars) => Outcome::Accepted(credit(dollars)),
                    Outcome::Correct(repair) => Outcome::Correct(repair),
                    Outcome::Stop(stop) => Outcome::Stop(stop),
                    Outcome::Done => Outcome::Done,
                };
                self.journey.credit_answered(&applicant, asked, outcome);
            }
            Event::Deposit if open(self, Step::Deposit) => {
                self.journey.deposit_accepted = self.journey.credit_asked();
            }
            Event::Papers if open(self, Step::Deposit) => {
                (self.journey.deposit_accepted, self.journey.deposit_papers) =
                    (None, self.journey.credit_asked());
            }
            Event::Submit if open(self, Step::Review) => {
                self.may_be_submitted();
                self.journey.submitting = true;
                let tracking_id = self.journey.record.as_ref().unwrap().tracking_id.clone();
                let round = self.journey.refusals() + 1;
                let (since, state) = (self.now, SubmissionState::Ready);
                self.journey.submission =
                    Some(Submission { tracking_id, round, since, tries: 0, state, message: None });
            }
            Event::Ledger(state) => {
                if let Some(submission) = &mut self.journey.submission
                    && matches!(submission.state, SubmissionState::Ready | SubmissionState::Sent)
                {
                    submission.state = state;
                }
            }
            Event::Read if place == Position::Stop => self.journey.refusals_read = self.journey.refusals(),
            Event::Time(minutes) => self.now += SignedDuration::from_mins(minutes),
            _ => {}
        }
    }

    /// Everything `enroll` needs, NRG has said about this very record, person, plan and date.
    fn may_be_submitted(&self) {
        let journey = &self.journey;
        let applicant = journey.applicant().expect("an applicant");
        let record = journey.record_for(&applicant).expect("a record");
        assert_eq!(record.brand, journey.chosen().expect("a plan").offer.brand);
        let identity = journey.identity().expect("an identity");
        let passed = identity.quiz == Some(Quiz::Passed);
        assert!(identity.verification == Verification::Verified || passed, "{:?}", identity.verification);
        let asks = !matches!(identity.prior_account, PriorAccount::None | PriorAccount::Undecided);
        assert!(!asks || identity.past_answer.is_some());
        let fetched = journey.dates().expect("dates");
        assert!(fetched.fresh(self.now));
        let offered = &fetched.verdict.as_ref().expect("no stop").offered;
        assert!(offered.contains(&journey.start_date.expect("a date")));
        let credit = journey.credit().expect("credit").as_ref().expect("no stop");
        assert!(credit.deposit == Dollars::ZERO || journey.deposit_accepted == journey.credit_asked());
    }

    fn holds_together(&self) {
        let context = self.context();
        let place = self.journey.position(context);
        match place {
            Position::Step(step) => {
                assert!(self.journey.may_visit(step, context), "{step:?} may not be visited")
            }
            Position::Ask(_) => assert!(self.journey.question(context).is_some()),
            Position::Stop => {
                let stop = self.journey.stop(context).expect("a stop");
                let out = Step::ALL.iter().any(|step| self.journey.may_visit(*step, context));
                assert_eq!(out, stop.kind.scope() == StopScope::Recoverable, "{:?}", stop.kind);
                let led = self.journey.stopped_step(context);
                let kept = self.journey.ending.is_some() || self.journey.submission.is_some();
                assert!(
                    kept || !out || self.journey.may_visit(led, context),
                    "{:?}: {led:?} is shut",
                    stop.kind
                );
            }
            Position::Processing | Position::Confirmation => assert!(self.journey.submission.is_some()),
        }
        for step in Step::ALL {
            if let Some(back) = self.journey.back(step, context) {
                assert!(back < step && self.journey.may_visit(back, context));
            }
        }
    }
}

fn answer_person(journey: &mut Journey, document: Document) {
    let mut other = answered_to(Step::Identity);
    answer(&mut other, Step::Identity);
    journey.person = other.person.map(|person| Person { document, ..person });
    let Some(brand) = journey.chosen().map(|chosen| chosen.offer.brand) else { return };
    if document != Document::None {
        let token = Token::parse("7QK2MM0-6789").unwrap();
        journey.keep_token(KeptToken { brand, document, token, number: None });
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn journey_invariants_hold_after_any_sequence_of_events(
        start in select(Step::ALL.to_vec()),
        events in prop::collection::vec(events(), 1..60),
    ) {
        let mut world = World { journey: answered_to(start), now: now(), site: site() };
        world.holds_together();
        for event in events {
            let before = (world.journey.ending.clone(), world.journey.submission.clone());
            world.happen(event);
            world.holds_together();
            if before.0.is_some() {
                prop_assert_eq!(&world.journey.ending, &before.0, "an ending absorbs");
                prop_assert_eq!(world.journey.position(world.context()), Position::Stop);
            }
            if let Some(Submission { state, round, .. }) = before.1 {
                let now = world.journey.submission.as_ref().unwrap();
                let open = matches!(state, SubmissionState::Ready | SubmissionState::Sent);
                let repaired = matches!(state, SubmissionState::Refused { correctable: true, .. });
                let not_sent = state == SubmissionState::NotSent;
                prop_assert!(open || repaired || not_sent || now.state == state, "a submission absorbs");
                // A refusal is repaired once; what was never sent may be submitted as often as it takes.
                let rounds = if not_sent || repaired && round < 2 { round..=round + 1 } else { round..=round };
                prop_assert!(rounds.contains(&now.round), "a third submission");
            }
        }
    }
}
