//! The page of a question, the same for all of them.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use super::answer::{Doubt, LISTED, billing_doubt, word};
use crate::{
    fields::{BillingAddress, Query, ServiceAddress, Unit},
    journey::{Meter, Position, Question, SafeHtml, Step},
    messages::{FieldMessages, interpolate},
    steps::address::BY_ESI_ID_PATH,
    web::{
        Choice, ErrorMessages, Field, Page,
        error::PageError,
        form::{FormBody, FormErrors},
        html,
        page_context::PageContext,
    },
};

/// The name of the page's form where a switch of language keeps it.
pub const NAME: &str = "ask";

/// The page of the question that is asked now, with what was posted and its errors.
pub fn render(
    ctx: PageContext<'_>,
    posted: &FormBody,
    errors: &FormErrors,
    status: StatusCode,
) -> Result<Response, PageError> {
    let (Position::Ask(step), Some(question)) = (ctx.position(), ctx.journey.question(ctx.eval_context()))
    else {
        return Ok(ctx.to_position());
    };
    let asked = Asked::of(ctx, &question);
    let mut faults = ErrorMessages::new(ctx.messages(), errors);
    let field = asked.control.words().map(|(name, words)| faults.field(name, posted.get(name), words));
    let choice = Field::new("choice", posted.get("choice"), None);
    let mut page = ctx.step_page(step, asked.title, faults.summary());
    page.form = Some(NAME);
    page.said.extend(asked.message);
    let body = AskPage {
        page,
        question: word(&question),
        revision: ctx.journey.revision(step),
        action: here(ctx),
        field: field.unwrap_or_default(),
        choice,
        asked,
    };
    Ok(html(status, body.render()?))
}

#[derive(Template)]
#[template(path = "page/ask.html")]
struct AskPage<'a> {
    page: Page<'a>,
    question: &'static str,
    revision: u64,
    /// The action of the form: this page with its filter.
    action: String,
    field: Field,
    /// The unit chosen from a list, besides the one that can be typed.
    choice: Field,
    asked: Asked<'a>,
}

/// A question as text.
struct Asked<'a> {
    title: &'a str,
    /// Paragraphs.
    leads: Vec<String>,
    /// NRG's own words.
    message: Option<&'a SafeHtml>,
    control: Control<'a>,
    /// The label of the button.
    submit: &'a str,
    /// A second button that answers without the control: its value and label.
    instead: Option<(&'static str, &'a str)>,
    /// The path where the address can be corrected.
    correct: Option<&'static str>,
    /// The path where the ESI ID can be given instead of the address.
    by_esi_id: Option<&'static str>,
    /// Whether the page recommends a call.
    call: bool,
    /// Whether the page offers to leave.
    leave: bool,
}

enum Control<'a> {
    /// The button is the answer.
    None,
    Radios(&'a FieldMessages, Vec<Choice>),
    /// A list of homes, which may be long.
    Homes(&'a FieldMessages, Homes),
    Unit(&'a FieldMessages),
    /// The units of a building to choose from, or to type one.
    Units(&'a FieldMessages, Homes),
}

/// A list of more homes than this has a filter by number.
const LONG_LIST: usize = 20;

/// Homes to choose from: those whose number contains the filter's text.
struct Homes {
    choices: Vec<Choice>,
    /// The filter of a long list.
    filter: Option<Field>,
    /// "12 of 48 homes are shown", or that none is.
    count: String,
}

impl Homes {
    /// `named`: the number of each home, with its choice.
    fn of(ctx: PageContext<'_>, named: Vec<(String, Choice)>) -> Self {
        let t = &ctx.messages().ask;
        let total = named.len();
        if total <= LONG_LIST {
            let choices = named.into_iter().map(|(_, choice)| choice).collect();
            return Self { choices, filter: None, count: String::new() };
        }
        let wanted = Query::read(&ctx.request.query).get(FILTER).unwrap_or_default().to_uppercase();
        let shown = named.into_iter().filter(|(number, _)| number.contains(&wanted));
        let choices: Vec<Choice> = shown.map(|(_, choice)| choice).collect();
        let count = if choices.is_empty() {
            interpolate(&t.filter_none, &[("filter", &wanted)])
        } else {
            interpolate(
                &t.filter_count,
                &[("count", &choices.len().to_string()), ("total", &total.to_string())],
            )
        };
        Self { choices, filter: Some(Field::new(FILTER, wanted, None)), count }
    }
}

/// The name of the filter's field.
const FILTER: &str = "contains";

/// The path of this page with its filter.
fn here(ctx: PageContext<'_>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(Query::read(&ctx.request.query).get(FILTER).map(|filter| (FILTER, filter)));
    match query.finish() {
        query if query.is_empty() => "/ask".to_owned(),
        query => format!("/ask?{query}"),
    }
}

impl<'a> Control<'a> {
    /// Whether the title of the page is its label.
    fn heads(&self) -> bool {
        matches!(self, Control::Radios(..) | Control::Unit(_))
    }

    /// The homes to choose from.
    fn homes(&self) -> Option<&Homes> {
        match self {
            Control::Homes(_, homes) | Control::Units(_, homes) => Some(homes),
            Control::None | Control::Radios(..) | Control::Unit(_) => None,
        }
    }

    /// The name of its field, and the field's messages.
    fn words(&self) -> Option<(&'static str, &'a FieldMessages)> {
        match self {
            Control::None => None,
            Control::Radios(words, _) | Control::Homes(words, _) => Some(("choice", words)),
            Control::Unit(words) | Control::Units(words, _) => Some(("unit", words)),
        }
    }
}

impl<'a> Asked<'a> {
    /// A question of a title and a button.
    fn new(title: &'a str, submit: &'a str) -> Self {
        Self {
            title,
            leads: Vec::new(),
            message: None,
            control: Control::None,
            submit,
            instead: None,
            correct: None,
            by_esi_id: None,
            call: false,
            leave: false,
        }
    }

    fn of(ctx: PageContext<'a>, question: &Question<'a>) -> Self {
        let t = &ctx.messages().ask;
        let go_on = ctx.messages().common.go_on.as_str();
        let page = ctx.page("");
        match question {
            Question::Utility(utilities) => {
                let zip = ctx.journey.service.as_ref().map_or("", |service| service.zip.as_str());
                let choices =
                    utilities.iter().map(|utility| Choice::new(utility.code.as_str(), &utility.name));
                Self {
                    leads: vec![page.interpolate_with(&t.utility_lead, &[("zip", zip)])],
                    control: Control::Radios(&t.utility, choices.collect()),
                    correct: Some(Step::Zip.path()),
                    ..Self::new(&t.utility_title, go_on)
                }
            }
            Question::Suggestion { typed, suggested } => service(ctx, typed, &Doubt::Suggestion(suggested)),
            Question::UnitNeeded(typed) => service(ctx, typed, &Doubt::UnitNeeded),
            Question::UnitUnknown(typed) => service(ctx, typed, &Doubt::UnitUnknown),
            Question::NotVerified(typed) => service(ctx, typed, &Doubt::NotVerified),
            Question::Meter { address, named } if named.is_empty() => {
                Self { instead: Some(("none", &t.meter_none)), ..service(ctx, address, &Doubt::UnitNeeded) }
            }
            Question::Meter { address, named } => {
                let line = |meter: &&Meter| {
                    let number = meter.unit.as_ref().map_or("", Unit::as_str).to_owned();
                    // The building stands above the list; a home without a number is the building's own address.
                    let label = match &meter.unit {
                        Some(unit) => home(ctx, unit),
                        None => ServiceAddress { unit: None, ..(*address).clone() }.line(),
                    };
                    (number, Choice::new(meter.esi_id.as_str(), label))
                };
                let mut homes = Homes::of(ctx, named.iter().map(line).collect());
                homes.choices.push(Choice::new("none", &t.meter_none));
                Self {
                    leads: vec![page.interpolate_with(&t.meter_lead, &[("address", &address.line())])],
                    control: Control::Homes(&t.meter, homes),
                    correct: Some(Step::Address.path()),
                    ..Self::new(&t.meter_title, go_on)
                }
            }
            Question::Billing { typed, cleaned } => {
                let mut place = (*typed).clone();
                let unit = match &mut place {
                    BillingAddress::Street { unit, .. } => unit.take(),
                    BillingAddress::PoBox { .. } => None,
                };
                let doubt = billing_doubt(typed, cleaned);
                let lines = Lines { typed: typed.line(), place: place.line(), unit: unit.as_ref() };
                let mut asked = doubted(ctx, &doubt, BillingAddress::line, &lines);
                asked.title = &t.billing_title;
                asked.leads.insert(0, t.billing_lead.clone());
                asked.correct = Some(Step::Billing.path());
                asked
            }
            Question::PastService { masked_address } => {
                let lead = match masked_address {
                    Some(masked) => page.interpolate_with(&t.past_service_lead, &[("address", masked)]),
                    None => t.past_service_lead_unknown.clone(),
                };
                let choices =
                    vec![Choice::new("yes", &t.past_service_yes), Choice::new("no", &t.past_service_no)];
                Self {
                    leads: vec![lead, page.interpolate(&t.past_service_why)],
                    control: Control::Radios(&t.past_service, choices),
                    ..Self::new(&t.past_service_title, go_on)
                }
            }
            Question::PastBalance { amount } => {
                let amount =
                    amount.map(|amount| page.interpolate_with(&t.past_balance_amount, &[("amount", amount)]));
                let lead = page.interpolate(&t.past_balance_lead);
                Self {
                    leads: [Some(lead), amount, Some(page.interpolate(&t.past_balance_why))]
                        .into_iter()
                        .flatten()
                        .collect(),
                    call: true,
                    ..Self::new(&t.past_balance_title, &t.past_balance_go_on)
                }
            }
            Question::Other(message) => {
                Self { message: *message, call: true, ..Self::new(&t.other_title, &t.go_on) }
            }
            Question::Recent => Self {
                leads: vec![t.recent_lead.clone(), page.interpolate(&t.recent_why)],
                leave: true,
                ..Self::new(&t.recent_title, &t.recent_go_on)
            },
        }
    }
}

/// An address as texts name it.
struct Lines<'u> {
    typed: String,
    /// The building, without the unit.
    place: String,
    unit: Option<&'u Unit>,
}

fn service<'a>(ctx: PageContext<'a>, typed: &ServiceAddress, doubt: &Doubt<'_, ServiceAddress>) -> Asked<'a> {
    let place = ServiceAddress { unit: None, ..typed.clone() }.line();
    let lines = Lines { typed: typed.line(), place, unit: typed.unit.as_ref() };
    let mut asked = Asked {
        correct: Some(Step::Address.path()),
        by_esi_id: matches!(doubt, Doubt::NotVerified | Doubt::UnitUnknown).then_some(BY_ESI_ID_PATH),
        ..doubted(ctx, doubt, ServiceAddress::line, &lines)
    };
    let units = ctx.journey.premise().map_or(&[][..], |premise| &premise.units);
    if let (Control::Unit(words), false) = (&asked.control, units.is_empty()) {
        asked.control = Control::Units(words, units_of(ctx, units));
        if *doubt == Doubt::UnitNeeded {
            let lead = &ctx.messages().ask.unit_list_lead;
            asked.leads = vec![interpolate(lead, &[("address", &lines.place)])];
        }
    }
    asked
}

/// A home of a list, of which all are at one address: "Apt 105", or a word that needs none before it, "REAR".
fn home(ctx: PageContext<'_>, unit: &Unit) -> String {
    let unit = unit.as_str();
    if unit.len() > 1 && !unit.bytes().any(|sign| sign.is_ascii_digit()) {
        return unit.to_owned();
    }
    interpolate(&ctx.messages().ask.home, &[("unit", unit)])
}

fn units_of(ctx: PageContext<'_>, units: &[Unit]) -> Homes {
    let item = |unit: &Unit| {
        let choice = Choice::new(format!("{LISTED}{}", unit.as_str()), home(ctx, unit));
        (unit.as_str().to_owned(), choice)
    };
    Homes::of(ctx, units.iter().map(item).collect())
}

/// The question about an address, service or billing.
fn doubted<'a, A>(
    ctx: PageContext<'a>,
    doubt: &Doubt<'_, A>,
    line: fn(&A) -> String,
    lines: &Lines<'_>,
) -> Asked<'a> {
    let t = &ctx.messages().ask;
    let go_on = ctx.messages().common.go_on.as_str();
    let unit = lines.unit.map_or("", Unit::as_str);
    let named = |lead: &str| interpolate(lead, &[("address", &lines.place), ("unit", unit)]);
    match doubt {
        Doubt::Suggestion(suggested) => {
            let choices = vec![
                Choice::new("suggested", &t.suggested).hint(line(suggested)),
                Choice::new("typed", &t.typed).hint(&lines.typed),
            ];
            Asked {
                leads: vec![t.suggestion_lead.clone()],
                control: Control::Radios(&t.address, choices),
                ..Asked::new(&t.suggestion_title, go_on)
            }
        }
        Doubt::UnitNeeded => Asked {
            leads: vec![named(&t.unit_lead)],
            control: Control::Unit(&t.unit),
            ..Asked::new(&t.unit_title, go_on)
        },
        Doubt::UnitUnknown => Asked {
            leads: vec![named(&t.unit_unknown_lead)],
            control: Control::Unit(&t.unit),
            instead: Some(("typed", &t.typed)),
            ..Asked::new(&t.unit_unknown_title, go_on)
        },
        Doubt::NotVerified => Asked {
            leads: vec![lines.typed.clone(), t.not_verified_lead.clone()],
            ..Asked::new(&t.not_verified_title, &t.typed)
        },
    }
}
