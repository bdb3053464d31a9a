//! What is counted about the visitors: requests by page and status, journeys by step and ending.
//!
//! Labels are patterns of routes and words of ours. Never a path as it was asked for, nor anything else that came
//! with a request: a label is kept for as long as the server runs, and everyone who watches it can read it.

use std::time::Duration;

use axum::extract::MatchedPath;
use http::{Method, StatusCode};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::{Registry, Unit},
};

use crate::journey::{EvalContext, Journey, Position, Step};

/// Seconds. The last is about what a request may take.
const BUCKETS: [f64; 11] = [0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 100.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    step: String,
    method: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    step: String,
    method: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Memo {
    step: &'static str,
    led_to: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    step: &'static str,
    ending: &'static str,
}

/// The counters. A clone counts on.
#[derive(Clone)]
pub struct Metrics {
    requests: Family<Request, Counter>,
    seconds: Family<Asked, Histogram, fn() -> Histogram>,
    answered: Family<Memo, Counter>,
    ended: Family<Ended, Counter>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            answered: Family::default(),
            ended: Family::default(),
        }
    }
}

impl Metrics {
    /// A request was answered; `planned`, if with the page of who comes out of hours, which is no failure.
    pub fn request(
        &self,
        page: Option<&MatchedPath>,
        method: &Method,
        status: StatusCode,
        took: Duration,
        planned: bool,
    ) {
        let method = match *method {
            Method::GET => "GET",
            Method::POST => "POST",
            // A browser may call it anything.
            _ => "other",
        };
        let step = match page {
            Some(_) if planned => "outage".to_owned(),
            Some(page) => step(page.as_str()),
            None => "none".to_owned(),
        };
        self.seconds.get_or_create(&Asked { step: step.clone(), method }).observe(took.as_secs_f64());
        self.requests.get_or_create(&Request { step, method, status: status.as_u16() }).inc();
    }

    /// `step` was answered; where it led is where the journey stands now.
    pub fn answered(&self, step: Step, journey: &Journey, context: EvalContext<'_>) {
        let place = journey.position(context);
        self.answered.get_or_create(&Memo { step: step.slug(), led_to: word(place) }).inc();
        if place == Position::Stop
            && let Some(stop) = journey.stop(context)
        {
            self.ended(step, stop.kind.word());
        }
    }

    /// The person left, and it was not over yet.
    pub fn left(&self, journey: &Journey, context: EvalContext<'_>) {
        if let Position::Step(step) | Position::Ask(step) = journey.position(context) {
            self.ended(step, "left");
        }
    }

    /// NRG answered a submission, or did not: a word of the ledger.
    pub fn submitted(&self, outcome: &'static str) {
        self.ended(Step::Review, outcome);
    }

    fn ended(&self, step: Step, ending: &'static str) {
        self.ended.get_or_create(&Ended { step: step.slug(), ending }).inc();
    }

    /// Names them in the page of metrics.
    pub fn register(&self, registry: &mut Registry) {
        let requests = "Requests answered, by step or page, method and HTTP status";
        registry.register("requests", requests, self.requests.clone());
        let seconds = "How long requests took";
        registry.register_with_unit("request_duration", seconds, Unit::Seconds, self.seconds.clone());
        let answered = "Steps answered, and where the journey stood then";
        registry.register("steps_answered", answered, self.answered.clone());
        let ended =
            "Journeys that came to an ending or a stop, and at which step; some stops can be left again";
        registry.register("journeys_ended", ended, self.ended.clone());
    }
}

/// The slug of the step whose page it is, else the pattern of the page's route.
fn step(route: &str) -> String {
    match Step::ALL.into_iter().find(|step| step.path() == route) {
        Some(step) => step.slug().to_owned(),
        None => route.trim_start_matches('/').to_owned(),
    }
}

fn word(place: Position) -> &'static str {
    match place {
        Position::Step(step) => step.slug(),
        Position::Ask(_) => "ask",
        Position::Stop => "stop",
        Position::Processing => "processing",
        Position::Confirmation => "confirmation",
    }
}
