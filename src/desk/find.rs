//! Find: the journeys of a caller, by whatever the caller knows. What is looked for is posted, so that it is in no address.

use askama::Template;
use axum::{
    Extension,
    extract::{Request, State},
    response::Response,
};
use http::StatusCode;
use strum::VariantArray;

use super::{
    error::DeskError,
    operators::Operator,
    page::{Frame, page},
    paths::FIND,
    state::Desk,
};
use crate::{
    fields::{Email, Phone},
    ledger::{
        Filter, FullName, Ledger, PersonFilter, Records, Reference, State as SubmissionState, account_number,
        sheet::{self, Section},
    },
    store,
    web::form::FormBody,
};

/// The most journeys that a search shows.
const MOST: u32 = 100;
/// How many of the newest are shown where nothing is looked for.
const NEWEST: u32 = 20;

/// By what a journey is looked for.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr, strum::VariantArray,
)]
#[strum(serialize_all = "snake_case")]
enum By {
    #[default]
    Phone,
    Email,
    Name,
    Reference,
    Order,
    Account,
    Meter,
    Click,
}

impl By {
    /// The word in the form, which [`str::parse`] reads.
    fn word(self) -> &'static str {
        self.into()
    }

    fn is(self, other: &Self) -> bool {
        self == *other
    }

    fn label(self) -> &'static str {
        match self {
            Self::Phone => "Phone number",
            Self::Email => "Email address",
            Self::Name => "Name",
            Self::Reference => "Reference or tracking id",
            Self::Order => "Order id",
            Self::Account => "Account number",
            Self::Meter => "ESI ID",
            Self::Click => "Click id (cid)",
        }
    }

    /// What it is called in the record of a search; `None`: it belongs to no person.
    fn recorded_as(self) -> Option<&'static str> {
        match self {
            Self::Phone => Some("phone number"),
            Self::Email => Some("email address"),
            Self::Name => Some("name"),
            Self::Account => Some("account number"),
            Self::Meter => Some("ESI ID"),
            Self::Reference | Self::Order | Self::Click => None,
        }
    }
}

/// Why nothing was looked for, or could not be.
enum Failure {
    Unreadable(&'static str),
    Store(store::Error),
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

#[derive(Template)]
#[template(path = "desk/find.html")]
struct FindPage {
    page: Frame,
    choices: &'static [By],
    by: By,
    wanted: String,
    problem: Option<&'static str>,
    /// What was found, if something was looked for.
    found: Option<Section>,
    /// Journeys that cannot be found by their person.
    unfindable: i64,
    /// What there is to do, and what is new, where nothing is looked for.
    lists: Vec<Section>,
}

/// `GET /desk`.
pub(super) async fn show(
    State(desk): State<Desk>,
    Extension(operator): Extension<Operator>,
) -> Result<Response, DeskError> {
    let ledger = &desk.app.ledger;
    let unknown = Filter { state: Some(SubmissionState::Unknown), ..Filter::default() };
    let mut lists = Vec::new();
    for (title, filter, most) in [("To be settled", unknown, MOST), ("Newest", Filter::default(), NEWEST)] {
        let rows = ledger.list(&filter, most).await?;
        let records = newest_first(ledger, rows.into_iter().map(|row| row.journey)).await?;
        lists.push(Section { title, ..sheet::journeys(&records) });
    }
    lists.retain(|list| !list.rows.is_empty());
    page(StatusCode::OK, &FindPage { lists, ..FindPage::new(&desk, &operator) })
}

/// `POST /desk`: a search.
pub(super) async fn search(
    State(desk): State<Desk>,
    Extension(operator): Extension<Operator>,
    request: Request,
) -> Result<Response, DeskError> {
    let body = FormBody::read(request, desk.app.form_timeout).await?;
    let by: By = body.get("by").parse().unwrap_or_default();
    let wanted = body.get("wanted").trim().to_owned();
    let ledger = &desk.app.ledger;
    let empty = FindPage { by, wanted: wanted.clone(), ..FindPage::new(&desk, &operator) };
    let records = match look_for(ledger, by, &wanted).await {
        Ok(records) => records,
        Err(Failure::Unreadable(problem)) => {
            let problem = Some(problem);
            return page(StatusCode::UNPROCESSABLE_ENTITY, &FindPage { problem, ..empty });
        }
        Err(Failure::Store(error)) => return Err(error.into()),
    };
    if let Some(what) = by.recorded_as() {
        let journeys: Vec<String> = records.iter().map(|records| records.journey.clone()).collect();
        ledger.found(&journeys, what, &operator.name).await?;
        // Where none was found, no journey has a record of it.
        tracing::info!(
            operator = operator.name,
            by = what,
            found = journeys.len(),
            "desk: looked for a person"
        );
    }
    let by_hash = matches!(by, By::Phone | By::Email | By::Name);
    let unfindable = if by_hash { ledger.count_unfindable().await? } else { 0 };
    let found = Section { title: "Found", ..sheet::journeys(&records) };
    page(StatusCode::OK, &FindPage { found: Some(found), unfindable, ..empty })
}

impl FindPage {
    fn new(desk: &Desk, operator: &Operator) -> Self {
        Self {
            page: Frame::new(desk, operator, "Find").at(FIND),
            choices: By::VARIANTS,
            by: By::default(),
            wanted: String::new(),
            problem: None,
            found: None,
            unfindable: 0,
            lists: Vec::new(),
        }
    }
}

async fn look_for(ledger: &Ledger, by: By, wanted: &str) -> Result<Vec<Records>, Failure> {
    use Failure::Unreadable;
    if wanted.is_empty() {
        return Err(Unreadable("Enter what the caller knows."));
    }
    let text = wanted.to_owned();
    let person = match by {
        By::Phone => PersonFilter {
            phone: Some(Phone::parse(wanted).map_err(|_| Unreadable("Enter a phone number of ten digits."))?),
            ..PersonFilter::default()
        },
        By::Email => PersonFilter {
            email: Some(Email::parse(wanted).map_err(|_| Unreadable("Enter a whole email address."))?),
            ..PersonFilter::default()
        },
        By::Name => PersonFilter {
            name: Some(FullName::parse(wanted).ok_or(Unreadable("Enter given name and family name."))?),
            ..PersonFilter::default()
        },
        By::Reference => {
            let reference: Reference = wanted.parse().unwrap_or_else(|never| match never {});
            let rows = ledger.referenced(&reference).await?;
            // A journey that submitted nothing has consents alone.
            let half = match &reference {
                Reference::Half(half) => half.to_uppercase(),
                Reference::Whole { journey, .. } => journey.to_uppercase(),
            };
            let alone = rows.is_empty().then_some(half);
            return Ok(newest_first(ledger, rows.into_iter().map(|row| row.journey).chain(alone)).await?);
        }
        By::Order => {
            let journey = ledger.journey_of(wanted).await?;
            return Ok(newest_first(ledger, journey.into_iter()).await?);
        }
        By::Account => {
            let account = Some(account_number(wanted).ok_or(Unreadable("Enter one to twelve digits."))?);
            return of_submissions(ledger, Filter { account, ..Filter::default() }).await;
        }
        By::Meter => return of_submissions(ledger, Filter { esi_id: Some(text), ..Filter::default() }).await,
        By::Click => return of_submissions(ledger, Filter { cid: Some(text), ..Filter::default() }).await,
    };
    let mut found = ledger.person(&person).await?;
    found.truncate(usize::try_from(MOST).unwrap_or(usize::MAX));
    Ok(found)
}

async fn of_submissions(ledger: &Ledger, filter: Filter) -> Result<Vec<Records>, Failure> {
    let rows = ledger.list(&filter, MOST).await?;
    Ok(newest_first(ledger, rows.into_iter().map(|row| row.journey)).await?)
}

/// The records of these journeys, the one with the newest record first.
async fn newest_first(
    ledger: &Ledger,
    journeys: impl Iterator<Item = String>,
) -> Result<Vec<Records>, store::Error> {
    let mut records = ledger.records_of(&journeys.collect::<Vec<_>>()).await?;
    records.sort_by_key(|records| std::cmp::Reverse(records.last_at()));
    Ok(records)
}
