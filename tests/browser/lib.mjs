// What the browser tests share: one Chromium, visitors with a context of their own, and a walk that posts
// forms without drawing them, to get quickly to the page that is to be looked at.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { chromium } from "playwright-core";

/** Where the servers are, and where pictures and pages go. Set by tests/all/browser.rs. */
export const world = JSON.parse(process.env.ENROLL_BROWSER);
export const pictures = path.join(world.out, "pictures");
export const pages = path.join(world.out, "pages");
for (const folder of [pictures, pages]) {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
}

/** How Chromium is started. */
export const ARGUMENTS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

export const browser = await chromium.launch({
  executablePath: world.chromium,
  // The driver switches the cache off that people's browsers go back by.
  ignoreDefaultArgs: ["--disable-back-forward-cache"],
  args: ARGUMENTS,
});

/** A word of letters that no other person of this run has. */
let people = 0;
export const unique = () => {
  people += 1;
  return [...String(people)].map((digit) => "abcdefghij"[digit]).join("");
};

/** A browser without cookies. A request to another host fails the test that closes it. */
export async function visitor({ lang = "en", width = 390, height = 844, site = world.walked, ...rest } = {}) {
  const context = await browser.newContext({
    viewport: { width, height },
    locale: lang === "es" ? "es-US" : "en-US",
    // While a page passes into the next, Chromium takes no press; no visitor is as fast as these tests.
    reducedMotion: "reduce",
    ...rest,
  });
  // Long, since the machine of the gate runs the other tests beside these.
  context.setDefaultTimeout(90_000);
  const foreign = [];
  const errors = [];
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== site.base && url.protocol !== "blob:") foreign.push(request.url());
  });
  context.on("console", (message) => {
    // A refused form is a page with status 422, which the console calls an error.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
      errors.push(message.text());
    }
  });
  context.on("weberror", (error) => {
    // Where a test holds requests back, the sheet comes without the cache, and may be late for a gentle passage.
    if (!/Transition was (aborted|skipped)/.test(error.error())) errors.push(String(error.error()));
  });
  const page = await context.newPage();
  const last = { html: "", status: 0, size: 0 };
  page.on("response", async (response) => {
    const request = response.request();
    if (!request.isNavigationRequest() || request.frame() !== page.mainFrame()) return;
    if (response.status() >= 300 && response.status() < 400) return;
    last.pending = (async () => {
      last.status = response.status();
      last.html = await response.text().catch(() => "");
      last.size = (await request.sizes().catch(() => ({ responseBodySize: 0 }))).responseBodySize;
    })();
  });
  return {
    context, page, site, lang,
    /** The last document as it came: markup, status, bytes on the wire. */
    async document() {
      await last.pending;
      return last;
    },
    go: (to) => page.goto(site.base + to),
    /** Sends the form of the page by its last button, or by `button`. */
    async send(button) {
      const pressed = button ? page.locator(button) : sendButton(page);
      await Promise.all([page.waitForEvent("domcontentloaded"), pressed.click()]);
    },
    at: () => new URL(page.url()).pathname,
    walk: (person = {}) => new Walk(context.request, site.base, lang, person),
    /** What no page may cause: requests to other hosts, errors on the console. */
    faults: () => [...foreign.map((url) => `asked ${url}`), ...errors],
    /** Without cookies again, and on no page: one that waits would go elsewhere by itself while the next is asked for. */
    async forget() {
      await page.goto("about:blank");
      await context.clearCookies();
      foreign.length = 0;
      errors.length = 0;
    },
    async close() {
      await context.close();
      assert.deepEqual(this.faults(), []);
    },
  };
}

/** The button that sends the answers of a page. */
export const sendButton = (page) => page.locator("main form[method=post] button.button:not(.secondary)").last();

/** What the sandbox was asked, by name of the call. */
export async function count(site, endpoint) {
  return Number(await (await fetch(`${site.control}/count/${endpoint}`)).text());
}

/** Moves the clock of server and sandbox. */
export async function forward(site, seconds) {
  await fetch(`${site.control}/forward/${seconds}`);
}

/** Has the next call of `endpoint` answered after some seconds, or fail then. */
export async function late(site, endpoint, seconds, how = "answers") {
  await fetch(`${site.control}/late/${endpoint}/${seconds}/${how}`);
}

/** Answers pages by posting their forms. */
export class Walk {
  constructor(request, base, lang, person) {
    this.request = request;
    this.base = base;
    this.lang = lang;
    this.person = {
      zip: "77999", transaction: "MVI", number: "100", unit: "", first: "Jordan", ssn: "900-45-6789", brand: "RE",
      last: `Sample${unique()}`, ...person,
    };
    this.street = `${this.person.number} Example ${unique()} Ln`;
    this.html = "";
    this.path = "";
  }

  async get(to) {
    return this.keep(await this.request.get(this.base + to));
  }

  async post(to, form) {
    const revision = this.html.match(/name="revision" value="(\d+)"/)?.[1] ?? "0";
    const visit = this.html.match(/name="visit" value="(\w+)"/)?.[1] ?? "";
    const agreed = this.html.match(/name="agreed" value="([^"]*)"/)?.[1];
    const question = this.html.match(/name="question" value="(\w+)"/)?.[1];
    return this.keep(await this.request.post(this.base + to, {
      form: { visit, revision, ...(agreed && { agreed }), ...(question && { question }), ...form },
      headers: { origin: this.base, "sec-fetch-site": "same-origin" },
    }));
  }

  async keep(answer) {
    this.html = await answer.text();
    this.path = new URL(answer.url()).pathname;
    return this;
  }

  async zip() {
    await this.get(`/?lang=${this.lang}`);
    return this.post(`/?lang=${this.lang}`, { zip: this.person.zip, transaction: this.person.transaction });
  }

  async plan() {
    await this.zip();
    return this.choose();
  }

  /** Chooses a plan of the person's brand on the page of plans. */
  async choose() {
    const card = this.html.match(new RegExp(
      `name="brand" value="(${this.person.brand})">\\s*<input type="hidden" name="offer" value="(\\w+)">\\s*` +
      `<input type="hidden" name="digest" value="(\\w+)">`,
    ));
    assert.ok(card, `no plan of ${this.person.brand} at ${this.path}`);
    return this.post("/plans", { brand: card[1], offer: card[2], digest: card[3] });
  }

  async address() {
    await this.plan();
    return this.post("/address", { street: this.street, unit: this.person.unit, city: "Sampleton", esi_id: "", bills_here: "yes" });
  }

  async contact() {
    await this.address();
    return this.post("/contact", {
      first_name: this.person.first, last_name: this.person.last, email: "jordan.samplecase@example.com",
      phone: "713-555-0142", language: this.lang,
    });
  }

  /** The page of the billing address is passed over. */
  async billing() { return this.contact(); }

  async identity() {
    await this.billing();
    return this.post("/identity", {
      birth_date_month: "3", birth_date_day: "28", birth_date_year: "1985", document: "ssn", ssn: this.person.ssn,
    });
  }

  async startDate() {
    await this.identity();
    const date = this.html.match(/name="date" value="([\d-]+)"/)?.[1];
    assert.ok(date, `no date at ${this.path}`);
    return this.post("/start-date", { date });
  }

  async deposit() {
    await this.startDate();
    return this.post("/deposit", { choice: "go_on" });
  }

  async review() {
    await (this.person.ssn === "900-45-6789" ? this.startDate() : this.deposit());
    return this.submit();
  }

  async submit() {
    return this.post("/review", { paperless: "yes", documents: "yes", affirmation: "yes", records: "yes" });
  }

  /** Until the submission is over. */
  async enrolled() {
    await this.review();
    for (let n = 0; n < 200 && this.path === "/processing" && /http-equiv="refresh" content="[1-9];/.test(this.html); n += 1) {
      await new Promise((done) => setTimeout(done, 100));
      await this.get("/processing");
    }
    return this;
  }
}

