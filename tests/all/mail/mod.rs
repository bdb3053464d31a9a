//! Mails to persons, from what causes them to the demo's page and to real servers.

mod commands;
mod pages;
mod reminder;
mod smtp;

use std::time::Duration;

use nrg_enroll::mail::{Row, State, list};
use tokio::time::sleep;

use crate::support::{Browser, Page, World};

/// The address that the walks give.
const ADDRESS: &str = "jordan.samplecase@example.com";

impl World {
    /// The outbox, newest first.
    async fn outbox(&self) -> Vec<Row> {
        list(self.server.app.mails.as_ref().unwrap().store(), None, 100).await.unwrap()
    }

    /// Waits until `count` mails have been sent or have died.
    async fn ended(&self, count: usize) -> Vec<Row> {
        for _ in 0..1000 {
            let rows = self.outbox().await;
            if rows.iter().filter(|row| [State::Sent, State::Dead].contains(&row.state())).count() == count {
                return rows;
            }
            sleep(Duration::from_millis(10)).await;
        }
        panic!("{:?}", self.outbox().await)
    }

    /// The page with the demo's mails.
    async fn captured(&self) -> Page {
        Browser::new(&format!("http://{}", self.server.private_address)).get("/mails").await
    }
}

/// The messages on the demo's page, newest first, each as it would have been sent.
fn messages(page: &Page) -> Vec<String> {
    let document = scraper::Html::parse_document(&page.body);
    let selector = scraper::Selector::parse("details pre").unwrap();
    document.select(&selector).map(|found| found.text().collect()).collect()
}

/// The links in the texts of the demo's page, newest first.
fn links(page: &Page, path: &str) -> Vec<String> {
    let document = scraper::Html::parse_document(&page.body);
    let selector = scraper::Selector::parse("article > pre").unwrap();
    let texts = document.select(&selector).map(|found| found.text().collect::<String>());
    let found = texts.flat_map(|text| {
        let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        words.into_iter().filter(|word| word.contains(path))
    });
    found.map(|link| format!("/{}", link.splitn(4, '/').nth(3).unwrap())).collect()
}
