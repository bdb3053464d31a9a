//! Step `zip`, the landing page: the ZIP code, and moving in or switching. NRG's `tdsp` returns the utilities of the area.

use askama::Template;

use super::{JourneyUpdate, PageError, Prepared, Reader, StepPage, call};
use crate::{
    fields::{Query, Transaction, Zip},
    journey::{DeepLink, Journey, Memo, Outcome, RejectedParam, Service, Step, Stop, Utility},
    messages::interpolate,
    rate_limit::Action,
    web::{
        Choice, ErrorMessages, Field, Notice, Page, context::RequestContext, draft::draft_of,
        form::FormErrors, page_context::PageContext,
    },
};

/// The query with which the step is answered by what a partner gave.
const GIVEN: (&str, &str) = ("given", "1");

/// The page, where it is to be answered by what a partner gave.
pub const GIVEN_PATH: &str = "/?given=1";

/// Step `zip`.
pub struct ZipStep;

/// The posted form.
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
    type Shown = ();

    fn form(ctx: PageContext<'_>) -> ZipForm {
        match &ctx.journey.service {
            Some(service) => ZipForm {
                zip: service.zip.as_str().to_owned(),
                transaction: service.transaction.wire().to_owned(),
            },
            None => ZipForm::default(),
        }
    }

    async fn prepare(ctx: &mut RequestContext) -> Result<Prepared, PageError> {
        if Query::read(&ctx.request.query).has(GIVEN.0, GIVEN.1) {
            return match ctx.journey().given_service() {
                Some(service) => answer_by_link(ctx, service).await,
                // It is answered by now, or nothing of it was given.
                None => Ok(Prepared::Elsewhere),
            };
        }
        let Some(link) = DeepLink::read(&ctx.request.query, ctx.site()) else { return Ok(Prepared::Show) };
        if ctx.request.onlooker {
            return Ok(Prepared::Show);
        }
        // A link begins a journey; it never changes an existing one, whose page offers to start over with it.
        if ctx.view().has_begun() {
            let journey = ctx.journey();
            let again = link.names_plans && link.service() == journey.service;
            // It may be the link that began the journey, and was waited for at its own address.
            let own = again && link.attribution == journey.attribution;
            return Ok(if own { Prepared::Elsewhere } else { Prepared::Show });
        }
        ctx.count_link();
        begin(ctx, &link).await?;
        match link.service().filter(|_| link.names_plans) {
            Some(service) => answer_by_link(ctx, service).await,
            None => Ok(Prepared::Kept(Step::Zip.path().to_owned())),
        }
    }

    fn render(
        ctx: PageContext<'_>,
        _shown: &(),
        form: &ZipForm,
        errors: &FormErrors,
    ) -> Result<String, PageError> {
        let t = ctx.messages();
        let mut faults = ErrorMessages::new(ctx.messages(), errors);
        let zip = faults.field("zip", &form.zip, &t.zip.zip);
        let transaction = faults.field("transaction", &form.transaction, &t.zip.transaction);
        let mut page = ctx.form_page(Step::Zip, &t.zip.title, faults.summary());
        page.notices.extend(unknown_language(ctx));
        let page = ZipPage {
            kept: interpolate(&t.zip.kept, &[("minutes", &ctx.idle_minutes())]),
            page,
            revision: ctx.journey.revision(Step::Zip),
            // Without a session, only the address holds the language.
            action_path: if ctx.has_session {
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

    fn parse(form: &ZipForm, _ctx: PageContext<'_>) -> Result<Service, FormErrors> {
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
        let utilities = serving(ctx, &service).await?;
        Ok(Box::new(move |journey| {
            journey.area = Some(Memo { inputs: service.clone(), result: utilities.clone() });
        }))
    }
}

/// The utilities of the area. Brands sell in different areas: if the default brand stops, the others are tried before the
/// journey stops.
///
/// # Errors
/// NRG was not reached or not understood, or it was asked too often.
pub async fn serving(
    ctx: &RequestContext,
    service: &Service,
) -> Result<Result<Vec<Utility>, Stop>, PageError> {
    let site = ctx.site();
    let others = site.brands.keys().filter(|brand| **brand != site.default_brand);
    let mut first_stop = None;
    let brands = std::iter::once(&site.default_brand).chain(others).filter(|brand| !ctx.outages.has(**brand));
    for brand in brands {
        let (nrg, known) = (ctx.nrg_as(*brand), &ctx.app.utilities);
        if known.needs_call(&nrg, &service.zip, service.transaction) {
            ctx.count_calls(1).await?;
        }
        match known.get(&nrg, &service.zip, service.transaction).await? {
            Outcome::Accepted(utilities) => return Ok(Ok(utilities)),
            Outcome::Stop(stop) => first_stop = first_stop.or(Some(stop)),
            Outcome::Correct(_) | Outcome::Done => return Err(PageError::unexpected("tdsp")),
        }
    }
    first_stop.map(Err).ok_or_else(|| PageError::unexpected("tdsp"))
}

/// The notice of a link's language, which no journey holds: only the query does.
fn unknown_language(ctx: PageContext<'_>) -> Option<Notice<'_>> {
    let t = &ctx.messages().link;
    let language =
        RejectedParam::language(&ctx.request.query).filter(|_| ctx.journey.rejected_params.is_empty());
    language.map(|_| Notice { title: t.title.clone(), text: Some(t.language.clone()), message: None })
}

/// Begins the journey with the parameters of the link, so that the address need not keep them.
async fn begin(ctx: &mut RequestContext, link: &DeepLink) -> Result<(), PageError> {
    if !ctx.session.has_session() {
        ctx.count(Action::Begin).await?;
    }
    let form = ZipForm { zip: link.zip.clone(), transaction: link.transaction.clone() };
    let draft = draft_of(&form);
    ctx.session
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

/// Answers this step with the values of a link, or of who handed the person over. If the call to NRG fails, the page is
/// shown with the form filled in.
async fn answer_by_link(ctx: &mut RequestContext, service: Service) -> Result<Prepared, PageError> {
    let work: call::Work = Box::new(move |ctx, _| {
        Box::pin(async move {
            let utilities = serving(ctx, &service).await?;
            let answer = |journey: &mut Journey| {
                journey.service = Some(service.clone());
                journey.answered_by_link(Step::Zip);
                journey.area = Some(Memo { inputs: service.clone(), result: utilities.clone() });
            };
            Ok(ctx.save(answer).await?)
        })
    });
    match call::read(ctx, Step::Zip, work).await {
        Ok(()) => Ok(Prepared::Elsewhere),
        Err(PageError::Nrg(_) | PageError::CallFailed(..)) => Ok(Prepared::Kept(Step::Zip.path().to_owned())),
        Err(error) => Err(error),
    }
}

#[derive(Template)]
#[template(path = "step/zip.html")]
struct ZipPage<'a> {
    page: Page<'a>,
    /// How long answers are kept.
    kept: String,
    revision: u64,
    action_path: String,
    zip: Field,
    transaction: Field,
    transactions: [Choice; 2],
}
