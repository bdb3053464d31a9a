//! Step `zip`, the landing page: where, and moving in or switching. `tdsp` says who serves the area.

use askama::Template;

use super::{
    Failure, Prepared, Reader, Record, StepPage, nothing,
    plans::{self, filter::plan},
};
use crate::{
    fields::{Brand, OfferCode, Transaction, Zip},
    journey::{Answered, Attribution, Chosen, Journey, Outcome, Repair, Service, Step, Stop, Utility},
    limits::Act,
    web::{
        Choice, Field, Page,
        ctx::{Ctx, Faults},
        form::{Errors, to_fields},
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

impl ZipForm {
    /// Without what could not be typed in earnest.
    fn bounded(mut self) -> Self {
        for text in [&mut self.zip, &mut self.transaction] {
            if text.chars().count() > 10 || text.chars().any(char::is_control) {
                text.clear();
            }
        }
        self
    }
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

    async fn prepare(ctx: &mut Ctx) -> Result<Prepared, Failure> {
        // A link begins a journey; it never changes one.
        let fresh = !ctx.visit.has_session() && !ctx.visit.has_ended();
        let clicked = Attribution::is_in(&ctx.query);
        if clicked && !ctx.visit.has_session() {
            keep_click(ctx).await?;
        }
        let shown =
            match DeepLink::read(&ctx.query).filter(|link| fresh && ctx.site().brand(link.brand).is_some()) {
                Some(link) => follow(ctx, link).await?,
                None => Prepared::Show,
            };
        Ok(if clicked && shown == Prepared::Show { Prepared::Kept } else { shown })
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
        ctx.count(Act::LookUp).await?;
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

/// A link that answers this step and the next: `/?zip=77999&type=MVI&plan=RE-59990001`.
struct DeepLink {
    service: Service,
    brand: Brand,
    offer: OfferCode,
}

impl DeepLink {
    fn read(query: &str) -> Option<Self> {
        let form = linked(query);
        let service = Service {
            zip: Zip::parse(&form.zip).ok()?,
            transaction: Transaction::parse(&form.transaction).ok()?,
        };
        let word = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "plan")?.1;
        let (brand, offer) = plan(&word)?;
        Some(Self { service, brand, offer })
    }
}

/// Begins the journey with the click that led here, and with what the link fills in: the address is cleaned of
/// both.
async fn keep_click(ctx: &mut Ctx) -> Result<(), Failure> {
    let attribution = Attribution::read(&ctx.query);
    ctx.count(Act::Begin).await?;
    let draft = to_fields(&linked(&ctx.query).bounded());
    ctx.visit
        .change(|journey| {
            journey.attribution = attribution.clone();
            journey.draft = Some((Step::Zip, draft.clone()));
        })
        .await?;
    Ok(())
}

/// Begins the journey with what the link says. Where NRG cannot be asked, the page is shown with it filled in.
async fn follow(ctx: &mut Ctx, link: DeepLink) -> Result<Prepared, Failure> {
    let DeepLink { service, brand, offer } = link;
    let Ok(found) = serving(ctx, &service).await else { return Ok(Prepared::Show) };
    let transaction = service.transaction;
    ctx.visit
        .change(|journey| {
            journey.service = Some(service.clone());
            journey.answered(Step::Zip);
            journey.area = Some(Answered { inputs: service.clone(), result: found.clone() });
        })
        .await?;
    // Another utility's plans are other plans: with several, the person says which one first.
    if ctx.journey().tdsp().is_some()
        && let Ok(offers) = plans::offers_of(ctx, brand).await
    {
        let read_on = ctx.app.clock.texas_today();
        let chosen = offers.list.iter().find(|known| known.code == offer).map(|known| Chosen {
            offer: known.clone(),
            transaction,
            read_on,
            default_offers: offers.default_offers,
        });
        ctx.visit
            .change(|journey| match &chosen {
                Some(chosen) => {
                    journey.plan = Some(chosen.clone());
                    journey.answered(Step::Plans);
                }
                None => journey.repair = Some(Repair::PlanGone),
            })
            .await?;
    }
    Ok(Prepared::Elsewhere)
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
