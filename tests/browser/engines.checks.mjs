// What a visitor does in every browser, in words that Firefox and WebKitGTK are driven by, too.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import path from "node:path";
import { edgeless, hiddenBySheet, hold, markBoxes, notePassage, overflow } from "./audit.mjs";
import { pictures, unique, world } from "./lib.mjs";
import { Firefox, WebKit, until, visitorIn } from "./engines.mjs";
import { Pointer, enroll } from "./steps.mjs";

/** Title, walk, and how its visitor differs: `only` in these engines, at this `width`, and as `visitorIn` takes it. */
export const checks = [];
const check = (title, walk, options = {}) => checks.push({ title, walk, options });

/** The engines beside Chromium that are on this machine, not yet begun. */
export const engines = () => [["Firefox", Firefox, world.firefox], ["WebKit", WebKit, world.webkit]]
  .filter(([, , program]) => program)
  .map(([engine, Engine, program]) => ({ engine, browser: new Engine(program) }));

/** Runs a check for a visitor in `browser`. Gives its error, if there is one. */
export async function visit(browser, { title, walk, options }, visitor) {
  const began = Date.now();
  const error = await visitorIn(browser, { site: world.engines, ...visitor, ...options })
    .then(walk).then(() => undefined, (error) => error);
  console.log(`${title}, ${browser.constructor.name}: ${Date.now() - began} ms`);
  return error;
}

const born = async (page) => {
  await page.fill("#birth_date_month", "3");
  await page.fill("#birth_date_day", "28");
  await page.fill("#birth_date_year", "1985");
};

/** At `stage` of the plain walk. */
async function walked(someone, stage, of) {
  const walk = someone.walk(of);
  await walk[stage]();
  // A page that waits for news is still going to change.
  await until("the news", async () => !/data-refresh/.test(walk.html) || (await walk.get(walk.path), false));
  await someone.go(walk.path);
}

/** What is wrong with a page wherever it is shown: it is too wide, or what nobody sees takes the focus. */
export async function faults({ page }) {
  const hidden = await page.evaluate(() => {
    const taken = [...document.querySelectorAll("input[type=hidden]")].filter((input) => {
      input.focus();
      return document.activeElement === input;
    });
    document.activeElement?.blur();
    return taken.length > 0 ? `${taken.length} hidden inputs take the focus` : "";
  });
  return [await overflow(page), hidden].filter(Boolean).map((one) => `${page.url()}: ${one}`);
}

/** Enrolls, and looks at every page on the way. */
async function lookedAt(someone, options) {
  const wrong = [];
  await enroll(new Pointer(someone), { ...options, before: async (visitor) => wrong.push(...await faults(visitor)) });
  hold(wrong);
}

check("a plain move-in", (someone) => lookedAt(someone));

check("a deposit is paid at the gateway, and back", async (someone) => {
  const { page } = someone;
  await lookedAt(someone, { ssn: "900-45-0200" });
  await someone.go("/pay");
  await someone.send("main form .button");
  assert.equal(someone.at(), "/gateway/pay");
  const pay = page.locator("a", { hasText: /^Pay$/ });
  // The servers of the tests do not know their own port.
  await page.evaluate((base) => document.querySelectorAll("a").forEach((link) => {
    link.href = link.href.replace(new URL(link.href).origin, base);
  }), someone.site.base);
  await pay.click();
  await page.waitForURL("**/pay/return");
  hold(await faults(someone));
  await someone.go("/confirmation");
  assert.equal(someone.at(), "/confirmation");
});

check("a stop says why, and whom to call", async (someone) => {
  const { page } = someone;
  await someone.go(`/?lang=${someone.lang}`);
  await page.fill("#zip", "77990");
  await page.check("[value=MVI]");
  await someone.send();
  assert.equal(someone.at(), "/stop");
  assert.match(await page.locator(".phone-number").textContent(), /\d/);
  hold(await faults(someone));
});

check("what was saved for later goes on", async (someone) => {
  const { page } = someone;
  await walked(someone, "identity");
  await someone.send("form[action='/later'] button");
  const link = await page.locator(".saved a").evaluate((element) => element.href);
  await someone.forget();
  await someone.go(link.slice(link.indexOf("/resume")));
  await born(page);
  hold(await faults(someone));
  await someone.send();
  assert.equal(someone.at(), "/start-date");
});

check("a move-in without script", async (someone) => {
  await someone.go("/");
  await someone.page.evaluate(() => document.querySelector("h1").textContent);
  await lookedAt(someone);
  assert.equal(await someone.page.locator("[data-print]").evaluate((button) => button.hidden), true, "script runs");
}, { javaScriptEnabled: false });

check("what is corrected after the browser's Back counts", async (someone) => {
  const { page } = someone;
  await walked(someone, "address");
  const name = async (first) => {
    await page.fill("#first_name", first);
    await someone.send();
    assert.equal(someone.at(), "/identity");
  };
  await page.fill("#last_name", `Sample${unique()}`);
  await page.fill("#email", "jordan.samplecase@example.com");
  await page.fill("#phone", "713-555-0142");
  await name("Jordan");
  await page.back();
  assert.equal(someone.at(), "/contact");
  await name("Robin");
  await page.back();
  await someone.send();
  assert.equal(someone.at(), "/identity");
  await someone.go("/contact");
  assert.equal(await page.locator("#first_name").inputValue(), "Robin");
});

check("Tab goes through the plans by what is seen", async (someone) => {
  const { page } = someone;
  await walked(someone, "zip");
  for (let n = 0; n < 60; n += 1) {
    await page.browser.key("\uE004");
    const at = await page.evaluate(() => document.activeElement?.matches("input[type=hidden]") && document.activeElement.outerHTML);
    assert.ok(!at, at);
  }
});

check("at text of 200 % nothing runs off the page", async (someone) => {
  const { page, browser } = someone;
  const wrong = [];
  for (const stage of ["get", "zip", "plan", "identity", "enrolled"]) {
    await someone.forget();
    if (stage === "get") await someone.go("/");
    else await walked(someone, stage);
    const size = () => page.evaluate(() => document.querySelector(".top-phone b").getBoundingClientRect().height);
    const plain = await size();
    // Firefox keeps it for one page.
    await browser.set({ text: 2 });
    try {
      await until("large text", async () => await size() > 1.5 * plain);
      wrong.push(...await faults(someone));
    } finally {
      await browser.set({ text: 1 });
    }
  }
  hold(wrong);
  // In Spanish, whose words are longer.
}, { width: 390, lang: "es" });

check("on the narrowest phone plans have room, and their words when they are compared", async (someone) => {
  const { page } = someone;
  await someone.walk().zip();
  await someone.go("/plans?home=1500");
  hold(await faults(someone));
  await someone.go("/plans/compare?compare=RE-51010401&compare=PW-54010501&compare=GM-52010401&home=1000");
  hold(await faults(someone));
  const narrow = await page.evaluate(() => [...document.querySelectorAll(".compare tbody td, .compare thead th")]
    .filter((cell) => cell.getBoundingClientRect().width > 0 && cell.getBoundingClientRect().width < 200)
    .map((cell) => cell.textContent.trim()));
  assert.deepEqual(narrow, []);
}, { width: 320 });

/** What of the record on `page` is not in the PDF `file`, or what is wrong with its pages. */
export async function unprinted(page, file) {
  const sheets = execFileSync("pdftotext", [file, "-"], { encoding: "utf8" }).split("\f").slice(0, -1);
  // Lines end elsewhere on paper, and letters may be joined.
  const flat = (text) => text.normalize("NFKC").replace(/[\s\u00ad‐-]+/g, "");
  const all = flat(sheets.join(""));
  const wanted = await page.evaluate(() => [
    ...[...document.querySelectorAll("main :is(h1, h2, p, li, dt, dd), .house")]
      .filter((element) => element.checkVisibility() && !element.matches(".actions *, .change") && !element.querySelector(".button"))
      .flatMap((element) => element.querySelector("a[href^='https:']") ? [...element.querySelectorAll("a")].map((link) => link.textContent) : element.innerText),
    ...[...document.querySelectorAll("main a[href^='https:']")].map((link) => link.href),
  ]);
  const wrong = wanted.filter((text) => !all.includes(flat(text))).map((text) => `not printed: ${text}`);
  if (wanted.length < 20) wrong.push(`only ${wanted.length} things are on the page`);
  const title = await page.evaluate(() => document.querySelector("h1").textContent);
  if (!flat(sheets[0]).includes(flat(title))) wrong.push("the first page is blank");
  if (sheets.length > 3) wrong.push(`${sheets.length} pages`);
  if (/90045/.test(all)) wrong.push("the number is printed");
  return wrong;
}

check("a printed confirmation is whole, and begins on the first page", async (someone) => {
  const { page, browser } = someone;
  for (const of of [{}, { ssn: "900-45-0200" }, { transaction: "SWI" }]) {
    await someone.forget();
    await walked(someone, "enrolled", of);
    const file = path.join(pictures, `confirmation.${browser.constructor.name}.pdf`);
    await browser.print(file);
    hold(await unprinted(page, file));
  }
}, { width: 1280 });

check("forced colors leave every box its edge", async (someone) => {
  const { page, browser } = someone;
  const look = async () => {
    await page.evaluate(markBoxes);
    await browser.set({ forced: true });
    try {
      await until("forced colors", () => page.evaluate(() => matchMedia("(forced-colors: active)").matches));
      return (await page.evaluate(edgeless)).map((one) => `${page.url()}: ${one}`);
    } finally {
      await browser.set({ forced: false });
    }
  };
  const wrong = [];
  await someone.go("/how-it-works");
  wrong.push(...await look());
  for (const stage of ["zip", "billing", "startDate", "enrolled"]) {
    await someone.forget();
    await walked(someone, stage);
    wrong.push(...await look());
  }
  hold(wrong);
}, { only: "Firefox" });

check("pages pass gently into each other, but not for whoever wants no motion", async (someone) => {
  const { page, browser } = someone;
  const gentle = await page.evaluate(() => typeof CSSViewTransitionRule === "function");
  console.log(`${browser.constructor.name} ${gentle ? "passes" : "cannot pass"} gently from page to page`);
  for (const still of [false, true]) {
    await browser.set({ still });
    try {
      await someone.go("/help");
      await until("the wish", () => page.evaluate((still) => matchMedia("(prefers-reduced-motion: reduce)").matches === still, still));
      await page.evaluate(notePassage);
      await someone.send(".foot-links a");
      assert.equal(await page.evaluate(() => sessionStorage.getItem("gentle")), gentle ? String(!still) : null);
    } finally {
      await browser.set({ still: true });
    }
  }
});

check("a browser that does not know dialogs hides them all the same", async (someone) => {
  await walked(someone, "zip");
  assert.ok(await someone.page.evaluate(hiddenBySheet), "the warning stands open at the end of the page");
});
