//! The number to call: a link wherever a sentence has it, and whether anybody answers it now.

use crate::support::{Person, Walk, World};

#[tokio::test]
async fn phone_numbers_in_sentences_are_links() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person { last_name: "Failmax", ..Person::default() });
    let stop = walk.through_identity().await;
    stop.is_at("/stop");
    assert_eq!(stop.attributes("main p a.tel", "href"), ["tel:+18662227100"]);
    let help = world.browser().get("/help").await;
    assert!(help.attributes("main p a.tel", "href").contains(&"tel:+18887828477".to_owned()));
    // A number that shows how to type one is none to call.
    let page = Walk::new(world.browser(), Person::default()).to_contact().await;
    let refused = page.form("/contact").set("phone", "555").submit(&world.browser()).await;
    assert!(refused.attributes("main .problem a", "href").is_empty());
}

#[tokio::test]
async fn number_says_whether_it_is_answered_now() {
    // It is ten o'clock on a Tuesday.
    for (hours, holidays, words, is_open) in [
        ("mon-fri 8:00-18:00, sat 9:00-17:00", "", "Open until 6 pm", true),
        ("mon-sun 0:00-24:00", "", "Open now", true),
        ("mon-fri 12:00-18:00", "", "Opens at 12 pm", false),
        ("mon-tue 8:00-9:30, fri 13:00-18:30", "", "Opens Friday at 1 pm", false),
        ("mon-fri 8:00-18:00", "12-25,06-18", "Opens Wednesday at 8 am", false),
    ] {
        let env = [("ENROLL__BRANDS__RE__HOURS", hours), ("ENROLL__BRANDS__RE__HOLIDAYS", holidays)];
        let world = World::with(&env).await;
        let walk = Walk::new(world.browser(), Person::default());
        walk.to_contact().await;
        let help = walk.browser.get("/help").await;
        assert_eq!(help.one(".top-phone .hours").as_deref(), Some(words));
        help.says(&format!("{words} · Hours: "));
        // Where nobody answers, the answers can wait.
        assert_eq!(help.one("main .phone form[action='/later'] button").is_none(), is_open, "{hours}");
    }
}
