//! Every state of today's program has a fixture.

use std::collections::BTreeSet;

use nrg_enroll::{
    journey::{Correction, EvalContext, Journey, Position, Question, Step, StopKind},
    ledger, postback,
};

use super::fixtures::{StoredJourney, on_each_database, read, rows};

/// The stop after `kind`, so that none can be left out.
fn after(kind: StopKind) -> Option<StopKind> {
    Some(match kind {
        StopKind::AreaNotServed => StopKind::OtherArea,
        StopKind::OtherArea => StopKind::BusinessMeter,
        StopKind::BusinessMeter => StopKind::SwitchHold,
        StopKind::SwitchHold => StopKind::OwnCustomer,
        StopKind::OwnCustomer => StopKind::NoMeter,
        StopKind::NoMeter => StopKind::CreditFreeze,
        StopKind::CreditFreeze => StopKind::CreditFraud,
        StopKind::CreditFraud => StopKind::AttemptsUsedUp,
        StopKind::AttemptsUsedUp => StopKind::IdentityHold,
        StopKind::IdentityHold => StopKind::QuizFailed,
        StopKind::QuizFailed => StopKind::CurrentCustomer,
        StopKind::CurrentCustomer => StopKind::Restricted,
        StopKind::Restricted => StopKind::NoId,
        StopKind::NoId => StopKind::Refused,
        StopKind::Refused => StopKind::NotSent,
        StopKind::NotSent => StopKind::AlreadySubmitted,
        StopKind::AlreadySubmitted => StopKind::Other,
        StopKind::Other => return None,
    })
}

/// As many as [`question`] tells apart.
const QUESTIONS: usize = 11;

fn question(question: &Question<'_>) -> usize {
    match question {
        Question::Utility(_) => 0,
        Question::Suggestion { .. } => 1,
        Question::UnitNeeded(_) => 2,
        Question::UnitUnknown(_) => 3,
        Question::NotVerified(_) => 4,
        Question::Meter { .. } => 5,
        Question::Billing { .. } => 6,
        Question::PastService { .. } => 7,
        Question::PastBalance { .. } => 8,
        Question::Other(_) => 9,
        Question::Recent => QUESTIONS - 1,
    }
}

/// As many as [`repair`] tells apart.
const REPAIRS: usize = 9;

fn repair(repair: &Correction) -> usize {
    match repair {
        Correction::OtherUtility(_) => 0,
        Correction::ProspectUnknown => 1,
        Correction::RecordUnknown => 2,
        Correction::NewQuestions => 3,
        Correction::BirthDate => 4,
        Correction::TokenUnusable => 5,
        Correction::NothingChanged => 6,
        Correction::PlanGone => 7,
        Correction::PlanChanged => REPAIRS - 1,
    }
}

#[tokio::test]
async fn fixtures_hold_every_place_a_journey_can_stand_at() {
    on_each_database(async |restored| {
        let app = &restored.world.server.app;
        let frame = EvalContext { site: &app.sites.main().site, now: app.clock.now() };
        let mut journeys: Vec<Journey> = Vec::new();
        for StoredJourney { cookie, .. } in read::<Vec<_>>("journeys.json") {
            journeys.push(restored.world.journey(&restored.browser(&cookie)).await.unwrap());
        }
        let places: Vec<Position> = journeys.iter().map(|journey| journey.position(frame)).collect();
        for step in Step::ALL {
            assert!(places.contains(&Position::Step(step)), "{step:?}");
        }
        for place in [Position::Stop, Position::Processing, Position::Confirmation] {
            assert!(places.contains(&place), "{place:?}");
        }
        let stops: BTreeSet<_> =
            journeys.iter().filter_map(|journey| journey.stop(frame)).map(|stop| stop.kind.word()).collect();
        let mut kind = Some(StopKind::AreaNotServed);
        while let Some(stop) = kind {
            assert!(stops.contains(stop.word()), "{stop:?}");
            kind = after(stop);
        }
        let asked: BTreeSet<_> = journeys
            .iter()
            .filter_map(|journey| journey.question(frame).map(|asked| question(&asked)))
            .collect();
        assert_eq!(asked, (0..QUESTIONS).collect());
        let repairs: BTreeSet<_> =
            journeys.iter().filter_map(|journey| journey.correction.as_ref().map(repair)).collect();
        assert_eq!(repairs, (0..REPAIRS).collect());
        let boxes: Vec<_> = journeys.iter().filter_map(|journey| journey.marketing()).collect();
        assert!(boxes.iter().any(|marketing| marketing.email && marketing.phone));
        assert!(journeys.iter().any(|journey| !journey.attribution.is_empty()));
        assert!(journeys.iter().any(|journey| !journey.rejected_params.is_empty()));
    })
    .await;
}

#[test]
fn fixtures_hold_every_state_of_a_submission() {
    let states: BTreeSet<_> = rows("submissions").iter().map(|row| row["state"].to_string()).collect();
    for state in ledger::State::ALL {
        assert!(states.contains(&format!("{:?}", state.word())), "{}", state.word());
    }
}

#[test]
fn fixtures_hold_every_state_and_ending_of_a_postback() {
    let of = |column: &str| -> BTreeSet<String> {
        rows("postbacks").iter().map(|row| row[column].as_str().unwrap().to_owned()).collect()
    };
    let (states, endings) = (of("state"), of("ending"));
    for state in postback::State::ALL {
        assert!(states.contains(state.word()), "{}", state.word());
    }
    for ending in postback::Ending::ALL {
        assert!(endings.contains(ending.word()), "{}", ending.word());
    }
}

#[test]
fn fixtures_hold_rows_that_moved_and_that_were_saved_for_later() {
    let sessions = rows("sessions");
    assert!(sessions.iter().any(|row| row["moved"] == true));
    assert!(sessions.iter().any(|row| row["tries"] == 0));
    assert!(sessions.iter().any(|row| row["tries"] == 1));
}

#[test]
fn fixtures_hold_every_kind_of_consent() {
    let kinds: BTreeSet<_> =
        rows("consents").iter().map(|row| row["kind"].as_str().unwrap().to_owned()).collect();
    let known = ["credit", "documents", "affirmation", "electronic-records", "marketing"];
    assert_eq!(kinds, known.map(str::to_owned).into());
}

#[test]
fn fixtures_hold_no_number_that_proves_who_someone_is() {
    for name in ["journeys.json", "saved.json", "forms.json"] {
        let text = read::<serde_json::Value>(name).to_string();
        for number in ["6789", "0200", "0150", "0350", "0001", "0002"] {
            for whole in [format!("900-45-{number}"), format!("90045{number}")] {
                assert!(!text.contains(&whole), "{name} holds a Social Security number");
            }
        }
        assert!(!text.contains("12345678"), "{name} holds a license number");
    }
}
