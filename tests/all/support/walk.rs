//! The plain walk, a function a step, so that a test says only what is special.

use std::{collections::BTreeSet, time::Duration};

use nrg_enroll::{fields::Language, messages::Catalogs};

use super::{Browser, Page, page::Filled};

/// Who enrolls where, as typed. Names, street numbers and the SSN choose what the sandbox answers.
#[derive(Clone)]
pub struct Person {
    pub zip: &'static str,
    pub transaction: &'static str,
    pub street: &'static str,
    pub unit: &'static str,
    pub city: &'static str,
    pub first_name: &'static str,
    pub last_name: &'static str,
    pub ssn: &'static str,
    pub brand: &'static str,
    /// Whether bills go to another address than the home.
    pub billed_elsewhere: bool,
}

impl Default for Person {
    fn default() -> Self {
        Self {
            zip: "77999",
            transaction: "MVI",
            street: "100 Example Oak Ln",
            unit: "",
            city: "Sampleton",
            first_name: "Jordan",
            last_name: "Samplecase",
            ssn: "900-45-6789",
            brand: "RE",
            billed_elsewhere: false,
        }
    }
}

/// A browser with someone at it.
#[derive(Clone)]
pub struct Walk {
    pub browser: Browser,
    pub person: Person,
    pub language: Language,
}

impl Walk {
    pub fn new(browser: Browser, person: Person) -> Self {
        Self { browser, person, language: Language::English }
    }

    pub async fn zip(&self) -> Page {
        let page = self.browser.get(&format!("/?lang={}", self.language.tag())).await;
        let form = page.form("/").set("zip", self.person.zip).set("transaction", self.person.transaction);
        form.submit(&self.browser).await
    }

    /// Chooses the first plan of the person's brand. A brand that has not answered in time is on the page later.
    pub async fn plan(&self, plans: &Page) -> Page {
        let mut later = None;
        for _ in 0..20 {
            let shown = later.as_ref().unwrap_or(plans);
            let brands = shown.attributes("form[method=post][action^='/plans'] input[name=brand]", "value");
            if let Some(nth) = brands.iter().position(|brand| brand == self.person.brand) {
                return shown.form_at("/plans", nth).submit(&self.browser).await;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            later = Some(self.browser.get("/plans").await);
        }
        panic!("no plan of {} on the page", self.person.brand)
    }

    pub async fn address(&self, page: &Page) -> Page {
        page.is_at("/address");
        let form = page.form("/address").set("street", self.person.street).set("unit", self.person.unit);
        let form = form.set("city", self.person.city);
        let form = if self.person.billed_elsewhere { form.set("bills_here", "") } else { form };
        form.submit(&self.browser).await
    }

    pub async fn contact(&self, page: &Page) -> Page {
        page.is_at("/contact");
        page.form("/contact")
            .set("first_name", self.person.first_name)
            .set("last_name", self.person.last_name)
            .set("email", "jordan.samplecase@example.com")
            .set("phone", "(713) 555-0142")
            .submit(&self.browser)
            .await
    }

    /// Answers the page of the billing address, which only those see whose bills go elsewhere.
    pub async fn billing(&self, page: &Page) -> Page {
        if !self.person.billed_elsewhere {
            return page.clone();
        }
        page.is_at("/billing");
        page.form("/billing").set("choice", "same").submit(&self.browser).await
    }

    pub fn identity_form(&self, page: &Page) -> Filled {
        page.is_at("/identity");
        page.form("/identity")
            .set("birth_date_month", "3")
            .set("birth_date_day", "28")
            .set("birth_date_year", "1985")
            .set("document", "ssn")
            .set("ssn", self.person.ssn)
    }

    pub async fn identity(&self, page: &Page) -> Page {
        self.identity_form(page).submit(&self.browser).await
    }

    /// Answers the questions, rightly or not. The sandbox's right answers begin with "Sample".
    pub async fn quiz(&self, quiz: &Page, right: bool) -> Page {
        let mut form = quiz.form("/quiz");
        let names = quiz.attributes("input[type=radio]", "name");
        for name in names.iter().collect::<BTreeSet<_>>() {
            let values = quiz.attributes(&format!("input[name={name}]"), "value");
            let ids = quiz.attributes(&format!("input[name={name}]"), "id");
            let label = |id: &String| quiz.one(&format!("label[for='{id}']")).unwrap();
            let at = ids.iter().position(|id| label(id).starts_with("Sample") == right).unwrap();
            form = form.set(name, &values[at]);
        }
        form.submit(&self.browser).await
    }

    /// Picks the first date offered.
    pub async fn start_date(&self, page: &Page) -> Page {
        page.is_at("/start-date");
        let first =
            page.attributes("input[name=date]", "value").into_iter().next().expect("a date is offered");
        page.form("/start-date").set("date", &first).submit(&self.browser).await
    }

    pub async fn deposit(&self, page: &Page) -> Page {
        page.is_at("/deposit");
        page.form("/deposit").set("choice", "go_on").submit(&self.browser).await
    }

    pub fn review_form(&self, page: &Page) -> Filled {
        page.is_at("/review");
        page.form("/review")
            .set("paperless", "yes")
            .set("documents", "yes")
            .set("affirmation", "yes")
            .set("records", "yes")
    }

    pub async fn review(&self, page: &Page) -> Page {
        let page = self.review_form(page).submit(&self.browser).await;
        self.wait(page).await
    }

    /// From the address page to the end of the submission.
    pub async fn on_from_address(&self, page: &Page) -> Page {
        let page = self.address(page).await;
        let page = self.contact(&page).await;
        let page = self.billing(&page).await;
        let page = self.identity(&page).await;
        let review = self.start_date(&page).await;
        self.review(&review).await
    }

    /// Loads the processing page until it is over, or says that nobody knows; and the confirmation until it has looked for
    /// holds.
    pub async fn wait(&self, mut page: Page) -> Page {
        let catalogs = Catalogs::load().unwrap();
        let unknown = &catalogs.of(self.language).processing.unknown_title;
        for _ in 0..600 {
            let looks = page.path == "/confirmation" && page.body.contains("data-refresh");
            if !(looks || page.path.starts_with("/processing")) || page.h1() == *unknown {
                return page;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            page = self.browser.get(&page.path).await;
        }
        page
    }

    pub async fn to_plans(&self) -> Page {
        self.zip().await
    }

    pub async fn to_address(&self) -> Page {
        let plans = self.to_plans().await;
        self.plan(&plans).await
    }

    pub async fn to_contact(&self) -> Page {
        let page = self.to_address().await;
        self.address(&page).await
    }

    pub async fn to_identity(&self) -> Page {
        let page = self.to_contact().await;
        let page = self.contact(&page).await;
        self.billing(&page).await
    }

    /// The page after identity.
    pub async fn through_identity(&self) -> Page {
        let page = self.to_identity().await;
        self.identity(&page).await
    }

    /// The page after the start date.
    pub async fn through_start_date(&self) -> Page {
        let page = self.through_identity().await;
        self.start_date(&page).await
    }
}
