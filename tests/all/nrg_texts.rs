//! NRG's texts on the pages, whatever their letters and their length: nothing that hides or turns letters around, and no
//! page grows with them. What is sent back to NRG stays as it came.

use std::{sync::Arc, time::Duration};

use proptest::{
    prelude::*,
    sample::select,
    test_runner::{Config, TestRunner},
};
use serde_json::Value;

use crate::support::{Browser, Page, Person, Walk, World};

/// The fields with words for people, at any depth of any answer.
const WORDS: [&str; 25] = [
    "messageText",
    "tdspName",
    "sapPlanName",
    "sapOfferTagline",
    "cmsProductTagline",
    "cmsProductMarketingDetails",
    "cmsLegalese",
    "cmsAdditionalPricingText",
    "energyChargeText",
    "baseUsageChargeText",
    "tdspChargeText",
    "cancelFee",
    "usageCredit",
    "questionText",
    "optionText",
    "tdspFee",
    "depositDueText",
    "depositReasonText",
    "creditFactorsText",
    "creditAgency",
    "holdTitle",
    "holdDescription",
    "existingStreetAddress",
    "existingAptNum",
    "existingCity",
];

/// The longest page, in bytes. Without anything odd, that of the plans is half as long.
const LONGEST_PAGE: usize = 120_000;

/// Adds `more` to the words in `value`, wherever they are.
fn add(value: &mut Value, more: &impl Fn(&str) -> String) {
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(|element| add(element, more)),
        Value::Object(members) => {
            for (name, member) in members {
                let is_words = WORDS.contains(&name.as_str());
                match member {
                    Value::String(text) if is_words => *text += &more(name),
                    Value::Null if is_words => *member = more(name).into(),
                    Value::Array(texts) if is_words => *texts = vec![more(name).into(); 3],
                    other => add(other, more),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Whether a character moves, hides or commands what stands beside it.
fn is_unwanted(c: char) -> bool {
    let is_bidi =
        matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    is_bidi || c.is_control() && c != '\n'
}

#[track_caller]
fn is_plain(browser: &Browser) {
    for seen in browser.seen() {
        let unwanted = seen.body.chars().find(|c| is_unwanted(*c));
        assert_eq!(unwanted, None, "{}", seen.asked);
        assert!(seen.body.len() < LONGEST_PAGE, "{} has {} bytes", seen.asked, seen.body.len());
    }
}

/// Sees the pages of a plan, chooses it, answers all that is asked, and submits.
async fn enroll(world: &World, person: Person) -> (Walk, Page) {
    let walk = Walk::new(world.browser().patient(), person);
    let plans = walk.zip().await;
    plans.is_at("/plans");
    let of_form =
        |name: &str| plans.attributes(&format!("form[action^='/plans'] input[name={name}]"), "value");
    let (brand, offer) = (of_form("brand").remove(0), of_form("offer").remove(0));
    walk.browser.get(&format!("/plans/{brand}/{offer}")).await;
    walk.browser.get("/plans/compare").await;
    let page = walk.plan(&plans).await;
    let page = walk.address(&page).await;
    let page = walk.contact(&page).await;
    let mut page = walk.identity(&page).await;
    for _ in 0..3 {
        page = match page.path.split('?').next().unwrap() {
            "/ask" => {
                let choice = page.attributes("input[name=choice]", "value").remove(0);
                page.form("/ask").set("choice", &choice).submit(&walk.browser).await
            }
            "/quiz" => walk.quiz(&page, true).await,
            _ => break,
        };
    }
    let page = walk.start_date(&page).await;
    let page = if page.path == "/deposit" { walk.deposit(&page).await } else { page };
    let page = walk.review(&page).await;
    page.is_at("/confirmation");
    (walk, page)
}

/// A world whose NRG adds huge and turned words to each of its texts.
async fn wordy() -> World {
    let more = |words: usize| {
        format!(" \u{202e}\u{1b}[31m\u{2067}red &#x202e;&#27;\u{61c}{}", "long ".repeat(words))
    };
    let (huge, large) = (more(40_000), more(1_500));
    let world = World::with_fault_proxy(&[("ENROLL__NRG__MAX_REPLY_BYTES", "20000000")]).await;
    world.fault_proxy().rewrites(move |answer| {
        add(answer, &|name| if name == "sapPlanName" { huge.clone() } else { large.clone() });
    });
    world
}

#[tokio::test]
async fn huge_and_turned_texts_are_short_and_plain_on_every_page() {
    for (last_name, ssn) in
        [("Samplecase", "900-45-0200"), ("Kba", "900-45-6789"), ("Pastservice", "900-45-6789")]
    {
        let world = wordy().await;
        let (walk, end) = enroll(&world, Person { last_name, ssn, ..Person::default() }).await;
        is_plain(&walk.browser);
        end.says("red");
    }
    // A stop, with NRG's reason.
    let walk = Walk::new(wordy().await.browser(), Person { zip: "77989", ..Person::default() });
    let plans = walk.zip().await;
    plans.says("red");
    is_plain(&walk.browser);
}

#[tokio::test]
async fn plan_with_a_code_that_cannot_be_sent_back_is_not_sold() {
    let long = "C".repeat(200_000);
    for (code, is_sold) in
        [("CAMPDEMO", true), ("CAMP\u{202e}", false), ("CAMP\u{1b}", false), (long.as_str(), false)]
    {
        let world = World::with_fault_proxy(&[]).await;
        let code = code.to_owned();
        world.fault_proxy().rewrites(move |answer| {
            // The first plan of each brand.
            if let Some(offer) = answer.pointer_mut("/affiliateOfferList/0") {
                offer["campaignCode"] = code.clone().into();
            }
        });
        let walk = Walk::new(world.browser().patient(), Person::default());
        walk.zip().await.is_at("/plans");
        // A brand that has not answered in time is on the page later.
        while world.fault_proxy().count("offers") < 5 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        let plans = walk.browser.get("/plans").await;
        let sold = plans.attributes("form[action^='/plans'] input[name=offer]", "value");
        for call in world.fault_proxy().exchanges().iter().filter(|call| call.endpoint == "offers") {
            let first = call.reply["affiliateOfferList"][0]["offerCode"].as_str().unwrap().to_owned();
            assert_eq!(sold.contains(&first), is_sold, "{first}");
        }
    }
}

/// What a text may be made of.
fn texts() -> impl Strategy<Value = Vec<String>> {
    let pieces = [
        "word ",
        "\u{202e}",
        "\u{2066}",
        "\u{200f}",
        "\u{61c}",
        "\u{1b}[2J",
        "\u{0}",
        "\u{85}",
        "\n\t",
        "&#x202e;",
        "&#27;",
        "&#8294;",
        "&lt;br&gt;",
        "<br>",
        "<b>",
        "</b>",
        "<a href='https://docs.example.com/f?a=\u{202e}'>",
        "</a>",
        "<style>",
        "<!--",
        "&amp;",
        "<p>",
        "é",
        "\u{338}",
        "\u{feff}",
    ];
    let piece = prop_oneof![
        6 => (select(pieces.to_vec()), 1..4_usize).prop_map(|(piece, times)| piece.repeat(times)),
        1 => (select(pieces.to_vec()), 500..5_000_usize).prop_map(|(piece, times)| piece.repeat(times)),
        2 => prop::collection::vec(any::<char>(), 1..9).prop_map(String::from_iter),
    ];
    let text = prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat());
    prop::collection::vec(text, 20..40)
}

#[test]
fn any_texts_of_nrg_leave_pages_plain_and_short() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // Five, or as many more as PROPTEST_CASES is above 256.
    let cases = Config::default().cases.div_ceil(52);
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 20, ..Config::default() };
    let walked = |texts: Vec<String>| async move {
        let world = World::with_fault_proxy(&[]).await;
        let next = std::sync::atomic::AtomicUsize::new(0);
        let texts = Arc::new(texts);
        world.fault_proxy().rewrites(move |answer| {
            add(answer, &|_| {
                let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                texts[at % texts.len()].clone()
            });
        });
        let (walk, _) = enroll(&world, Person { ssn: "900-45-0200", ..Person::default() }).await;
        is_plain(&walk.browser);
    };
    let mut runner = TestRunner::new(config);
    runner
        .run(&texts(), |texts| {
            runtime.block_on(async {
                tokio::time::timeout(Duration::from_secs(120), walked(texts)).await.unwrap()
            });
            Ok(())
        })
        .unwrap();
}
