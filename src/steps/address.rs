//! Step `address`: the service address, or its ESI ID. NRG verifies it with `cleanup-address`, and its meter is looked
//! up.

use std::{pin::pin, sync::Arc};

use askama::Template;
use futures_util::{
    FutureExt,
    future::{BoxFuture, Either, Shared, join_all, select},
};

use super::{JourneyUpdate, PageError, Reader, StepPage, checked_again};
use crate::{
    fields::{City, EsiId, Problem, Query, ServiceAddress, Street, Unit, optional},
    journey::{
        Billing, Cleaned, Journey, MAX_NAMED_METERS, Meter, MeterChoice, Meters, Premise, Step, Typed,
    },
    nrg,
    web::{ErrorMessages, Field, Page, context::RequestContext, form::FormErrors, page_context::PageContext},
};

/// How many calls for the units of meters run at once.
const CONCURRENT_CALLS: usize = 12;

/// The query that opens the field for the ESI ID.
const BY_ESI_ID: (&str, &str) = ("by", "esi_id");

/// The page with the field for the ESI ID open.
pub const BY_ESI_ID_PATH: &str = "/address?by=esi_id#esi_id";

/// Step `address`.
pub struct AddressStep;

/// The posted form.
#[derive(Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the names of the fields")]
pub struct AddressForm {
    pub street: String,
    pub unit: String,
    pub city: String,
    pub esi_id: String,
    /// "yes" if the box is checked: bills go to this address.
    pub bills_here: String,
}

/// The parsed form.
pub struct AddressInput {
    premise: Premise,
    bills_here: bool,
}

impl StepPage for AddressStep {
    const STEP: Step = Step::Address;
    type Form = AddressForm;
    type Input = AddressInput;
    type Shown = ();

    fn form(ctx: PageContext<'_>) -> AddressForm {
        let bills_here = if bills_here(ctx.journey) { CHECKED } else { "" }.to_owned();
        match ctx.journey.premise().map(|premise| &premise.typed) {
            None => AddressForm { bills_here, ..AddressForm::default() },
            Some(Typed::Address(address)) => AddressForm {
                street: address.street.line(),
                unit: address.unit.as_ref().map_or_else(String::new, |unit| unit.as_str().to_owned()),
                city: address.city.as_str().to_owned(),
                esi_id: String::new(),
                bills_here,
            },
            Some(Typed::Meter(esi_id)) => {
                AddressForm { esi_id: esi_id.as_str().to_owned(), bills_here, ..AddressForm::default() }
            }
        }
    }

    fn render(
        ctx: PageContext<'_>,
        _shown: &(),
        form: &AddressForm,
        errors: &FormErrors,
    ) -> Result<String, PageError> {
        let mut errors = errors.clone();
        if errors.is_empty() && ctx.journey.premise().is_some_and(Premise::esi_id_unknown) {
            errors.say("esi_id", &ctx.messages().address.esi_id_unknown);
        }
        let t = ctx.messages();
        let mut faults = ErrorMessages::new(ctx.messages(), &errors);
        let street = faults.field("street", &form.street, &t.address.street);
        let unit = faults.field("unit", &form.unit, &t.address.unit);
        let city = faults.field("city", &form.city, &t.address.city);
        let esi_id = faults.field("esi_id", &form.esi_id, &t.address.esi_id);
        let zip = ctx.journey.service.as_ref().map_or("", |service| service.zip.as_str());
        let mut page = ctx.form_page(Step::Address, &t.address.title, faults.summary());
        page.notices.extend(checked_again::notice(ctx, Step::Address));
        let page = AddressPage {
            page,
            revision: ctx.journey.revision(Step::Address),
            street,
            unit,
            city,
            zip: format!("{} {zip}", t.address.state),
            esi_id_open: !esi_id.value.is_empty()
                || esi_id.problem.is_some()
                || Query::read(&ctx.request.query).has(BY_ESI_ID.0, BY_ESI_ID.1),
            esi_id,
            bills_here: Field::new("bills_here", &form.bills_here, None),
        };
        Ok(page.render()?)
    }

    fn parse(form: &AddressForm, ctx: PageContext<'_>) -> Result<AddressInput, FormErrors> {
        let mut reader = Reader::default();
        let Some(zip) = ctx.journey.service.as_ref().map(|service| service.zip.clone()) else {
            reader.problem("street", Problem::Missing);
            return reader.finish(None);
        };
        let kept = Self::form(ctx);
        let input = |typed| AddressInput {
            premise: Premise::new(zip.clone(), typed),
            bills_here: form.bills_here == CHECKED,
        };
        let esi_id = reader.read("esi_id", optional(&form.esi_id, EsiId::parse));
        if esi_id != Some(None) && !is_other_address(form, &kept) {
            if !form.street.trim().is_empty() && !is_same_address(form, &kept) {
                reader.say("esi_id", &ctx.messages().address.esi_id_other);
            }
            let esi_id = esi_id.flatten();
            return reader.finish(esi_id.map(|esi_id| input(Typed::Meter(esi_id))));
        }
        let home = reader.home(Street::parse_with_unit(&form.street), &form.unit);
        let city = reader.read("city", City::parse(&form.city));
        let address = home.zip(city).map(|((street, unit), city)| ServiceAddress {
            street,
            unit,
            city,
            zip: zip.clone(),
            plus_four: None,
        });
        reader.finish(address.map(|address| input(Typed::Address(address))))
    }

    fn store(AddressInput { premise, bills_here }: &AddressInput, journey: &mut Journey) {
        match (bills_here, &journey.billing) {
            (true, _) => journey.billing = Some(Billing::SameAsService),
            // Its own page asks for the other address.
            (false, Some(Billing::SameAsService)) => journey.billing = None,
            (false, Some(Billing::Other(_)) | None) => {}
        }
        // The same address again keeps what NRG answered about it.
        if journey.premise().is_none_or(|known| known.typed != premise.typed) {
            journey.premise = Some(premise.clone());
        }
    }

    fn needs_call(journey: &Journey) -> bool {
        journey.premise().is_none_or(|premise| premise.meters.is_none())
    }

    async fn call_nrg(ctx: &mut RequestContext, input: AddressInput) -> Result<JourneyUpdate, PageError> {
        let typed = input.premise;
        let known = ctx.journey().premise().filter(|known| known.typed == typed.typed).cloned();
        let premise = look_up(ctx, known.unwrap_or(typed)).await?;
        Ok(Box::new(move |journey| {
            // Another tab may have given another address since, which counts.
            if journey.premise().is_none_or(|known| known.typed == premise.typed) {
                journey.premise_found(premise.clone());
            }
        }))
    }
}

/// The value of a box that is checked.
const CHECKED: &str = "yes";

/// Whether the box stands checked: as it was answered, and at first, because most bills go home.
fn bills_here(journey: &Journey) -> bool {
    match &journey.billing {
        Some(billing) => *billing == Billing::SameAsService,
        None => journey.premise.is_none(),
    }
}

/// Whether the address fields are as the page had them, which has no address where it has an ESI ID.
fn is_same_address(form: &AddressForm, kept: &AddressForm) -> bool {
    let fields =
        |form: &AddressForm| [&form.street, &form.unit, &form.city].map(|field| field.trim().to_owned());
    fields(form) == fields(kept)
}

/// Whether an address was typed beside the ESI ID that the page had.
fn is_other_address(form: &AddressForm, kept: &AddressForm) -> bool {
    !form.street.trim().is_empty() && form.esi_id.trim() == kept.esi_id
}

/// Completes a premise as far as NRG's answers and the person's choices allow: cleaned, settled, with its meters. The
/// ask page calls it too, after a choice.
pub async fn look_up(ctx: &RequestContext, mut premise: Premise) -> Result<Premise, PageError> {
    let mut early = None;
    if premise.settled.is_none() {
        let cleaned = match &premise.typed {
            Typed::Address(address) => {
                ctx.count_calls(2).await?;
                let meters = EarlyMeters::ask(ctx, address);
                let mut cleaned = meters.beside(ctx.nrg().cleanup_service(address)).await?;
                if let Cleaned::UnitNeeded | Cleaned::UnitUnknown = cleaned {
                    premise.units = units_at(ctx, address, Some(&meters)).await?;
                    if let Some(unit) = address.unit.as_ref().and_then(|unit| unit.among(&premise.units)) {
                        ctx.count_calls(1).await?;
                        let listed = ServiceAddress { unit: Some(unit.clone()), ..address.clone() };
                        cleaned = ctx.nrg().cleanup_service(&listed).await?;
                    }
                }
                early = Some(meters);
                cleaned
            }
            Typed::Meter(esi_id) => {
                ctx.count_calls(usize::from(ctx.app.meters.needs_call(esi_id))).await?;
                match ctx.app.meters.get(&ctx.nrg(), esi_id).await? {
                    Some(found) => Cleaned::Verified(found.address),
                    None => Cleaned::NotVerified,
                }
            }
        };
        if let Cleaned::Verified(address) = &cleaned {
            premise.settled = Some(address.clone());
            premise.verified = true;
        }
        premise.cleaned = Some(cleaned);
    }
    if let (Some(address), None) = (&premise.settled, &premise.meters) {
        let meters = meters_at(ctx, address, early.as_ref()).await?;
        premise.choice = known_choice(&premise.typed, address, &meters);
        premise.meters = Some(meters);
    }
    Ok(premise)
}

/// The meters of an address as typed, asked for while NRG verifies it: that seldom changes the address.
struct EarlyMeters<'a> {
    address: ServiceAddress,
    meters: Shared<BoxFuture<'a, Result<Meters, Arc<nrg::Error>>>>,
}

impl<'a> EarlyMeters<'a> {
    fn ask(ctx: &'a RequestContext, address: &ServiceAddress) -> Self {
        let (nrg, asked) = (ctx.nrg(), address.clone());
        let meters = async move { nrg.esid_residential(&asked).await.map_err(Arc::new) };
        Self { address: address.clone(), meters: meters.boxed().shared() }
    }

    /// What `other` comes to. The call for the meters is made at the same time, but not waited for.
    async fn beside<T>(&self, other: impl Future<Output = T>) -> T {
        match select(pin!(other), self.meters.clone()).await {
            Either::Left((result, _)) => result,
            Either::Right((_, other)) => other.await,
        }
    }
}

/// The answer of `esid/residential` about `address`.
async fn residential_at(
    ctx: &RequestContext,
    address: &ServiceAddress,
    early: Option<&EarlyMeters<'_>>,
) -> Result<Meters, PageError> {
    if let Some(early) = early.filter(|early| early.address.same_delivery_point(address)) {
        match early.meters.clone().await {
            // Held back while the other call tried whether NRG accepts calls again.
            Err(error) if matches!(error.kind, nrg::Kind::Refused(_)) => {}
            answered => return Ok(answered?),
        }
    }
    ctx.count_calls(1).await?;
    Ok(ctx.nrg().esid_residential(address).await?)
}

async fn meters_at(
    ctx: &RequestContext,
    address: &ServiceAddress,
    early: Option<&EarlyMeters<'_>>,
) -> Result<Meters, PageError> {
    let Meters::Residential(mut meters) = residential_at(ctx, address, early).await? else {
        // The other call distinguishes meters that are not residential from none at all.
        ctx.count_calls(1).await?;
        return Ok(match ctx.nrg().esid(address).await? {
            Meters::Business => Meters::Business,
            Meters::None | Meters::Residential(_) => Meters::None,
        });
    };
    name_units(ctx, &mut meters).await?;
    Ok(Meters::Residential(meters))
}

/// Finds the unit of each of several meters. A meter whose unit is not found is only missing from the list to choose
/// from, and so are all of them if the calls would exceed a limit.
async fn name_units(ctx: &RequestContext, meters: &mut [Meter]) -> Result<(), PageError> {
    if !(2..=MAX_NAMED_METERS).contains(&meters.len()) {
        return Ok(());
    }
    let (nrg, known) = (ctx.nrg(), &ctx.app.meters);
    let calls = meters.iter().filter(|meter| known.needs_call(&meter.esi_id)).count();
    if !ctx.count_optional_calls(calls).await? {
        return Ok(());
    }
    for some in meters.chunks_mut(CONCURRENT_CALLS) {
        let answers = join_all(some.iter().map(|meter| known.get(&nrg, &meter.esi_id))).await;
        for (meter, answer) in some.iter_mut().zip(answers) {
            meter.unit = answer.ok().flatten().and_then(|named| named.address.unit);
        }
    }
    Ok(())
}

/// The units of the building at `address`, in order. If NRG cannot be asked, there are none: the unit can be typed.
async fn units_at(
    ctx: &RequestContext,
    address: &ServiceAddress,
    early: Option<&EarlyMeters<'_>>,
) -> Result<Vec<Unit>, PageError> {
    let building = ServiceAddress { unit: None, ..address.clone() };
    let mut meters = match residential_at(ctx, &building, early).await {
        Ok(Meters::Residential(meters)) => meters,
        Ok(Meters::None | Meters::Business) | Err(PageError::Nrg(_) | PageError::TooMany(_)) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(error),
    };
    name_units(ctx, &mut meters).await?;
    let mut units: Vec<Unit> = meters.into_iter().filter_map(|meter| meter.unit).collect();
    // By number: 2 before 10, 2A after 2.
    units.sort_by_cached_key(|unit| {
        let digits = unit.as_str().chars().take_while(char::is_ascii_digit).count();
        (unit.as_str().get(..digits).and_then(|n| n.parse::<u64>().ok()), unit.as_str().to_owned())
    });
    units.dedup();
    Ok(units)
}

/// The meter that needs no question: the one whose ESI ID was typed, or the one of the unit that was typed.
fn known_choice(typed: &Typed, address: &ServiceAddress, meters: &Meters) -> Option<MeterChoice> {
    let Meters::Residential(meters) = meters else { return None };
    let fits = |meter: &&Meter| match typed {
        Typed::Meter(esi_id) => meter.esi_id == *esi_id,
        Typed::Address(_) => meters.len() > 1 && address.unit.is_some() && meter.unit == address.unit,
    };
    let mut fitting = meters.iter().filter(fits);
    match (fitting.next(), fitting.next()) {
        (Some(meter), None) => Some(MeterChoice::Picked(meter.esi_id.clone())),
        _ => None,
    }
}

#[derive(Template)]
#[template(path = "step/address.html")]
struct AddressPage<'a> {
    page: Page<'a>,
    revision: u64,
    street: Field,
    unit: Field,
    city: Field,
    zip: String,
    esi_id_open: bool,
    esi_id: Field,
    bills_here: Field,
}
