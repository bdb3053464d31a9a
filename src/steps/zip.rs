//! Step `zip`, the landing page: where, and moving in or switching. `tdsp` says who serves the area.

use askama::Template;

use super::{JourneyUpdate, PageError, Prepared, Reader, StepPage};
use crate::{
    fields::{Transaction, Zip},
    journey::{DeepLink, Journey, Memo, Outcome, RejectedParam, Service, Step, Stop, Utility},
    rate_limit::Action,
    web::{
        Choice, Field, Notice, Page,
        context::{ErrorMessages, RequestContext},
        form::{FormErrors, to_fields},
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

    fn form(ctx: &RequestContext) -> ZipForm {
        match &ctx.journey().service {
            Some(service) => ZipForm {
                zip: service.zip.as_str().to_owned(),
                transaction: service.transaction.wire().to_owned(),
            },
            None => ZipForm::default(),
        }
    }

    async fn prepare(ctx: &mut RequestContext) -> Result<Prepared, PageError> {
        let Some(link) = DeepLink::read(&ctx.query, ctx.site()) else { return Ok(Prepared::Show) };
        // A link begins a journey; it never changes one.
        if ctx.journey().service.is_some() {
            return Ok(Prepared::Kept(if link.asks { BEGUN } else { Step::Zip.path() }));
        }
        begin(ctx, &link).await?;
        match link.service().filter(|_| link.names_plans) {
            Some(service) => follow(ctx, service).await,
            None => Ok(Prepared::Kept(Step::Zip.path())),
        }
    }

    async fn render(ctx: &RequestContext, form: &ZipForm, errors: &FormErrors) -> Result<String, PageError> {
        let t = ctx.messages();
        let mut faults = ErrorMessages::new(ctx, errors);
        let zip = faults.field("zip", &form.zip, &t.zip.zip);
        let transaction = faults.field("transaction", &form.transaction, &t.zip.transaction);
        let mut page = ctx.step_page(Step::Zip, &t.zip.title, faults.summary());
        page.notices.extend(told(ctx));
        let page = ZipPage {
            page,
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

    fn parse(form: &ZipForm, _ctx: &RequestContext) -> Result<Service, FormErrors> {
        let mut reader = Reader::default();
        let zip = reader.read("zip", Zip::parse(&form.zip));
        let transaction = reader.read("transaction", Transaction::parse(&form.transaction));
        reader.finish(zip.zip(transaction).map(|(zip, transaction)| Service { zip, transaction }))
    }

    fn store(service: &Service, journey: &mut Journey) {
        journey.service = Some(service.clone());
    }

    fn needs_call(journey: &Journey) -> bool {
        journey.utilities().is_none()
    }

    async fn call_nrg(ctx: &mut RequestContext, service: Service) -> Result<JourneyUpdate, PageError> {
        ctx.count(Action::LookUp).await?;
        let found = serving(ctx, &service).await?;
        Ok(Box::new(move |journey| {
            journey.area = Some(Memo { inputs: service.clone(), result: found.clone() });
        }))
    }
}

/// The utilities of the area. Brands differ in where they sell: where the default one does not, the others
/// are asked before stopping.
async fn serving(ctx: &RequestContext, service: &Service) -> Result<Result<Vec<Utility>, Stop>, PageError> {
    let site = ctx.site();
    let others = site.brands.keys().filter(|brand| **brand != site.default_brand);
    let mut first_stop = None;
    let asked = std::iter::once(&site.default_brand).chain(others).filter(|brand| !ctx.outages.has(**brand));
    for brand in asked {
        match ctx.nrg_as(*brand).tdsp(&service.zip, service.transaction).await? {
            Outcome::Accepted(utilities) => return Ok(Ok(utilities)),
            Outcome::Stop(stop) => first_stop = first_stop.or(Some(stop)),
            Outcome::Correct(_) | Outcome::Done => return Err(PageError::unexpected("tdsp")),
        }
    }
    first_stop.map(Err).ok_or_else(|| PageError::unexpected("tdsp"))
}

/// Where a link leads that has nothing to begin.
const BEGUN: &str = "/?begun=1";

/// What the address alone says of a link: there is no journey that could remember it.
fn told(ctx: &RequestContext) -> Option<Notice<'_>> {
    let t = &ctx.messages().link;
    let begun = ctx.query.split('&').any(|pair| pair == "begun=1");
    let text = if begun && ctx.visit.has_session() {
        &t.begun
    } else {
        RejectedParam::language(&ctx.query)
            .filter(|_| ctx.journey().rejected_params.is_empty())
            .map(|_| &t.language)?
    };
    Some(Notice { title: t.title.clone(), text: Some(text.clone()), message: None })
}

/// Begins the journey with what the link says, so that the address can be cleaned of it.
async fn begin(ctx: &mut RequestContext, link: &DeepLink) -> Result<(), PageError> {
    if !ctx.visit.has_session() {
        ctx.count(Action::Begin).await?;
    }
    let form = ZipForm { zip: link.zip.clone(), transaction: link.transaction.clone() };
    let draft = to_fields(&form);
    ctx.visit
        .change(|journey| {
            if journey.attribution.is_empty() {
                journey.attribution = link.attribution.clone();
            }
            if form != ZipForm::default() {
                journey.draft = Some((Step::Zip, draft.clone()));
            }
            if link.asks {
                journey.link_request = link.link_request.clone();
                journey.rejected_params = link.rejected_params.clone();
            }
        })
        .await?;
    Ok(())
}

/// Answers this page in the person's place. Where NRG cannot be asked, the page is shown with it filled in.
async fn follow(ctx: &mut RequestContext, service: Service) -> Result<Prepared, PageError> {
    ctx.count(Action::LookUp).await?;
    let Ok(found) = serving(ctx, &service).await else { return Ok(Prepared::Kept(Step::Zip.path())) };
    ctx.visit
        .change(|journey| {
            journey.service = Some(service.clone());
            journey.answered_by_link(Step::Zip);
            journey.area = Some(Memo { inputs: service.clone(), result: found.clone() });
        })
        .await?;
    Ok(Prepared::Elsewhere)
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
