//! The desk, through the admin listener with a browser's cookies: who comes in, what is found and shown, what is recorded.

mod changes;
mod pages;
mod sign_in;

use std::path::PathBuf;

use nrg_enroll::{
    desk::{Operator, Operators, PasswordHash, Role},
    entropy::Entropy,
};
use tempfile::TempDir;

use crate::support::{Browser, Page, Person, Walk, World, database::Database};

pub const PASSWORD: &str = "correct horse battery";

/// A world with a desk, and its operators: `ana` may settle, `ben` may read.
pub struct Desk {
    pub world: World,
    folder: TempDir,
}

impl Desk {
    pub async fn open(env: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("operators");
        let hash = PasswordHash::of(PASSWORD, &Entropy::system()).unwrap();
        let operator = |name: &str, role| Operator { name: name.to_owned(), role, hash: hash.clone() };
        Operators(vec![operator("ana", Role::Settle), operator("ben", Role::Read)]).write(&file).unwrap();
        let own = [("ENROLL__DESK__OPERATORS_FILE", file.to_str().unwrap()), ("ENROLL__STORE__LEASE", "10m")];
        let world = World::with(&[&own, env].concat()).await;
        Self { world, folder }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("operators")
    }

    /// A browser on the admin listener.
    fn browser(&self) -> Browser {
        Browser::new(&format!("http://{}", self.world.server.private_address))
    }

    /// What became of signing in with these.
    async fn sign_in(&self, browser: &Browser, name: &str, password: &str) -> Page {
        let form = browser.get("/desk/sign-in").await.form("/desk/sign-in");
        form.set("name", name).set("password", password).submit(browser).await
    }

    /// A browser in which this operator is signed in.
    async fn signed_in(&self, name: &str) -> Browser {
        let browser = self.browser();
        let page = self.sign_in(&browser, name, PASSWORD).await;
        assert_eq!((page.status.as_u16(), page.path.as_str()), (200, "/desk"), "{}", page.text());
        browser
    }

    /// Somebody enrolls; the journey's id and the tracking id. The answer to who is called `Cut` breaks off.
    pub async fn enroll(&self, person: Person) -> (String, String) {
        let walk = Walk::new(self.world.browser().patient(), person);
        walk.browser.get("/?cid=click-of-the-caller").await;
        let review = walk.through_start_date().await;
        walk.review(&review).await;
        let submitted = self.world.server.app.ledger.list(&Default::default(), 1).await.unwrap().remove(0);
        (submitted.journey, submitted.tracking_id)
    }

    /// What the desk shows of who is looked for.
    async fn find(&self, browser: &Browser, by: &str, wanted: &str) -> Page {
        let form = browser.get("/desk").await.form("/desk");
        form.set("by", by).set("wanted", wanted).submit(browser).await
    }

    /// Action, operator and reason of each privacy action of the journey.
    async fn actions(&self, journey: &str) -> Vec<(String, String, String)> {
        let records = self.world.server.app.ledger.records(journey).await.unwrap();
        let action =
            |record: nrg_enroll::ledger::PrivacyRecord| (record.action, record.operator, record.reason);
        records.actions.into_iter().map(action).collect()
    }
}

/// Runs `test` on SQLite, and on PostgreSQL where there is one.
async fn on_each_database(test: impl AsyncFn(&Desk)) {
    test(&Desk::open(&[]).await).await;
    if let Some(database) = Database::new().await {
        let desk = Desk::open(&[("ENROLL__STORE__URL", &database.url)]).await;
        test(&desk).await;
        drop(desk);
        database.drop().await;
    }
}
