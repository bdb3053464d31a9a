//! Step `zip`, the landing page: where, and moving in or switching. `tdsp` says who serves the area.

use super::{Failure, Reader, Record, StepPage, nothing};
use crate::{
    fields::{Transaction, Zip},
    journey::{Answered, Journey, Outcome, Service, Step, Stop, Utility},
    web::{ctx::Ctx, form::Errors},
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
        ctx.journey().service.as_ref().map_or_else(ZipForm::default, |service| ZipForm {
            zip: service.zip.as_str().to_owned(),
            transaction: service.transaction.wire().to_owned(),
        })
    }

    async fn render(ctx: &Ctx, form: &ZipForm, errors: &Errors) -> Result<String, Failure> {
        view::render(ctx, form, errors)
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
