//! Step `zip`, the landing page: where, and moving in or switching. `tdsp` says who serves the area.

use askama::Template;

use super::{Failure, Reader, Record, StepPage, nothing};
use crate::{
    fields::{Transaction, Zip},
    journey::{Answered, Journey, Outcome, Service, Step, Stop, Utility},
    web::{
        Choice, Field, Page,
        ctx::{Ctx, Faults},
        form::Errors,
    },
};

/// The step.
pub struct ZipStep;

/// What is posted.
#[derive(Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the names of the fields")]
pub struct ZipForm {
    pub zip: String,
    pub transaction: String,
}

impl StepPage for ZipStep {
    const STEP: Step = Step::Zip;
    type Form = ZipForm;
    type Input = Service;

    fn form(ctx: &Ctx) -> ZipForm {
        match &ctx.journey().service {
            Some(service) => ZipForm {
                zip: service.zip.as_str().to_owned(),
                transaction: service.transaction.wire().to_owned(),
            },
            None => linked(&ctx.query),
        }
    }

    async fn render(ctx: &Ctx, form: &ZipForm, errors: &Errors) -> Result<String, Failure> {
        let t = ctx.text();
        let mut faults = Faults::new(ctx, errors);
        let zip = faults.field("zip", &form.zip, &t.zip.zip);
        let transaction = faults.field("transaction", &form.transaction, &t.zip.transaction);
        let page = ZipPage {
            page: ctx.step_page(Step::Zip, &t.zip.title, faults.summary()),
            revision: ctx.journey().revision(Step::Zip),
            // Until there is a session, only the address remembers the language.
            action_path: if ctx.visit.has_session() {
                "/".to_owned()
            } else {
                format!("/?lang={}", ctx.language.tag())
            },
            zip,
            transaction,
            transactions: [
                Choice::new(Transaction::MoveIn.wire(), &t.zip.move_in).hint(&t.zip.move_in_hint),
                Choice::new(Transaction::Switch.wire(), &t.zip.switch).hint(&t.zip.switch_hint),
            ],
        };
        Ok(page.render()?)
    }

    fn parse(form: &ZipForm, _ctx: &Ctx) -> Result<Service, Errors> {
        let mut reader = Reader::default();
        let zip = reader.read("zip", Zip::parse(&form.zip));
        let transaction = reader.read("transaction", Transaction::parse(&form.transaction));
        reader.finish(zip.zip(transaction).map(|(zip, transaction)| Service { zip, transaction }))
    }

    fn keep(service: &Service, journey: &mut Journey) {
        journey.service = Some(service.clone());
    }

    async fn call(ctx: &mut Ctx, service: Service) -> Result<Record, Failure> {
        if ctx.journey().utilities().is_some() {
            return Ok(nothing());
        }
        let found = serving(ctx, &service).await?;
        Ok(Box::new(move |journey| {
            journey.area = Some(Answered { inputs: service.clone(), result: found.clone() });
        }))
    }
}

/// The utilities of the area. Brands differ in where they sell: where the default one does not, the others
/// are asked before stopping.
async fn serving(ctx: &Ctx, service: &Service) -> Result<Result<Vec<Utility>, Stop>, Failure> {
    let site = ctx.site();
    let others = site.brands.keys().filter(|brand| **brand != site.default_brand);
    let mut first_stop = None;
    for brand in std::iter::once(&site.default_brand).chain(others) {
        match ctx.caller_as(*brand).tdsp(&service.zip, service.transaction).await? {
            Outcome::Accepted(utilities) => return Ok(Ok(utilities)),
            Outcome::Stop(stop) => first_stop = first_stop.or(Some(stop)),
            Outcome::Again(_) | Outcome::Done => return Err(Failure::unexpected("tdsp")),
        }
    }
    first_stop.map(Err).ok_or_else(|| Failure::unexpected("tdsp"))
}

/// What a link to the landing page fills in: `/?zip=77999&type=MVI`.
fn linked(query: &str) -> ZipForm {
    let mut form = ZipForm::default();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "zip" => form.zip = value.into_owned(),
            "type" => form.transaction = value.into_owned(),
            _ => {}
        }
    }
    form
}

#[derive(Template)]
#[template(path = "step/zip.html")]
struct ZipPage<'a> {
    page: Page<'a>,
    revision: u64,
    action_path: String,
    zip: Field,
    transaction: Field,
    transactions: [Choice; 2],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_fills_in_zip_and_type_and_nothing_else() {
        for (query, zip, transaction) in [
            ("zip=77999&type=MVI", "77999", "MVI"),
            ("lang=es&zip=77999", "77999", ""),
            ("transaction=SWI", "", ""),
            ("", "", ""),
        ] {
            let form = linked(query);
            assert_eq!((&*form.zip, &*form.transaction), (zip, transaction), "{query:?}");
        }
    }
}
