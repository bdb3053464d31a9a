//! Limits that contradict each other: a server runs with them, but one of the two does not do what it is for.

use crate::{
    config::{Limits, Settings},
    rate_limit::{ActionRates, Rate},
};

/// A line for each contradiction.
pub(super) fn contradictions(settings: &Settings) -> Vec<String> {
    let Settings { server, store, session, nrg, limits, .. } = settings;
    let mut lines = Vec::new();
    if let Some((endpoint, timeout)) = nrg.client.timeouts.0.iter().max_by_key(|(_, timeout)| **timeout)
        && server.drain <= *timeout
    {
        let (drain, timeout, endpoint): (_, _, &str) = (server.drain, timeout, endpoint.into());
        lines.push(format!(
            "server.drain ({drain:?}) is no longer than nrg.timeouts.{endpoint} ({timeout:?}): a submission under way when \
             the server is stopped may become unknown."
        ));
    }
    if store.pool.wait >= server.request_timeout {
        lines.push(format!(
            "store.connection_wait ({:?}) is no shorter than server.request_timeout ({:?}): a visitor gets no page that \
             asks to try again while the database is busy.",
            store.pool.wait, server.request_timeout
        ));
    }
    let caps = [
        ("most_per_address", session.caps.address),
        ("most_per_network", session.caps.network),
        ("most", session.caps.total),
    ];
    for (i, (inner, of_inner)) in caps.iter().enumerate() {
        let outer = caps.iter().skip(i + 1).find(|(_, of_outer)| *of_outer > 0 && of_inner > of_outer);
        if let Some((outer, of_outer)) = outer {
            lines.push(format!(
                "session.{inner} = {of_inner} is never reached: session.{outer} = {of_outer} is fewer."
            ));
        }
    }
    lines.extend(rates(limits));
    lines
}

fn rates(limits: &Limits) -> Vec<String> {
    let rates = limits.rates;
    let actions = [
        ("begin", rates.begin),
        ("look_up", rates.look_up),
        ("identity", rates.identity),
        ("credit", rates.credit),
        ("resume", rates.resume),
        ("feed", rates.feed),
        ("handover", rates.handover),
        ("mail", rates.mail),
    ];
    actions.into_iter().flat_map(|(action, rates)| of_action(action, rates)).collect()
}

/// What one session, number or meter may try is tried from an address, and everything counts for the affiliate.
fn of_action(action: &str, rates: ActionRates) -> Vec<String> {
    let ActionRates { address, session, person, meter, affiliate, partner, recipient } = rates;
    let pairs: [(&str, Option<Rate>, &str, Option<Rate>); 6] = [
        ("session", session, "address", address),
        ("person", person, "address", address),
        ("meter", meter, "address", address),
        ("address", address, "affiliate", affiliate),
        ("partner", partner, "affiliate", affiliate),
        ("recipient", recipient, "affiliate", affiliate),
    ];
    let contradicts = |inner: Option<Rate>, outer: Option<Rate>| {
        inner.zip(outer).is_some_and(|(inner, outer)| inner != outer && inner.is_beyond(outer))
    };
    let found = pairs.into_iter().filter(|(_, inner, _, outer)| contradicts(*inner, *outer));
    let line = |(inner, _, outer, _): (&str, _, &str, _)| {
        format!("limits.{action}.{inner} is never reached: limits.{action}.{outer} is stricter.")
    };
    found.map(line).collect()
}
