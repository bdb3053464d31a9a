//! The answer to `GET /api/journeys/{order_id}`: where a journey stands, and nothing of a person. The names are public:
//! programs read them.

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    journey::{EvalContext, Journey, Position, Stop, StopKind, StopScope},
    ledger::{Progress, State},
    partners::handovers::Handover,
    postback::Ending,
    web::{context::RequestContext, error::PageError},
};

/// Where a journey stands.
#[derive(Serialize)]
pub(super) struct Status<'a> {
    order_id: &'a str,
    handed_over_at: Timestamp,
    expires_at: Timestamp,
    opened_at: Option<Timestamp>,
    #[serde(flatten)]
    at: At,
}

/// Where it stands, and how it ended.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct At {
    state: Phase,
    /// The step that is to be answered, or was when the person left.
    step: Option<&'static str>,
    /// The kind of the stop.
    stop: Option<&'static str>,
    /// How it ended, in the word that postbacks have.
    ending: Option<String>,
    /// Whether NRG holds the account back, if NRG has told.
    held: Option<bool>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Phase {
    /// The link has not been opened.
    #[default]
    Waiting,
    /// The link was not opened in time.
    Expired,
    /// The person is answering.
    Open,
    /// The person has met a stop.
    Stopped,
    /// It was submitted, and NRG's answer is not known.
    Processing,
    /// It has ended.
    Ended,
}

impl<'a> Status<'a> {
    /// The status of a journey that was handed over.
    ///
    /// # Errors
    /// The database failed.
    pub(super) async fn of(ctx: &RequestContext, handover: &'a Handover) -> Result<Self, PageError> {
        let Handover { journey, order_id, made_at, ends_at, opened_at, left, .. } = handover;
        let (app, context) = (&ctx.app, EvalContext { site: ctx.site(), now: ctx.now });
        let submitted = app.ledger.progress(journey).await?.and_then(At::submitted);
        let at = match (submitted, opened_at, left) {
            (Some(at), ..) => at,
            (None, None, _) if *ends_at > ctx.now => At::default(),
            (None, None, _) => At { state: Phase::Expired, ..At::default() },
            (None, Some(_), left) => match (app.sessions.under_way(journey).await?, left) {
                (Some(journey), _) => At::under_way(&journey, context),
                (None, Some(left)) => At::left(left.step.slug(), left.stop),
                // Its session has ended a moment ago, or in a release that does not note where.
                (None, None) => At { state: Phase::Ended, ..At::default() },
            },
        };
        Ok(Self { order_id, handed_over_at: *made_at, expires_at: *ends_at, opened_at: *opened_at, at })
    }
}

impl At {
    /// Where a submission stands. `None`: the person may correct it.
    fn submitted(Progress { state, amended_as, held }: Progress) -> Option<Self> {
        let ended = |ending: Ending, stop: Option<StopKind>| Self {
            state: Phase::Ended,
            stop: stop.map(StopKind::word),
            ending: Some(ending.word().to_owned()),
            ..Self::default()
        };
        let processing = |ending: Option<Ending>| Self {
            state: Phase::Processing,
            ending: ending.map(|ending| ending.word().to_owned()),
            ..Self::default()
        };
        let at = match state {
            State::Ready | State::Sent => processing(None),
            State::Unknown => processing(Some(Ending::Unknown)),
            State::Enrolled => ended(Ending::Enrolled, None),
            State::Accepted => ended(Ending::Accepted, None),
            State::Refused => ended(Ending::Stopped, Some(StopKind::Refused)),
            State::Duplicate => ended(Ending::Stopped, Some(StopKind::AlreadySubmitted)),
            State::Correctable => return None,
        };
        Some(Self { ending: amended_as.or(at.ending), held, ..at })
    }

    /// Where a journey stands in its session.
    fn under_way(journey: &Journey, context: EvalContext<'_>) -> Self {
        let step = Some(journey.stopped_step(context).slug());
        match journey.position(context) {
            Position::Step(_) | Position::Ask(_) => Self { state: Phase::Open, step, ..Self::default() },
            Position::Stop => {
                let stop = journey.stop(context).map(|Stop { kind, .. }| kind);
                let is_terminal = stop.is_some_and(|kind| kind.scope() == StopScope::Terminal);
                let ending = is_terminal.then(|| Ending::Stopped.word().to_owned());
                Self { state: Phase::Stopped, step, stop: stop.map(StopKind::word), ending, held: None }
            }
            // The ledger knows more, or will in a moment.
            Position::Processing | Position::Confirmation => {
                Self { state: Phase::Processing, ..Self::default() }
            }
        }
    }

    /// Where a journey stood when its session ended.
    fn left(step: &'static str, stop: Option<StopKind>) -> Self {
        let ending = if stop.is_some() { Ending::Stopped } else { Ending::Abandoned };
        let ending = Some(ending.word().to_owned());
        Self { state: Phase::Ended, step: Some(step), stop: stop.map(StopKind::word), ending, held: None }
    }
}
