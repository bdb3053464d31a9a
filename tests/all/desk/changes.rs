//! What is settled, amended and sent again.

use base64::{Engine, engine::general_purpose::STANDARD};
use nrg_enroll::ledger::State;

use super::{Desk, on_each_database};
use crate::support::{Person, log::Log};

#[tokio::test]
async fn unknown_submission_is_settled_once_corrected_and_amended() {
    on_each_database(async |desk| {
        let log = Log::listen();
        let (journey, tracking_id) = desk.enroll(Person { first_name: "Cut", ..Person::default() }).await;
        let ledger = &desk.world.server.app.ledger;
        let ana = desk.signed_in("ana").await;
        let shown = ana.get(&format!("/desk/journeys/{journey}")).await;
        let settle = format!("/desk/submissions/{tracking_id}/settle");
        assert_eq!(shown.attributes("a.button", "href"), std::slice::from_ref(&settle));

        let empty = ana.get(&settle).await;
        let page = empty.form(&settle).submit(&ana).await;
        assert_eq!(page.status, 422);
        for problem in ["Choose what became of it.", "Enter how you know."] {
            page.says(problem);
        }
        let filled = empty.form(&settle).set("as", "enrolled").set("reason", "NRG said so <by> phone");
        let page = filled.submit(&ana).await;
        assert_eq!(page.status, 422);
        page.says("Here, enrolled needs the account number.");
        let page = page.form(&settle).set("account", "000099990002").submit(&ana).await;
        page.says("Is this right?");
        page.says("NRG said so <by> phone");
        assert_eq!(ledger.find(&tracking_id).await.unwrap().unwrap().state, State::Unknown);
        let confirmed = page.form(&settle);
        let page = confirmed.clone().submit(&ana).await;
        assert_eq!(page.path, format!("/desk/journeys/{journey}"));
        page.says(&format!("{tracking_id} is now enrolled."));
        page.says("000099990002");
        // Once only.
        ana.get(&page.path).await.never_says("is now enrolled");
        // Twice, and from a page that the browser kept.
        for form in [confirmed, empty.form(&settle).set("as", "refused").set("reason", "r")] {
            let page = form.submit(&ana).await;
            assert_eq!(page.status, 409);
            page.says("It has changed since the form was shown");
        }
        let details = ledger.show(&tracking_id).await.unwrap().unwrap();
        let settled: Vec<_> =
            details.settlements.iter().map(|one| (one.operator.as_str(), one.reason.as_str())).collect();
        assert_eq!(settled, [("ana", "NRG said so <by> phone")]);

        let fill = async |path: &str, recorded_as: &str, account: &str| {
            let form = ana.get(path).await.form(path).set("as", recorded_as).set("account", account);
            let page = form.set("reason", "NRG wrote").submit(&ana).await;
            page.form(path).submit(&ana).await
        };
        fill(&settle, "enrolled", "000099990003").await.says("000099990003");
        let same = fill(&settle, "enrolled", "000099990003").await;
        assert_eq!(same.status, 409);
        same.says("is settled as enrolled already");
        let amend = format!("/desk/submissions/{tracking_id}/amend");
        fill(&amend, "cancelled", "").await.says("cancelled");
        let twice = fill(&amend, "cancelled", "").await;
        assert_eq!(twice.status, 409);
        twice.says("it cannot be cancelled now");
        let page = ana.get(&amend).await.form(&amend).set("as", "activated").set("account", "1");
        let page = page.set("reason", "r").submit(&ana).await;
        page.says("Here, an account number is only given for corrected.");
        let amended_as = ledger.find(&tracking_id).await.unwrap().unwrap().amended_as;
        assert_eq!(amended_as.as_deref(), Some("cancelled"));
        assert_eq!(ledger.verify().await.unwrap().breaks, []);
        assert!(!log.text().contains("9999000") && !log.text().contains("NRG said so"));
    })
    .await;
}

#[tokio::test]
async fn operator_who_may_only_read_changes_nothing() {
    let desk = Desk::open(&[]).await;
    let (journey, tracking_id) = desk.enroll(Person { first_name: "Cut", ..Person::default() }).await;
    let ben = desk.signed_in("ben").await;
    let page = ben.get(&format!("/desk/journeys/{journey}")).await;
    assert_eq!(page.attributes("a.button", "href"), [""; 0]);
    for path in [
        format!("/desk/submissions/{tracking_id}/settle"),
        format!("/desk/submissions/{tracking_id}/amend"),
        "/desk/postbacks".to_owned(),
    ] {
        let fields = [("as", "refused"), ("reason", "r"), ("confirmed", "yes"), ("id", "x")];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(ben.post(&path, &fields).await.status, 403, "{path}");
    }
    let row = desk.world.server.app.ledger.find(&tracking_id).await.unwrap().unwrap();
    assert_eq!(row.state, State::Unknown);
}

#[tokio::test]
async fn form_from_another_site_or_without_session_changes_nothing() {
    let desk = Desk::open(&[]).await;
    let (_, tracking_id) = desk.enroll(Person { first_name: "Cut", ..Person::default() }).await;
    let settle = format!("/desk/submissions/{tracking_id}/settle");
    let ana = desk.signed_in("ana").await;
    let page =
        ana.get(&settle).await.form(&settle).set("as", "refused").set("reason", "r").submit(&ana).await;
    let form = page.form(&settle);
    for headers in [
        &[("origin", "https://evil.test"), ("sec-fetch-site", "cross-site")][..],
        &[("origin", "http://localhost"), ("sec-fetch-site", "same-site")],
        &[("origin", "null")],
    ] {
        let answer = ana.post_only(&settle, form.fields(), headers).await;
        assert_eq!(answer.status(), 403, "{headers:?}");
        assert!(answer.text().await.unwrap().contains("did not come from a page of the desk"));
    }
    let stranger = desk.browser().post(&settle, form.fields()).await;
    assert_eq!(stranger.h1(), "Sign in");
    let row = desk.world.server.app.ledger.find(&tracking_id).await.unwrap().unwrap();
    assert_eq!(row.state, State::Unknown);
    // A browser of before `Sec-Fetch-Site` is believed by its origin.
    let own = format!("http://{}", desk.world.server.private_address);
    let answer = ana.post_only(&settle, form.fields(), &[("origin", &own)]).await;
    assert_eq!(answer.status(), 303);
}

#[tokio::test]
async fn postback_that_fails_is_shown_and_sent_again() {
    let nobody = crate::support::free_port();
    let url = format!("http://{nobody}/postback");
    let desk = Desk::open(&[
        ("ENROLL__POSTBACKS__NETWORK__URL", &url),
        ("ENROLL__POSTBACKS__NETWORK__SECRET", &STANDARD.encode((0..32).map(|n| n ^ 7).collect::<Vec<u8>>())),
        ("ENROLL__POSTBACKS__NETWORK__LOOPBACK", "true"),
        ("ENROLL__POSTBACKS__NETWORK__ENDINGS", "enrolled"),
    ])
    .await;
    let ana = desk.signed_in("ana").await;
    ana.get("/desk/postbacks").await.says("No postback fails.");
    let (journey, _) = desk.enroll(Person::default()).await;
    let mut page = ana.get("/desk/postbacks").await;
    for _ in 0..100 {
        if page.body.contains("Last try") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        page = ana.get("/desk/postbacks").await;
    }
    page.says("enrolled to network");
    assert_eq!(page.attributes("dd a", "href"), [format!("/desk/journeys/{journey}")]);
    let id = page.attributes("button[name=id]", "value").remove(0);
    let fields = |id: &str| [("id".to_owned(), id.to_owned())];
    ana.post("/desk/postbacks", &fields(&id)).await.says("The postback is sent again");
    let none = ana.post("/desk/postbacks", &fields("none")).await;
    assert_eq!(none.status, 409);
    none.says("Nothing was sent again: no such postback is dead or waiting.");
}
