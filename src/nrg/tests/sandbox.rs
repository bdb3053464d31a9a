//! Every call against the sandbox, which is written from the same contract without sharing a line.

use std::{net::SocketAddr, time::Duration};

use tokio::net::TcpListener;

use crate::{
    clock::Clock,
    entropy::Entropy,
    fields::{
        BillingAddress, Brand, DriverLicense, Language, LastFour, PersonName, ProspectId, Ssn, Street,
        Transaction,
    },
    journey::{
        Applicant, Cleaned, Correction, Identity, Meters, Outcome, PriorAccount, Proof, Quiz, Record, Site,
        StopKind, Verification,
    },
    nrg::{EnrollCodes, EnrollRequest, Enrollment, Holds, IdentityReply, Kind, Nrg, QuizAnswer},
    sandbox::{DOCUMENTS_URL, Sandbox, Settings},
};

use super::{applicant, fake, service, site};

async fn sandbox() -> SocketAddr {
    let sandbox = Sandbox::new(Settings {
        username: "partner".into(),
        password: "pass:word".into(),
        affiliate_id: "AFF-DEMO".into(),
        documents_url: DOCUMENTS_URL.parse().unwrap(),
        clock: Clock::system(),
        entropy: Entropy::system(),
        slow: Duration::from_millis(10),
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, sandbox.router()).await });
    address
}

async fn set_up() -> (Nrg, Site) {
    let mut settings = fake::settings(sandbox().await);
    settings.max_reply_bytes = 1_000_000;
    let mut site = site();
    site.link_hosts = vec!["docs.example.com".into()];
    (fake::client(settings), site)
}

fn accepted<T: std::fmt::Debug>(outcome: Outcome<T>) -> T {
    match outcome {
        Outcome::Accepted(accepted) => accepted,
        other => panic!("{other:?}"),
    }
}

fn record(reply: &IdentityReply) -> Record {
    let (tracking_id, guid) = reply.ids.clone().unwrap();
    Record { brand: Brand::Reliant, tracking_id, guid, repeats: 0, meter_address: None }
}

fn named(last_name: &str, proof: Proof) -> Applicant {
    Applicant { last_name: PersonName::parse(last_name).unwrap(), ..applicant(proof) }
}

#[tokio::test]
async fn client_completes_whole_enrollment_against_sandbox() {
    let (nrg, site) = set_up().await;
    let caller = nrg.brand_client(&site, Brand::Reliant, Language::Spanish);
    let address = service();

    let Cleaned::Verified(cleaned) = caller.cleanup_service(&address).await.unwrap() else { panic!() };
    assert!(cleaned.same_place(&address));
    let billing = BillingAddress::from(&address);
    assert!(matches!(caller.cleanup_billing(&billing).await.unwrap(), Cleaned::Verified(_)));
    let utilities = accepted(caller.tdsp(&address.zip, Transaction::MoveIn).await.unwrap());
    let Meters::Residential(meters) = caller.esid_residential(&address).await.unwrap() else { panic!() };
    assert!(matches!(caller.esid(&address).await.unwrap(), Meters::Residential(_)));
    let located = caller.esid_validation(&meters[0].esi_id).await.unwrap().unwrap();
    assert!(located.residential);

    let offers = accepted(caller.offers(&utilities[0].code, Transaction::MoveIn).await.unwrap());
    let offer = offers.list.first().unwrap();
    assert_eq!(caller.offer_details(offer).await.unwrap().as_ref().map(|now| &now.codes), Some(&offer.codes));

    let ssn = Ssn::parse("900450200").unwrap();
    let token = caller.token_ssn(&ssn).await.unwrap();
    assert_eq!(token.last_four(), ssn.last_four());
    caller.token_license(&DriverLicense::parse("99010150").unwrap()).await.unwrap();
    let prospect = |id| ProspectId::parse(id).unwrap();
    let last_four = LastFour::parse("0200").unwrap();
    accepted(caller.prospect(&prospect("P000124"), &last_four).await.unwrap());
    let unknown = caller.prospect(&prospect("P000404"), &last_four).await.unwrap();
    assert_eq!(unknown, Outcome::Correct(Correction::ProspectUnknown));

    let person = applicant(Proof::Ssn(token.clone()));
    let reply = caller.identity(&person, None).await.unwrap();
    let record = record(&reply);
    assert_eq!(reply.repeats, Some(0));
    assert_eq!(accepted(reply.outcome).verification, Verification::Verified);
    assert_eq!(caller.identity(&person, Some(&record)).await.unwrap().repeats, Some(1));

    let dates = accepted(caller.available_dates(&record, false).await.unwrap());
    let day = dates.offered.first().copied();
    let owed = accepted(caller.check_credit(&record, &offer.code, day).await.unwrap());
    let other = caller.token_ssn(&Ssn::parse("900456789").unwrap()).await.unwrap();
    let less = accepted(caller.recheck_credit(&record, &offer.code, day, &other).await.unwrap());
    assert!(less.deposit < owed.deposit && owed.due.is_some() && owed.reason.is_some());

    let request = EnrollRequest {
        guid: record.guid.clone(),
        brand: record.brand,
        language: Language::English,
        codes: EnrollCodes { offer: offer.code.clone(), others: offer.codes.clone() },
        paperless: false,
    };
    let first = caller.enroll(&record.tracking_id, &request).await;
    let Enrollment::Enrolled { account, .. } = first.enrollment else { panic!() };
    let again = caller.enroll(&record.tracking_id, &request).await;
    assert_eq!(again.enrollment, Enrollment::Duplicate);
    assert_eq!((again.http, again.codes.as_str()), (Some(400), "01 ENROLLMENT_ALREADY_REQUESTED"));
    assert_eq!(caller.available_dates(&record, false).await.unwrap(), Outcome::Done);
    caller.holds(&account.number, &account.check_digit, "77999").await.unwrap();
    let holds = async |account| caller.holds(account, "7", "77999").await.unwrap();
    assert_eq!(holds("000000000101").await, Holds::Known(vec![]));
    assert!(matches!(holds("000000000102").await, Holds::Known(list) if list.len() == 1));
    assert_eq!(holds("000000000104").await, Holds::Unknown);
}

#[tokio::test]
async fn quiz_key_used_twice_needs_new_questions() {
    let (nrg, site) = set_up().await;
    let caller = nrg.brand_client(&site, Brand::Reliant, Language::English);
    let token = caller.token_ssn(&Ssn::parse("900456789").unwrap()).await.unwrap();
    let reply = caller.identity(&named("Kba", Proof::Ssn(token)), None).await.unwrap();
    let record = record(&reply);
    let identity = accepted(reply.outcome);
    assert!(identity.quiz_suggested && identity.verification == Verification::NotVerified);
    let Quiz::Asked { transaction_key, questions, .. } = accepted(caller.kba_oe(&record).await.unwrap())
    else {
        panic!()
    };
    let answers: Vec<_> = questions
        .iter()
        .map(|question| QuizAnswer {
            quiz_id: question.quiz_id,
            question_id: question.question_id,
            answer_id: question.options[0].option_id,
        })
        .collect();
    let first = accepted(caller.kba_result(&record, &transaction_key, &answers).await.unwrap());
    assert!(matches!(first, Quiz::Passed | Quiz::Failed));
    let again = caller.kba_result(&record, &transaction_key, &answers).await.unwrap();
    assert_eq!(again, Outcome::Correct(Correction::NewQuestions));
}

#[tokio::test]
async fn sandbox_last_name_maps_to_expected_identity_outcome() {
    let (nrg, site) = set_up().await;
    let caller = nrg.brand_client(&site, Brand::Reliant, Language::English);
    let token = caller.token_ssn(&Ssn::parse("900456789").unwrap()).await.unwrap();
    let ask = async |name| caller.identity(&named(name, Proof::Ssn(token.clone())), None).await;
    for (name, kind) in [
        ("Failmax", StopKind::AttemptsUsedUp),
        ("Current", StopKind::CurrentCustomer),
        ("Restricted", StopKind::Restricted),
        ("Oddcode", StopKind::Other),
    ] {
        let Outcome::Stop(stop) = ask(name).await.unwrap().outcome else { panic!("{name}") };
        assert_eq!(stop.kind, kind, "{name}");
    }
    let identity = async |name| -> Identity { accepted(ask(name).await.unwrap().outcome) };
    assert_eq!(identity("Hold").await.verification, Verification::Held);
    assert_eq!(identity("Undecided").await.prior_account, PriorAccount::Undecided);
    assert!(matches!(identity("Pastbalance").await.prior_account, PriorAccount::Balance { amount: Some(_) }));
    let PriorAccount::Service { masked_address: Some(masked) } =
        identity("Holdpastservice").await.prior_account
    else {
        panic!()
    };
    assert!(masked.contains('*'));
    for (name, repair) in [
        ("Tokendown", Correction::TokenUnusable),
        ("Tokenbroken", Correction::TokenUnusable),
        ("Invaliddob", Correction::BirthDate),
    ] {
        assert_eq!(ask(name).await.unwrap().outcome, Outcome::Correct(repair), "{name}");
    }
    for (name, kind) in [
        ("Notstored", Kind::ServerError),
        ("Technical", Kind::ServerError),
        ("Nocontent", Kind::InvalidResponse),
        ("Garbage", Kind::InvalidResponse),
        ("Nostatus", Kind::InvalidResponse),
        ("Oddstatus", Kind::InvalidResponse),
    ] {
        assert_eq!(ask(name).await.unwrap_err().kind, kind, "{name}");
    }
}

#[tokio::test]
async fn sandbox_address_maps_to_expected_outcome() {
    let (nrg, site) = set_up().await;
    let caller = nrg.brand_client(&site, Brand::Reliant, Language::English);
    let at = |number: &str| {
        let mut address = service();
        address.street = Street::parse(&format!("{number} Example Oak Ln")).unwrap();
        address
    };
    assert!(matches!(caller.cleanup_service(&at("200")).await.unwrap(), Cleaned::Suggested(_)));
    for number in ["400", "410", "420", "430", "431"] {
        assert_eq!(caller.cleanup_service(&at(number)).await.unwrap(), Cleaned::NotVerified, "{number}");
    }
    assert_eq!(caller.esid(&at("500")).await.unwrap(), Meters::Business);
    assert_eq!(caller.esid_residential(&at("510")).await.unwrap(), Meters::Business);
    assert_eq!(caller.esid_residential(&at("700")).await.unwrap(), Meters::None);
    let Meters::Residential(held) = caller.esid_residential(&at("600")).await.unwrap() else { panic!() };
    assert!(held[0].switch_hold);
}
