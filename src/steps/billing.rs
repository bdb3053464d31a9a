//! Step `billing`: bills go to the service address, to another street address or to a PO box.

use askama::Template;

use super::{JourneyUpdate, PageError, Reader, StepPage, checked_again, nothing};
use crate::{
    fields::{BillingAddress, City, PoBox, Problem, State, Street, Unit, Zip},
    journey::{Billing, Cleaned, Journey, OtherBilling, Step},
    messages::interpolate,
    rate_limit::Action,
    web::{
        Choice, ErrorMessages, Field, Page, context::RequestContext, form::FormErrors,
        page_context::PageContext,
    },
};

/// Step `billing`.
pub struct BillingStep;

/// The posted form.
#[derive(Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the names of the fields")]
pub struct BillingForm {
    pub choice: String,
    pub street: String,
    pub unit: String,
    pub po_box: String,
    pub city: String,
    pub state: String,
    pub zip: String,
}

impl StepPage for BillingStep {
    const STEP: Step = Step::Billing;
    type Form = BillingForm;
    type Input = Billing;
    type Shown = ();

    fn form(ctx: PageContext<'_>) -> BillingForm {
        match &ctx.journey.billing {
            None => BillingForm { choice: "same".into(), state: "TX".into(), ..BillingForm::default() },
            Some(Billing::SameAsService) => {
                BillingForm { choice: "same".into(), state: "TX".into(), ..BillingForm::default() }
            }
            Some(Billing::Other(other)) => of(&other.typed),
        }
    }

    fn render(
        ctx: PageContext<'_>,
        _shown: &(),
        form: &BillingForm,
        errors: &FormErrors,
    ) -> Result<String, PageError> {
        let t = &ctx.messages().billing;
        let mut faults = ErrorMessages::new(ctx.messages(), errors);
        let choice = faults.field("choice", &form.choice, &t.choice);
        let street = faults.field("street", &form.street, &t.street);
        let unit = faults.field("unit", &form.unit, &t.unit);
        let po_box = faults.field("po_box", &form.po_box, &t.po_box);
        let city = faults.field("city", &form.city, &t.city);
        let state = faults.field("state", &form.state, &t.state);
        let zip = faults.field("zip", &form.zip, &t.zip);
        let mut page = ctx.form_page(Step::Billing, &t.title, faults.summary());
        page.notices.extend(checked_again::notice(ctx, Step::Billing));
        let page = BillingPage {
            lead: page.interpolate(&t.lead),
            page,
            revision: ctx.journey.revision(Step::Billing),
            choice,
            choices: [
                Choice::new("same", &t.same),
                Choice::new("street", &t.other),
                Choice::new("po_box", &t.po_box_choice),
            ],
            street,
            unit,
            po_box,
            city,
            state,
            states: State::CODES.map(|code| Choice::new(code, code)),
            zip,
        };
        Ok(page.render()?)
    }

    fn parse(form: &BillingForm, ctx: PageContext<'_>) -> Result<Billing, FormErrors> {
        let mut reader = Reader::default();
        let typed = match form.choice.as_str() {
            "same" => return Ok(Billing::SameAsService),
            "street" => street(form, ctx, &mut reader),
            "po_box" => po_box(form, &mut reader),
            "" => {
                reader.problem("choice", Problem::Missing);
                None
            }
            _ => {
                reader.problem("choice", Problem::NotAChoice);
                None
            }
        };
        reader.finish(
            typed.map(|typed| Billing::Other(Box::new(OtherBilling { typed, cleaned: None, settled: None }))),
        )
    }

    fn store(billing: &Billing, journey: &mut Journey) {
        // The same address again keeps what NRG answered about it.
        let same = match (&journey.billing, billing) {
            (Some(Billing::Other(known)), Billing::Other(typed)) => known.typed == typed.typed,
            _ => false,
        };
        if !same {
            journey.billing = Some(billing.clone());
        }
    }

    fn needs_call(journey: &Journey) -> bool {
        matches!(&journey.billing, Some(Billing::Other(other)) if other.settled.is_none())
    }

    async fn call_nrg(ctx: &mut RequestContext, _billing: Billing) -> Result<JourneyUpdate, PageError> {
        let Some(Billing::Other(other)) = &ctx.journey().billing else { return Ok(nothing()) };
        let found = clean(ctx, other.typed.clone()).await?;
        Ok(Box::new(move |journey| match &mut journey.billing {
            Some(Billing::Other(known)) if known.typed == found.typed => **known = found.clone(),
            // Another tab has given another address since, which counts.
            Some(Billing::Other(_) | Billing::SameAsService) | None => {}
        }))
    }
}

/// Has NRG clean a typed address, which is settled if it is verified. The ask page calls it too.
pub async fn clean(ctx: &RequestContext, typed: BillingAddress) -> Result<OtherBilling, PageError> {
    ctx.count(Action::LookUp).await?;
    let cleaned = ctx.nrg().cleanup_billing(&typed).await?;
    let settled = match &cleaned {
        Cleaned::Verified(address) => Some(address.clone()),
        Cleaned::Suggested(_) | Cleaned::UnitNeeded | Cleaned::UnitUnknown | Cleaned::NotVerified => None,
    };
    Ok(OtherBilling { typed, cleaned: Some(cleaned), settled })
}

/// A street address, or the PO box that was typed as one.
fn street(form: &BillingForm, ctx: PageContext<'_>, reader: &mut Reader) -> Option<BillingAddress> {
    let t = &ctx.messages().billing;
    let first = match (Street::parse_mail(&form.street), PoBox::parse(&form.street)) {
        (Err(Problem::PoBoxHere), Ok(po_box)) => Some(First::PoBox(po_box)),
        (Err(Problem::PoBoxHere), Err(_)) => {
            reader.say("street", &t.street_and_po_box);
            None
        }
        (Err(Problem::StreetNumberMissing), _) => {
            reader.say("street", &interpolate(&t.street_unread, &[("phone", &ctx.phone())]));
            None
        }
        (street, _) => reader.home(street, &form.unit).map(|(street, unit)| First::Street(street, unit)),
    };
    place(form, first, reader)
}

/// A PO box, or the line without one that was typed as one, "RR 2 Box 152".
fn po_box(form: &BillingForm, reader: &mut Reader) -> Option<BillingAddress> {
    let first = match (PoBox::parse(&form.po_box), Street::parse_mail(&form.po_box)) {
        (Err(Problem::PoBoxNumber), Ok((street, unit))) => Some(First::Street(street, unit)),
        (po_box, _) => reader.read("po_box", po_box).map(First::PoBox),
    };
    place(form, first, reader)
}

/// The line above city, state and ZIP code.
enum First {
    Street(Street, Option<Unit>),
    PoBox(PoBox),
}

fn place(form: &BillingForm, first: Option<First>, reader: &mut Reader) -> Option<BillingAddress> {
    let city = reader.read("city", City::parse(&form.city));
    let state = reader.read("state", State::parse(&form.state));
    let zip = reader.read("zip", Zip::parse(&form.zip));
    let (first, city, state, zip) = (first?, city?, state?, zip?);
    Some(match first {
        First::Street(street, unit) => BillingAddress::Street { street, unit, city, state, zip },
        First::PoBox(po_box) => BillingAddress::PoBox { po_box, city, state, zip },
    })
}

fn of(address: &BillingAddress) -> BillingForm {
    match address {
        BillingAddress::Street { street, unit, city, state, zip } => BillingForm {
            choice: "street".into(),
            street: street.line(),
            unit: unit.as_ref().map_or_else(String::new, |unit| unit.as_str().to_owned()),
            city: city.as_str().to_owned(),
            state: state.as_str().to_owned(),
            zip: zip.as_str().to_owned(),
            ..BillingForm::default()
        },
        BillingAddress::PoBox { po_box, city, state, zip } => BillingForm {
            choice: "po_box".into(),
            po_box: po_box.as_str().to_owned(),
            city: city.as_str().to_owned(),
            state: state.as_str().to_owned(),
            zip: zip.as_str().to_owned(),
            ..BillingForm::default()
        },
    }
}

#[derive(Template)]
#[template(path = "step/billing.html")]
struct BillingPage<'a> {
    page: Page<'a>,
    lead: String,
    revision: u64,
    choice: Field,
    choices: [Choice; 3],
    street: Field,
    unit: Field,
    po_box: Field,
    city: Field,
    state: Field,
    states: [Choice; State::CODES.len()],
    zip: Field,
}
