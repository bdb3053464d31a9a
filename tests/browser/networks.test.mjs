// Answers that a browser never reads: a click canceled by another, two tabs, Back out of the back/forward cache.

import test from "node:test";
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { chromium } from "playwright-core";
import { ARGUMENTS, count, sendButton, visitor, world } from "./lib.mjs";

const born = async (page) => {
  await page.fill("#birth_date_month", "3");
  await page.fill("#birth_date_day", "28");
  await page.fill("#birth_date_year", "1985");
  await page.fill("#ssn", "900-45-6789");
};
/** A visitor at the identity page, whose check NRG takes a while for. */
const atIdentity = async (more = {}) => {
  const someone = await visitor(more);
  await someone.walk({ last: "Slow" }).billing();
  await someone.go("/identity");
  await born(someone.page);
  return someone;
};
/** To the end, with what NRG was asked. */
const enrolls = async (someone, page = someone.page) => {
  const before = await count(world.walked, "enroll");
  await page.goto(`${world.walked.base}/start-date`);
  await page.locator("input[name=date]").first().check({ force: true });
  await Promise.all([page.waitForURL("**/review"), sendButton(page).click()]);
  await page.locator("[name=paperless]").first().check({ force: true });
  for (const box of ["#documents", "#affirmation", "#records"]) await page.locator(box).check({ force: true });
  await Promise.all([page.waitForURL(/processing|confirmation/), sendButton(page).click()]);
  await page.waitForURL("**/confirmation", { timeout: 60_000 });
  assert.equal(await count(world.walked, "enroll") - before, 1);
};

test("a double click without script loses nothing", async () => {
  const someone = await atIdentity({ javaScriptEnabled: false });
  const before = await count(world.walked, "identity");
  await sendButton(someone.page).dblclick({ noWaitAfter: true });
  await someone.page.waitForURL("**/start-date");
  assert.equal(await count(world.walked, "identity") - before, 1);
  await enrolls(someone);
  await someone.close();
});

test("a visitor who leaves the page during the identity check comes back to its answer", async () => {
  const someone = await atIdentity();
  const { page } = someone;
  const before = await count(world.walked, "identity");
  await sendButton(page).click({ noWaitAfter: true });
  while (await count(world.walked, "identity") === before) await page.waitForTimeout(50);
  // The answer with the new cookie is never read.
  await page.goto(`${world.walked.base}/help`);
  await page.waitForTimeout(3000);
  await enrolls(someone);
  await someone.close();
});

test("a slow form in one tab beside a fast page in the other lose nothing", async () => {
  const someone = await atIdentity();
  const other = await someone.context.newPage();
  await Promise.all([
    someone.page.waitForURL("**/start-date"),
    sendButton(someone.page).click({ noWaitAfter: true }),
    (async () => {
      for (let n = 0; n < 12; n += 1) {
        await other.goto(`${world.walked.base}/identity`);
        await other.waitForTimeout(200);
      }
    })(),
  ]);
  await enrolls(someone, other);
  await someone.page.reload();
  assert.equal(someone.at(), "/confirmation");
  await someone.close();
});

test("the same form sent from two tabs at once is checked once", async () => {
  const someone = await atIdentity();
  const other = await someone.context.newPage();
  await other.goto(`${world.walked.base}/identity`);
  await born(other);
  const before = await count(world.walked, "identity");
  await Promise.all([someone.page, other].flatMap((page) => [
    page.waitForURL("**/start-date"), sendButton(page).click({ noWaitAfter: true }),
  ]));
  assert.equal(await count(world.walked, "identity") - before, 1);
  await enrolls(someone);
  await someone.close();
});

/** Forward, as soon as the page that came out of the cache has taken the other's place. */
const forward = async (page) => {
  for (let n = 0; ; n += 1) {
    const failure = await page.goForward({ waitUntil: "commit" }).then(() => null, (error) => error);
    if (!failure) return;
    if (n === 50 || !/Not attached to an active page/.test(failure.message)) throw failure;
    await page.waitForTimeout(100);
  }
};

test("Back out of the back/forward cache leads on with the new cookie", async () => {
  const someone = await visitor();
  const { page } = someone;
  await page.addInitScript(() => addEventListener("pageshow", (event) => { globalThis.restored = event.persisted; }));
  await someone.walk().billing();
  await someone.go("/help");
  await someone.go("/identity");
  await page.goBack({ waitUntil: "commit" });
  assert.equal(await page.evaluate(() => globalThis.restored), true, "the cache is on");
  await forward(page);
  await born(page);
  await Promise.all([page.waitForURL("**/start-date"), sendButton(page).click()]);
  await page.goBack({ waitUntil: "commit" });
  assert.equal(someone.at(), "/identity");
  await forward(page);
  await enrolls(someone);
  await page.goBack({ waitUntil: "commit" });
  await forward(page);
  assert.equal(someone.at(), "/confirmation");
  await someone.close();
});

test("a browser without cookies reads why it cannot go on, in both languages", async () => {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), "profile-"));
  fs.mkdirSync(path.join(profile, "Default"));
  const blocked = { profile: { default_content_setting_values: { cookies: 2 } } };
  fs.writeFileSync(path.join(profile, "Default", "Preferences"), JSON.stringify(blocked));
  const context = await chromium.launchPersistentContext(profile, { executablePath: world.chromium, args: ARGUMENTS });
  const page = await context.newPage();
  await page.goto(`${world.walked.base}/`);
  await page.fill("#zip", "77999");
  await page.check("[value=MVI]");
  await Promise.all([page.waitForEvent("domcontentloaded"), sendButton(page).click()]);
  const text = await page.locator("main").innerText();
  assert.match(text, /didn’t keep our cookie/);
  assert.match(text, /no guardó nuestra cookie/);
  await context.close();
  fs.rmSync(profile, { recursive: true, force: true });
});
