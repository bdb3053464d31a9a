//! The metrics of the pages: requests by page and status, journeys by step and ending.
//!
//! Labels are patterns of routes and words of this program, never a path that was requested nor anything else from a
//! request: a label stays for as long as the server runs, and everyone who reads the metrics can see it.

use std::{collections::BTreeSet, time::Duration};

use axum::extract::MatchedPath;
use http::{Method, StatusCode};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::{Registry, Unit},
};

use crate::journey::{EvalContext, Journey, Position, Step, Unusable};

/// In seconds. The last is about the time limit of a request.
const BUCKETS: [f64; 11] = [0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 100.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    step: String,
    method: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestDuration {
    step: String,
    method: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    step: &'static str,
    led_to: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    step: &'static str,
    ending: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct BotSign {
    sign: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LimitReached {
    action: &'static str,
    by: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct UnusableParam {
    name: String,
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FollowUp {
    told: &'static str,
}

/// The word that a response is counted by instead of its page: its status is meant so, and is no failure of the page.
#[derive(Clone, Copy)]
pub struct CountedAs(pub &'static str);

/// The metrics. A clone shares the counters.
#[derive(Clone)]
pub struct Metrics {
    requests: Family<Request, Counter>,
    seconds: Family<RequestDuration, Histogram, fn() -> Histogram>,
    answered: Family<Answered, Counter>,
    ended: Family<Ended, Counter>,
    bot_signs: Family<BotSign, Counter>,
    limits_reached: Family<LimitReached, Counter>,
    many_numbers: Counter,
    unusable_params: Family<UnusableParam, Counter>,
    follow_ups: Family<FollowUp, Counter>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            answered: Family::default(),
            ended: Family::default(),
            bot_signs: Family::default(),
            limits_reached: Family::default(),
            many_numbers: Counter::default(),
            unusable_params: Family::default(),
            follow_ups: Family::default(),
        }
    }
}

impl Metrics {
    /// Counts a request, by its page unless the answer says by which word.
    pub fn request(
        &self,
        page: Option<&MatchedPath>,
        method: &Method,
        status: StatusCode,
        took: Duration,
        counted_as: Option<CountedAs>,
    ) {
        let method = match *method {
            Method::GET => "GET",
            Method::POST => "POST",
            // The method is text from the request.
            _ => "other",
        };
        let step = match (page, counted_as) {
            (Some(_), Some(CountedAs(word))) => word.to_owned(),
            (Some(page), None) => step(page.as_str()),
            (None, _) => "none".to_owned(),
        };
        self.seconds
            .get_or_create(&RequestDuration { step: step.clone(), method })
            .observe(took.as_secs_f64());
        self.requests.get_or_create(&Request { step, method, status: status.as_u16() }).inc();
    }

    /// Counts an answer to `step`, and the position it led to, which is that of `journey` now.
    pub fn answered(&self, step: Step, journey: &Journey, context: EvalContext<'_>) {
        let position = journey.position(context);
        self.answered.get_or_create(&Answered { step: step.slug(), led_to: word(position) }).inc();
        if position == Position::Stop
            && let Some(stop) = journey.stop(context)
        {
            self.ended(step, stop.kind.word());
        }
    }

    /// Counts a visitor who left before the journey ended.
    pub fn left(&self, journey: &Journey, context: EvalContext<'_>) {
        if let Position::Step(step) | Position::Ask(step) = journey.position(context) {
            self.ended(step, "left");
        }
    }

    /// Counts a submission by its outcome, a word of the ledger.
    pub fn submitted(&self, outcome: &'static str) {
        self.ended(Step::Review, outcome);
    }

    /// Counts a form that shows this sign of a program.
    pub fn bot_sign(&self, sign: &'static str) {
        self.bot_signs.get_or_create(&BotSign { sign }).inc();
    }

    /// Counts a try that was one too many: what was tried, and which limit it exceeded.
    pub fn limit_reached(&self, action: &'static str, by: &'static str) {
        self.limits_reached.get_or_create(&LimitReached { action, by }).inc();
    }

    /// Counts a number from an address that has tried many others.
    pub fn many_numbers(&self) {
        self.many_numbers.inc();
    }

    /// Counts the parameters of a link whose values are not kept, with the reasons. The names are those of the settings.
    pub fn link(&self, unusable: &BTreeSet<(String, Unusable)>) {
        for (name, reason) in unusable {
            let label = UnusableParam { name: name.clone(), reason: reason.into() };
            self.unusable_params.get_or_create(&label).inc();
        }
    }

    /// Counts a question to NRG about an enrolled account, by what it told.
    pub fn followed_up(&self, told: &'static str) {
        self.follow_ups.get_or_create(&FollowUp { told }).inc();
    }

    fn ended(&self, step: Step, ending: &'static str) {
        self.ended.get_or_create(&Ended { step: step.slug(), ending }).inc();
    }

    /// Registers the metrics.
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
        let bot_signs =
            "Forms that show a sign of a program: the honeypot filled in, or an identity given too fast";
        registry.register("bot_signs", bot_signs, self.bot_signs.clone());
        let reached = "Tries refused by a rate limit, by what was tried and whose limit it was";
        registry.register("limits_reached", reached, self.limits_reached.clone());
        let many =
            "Tries with a number from an address that had tried more than limits.numbers_per_address others";
        registry.register("many_numbers", many, self.many_numbers.clone());
        let unusable = "Parameters of clicks whose values are not kept, by name and reason";
        registry.register("unusable_link_params", unusable, self.unusable_params.clone());
        let followed =
            "Questions to NRG about enrolled accounts, by what it told: held, released, unknown, failed";
        registry.register("follow_ups", followed, self.follow_ups.clone());
    }
}

/// The slug of the step with this route, else the route's pattern.
fn step(route: &str) -> String {
    match Step::ALL.into_iter().find(|step| step.path() == route) {
        Some(step) => step.slug().to_owned(),
        None => route.trim_start_matches('/').to_owned(),
    }
}

fn word(position: Position) -> &'static str {
    match position {
        Position::Step(step) => step.slug(),
        Position::Ask(_) => "ask",
        Position::Stop => "stop",
        Position::Processing => "processing",
        Position::Confirmation => "confirmation",
    }
}
