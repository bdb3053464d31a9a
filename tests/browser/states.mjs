// Every page the site has, and every page a mistake leads to: its name, and the way there.

import { Walk, forward, world } from "./lib.mjs";

const person = (of, stage) => async (visitor) => {
  const walk = visitor.walk(of);
  await walk[stage]();
  await visitor.go(walk.path);
};
const plain = (to) => async (visitor) => { await visitor.go(`${to}?lang=${visitor.lang}`); };
const linked = (to) => async (visitor) => { await visitor.go(`${to}&lang=${visitor.lang}`); };
/** The page of `way`, and then a form that is sent as it stands, or as `mistakes` fill it in. */
const wrong = (way, mistakes = async () => {}) => async (visitor) => {
  await way(visitor);
  await mistakes(visitor.page);
  await visitor.send();
};
const plans = (query = "") => async (visitor) => {
  await visitor.walk().zip();
  await visitor.go(`/plans${query}`);
};
/** A page that only the answer to a form has: shown by sending it in the browser. */
const sent = (of, stage, fill, button) => async (visitor) => {
  await person(of, stage)(visitor);
  await fill(visitor.page);
  await visitor.send(button);
};
/** Saved for later, and the link followed. */
const resumed = (of, stage) => async (visitor) => {
  const walk = visitor.walk(of);
  await walk[stage]();
  await walk.post("/later", {});
  await visitor.go(walk.html.match(/\/resume\?code=[\w-]{14}/)[0] + `&lang=${visitor.lang}`);
};
/** The link of a partner that has given this of a customer. */
const handedOver = (given) => async (visitor) => {
  const asked = await visitor.context.request.post(`${visitor.site.base}/api/journeys`, {
    headers: { authorization: `Bearer ${visitor.site.key}` }, data: { lang: visitor.lang, ...given },
  });
  const { link } = await asked.json();
  await visitor.go(link.slice(link.indexOf("/handed-over")));
};
const customer = {
  zip: "77999", type: "MVI", brand: "RE", offer_code: "51010401", street: "100 Example Oak Ln", city: "Sampleton",
  first_name: "Jordan", last_name: "Samplecase", email: "jordan@example.com", phone: "713-555-0142",
};
/** A link that is followed where the journey has come to. */
const linkedUpon = (of, stage) => async (visitor) => {
  await person(of, stage)(visitor);
  await visitor.go(`/?cid=new&zip=75999&lang=${visitor.lang}`);
};
/** Enrolled, and the link followed by which it is looked up. */
const lookedUp = (of) => async (visitor) => {
  const walk = visitor.walk(of);
  await walk.enrolled();
  await walk.post("/status-link", {});
  await visitor.go(walk.html.match(/\/status\?code=[\w-]{14}/)[0] + `&lang=${visitor.lang}`);
};
/** The page of the billing address, which only those see who have another one. */
const billing = async (visitor) => {
  await person({}, "contact")(visitor);
  await visitor.go("/billing");
};
const billed = (number) => async (visitor) => {
  await billing(visitor);
  await billedTo(number)(visitor.page);
  await visitor.send();
};
const billedTo = (number) => async (page) => {
  await page.check("[value=street]");
  await page.fill("#street", `${number} Example Elm St`);
  await page.fill("#city", "Sampleton");
  await page.fill("#zip", "77999");
};
const born = async (page) => {
  await page.fill("#birth_date_month", "3");
  await page.fill("#birth_date_day", "28");
  await page.fill("#birth_date_year", "1985");
};
const withSsn = (ssn) => async (page) => { await born(page); await page.fill("#ssn", ssn); };

/** A journey on the server where nothing is out: cookies know no ports. */
const begun = (visitor) => new Walk(visitor.context.request, world.seen.base, visitor.lang, {});

/** Where a state must have led. */
export function at(name) {
  const begins = {
    "waiting-zip": "/", "waiting-plans": "/plans", "waiting-address": "/address", "waiting-ask": "/ask", "waiting-dates": "/start-date",
    "waiting-credit": "/start-date", "waiting": "/identity",
    "stop": "/stop", "ask": "/ask", "zip": "/", "plans": "/plans", "plan-": "/plans/RE/51010401", "compare": "/plans/compare",
    "address": "/address", "contact": "/contact", "billing": "/billing", "identity": "/identity", "quiz": "/quiz",
    "start-date": "/start-date", "deposit": "/deposit", "review": "/review", "processing": "/processing",
    "confirmation": "/confirmation", "pay-return": "/pay/return", "pay": "/pay", "session": "/session-ended", "cookie-refused": "/", "leave": "/leave", "later": "/later", "resume": "/resume", "handed-over": "/handed-over",
    "status-link": "/status-link", "status": "/status",
    "link-builder": "/link-builder", "outage-plans": "/plans", "outage-brand": "/contact", "outage": "/", "stale": "/contact", "cross-site": "/contact", "not-found": "/nowhere", "plan": "/plans/PW/54010501",
  };
  return Object.entries(begins).find(([begin]) => name.startsWith(begin))?.[1] ?? `/${name}`;
}

export const states = {
  "zip": plain("/"),
  "zip-wrong": wrong(plain("/")),
  "how-it-works": plain("/how-it-works"),
  "help": plain("/help"),
  "about": plain("/about"),
  "privacy": plain("/privacy"),
  "accessibility": plain("/accessibility"),
  "link-builder": plain("/link-builder"),
  "link-builder-made": linked("/link-builder?zip=77999&type=MVI&brand=GM&offer=52010401&link_lang=es&cid=abc-123&sub1=top+banner"),
  "link-builder-wrong": linked("/link-builder?zip=7799&offer=1&promo=NOSUCH&cid=a%40b"),
  "not-found": plain("/nowhere"),
  "zip-fails": wrong(plain("/"), async (page) => { await page.fill("#zip", "77980"); await page.check("[value=MVI]"); }),
  "zip-link": linked("/?zip=7799&type=BOTH&brand=XX&promo=NOSUCH"),
  "zip-link-offer": linked("/?brand=CE&offer=1"),
  "zip-link-language": async (visitor) => { await visitor.go("/?lang=fr"); },
  "zip-link-begun": async (visitor) => {
    await visitor.walk().zip();
    await visitor.go("/?brand=GM&offer=52010401");
  },
  "stop-link": linkedUpon({ last: "Restricted" }, "identity"),
  "processing-link": linkedUpon({ first: "Cut" }, "enrolled"),
  "confirmation-link": linkedUpon({}, "enrolled"),
  "plans-link-gone": linked("/?zip=77999&type=MVI&brand=GM&offer=99999999"),
  "stop-area": person({ zip: "77990" }, "zip"),
  "ask-utility": person({ zip: "77997" }, "zip"),
  "ask-utility-wrong": wrong(person({ zip: "77997" }, "zip")),

  "plans": plans(),
  "plans-filtered": plans("?kind=fixed&term=12&sort=2000"),
  "plans-my-use": plans("?home=1500"),
  "plans-use-wrong": plans("?usage=a+lot"),
  "plans-no-match": plans("?kind=indexed&green=yes"),
  "plans-ticked": plans("?compare=RE-51010101&compare=PW-54010501"),
  "plans-none": person({ zip: "77992" }, "zip"),
  "plans-default": person({ zip: "77994" }, "zip"),
  "plans-fail": person({ zip: "77995" }, "zip"),
  "plans-advised": person({ zip: "77979" }, "zip"),
  "plans-odd": person({ zip: "77978" }, "zip"),
  "plans-discounts": person({ zip: "77986" }, "zip"),
  "plans-many": async (visitor) => { await visitor.walk({ zip: "77988" }).zip(); await visitor.go("/plans?page=3"); },
  "plans-other-utility": person({ number: "810" }, "address"),
  "plan": plans("/PW/54010501"),
  "plan-credit": plans("/RE/51010401?usage=1,350"),
  "compare": plans("/compare?compare=RE-51010401&compare=PW-54010501&compare=GM-52010401&home=1000"),
  "compare-too-many": plans("/compare?compare=RE-51010401&compare=PW-54010501&compare=GM-52010401&compare=DE-55010101"),
  "compare-none": plans("/compare"),

  "address": person({}, "plan"),
  "address-wrong": wrong(person({}, "plan")),
  "address-esi-id-wrong": wrong(person({}, "plan"), async (page) => {
    await page.locator("summary").click();
    await page.fill("#esi_id", "123");
  }),
  "address-fails": sent({}, "plan", async (page) => { await page.fill("#street", "440 Oak"); await page.fill("#city", "Sampleton"); }),
  "ask-suggestion": person({ number: "200" }, "address"),
  "ask-suggestion-wrong": wrong(person({ number: "200" }, "address")),
  "ask-unit": person({ number: "300" }, "address"),
  "ask-unit-wrong": wrong(person({ number: "300" }, "address")),
  "ask-unit-unknown": person({ number: "300", unit: "9" }, "address"),
  "ask-unit-long": person({ number: "320" }, "address"),
  "ask-unit-narrowed": async (visitor) => { await visitor.walk({ number: "320" }).address(); await visitor.go("/ask?contains=4"); },
  "ask-unit-no-match": async (visitor) => { await visitor.walk({ number: "320" }).address(); await visitor.go("/ask?contains=77"); },
  "ask-not-verified": person({ number: "400" }, "address"),
  "ask-meter": person({ number: "720" }, "address"),
  "ask-meter-wrong": wrong(person({ number: "720" }, "address")),
  "stop-business": person({ number: "500" }, "address"),
  "stop-switch-hold": person({ number: "600", transaction: "SWI" }, "address"),
  "stop-own-customer": person({ number: "610", transaction: "SWI" }, "address"),

  "contact": person({}, "address"),
  "contact-wrong": wrong(person({}, "address")),
  "contact-garbled": wrong(person({}, "address"), async (page) => {
    await page.fill("#first_name", "J0rdan");
    await page.fill("#last_name", "O'Sample-Núñez");
    await page.fill("#email", "jordan@");
    await page.fill("#phone", "555");
  }),
  "billing": billing,
  "billing-street-wrong": wrong(billing, (page) => page.check("[value=street]")),
  "billing-po-box-wrong": wrong(billing, (page) => page.check("[value=po_box]")),
  "ask-billing": billed("200"),
  "ask-billing-unit": billed("300"),

  "identity": person({}, "billing"),
  "identity-wrong": wrong(person({}, "billing")),
  "identity-licence-wrong": wrong(person({}, "billing"), (page) => page.check("[value=licence]")),
  "identity-half-wrong": wrong(person({}, "billing"), async (page) => {
    await page.fill("#birth_date_month", "3");
    await page.fill("#birth_date_year", "1985");
    await page.fill("#ssn", "900-45");
  }),
  "identity-not-verified": person({ last: "Posidfail" }, "identity"),
  "identity-changed-since": async (visitor) => {
    const walk = visitor.walk({ last: "Posidfail" });
    await walk.identity();
    await walk.get("/contact");
    await walk.post("/contact", {
      first_name: "Jordana", last_name: "Posidfail", email: "jordan.samplecase@example.com", phone: "713-555-0142", language: visitor.lang,
    });
    await visitor.go("/identity");
  },
  "identity-nothing-changed": sent({ last: "Posidfail" }, "identity", born),
  "identity-token-unusable": person({ last: "Tokendown" }, "identity"),
  "identity-fails": sent({ last: "Technical" }, "billing", withSsn("900-45-6789")),
  "stop-attempts": person({ last: "Failmax" }, "identity"),
  "stop-customer": person({ last: "Current" }, "identity"),
  "stop-restricted": person({ last: "Restricted" }, "identity"),
  "stop-hold": person({ last: "Holdrestricted" }, "identity"),
  "stop-other": person({ last: "Oddcode" }, "identity"),
  "stop-no-id": sent({}, "billing", (page) => page.check("[value=none]"), ".if-none button"),
  "ask-past-service": person({ last: "Pastservice" }, "identity"),
  "ask-past-service-wrong": wrong(person({ last: "Pastservice" }, "identity")),
  "ask-past-balance": person({ last: "Pastbalance" }, "identity"),
  "quiz": person({ last: "Kba" }, "identity"),
  "quiz-wrong": wrong(person({ last: "Kba" }, "identity")),
  "stop-quiz": sent({ last: "Kba" }, "identity", async (page) => {
    const wrongOnes = page.locator("main label", { hasNotText: /^Sample/ });
    const seen = new Set();
    for (const label of await wrongOnes.all()) {
      const name = await label.evaluate((element) => element.control?.name ?? "");
      if (!/^q\d/.test(name) || seen.has(name)) continue;
      seen.add(name);
      await label.click();
    }
  }),

  "start-date": person({}, "identity"),
  "start-date-wrong": wrong(person({}, "identity")),
  "start-date-not-offered": wrong(person({}, "identity"), (page) => page.fill("#typed", "7/4/2030")),
  "start-date-not-a-date": wrong(person({}, "identity"), (page) => page.fill("#typed", "soon")),
  "start-date-hold": person({ number: "600" }, "identity"),
  "start-date-no-meter": person({ number: "700" }, "identity"),
  "start-date-fails": person({ number: "840" }, "identity"),
  "stop-no-meter": person({ number: "710" }, "identity"),
  "stop-freeze": person({ ssn: "900-45-0001" }, "startDate"),
  "stop-fraud": person({ ssn: "900-45-0002" }, "startDate"),
  "stop-deposit-unknown": person({ ssn: "900-45-0009" }, "startDate"),
  "deposit": person({ ssn: "900-45-0350" }, "startDate"),
  "deposit-papers": async (visitor) => {
    const walk = visitor.walk({ ssn: "900-45-0350" });
    await walk.startDate();
    await walk.post("/deposit", { choice: "papers" });
    await visitor.go(walk.path);
  },
  "deposit-same-number": async (visitor) => {
    const walk = visitor.walk({ ssn: "900-45-0350" });
    await walk.startDate();
    await walk.post("/deposit", { choice: "with_ssn", ssn: "900-45-0350" });
    await visitor.go(walk.path);
  },
  "deposit-wrong": wrong(person({ ssn: "900-45-0350" }, "startDate")),
  "deposit-number-wrong": wrong(person({ ssn: "900-45-0350" }, "startDate"), (page) => page.check("[value=with_ssn]")),

  "review": person({}, "startDate"),
  "review-switch": person({ transaction: "SWI" }, "startDate"),
  "review-deposit": person({ ssn: "900-45-0350" }, "deposit"),
  "contact-advised": person({ zip: "77979" }, "address"),
  "review-advised": person({ zip: "77979" }, "startDate"),
  "review-discounts": person({ zip: "77986" }, "startDate"),
  "review-undecided": person({ last: "Undecided" }, "startDate"),
  "review-wrong": wrong(person({}, "startDate")),
  "ask-recent": async (visitor) => {
    const first = visitor.walk();
    await first.enrolled();
    await visitor.context.clearCookies();
    const again = visitor.walk({ last: first.person.last });
    again.street = first.street;
    await again.review();
    await visitor.go(again.path);
  },
  "processing": person({ first: "Hang" }, "review"),
  "processing-unknown": person({ first: "Cut" }, "enrolled"),
  "stop-refused": person({ first: "Never" }, "enrolled"),
  "stop-refused-once": person({ first: "Notyet" }, "enrolled"),
  "confirmation": person({}, "enrolled"),
  "confirmation-switch": person({ transaction: "SWI" }, "enrolled"),
  "confirmation-accepted": person({ first: "Blank" }, "enrolled"),
  "confirmation-duplicate": person({ first: "Already" }, "enrolled"),
  "confirmation-switch-hold": person({ number: "600" }, "enrolled"),
  "confirmation-listed": person({ first: "Listed" }, "enrolled"),
  "confirmation-unread": person({ first: "Unread" }, "enrolled"),
  "status-link": sent({}, "enrolled", async () => {}, "form[action='/status-link'] button"),
  "status": linked("/status?code=AAAA-AAAA-AAAA"),
  "status-code": plain("/status"),
  "status-code-wrong": wrong(plain("/status")),
  "status-gone": wrong(linked("/status?code=AAAA-AAAA-AAAA"), (page) => page.fill("#phone", "713 555 0142")),
  "status-shown": wrong(lookedUp({}), (page) => page.fill("#phone", "713 555 0142")),
  "confirmation-deposit": person({ ssn: "900-45-0200" }, "enrolled"),
  "pay": async (visitor) => { await visitor.walk({ ssn: "900-45-0200" }).enrolled(); await visitor.go("/pay"); },
  "pay-return": async (visitor) => { await visitor.walk({ ssn: "900-45-0200" }).enrolled(); await visitor.go("/pay/return"); },

  // On the server whose visitors wait for ever.
  "waiting-zip": person({ zip: "77982" }, "zip"),
  "waiting-address": person({ number: "441" }, "address"),
  "waiting-identity": person({ last: "Slow" }, "identity"),
  "waiting-long": async (visitor) => {
    const walk = visitor.walk({ last: "Slow" });
    await walk.identity();
    await forward(visitor.site, 70);
    await visitor.go(walk.path);
  },
  "waiting-dates": person({ number: "841" }, "identity"),
  "waiting-credit": person({ ssn: "900-45-0005" }, "startDate"),

  // On the other server of the same visitors.
  "outage": plain("/"),
  "outage-plans": async (visitor) => { await begun(visitor).zip(); await visitor.go("/plans"); },
  "outage-brand": async (visitor) => { await begun(visitor).address(); await visitor.go("/contact"); },

  "leave": async (visitor) => { await visitor.walk().address(); await visitor.go("/leave"); },
  "leave-submitted": async (visitor) => { await visitor.walk().enrolled(); await visitor.go("/leave"); },
  "zip-begun": async (visitor) => { await visitor.walk().address(); await visitor.go(`/?zip=75999&lang=${visitor.lang}`); },
  "later": sent({}, "identity", async () => {}, "form[action='/later'] button"),
  "resume": resumed({}, "identity"),
  "resume-wrong": wrong(resumed({}, "identity"), async (page) => { await born(page); await page.fill("#birth_date_day", "27"); }),
  "resume-half-wrong": wrong(resumed({}, "identity"), (page) => page.fill("#birth_date_day", "1")),
  "resume-phone": resumed({}, "contact"),
  "resume-plain": resumed({}, "plan"),
  "resume-code": plain("/resume"),
  "resume-code-wrong": wrong(plain("/resume")),
  "resume-code-short-wrong": wrong(plain("/resume"), (page) => page.fill("#code", "7klm-23xy")),
  "resume-gone": linked("/resume?code=AAAA-AAAA-AAAA"),
  "handed-over": handedOver(customer),
  "handed-over-begun": async (visitor) => { await visitor.walk().address(); await handedOver({})(visitor); },
  "handed-over-gone": linked("/handed-over?code=AAAA-AAAA-AAAA"),
  "address-given": wrong(handedOver(customer)),

  "cookie-refused": async (visitor) => { await visitor.go(`/?cookie=set&lang=${visitor.lang}`); },
  "session-saved": async (visitor) => {
    const walk = visitor.walk();
    await walk.identity();
    await walk.post("/later", {});
    await visitor.go("/contact");
  },
  "session-left": async (visitor) => { await visitor.go(`/session-ended?left=1&lang=${visitor.lang}`); },
  "session-ended": plain("/session-ended"),
  "session-none": plain("/confirmation"),
  "stale": async (visitor) => {
    await person({}, "address")(visitor);
    // Another brand is chosen in another tab: the page asks for another consent now.
    const walk = visitor.walk({ brand: "GM" });
    await walk.get("/plans");
    await walk.choose();
    await visitor.page.fill("#first_name", "Jordan");
    await visitor.send();
  },
  // A form of another site: the browser sends no cookie with it.
  "cross-site": async (visitor) => {
    await visitor.page.goto("about:blank");
    await visitor.page.setContent(
      `<form method="post" action="${visitor.site.base}/contact?lang=${visitor.lang}"><button class="button">Send</button></form>`,
    );
    await Promise.all([visitor.page.waitForEvent("domcontentloaded"), visitor.page.click("button")]);
  },
};
