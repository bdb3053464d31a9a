// Pages that wait for NRG: on a server whose visitors are answered after a second, while NRG takes ten or as told.

import test from "node:test";
import assert from "node:assert/strict";
import { count, forward, late, sendButton, visitor, world } from "./lib.mjs";

const site = world.impatient;
const LONG = { timeout: 60_000 };
const heading = (page) => page.locator("h1").textContent();
/** At the identity page, filled in. */
const atIdentity = async (more) => {
  const someone = await visitor({ site, ...more });
  await someone.walk().billing();
  await someone.go("/identity");
  const { page } = someone;
  await page.fill("#birth_date_month", "3");
  await page.fill("#birth_date_day", "28");
  await page.fill("#birth_date_year", "1985");
  await page.fill("#ssn", "900-45-6789");
  return someone;
};
/** Waiting so many seconds for the answer about an identity. */
const waiting = async (seconds, more = {}) => {
  const someone = await atIdentity(more);
  await late(site, "identity", seconds);
  await someone.send();
  assert.equal(someone.at(), "/identity");
  return someone;
};

const eachPage = async (javaScriptEnabled) => {
  await Promise.all([
    // A ZIP's utility is known afterwards, but not for the other kind of move.
    [{ zip: "77982", transaction: javaScriptEnabled ? "MVI" : "SWI" }, "zip", "/", "/plans"],
    [{ number: "441" }, "address", "/address", "/contact"],
    [{ last: "Slow" }, "identity", "/identity", "/start-date"],
    [{ number: "841" }, "identity", "/start-date", "/start-date"],
    [{ ssn: "900-45-0005" }, "startDate", "/start-date", "/review"],
  ].map(async ([person, stage, at, next]) => {
    const someone = await visitor({ site, javaScriptEnabled });
    const { page } = someone;
    const walk = await someone.walk(person)[stage]();
    assert.equal(walk.path, at);
    await someone.go(at);
    assert.equal(await heading(page), "One moment", at);
    assert.equal(await page.locator("main form").count(), 0, "nothing can be typed while it is waited");
    await page.waitForURL(`**${next}`, LONG);
    await page.locator("h1", { hasNotText: "One moment" }).waitFor(LONG);
    assert.equal(someone.at(), next);
    await someone.close();
  }));
};

const movedAbout = async (javaScriptEnabled) => {
  const before = await count(site, "identity");
  const someone = await waiting(20, { javaScriptEnabled });
  const { page } = someone;
  await page.reload();
  assert.equal(await heading(page), "One moment");
  await page.locator(".language").click();
  await page.locator("html[lang=es]").waitFor();
  assert.equal(await heading(page), "Un momento");
  await page.locator(".back").click();
  await page.waitForURL("**/contact");
  await page.goBack({ waitUntil: "commit" });
  // Without script, a page out of the back/forward cache does not load itself again: it has a button for that.
  if (!javaScriptEnabled && await heading(page) === "Un momento") await page.locator("main .actions a").click();
  await page.waitForURL("**/start-date", LONG);
  assert.equal(await page.locator("html").getAttribute("lang"), "es");
  assert.equal(await count(site, "identity") - before, 1);
  await someone.close();
};

const badEnd = async (javaScriptEnabled) => {
  const someone = await atIdentity({ javaScriptEnabled });
  const { page } = someone;
  await late(site, "identity", 3, "fails");
  await someone.send();
  assert.equal(await heading(page), "One moment");
  const again = page.locator("main a.button", { hasText: "Try again" });
  await again.waitFor(LONG);
  await again.click();
  await page.locator("#birth_date_year").waitFor(LONG);
  assert.equal(await page.inputValue("#birth_date_year"), "1985");
  assert.equal(await page.inputValue("#ssn"), "");
  assert.match(await page.locator("main").textContent(), /whether an attempt to check your identity was used/);
  // And it can be tried again.
  await page.fill("#ssn", "900-45-6789");
  await someone.send();
  await page.waitForURL("**/start-date", LONG);
  await someone.close();
};

const badRead = async (javaScriptEnabled) => {
  // What is asked ahead, and what the page asks for itself, are each tried twice.
  for (const seconds of [3, 0, 3, 0]) await late(site, "available-dates", seconds, "fails");
  const someone = await visitor({ site, javaScriptEnabled });
  const walk = await someone.walk().identity();
  assert.equal(walk.path, "/start-date");
  await someone.go("/start-date");
  assert.equal(await heading(someone.page), "One moment");
  await someone.page.locator("main a.button", { hasText: "Try again" }).waitFor(LONG);
  await someone.page.locator("main a.button", { hasText: "Try again" }).click();
  await someone.page.locator("[name=date]").first().waitFor(LONG);
  await someone.close();
};

test("each page that NRG answers late says so and goes on by itself, with script", () => eachPage(true));
test("each page that NRG answers late says so and goes on by itself, without script", () => eachPage(false));
test("reload, Back, another page and another language keep to the one identity check, with script", () => movedAbout(true));
test("reload, Back, another page and another language keep to the one identity check, without script", () => movedAbout(false));
test("an answer that does not come leaves everything typed but the number, with script", () => badEnd(true));
test("an answer that does not come leaves everything typed but the number, without script", () => badEnd(false));
test("what a page shows and NRG does not tell ends on a page to try again from, with script", () => badRead(true));
test("what a page shows and NRG does not tell ends on a page to try again from, without script", () => badRead(false));

test("the script renews what changed in its place: no flicker, no lost focus, and only news is read out", async () => {
  const someone = await waiting(15);
  const { page } = someone;
  // What the page itself keeps is gone when it is loaded again.
  await page.evaluate(() => {
    globalThis.said = [];
    document.querySelectorAll("[aria-live]").forEach((region) => new MutationObserver(() => {
      globalThis.said.push(region.textContent.trim());
    }).observe(region, { childList: true, subtree: true, characterData: true }));
    document.querySelector("main .actions a").focus();
    scrollTo(0, 60);
  });
  const taken = await page.locator("main .soft").textContent();
  await forward(site, 70);
  await page.locator("main .phone").waitFor();
  assert.notEqual(await page.locator("main .soft").textContent(), taken);
  const kept = await page.evaluate(() => ({
    said: globalThis.said,
    focused: document.activeElement?.matches("main .actions a"),
    scrolled: scrollY > 0,
  }));
  assert.equal(kept.said?.length, 1, String(kept.said));
  assert.match(kept.said[0], /longer than usual/);
  assert.ok(kept.focused, "the focus is lost");
  assert.ok(kept.scrolled, "the place is lost");
  await page.waitForURL("**/start-date", LONG);
  await someone.close();
});

test("a proxy's own page in between, and a connection that breaks, end no wait", async () => {
  const someone = await waiting(10);
  const { page } = someone;
  const answers = [(route) => route.fulfill({ status: 502, body: "<h1>Bad gateway</h1>" }), (route) => route.abort()];
  let met = 0;
  await page.route("**/identity*", (route) => {
    met += 1;
    return (answers.shift() ?? ((other) => other.continue()))(route);
  });
  await page.waitForURL("**/start-date", LONG);
  assert.ok(met > 2, "it went on looking");
  await someone.context.close();
});

test("saved for later while NRG is asked, a journey goes on with the answer that came meanwhile", async () => {
  const before = await count(site, "identity");
  const someone = await waiting(6);
  const { page } = someone;
  await someone.send("form[action='/later'] button");
  assert.equal(someone.at(), "/later");
  const [link] = (await page.content()).match(/\/resume\?code=[\w-]{14}/);
  await page.waitForTimeout(7000);
  await someone.go(link);
  await page.fill("#birth_date_month", "3");
  await page.fill("#birth_date_day", "28");
  await page.fill("#birth_date_year", "1985");
  await Promise.all([page.waitForURL("**/start-date", LONG), sendButton(page).click()]);
  assert.equal(await count(site, "identity") - before, 1);
  await someone.close();
});
