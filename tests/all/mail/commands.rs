//! `nrg-enroll mail`: what an operator sees of the outbox, and does about it.

use std::time::Duration;

use nrg_enroll::{
    cli::mail::{CommandError, list, retry},
    mail::State,
};

use crate::support::{Person, Walk, World, free_port};

async fn listed(world: &World, state: Option<State>, as_json: bool) -> String {
    let mut out = Vec::new();
    list(world.server.app.mails.as_ref().unwrap().store(), state, 100, as_json, &mut out).await.unwrap();
    String::from_utf8(out).unwrap()
}

async fn sent_now(world: &World, id: Option<&str>) -> Result<String, CommandError> {
    let mut out = Vec::new();
    retry(world.server.app.mails.as_ref().unwrap(), id, &mut out).await?;
    Ok(String::from_utf8(out).unwrap())
}

#[tokio::test]
async fn mail_list_shows_state_and_outcome_without_address_and_retry_sends_now() {
    let away = free_port().port().to_string();
    let world = World::with(&[
        ("ENROLL__MAIL__HOST", "127.0.0.1"),
        ("ENROLL__MAIL__PORT", &away),
        ("ENROLL__MAIL__TLS", "none"),
    ])
    .await;
    assert_eq!(listed(&world, None, false).await, "No mail.\n");
    let none = sent_now(&world, None).await;
    assert!(matches!(none, Err(CommandError::NoneFound)));
    let walk = Walk::new(world.browser(), Person::default());
    let page = walk.through_identity().await;
    let page = page.form("/later").submit(&walk.browser).await;
    page.form("/later/mail").submit(&walk.browser).await;
    let tried = async |tries: i64| {
        for _ in 0..1000 {
            let row = world.outbox().await.remove(0);
            if row.tries == tries && row.outcome.is_some() {
                return row;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{:?}", world.outbox().await)
    };
    let row = tried(1).await;
    let table = listed(&world, Some(State::Waiting), false).await;
    for cell in [row.id.as_str(), "link", "main", "waiting", "cannot be reached: it refuses connections"] {
        assert!(table.contains(cell), "{cell} is not in\n{table}");
    }
    let json = listed(&world, None, true).await;
    assert!(json.contains("\"state\":\"waiting\"") && json.contains("\"tries\":1"), "{json}");
    for text in [&table, &json] {
        assert!(!text.contains('@') && !text.to_lowercase().contains("samplecase"), "{text}");
    }
    assert_eq!(listed(&world, Some(State::Dead), false).await, "No mail.\n");
    // At once, and with the first of the waits again.
    let sent = sent_now(&world, Some(&row.id)).await.unwrap();
    assert_eq!(sent, "Mails that will be sent now: 1\n");
    assert_eq!(tried(1).await.id, row.id);
}
