//! The forms that the previous release's pages posted, posted again.

use std::collections::{BTreeMap, BTreeSet};

use nrg_enroll::journey::Step;

use super::{
    fixtures::{RecordedForms, pairs, read},
    generate::posted::env_of_forms,
};
use crate::support::{Page, Person, Walk, World};

/// The numbers that no file holds.
const SECRETS: [(&str, &str); 2] = [("{ssn}", "900-45"), ("{licence}", "12345678")];

/// What stands in the page in place of the recorded words: what it shows may be worded anew, and codes are random.
fn filled(name: &str, value: &str, page: Option<&Page>) -> String {
    if value == "{page}" {
        let page = page.expect("a page before the form");
        return page.attributes(&format!("input[name={name}]"), "value").remove(0);
    }
    SECRETS.iter().fold(value.to_owned(), |value, (word, secret)| value.replace(word, secret))
}

#[tokio::test]
async fn forms_recorded_walk_to_the_same_pages() {
    let env = env_of_forms();
    let world = World::with_fault_proxy(&pairs(&env)).await;
    for RecordedForms { name, requests } in read::<Vec<_>>("forms.json") {
        let walk = Walk::new(world.browser(), Person::default());
        let mut before: Option<Page> = None;
        for request in requests {
            let page = if request.method == "GET" {
                let path = if request.path == "{link}" {
                    let link = before.as_ref().unwrap().attributes("main .saved a", "href").remove(0);
                    link[link.find("/resume").unwrap()..].to_owned()
                } else {
                    request.path.clone()
                };
                walk.browser.get(&path).await
            } else {
                let fields: Vec<_> = request
                    .fields
                    .iter()
                    .map(|(name, value)| (name.clone(), filled(name, value, before.as_ref())))
                    .collect();
                walk.browser.post(&request.path, &fields).await
            };
            let page = walk.wait(page).await;
            let led = page.path.split('?').next().unwrap_or_default();
            let step = format!("{name}: {} {}", request.method, request.path);
            assert_eq!(
                (led, page.status.as_u16()),
                (request.leads_to.as_str(), request.status),
                "{step}\n{}",
                page.text()
            );
            before = Some(page);
        }
    }
}

#[test]
fn forms_recorded_are_of_every_page_that_posts() {
    let mut fields: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for RecordedForms { requests, .. } in read::<Vec<_>>("forms.json") {
        for request in requests.into_iter().filter(|request| request.method == "POST") {
            let path = request.path.split('?').next().unwrap_or_default().to_owned();
            fields.entry(path).or_default().extend(request.fields.into_iter().map(|(name, _)| name));
        }
    }
    let others = ["/ask", "/stop", "/pay", "/leave", "/start-over", "/stay", "/later", "/resume"];
    for path in Step::ALL.iter().map(|step| step.path()).chain(others) {
        assert!(fields.contains_key(path), "{path}");
    }
    for step in Step::ALL {
        assert!(fields[step.path()].contains("revision"), "{step:?}");
        assert!(fields[step.path()].contains("website"), "{step:?}");
    }
}
