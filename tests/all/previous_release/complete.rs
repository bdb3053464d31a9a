//! Every state of today's program has a fixture.

use std::collections::BTreeSet;

use nrg_enroll::{
    journey::{EvalContext, Journey, Position, Step},
    ledger, postback,
};

use crate::lists::variants::{variant, variants};

use super::fixtures::{StoredJourney, on_each_database, read, rows};

/// The endings that the release of the fixtures did not have.
const NEW_ENDINGS: [postback::Ending; 6] = [
    postback::Ending::Held,
    postback::Ending::Released,
    postback::Ending::Cancelled,
    postback::Ending::Rejected,
    postback::Ending::Activated,
    postback::Ending::Corrected,
];

/// The stops that the release of the fixtures did not have.
const NEW_STOPS: [&str; 1] = ["DepositUnknown"];

/// The corrections that the previous release did not know.
const NEW_CORRECTIONS: [&str; 2] = ["NothingChangedAgain", "SameNumber"];

#[tokio::test]
async fn fixtures_hold_every_place_a_journey_can_stand_at() {
    on_each_database(async |restored| {
        let app = &restored.world.server.app;
        let context = EvalContext { site: &app.sites.main().site, now: app.clock.now() };
        let mut journeys: Vec<Journey> = Vec::new();
        for StoredJourney { cookie, .. } in read::<Vec<_>>("journeys.json") {
            journeys.extend(restored.world.journey(&restored.browser(&cookie)).await);
        }
        let places: Vec<Position> = journeys.iter().map(|journey| journey.position(context)).collect();
        for step in Step::ALL {
            assert!(places.contains(&Position::Step(step)), "{step:?}");
        }
        for place in [Position::Stop, Position::Processing, Position::Confirmation] {
            assert!(places.contains(&place), "{place:?}");
        }
        let stops: BTreeSet<_> = journeys
            .iter()
            .filter_map(|journey| journey.stop(context))
            .map(|stop| variant(&stop.kind))
            .collect();
        let mut kinds: BTreeSet<_> = variants("StopKind").into_iter().collect();
        for new in NEW_STOPS {
            assert!(kinds.remove(new), "{new} is no stop");
        }
        assert_eq!(stops, kinds);
        let asked: BTreeSet<_> = journeys
            .iter()
            .filter_map(|journey| journey.question(context).map(|asked| variant(&asked)))
            .collect();
        assert_eq!(asked, variants("Question").into_iter().collect());
        let corrections: BTreeSet<_> =
            journeys.iter().filter_map(|journey| journey.correction.as_ref().map(variant)).collect();
        let mut kinds: BTreeSet<_> = variants("Correction").into_iter().collect();
        for new in NEW_CORRECTIONS {
            assert!(kinds.remove(new), "{new} is no correction");
        }
        assert_eq!(corrections, kinds);
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
    for ending in postback::Ending::ALL.iter().filter(|ending| !NEW_ENDINGS.contains(ending)) {
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
