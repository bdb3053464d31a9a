//! The journey as tables: what is answered, where it stands, what may be visited.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, civil::date};
use url::Url;

use super::*;
use crate::fields::*;

pub(crate) fn site() -> Site {
    let phone = Phone::parse("866-555-0100").unwrap();
    let brand = |name: &str| BrandSite {
        promo_code: Some("DEMO".into()),
        link_promos: Vec::new(),
        name: name.into(),
        legal_name: name.into(),
        certificate: "10000".into(),
        phone: PerLanguage { english: phone.clone(), spanish: phone.clone() },
        hours: OpeningHours::parse("mon-sun 0:00-24:00").unwrap(),
        email: None,
        confirmation_email: false,
        deposit: DepositPayment::Phone,
        deposit_terms: DepositTerms::default(),
    };
    Site {
        name: Site::MAIN.to_owned(),
        affiliate_id: "A".into(),
        affiliate_name: "A".into(),
        privacy_url: None,
        feedback_url: None,
        broker_number: None,
        default_brand: Brand::Reliant,
        allow_no_id: false,
        allow_identity_hold: false,
        quiz: true,
        allow_prepaid: false,
        click_params: crate::journey::ClickParams::default(),
        link_hosts: Vec::new(),
        brands: BTreeMap::from([(Brand::Reliant, brand("R")), (Brand::Cirro, brand("C"))]),
    }
}

pub(super) fn now() -> Timestamp {
    "2030-06-18T15:00:00Z".parse().unwrap()
}

pub(super) fn tdsp(code: &str) -> TdspCode {
    TdspCode::parse(code).unwrap()
}

/// The address of a document.
pub(crate) fn document(name: &str) -> DocumentUrl {
    Url::parse(&format!("https://docs.example.com/{name}.pdf")).unwrap().into()
}

fn offer(brand: Brand, at: &str) -> Offer {
    let url = document("a");
    let price = CentsPerKwh(142);
    Offer {
        brand,
        tdsp: tdsp(at),
        code: OfferCode::parse("59990001").unwrap(),
        codes: OfferCodes {
            promo: "P".into(),
            campaign: "C".into(),
            product_price: "PP".into(),
            incentive: "I".into(),
            market_segment: "01".into(),
        },
        name: "Plan".into(),
        tagline: None,
        details: None,
        fine_print: None,
        kind: PlanKind::Fixed,
        term_months: 12,
        cancel_fee: CancelFee::Amount(Dollars::whole(150)),
        average: AveragePrices { at_500: price, at_1000: price, at_2000: price },
        charges: Vec::new(),
        usage_credit: None,
        usage_charge: None,
        green: false,
        smart_meter: false,
        paperless_discount: false,
        autopay_discount: false,
        prepaid: false,
        documents: Documents { efl: url.clone(), tos: url.clone(), yrac: url },
    }
}

pub(super) fn meter(esi_id: &str) -> Meter {
    Meter {
        esi_id: EsiId::parse(esi_id).unwrap(),
        tdsp: Some(tdsp("D0001")),
        switch_hold: false,
        own_customer: false,
        unit: None,
    }
}

fn address(line: &str) -> ServiceAddress {
    ServiceAddress {
        street: Street::parse(line).unwrap(),
        unit: None,
        city: City::parse("Sampleton").unwrap(),
        zip: Zip::parse("77999").unwrap(),
        plus_four: None,
    }
}

pub(super) fn premise(line: &str, meters: Meters) -> Premise {
    let address = address(line);
    Premise {
        cleaned: Some(Cleaned::Verified(address.clone())),
        settled: Some(address.clone()),
        verified: true,
        meters: Some(meters),
        ..Premise::new(address.zip.clone(), Typed::Address(address))
    }
}

/// A journey answered up to (not including) `step`, as a plain move-in with a deposit.
pub(super) fn answered_to(step: Step) -> Journey {
    let mut journey = Journey::new("J".into(), now(), Language::English);
    for done in Step::ALL.into_iter().take_while(|done| *done < step) {
        answer(&mut journey, done);
    }
    journey
}

pub(super) fn verified() -> Identity {
    Identity {
        verification: Verification::Verified,
        quiz_suggested: false,
        prior_account: PriorAccount::None,
        past_answer: None,
        quiz: None,
    }
}

pub(super) fn ids() -> Option<(TrackingId, Guid)> {
    let guid = Guid::parse("3f0f6f1e-0000-4000-8000-000000000001").unwrap();
    Some((TrackingId::parse("4900001").unwrap(), guid))
}

pub(super) fn dates() -> Dates {
    let offered = [20, 21, 22].map(|day| ServiceDate(date(2030, 6, day))).to_vec();
    Dates { offered, esi_id: None, tdsp: Some(tdsp("D0001")), fee: None, advice: None }
}

pub(super) fn credit(dollars: u32) -> Credit {
    Credit {
        deposit: Dollars::whole(dollars),
        due: None,
        reason: None,
        factors: Vec::new(),
        agency: None,
        language: None,
    }
}

pub(super) fn answer(journey: &mut Journey, step: Step) {
    match step {
        Step::Zip => {
            let service = Service { zip: Zip::parse("77999").unwrap(), transaction: Transaction::MoveIn };
            let utility = Utility { code: tdsp("D0001"), name: "CenterPoint Energy".into() };
            journey.area = Some(Memo { inputs: service.clone(), result: Ok(vec![utility]) });
            journey.service = Some(service);
        }
        Step::Plans => choose(journey, Brand::Reliant, "D0001"),
        Step::Address => {
            let meters = Meters::Residential(vec![meter("10000009999999912")]);
            journey.premise_found(premise("100 Example Oak Ln", meters));
        }
        Step::Contact => journey.contact = Some(contact("Jordan")),
        Step::Billing => journey.billing = Some(Billing::SameAsService),
        Step::Identity => {
            let born = crate::fields::BirthDate::parse("3", "28", "1985", date(2030, 6, 18)).unwrap();
            journey.person = Some(Person { birth_date: born, document: Document::Ssn, prospect: None });
            journey.keep_token(KeptToken {
                brand: Brand::Reliant,
                document: Document::Ssn,
                token: Token::parse("7QK2MM0-6789").unwrap(),
                number: Some(NumberKey::new([7; 32])),
            });
            let applicant = journey.applicant().unwrap();
            journey.identity_answered(&applicant, ids(), Some(0), Outcome::Accepted(verified()));
        }
        Step::Quiz => {}
        Step::StartDate => {
            let (applicant, asked) = (journey.applicant().unwrap(), journey.dates_asked().unwrap());
            journey.dates_answered(&applicant, asked, now(), Outcome::Accepted(dates()));
            journey.start_date = Some(ServiceDate(date(2030, 6, 20)));
            let asked = journey.credit_asked().unwrap();
            journey.credit_answered(&applicant, asked, Outcome::Accepted(credit(200)));
        }
        Step::Deposit => journey.deposit_accepted = journey.credit_asked(),
        Step::Review => {}
    }
}

pub(super) fn choose(journey: &mut Journey, brand: Brand, at: &str) {
    journey.plan = Some(Chosen {
        offer: offer(brand, at),
        transaction: Transaction::MoveIn,
        read_on: date(2030, 6, 18),
        default_offers: false,
        message: None,
        language: None,
    });
}

pub(super) fn contact(first_name: &str) -> Contact {
    Contact {
        first_name: PersonName::parse(first_name).unwrap(),
        last_name: PersonName::parse("Samplecase").unwrap(),
        email: Email::parse("jordan@example.com").unwrap(),
        phone: Phone::parse("7135550142").unwrap(),
        bill_language: Language::English,
        marketing: Marketing {
            email: false,
            phone: false,
            brand: Brand::Reliant,
            language: Language::English,
        },
        reminder: None,
    }
}

#[track_caller]
fn stands(journey: &Journey, place: Position) {
    let site = site();
    let context = EvalContext { site: &site, now: now() };
    assert_eq!(journey.position(context), place);
    // A place that is a step may be visited: there is no redirect in a circle.
    if let Position::Step(step) = place {
        assert!(journey.may_visit(step, context), "{step:?} may not be visited");
    }
}

#[test]
fn position_is_first_unanswered_step() {
    for step in Step::ALL {
        let place = if step == Step::Quiz { Step::StartDate } else { step };
        stands(&answered_to(step), Position::Step(place));
    }
}

#[test]
fn steps_up_to_position_may_be_visited_and_none_beyond() {
    let site = site();
    let context = EvalContext { site: &site, now: now() };
    for (index, step) in Step::ALL.into_iter().enumerate() {
        let journey = answered_to(step);
        for (other, candidate) in Step::ALL.into_iter().enumerate() {
            let expected = other <= index && candidate != Step::Quiz
                || step == Step::Quiz && candidate == Step::StartDate;
            assert_eq!(journey.may_visit(candidate, context), expected, "{candidate:?} from {step:?}");
        }
    }
    let review = answered_to(Step::Review);
    assert_eq!(review.back(Step::Review, context), Some(Step::Deposit));
    assert_eq!(review.back(Step::StartDate, context), Some(Step::Identity));
    assert_eq!(review.back(Step::Zip, context), None);
}

#[test]
fn changed_answer_moves_position_to_what_must_be_asked_again() {
    type Change = fn(&mut Journey);
    let rows: [(&str, Change, Position); 9] = [
        (
            "another plan of the brand: credit",
            |j| j.plan.as_mut().unwrap().offer.code = OfferCode::parse("59990002").unwrap(),
            Position::Step(Step::StartDate),
        ),
        (
            "a plan of another brand: a new record, the number again",
            |j| choose(j, Brand::Cirro, "D0001"),
            Position::Step(Step::Identity),
        ),
        (
            "another date: credit",
            |j| j.start_date = Some(ServiceDate(date(2030, 6, 21))),
            Position::Step(Step::StartDate),
        ),
        ("another name: identity", |j| j.contact = Some(contact("Sam")), Position::Step(Step::Identity)),
        (
            "another ZIP: all about the place",
            |j| j.service.as_mut().unwrap().zip = Zip::parse("75999").unwrap(),
            Position::Step(Step::Zip),
        ),
        (
            "a switch instead: the area",
            |j| j.service.as_mut().unwrap().transaction = Transaction::Switch,
            Position::Step(Step::Zip),
        ),
        (
            "another address: identity",
            |j| j.premise_found(premise("102 Example Oak Ln", Meters::None)),
            Position::Step(Step::Identity),
        ),
        (
            "another bill address: identity",
            |j| {
                let typed = BillingAddress::Street {
                    street: Street::parse("1 Other St").unwrap(),
                    unit: None,
                    city: City::parse("Sampleton").unwrap(),
                    state: State::TEXAS,
                    zip: Zip::parse("77999").unwrap(),
                };
                let settled = Some(typed.clone());
                j.billing = Some(Billing::Other(Box::new(OtherBilling { typed, cleaned: None, settled })));
            },
            Position::Step(Step::Identity),
        ),
        ("nothing: review", |_| {}, Position::Step(Step::Review)),
    ];
    for (what, change, place) in rows {
        let mut journey = answered_to(Step::Review);
        change(&mut journey);
        let site = site();
        assert_eq!(journey.position(EvalContext { site: &site, now: now() }), place, "{what}");
        stands(&journey, place);
    }
}

#[test]
fn answer_changed_back_restores_later_answers() {
    let mut journey = answered_to(Step::Review);
    journey.contact = Some(contact("Sam"));
    stands(&journey, Position::Step(Step::Identity));
    journey.contact = Some(contact("Jordan"));
    stands(&journey, Position::Step(Step::Review));
}

#[test]
fn fetched_dates_expire_after_one_hour() {
    let journey = answered_to(Step::Review);
    let site = site();
    for (moment, place) in [
        ("2030-06-18T15:59:59Z", Step::Review),
        ("2030-06-18T16:00:00Z", Step::StartDate),
        ("2030-06-19T15:00:00Z", Step::StartDate),
    ] {
        let context = EvalContext { site: &site, now: moment.parse().unwrap() };
        assert_eq!(journey.position(context), Position::Step(place), "{moment}");
    }
    let late = Timestamp::from_second(now().as_second()).unwrap() + SignedDuration::from_mins(59);
    assert_eq!(journey.position(EvalContext { site: &site, now: late }), Position::Step(Step::Review));
}

#[test]
fn address_changed_after_dates_needs_new_record_and_before_does_not() {
    for (step, same) in [(Step::StartDate, true), (Step::Review, false)] {
        let mut journey = answered_to(step);
        journey.premise_found(premise("102 Example Oak Ln", Meters::None));
        let applicant = journey.applicant().unwrap();
        assert_eq!(journey.record_for(&applicant).is_some(), same, "{step:?}");
        // The token of the same brand is kept either way.
        assert!(journey.token(Document::Ssn).is_some());
    }
}

#[test]
fn identity_result_decides_position() {
    let held = Identity { verification: Verification::Held, ..verified() };
    let failed = Identity { verification: Verification::NotVerified, ..verified() };
    let past = |prior_account| Identity { prior_account, ..verified() };
    let rows = [
        (verified(), Position::Step(Step::StartDate)),
        (failed.clone(), Position::Step(Step::Identity)),
        (Identity { quiz_suggested: true, ..failed.clone() }, Position::Step(Step::Quiz)),
        (held.clone(), Position::Step(Step::Quiz)),
        (Identity { quiz: Some(Quiz::Passed), ..held.clone() }, Position::Step(Step::StartDate)),
        (Identity { quiz: Some(Quiz::Failed), ..held.clone() }, Position::Stop),
        (Identity { quiz: Some(Quiz::Unavailable), ..held }, Position::Stop),
        (
            Identity { quiz_suggested: true, quiz: Some(Quiz::Unavailable), ..failed },
            Position::Step(Step::Identity),
        ),
        (past(PriorAccount::Undecided), Position::Step(Step::StartDate)),
        (past(PriorAccount::Service { masked_address: None }), Position::Ask(Step::Identity)),
        (past(PriorAccount::Balance { amount: None }), Position::Ask(Step::Identity)),
        (past(PriorAccount::Other { message: None }), Position::Ask(Step::Identity)),
    ];
    for (identity, place) in rows {
        let mut journey = answered_to(Step::Quiz);
        journey.identity.as_mut().unwrap().result = identity.clone();
        let site = site();
        assert_eq!(journey.position(EvalContext { site: &site, now: now() }), place, "{identity:?}");
        stands(&journey, place);
    }
}

#[test]
fn last_identity_attempt_locks_steps_identity_carries() {
    let site = site();
    let context = EvalContext { site: &site, now: now() };
    let mut journey = answered_to(Step::Review);
    journey.record.as_mut().unwrap().repeats = Record::MAX_REPEATS;
    for (step, open) in [
        (Step::Zip, true),
        (Step::Plans, true),
        (Step::Address, false),
        (Step::Contact, false),
        (Step::Billing, false),
        (Step::Identity, false),
        (Step::StartDate, true),
        (Step::Review, true),
    ] {
        assert_eq!(journey.may_visit(step, context), open, "{step:?}");
    }
    // Not verified with no attempt left: nothing can be corrected any more.
    journey.identity.as_mut().unwrap().result.verification = Verification::NotVerified;
    assert_eq!(journey.position(context), Position::Stop);
}

#[test]
fn correction_after_refusal_drops_record_and_moves_position() {
    let rows = [
        (Correction::OtherUtility(tdsp("D0002")), Position::Step(Step::Plans)),
        (Correction::RecordUnknown, Position::Step(Step::Identity)),
    ];
    for (repair, place) in rows {
        let mut journey = answered_to(Step::StartDate);
        let (applicant, asked) = (journey.applicant().unwrap(), journey.dates_asked().unwrap());
        journey.dates_answered(&applicant, asked, now(), Outcome::Correct(repair.clone()));
        assert!(journey.record.is_none(), "{repair:?}");
        assert_eq!(journey.correction, Some(repair));
        stands(&journey, place);
    }
}

#[test]
fn terminal_stop_is_final_and_recoverable_stop_allows_changes() {
    let site = site();
    let context = EvalContext { site: &site, now: now() };
    for (kind, absorbs) in [(StopKind::SwitchHold, false), (StopKind::Other, true)] {
        let mut journey = answered_to(Step::StartDate);
        let (applicant, asked) = (journey.applicant().unwrap(), journey.dates_asked().unwrap());
        journey.dates_answered(&applicant, asked, now(), Outcome::Stop(Stop::new(kind)));
        assert_eq!(journey.position(context), Position::Stop, "{kind:?}");
        for step in [Step::Zip, Step::Plans, Step::Address] {
            assert_eq!(journey.may_visit(step, context), !absorbs, "{kind:?} {step:?}");
        }
    }
}

/// Found by the properties: such an ending stood for good, and offered answers to change that led nowhere.
#[test]
fn recoverable_stop_without_changeable_answer_becomes_terminal() {
    let mut journey = answered_to(Step::Identity);
    answer(&mut journey, Step::Identity);
    let applicant = journey.applicant().unwrap();
    let stop = Stop { code: Some("AREA_NOT_SERVICED".into()), ..Stop::new(StopKind::AreaNotServed) };
    journey.identity_answered(&applicant, ids(), Some(1), Outcome::Stop(stop));
    let ending = journey.ending.clone().unwrap();
    assert_eq!((ending.kind, ending.code.as_deref()), (StopKind::Other, Some("AREA_NOT_SERVICED")));
    journey.identity_answered(&applicant, ids(), Some(1), Outcome::Stop(Stop::new(StopKind::Restricted)));
    assert_eq!(journey.ending, Some(ending), "the first ending stays");
}

#[test]
fn submission_is_final_unless_correctable_or_not_sent() {
    let site = site();
    let context = EvalContext { site: &site, now: now() };
    let refused = |correctable| SubmissionState::Refused { correctable, message: None };
    let account = Account { number: "1".into(), check_digit: "7".into(), customer_number: "2".into() };
    for (state, round, place) in [
        (SubmissionState::Ready, 1, Position::Processing),
        (SubmissionState::Sent, 1, Position::Processing),
        (SubmissionState::Unknown, 1, Position::Processing),
        (SubmissionState::Enrolled(account), 1, Position::Confirmation),
        (SubmissionState::Accepted, 1, Position::Confirmation),
        (SubmissionState::Duplicate, 1, Position::Confirmation),
        (refused(false), 1, Position::Stop),
        (refused(true), 1, Position::Stop),
        (refused(true), 2, Position::Stop),
        (SubmissionState::NotSent, 1, Position::Stop),
        (SubmissionState::NotSent, 3, Position::Stop),
    ] {
        let mut journey = answered_to(Step::Review);
        let tracking_id = journey.record.as_ref().unwrap().tracking_id.clone();
        let since = now();
        journey.submission =
            Some(Submission { tracking_id, round, since, tries: 1, state: state.clone(), message: None });
        assert_eq!(journey.position(context), place, "{state:?}");
        assert!(Step::ALL.iter().all(|step| !journey.may_visit(*step, context)), "{state:?}");

        // Read and repaired: dates and credit of before the refusal do not count any more.
        journey.refusals_read = journey.refusals();
        // What was never sent may be submitted as often as it takes.
        if state == refused(true) && round == 1 || state == SubmissionState::NotSent {
            assert_eq!(journey.position(context), Position::Step(Step::StartDate));
        } else {
            assert_eq!(journey.position(context), place, "{state:?}");
        }
    }
}

#[test]
fn meter_decides_position_before_identity() {
    let hold = Meter { switch_hold: true, ..meter("10000009999999912") };
    let own = Meter { own_customer: true, ..meter("10000009999999912") };
    let other = Meter { tdsp: Some(tdsp("D0002")), ..meter("10000009999999912") };
    let two = vec![meter("10000009999999912"), meter("10000009999999913")];
    let one = |meter: &Meter| Meters::Residential(vec![meter.clone()]);
    let next = Position::Step(Step::Contact);
    for (meters, move_in, switch) in [
        (Meters::None, next, next),
        (Meters::Business, Position::Stop, Position::Stop),
        (one(&hold), next, Position::Stop),
        (one(&own), next, Position::Stop),
        (one(&other), Position::Step(Step::Plans), Position::Step(Step::Plans)),
        (Meters::Residential(two), Position::Ask(Step::Address), Position::Ask(Step::Address)),
    ] {
        for (transaction, place) in [(Transaction::MoveIn, move_in), (Transaction::Switch, switch)] {
            let mut journey = answered_to(Step::Address);
            let service = Service { transaction, ..journey.service.clone().unwrap() };
            journey.area.as_mut().unwrap().inputs = service.clone();
            journey.service = Some(service);
            journey.plan.as_mut().unwrap().transaction = transaction;
            journey.premise_found(premise("100 Example Oak Ln", meters.clone()));
            let site = site();
            let stands = journey.position(EvalContext { site: &site, now: now() });
            assert_eq!(stands, place, "{transaction:?} {meters:?}");
        }
    }
}

#[test]
fn journey_survives_serialization_at_every_step() {
    for step in Step::ALL {
        let journey = answered_to(step);
        let text = serde_json::to_vec(&journey).unwrap();
        assert_eq!(serde_json::from_slice::<Journey>(&text).unwrap(), journey, "{step:?}");
    }
}

#[rustfmt::skip]
const PIECES: &[&str] = &[
    "", "zip", "review", "identity", "D0001", "D0002", "RE", "CE", "ZZ", "2030-06-20", "9999-12-31", "0000-00-00", "MVI", "SWI",
    "77999", "Accepted", "Ok", "Err", "null", "true", "1", "-1", "99999999999999999999", "\u{0}", "é", "J",
];

#[test]
fn fuzz_stored_journeys() {
    use proptest::prelude::*;

    let site = site();
    let step = proptest::sample::select(Step::ALL.to_vec());
    crate::testing::properties::run(
        (step, crate::testing::properties::spoils(PIECES), any::<bool>()),
        |(step, spoils, no_id)| {
            let mut stored = serde_json::to_value(answered_to(step)).unwrap();
            crate::testing::properties::spoil(&mut stored, spoils);
            // What an older or newer build, or a mistake of ours, may have stored: what is not known is left out, and
            // stored again.
            let Some(journey) = Journey::from_stored(&stored.to_string()) else { return Ok(()) };
            let again = Journey::from_stored(&serde_json::to_string(&journey.to_store()).unwrap()).unwrap();
            let known = |journey: &Journey| (serde_json::to_value(journey).unwrap(), journey.is_withheld());
            prop_assert!(known(&again) == known(&journey), "stored again it is another");
            let site = Site { allow_no_id: no_id, ..site.clone() };
            let context = EvalContext { site: &site, now: now() };
            match journey.position(context) {
                Position::Step(step) => {
                    prop_assert!(journey.may_visit(step, context), "in a circle at {step:?}")
                }
                Position::Ask(_) => prop_assert!(journey.question(context).is_some()),
                Position::Stop => prop_assert!(journey.stop(context).is_some()),
                Position::Processing | Position::Confirmation => prop_assert!(journey.submission.is_some()),
            }
            for step in Step::ALL {
                let _ = (journey.back(step, context), journey.status(step, context), journey.revision(step));
            }
            let _ = (journey.advice(), journey.credit(), journey.settled_billing(), journey.number());
            Ok(())
        },
    );
}
