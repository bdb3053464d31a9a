// What people really type and press, on a phone, in both languages.

import test from "node:test";
import assert from "node:assert/strict";
import { count, sendButton, unique, visitor, world } from "./lib.mjs";

const inBoth = (act) => async () => {
  for (const lang of ["en", "es"]) await act(lang);
};

/** Pastes `text` into a field, as a long press does: with all that came along with it. */
const paste = (page, selector, text) => page.locator(selector).evaluate((field, pasted) => {
  field.focus();
  field.value = "";
  document.execCommand("insertText", false, pasted);
}, text);

test("a journey of pasted and odd answers ends at the confirmation", inBoth(async (lang) => {
  const someone = await visitor({ lang });
  const { page } = someone;
  const [mark, name] = ["\u200b\u202a\ufeff", unique()];
  const to = (path) => assert.equal(someone.at(), path);
  await someone.go(`/?lang=${lang === "es" ? "es-MX" : "EN"}`);
  await paste(page, "#zip", `${mark}77999\u202c`);
  await page.check("[value=MVI]");
  await someone.send();
  to("/plans");
  await someone.send(".plan form .button >> nth=0");
  to("/address");
  await paste(page, "#street", `100 Example ${mark}${name} Lane`);
  await page.fill("#unit", lang === "es" ? "ninguno" : "N/A");
  await page.fill("#city", "Sampleton\u00ad");
  await page.uncheck("#bills_here");
  await someone.send();
  to("/contact");
  await paste(page, "#first_name", `Jose\u0301${mark}`);
  await page.fill("#last_name", `Sample${name}, Jr.`);
  await paste(page, "#email", `\u2060jordan.samplecase@example.com${mark}`);
  await paste(page, "#phone", "\u202a(713) 555-0142\u202c");
  await someone.send();
  to("/billing");
  await page.check("[value=street]");
  await page.fill("#street", "P.O. Box 12");
  await page.fill("#city", "Sampleton");
  await page.fill("#zip", "77999");
  await someone.send();
  to("/identity");
  await paste(page, "#birth_date_month", `3${mark}`);
  await page.fill("#birth_date_day", "28");
  await paste(page, "#birth_date_year", `${mark}1985`);
  await paste(page, "#ssn", " SSN: 900-45-6789 ");
  await someone.send();
  to("/start-date");
  const printed = await page.locator(".calendar label .hidden").nth(1).textContent();
  await page.locator("#typed").evaluate((field) => { field.closest("details")?.setAttribute("open", ""); });
  await page.fill("#typed", printed);
  await someone.send();
  to("/review");
  const review = await page.locator("main").textContent();
  for (const kept of ["José", "Jr.", "PO Box 12", printed]) assert.ok(review.includes(kept), `${kept} is not on the review`);
  await page.locator("[name=paperless]").first().check();
  for (const box of ["#documents", "#affirmation", "#records"]) await page.check(box);
  await someone.send();
  await page.waitForURL("**/confirmation", { timeout: 60_000 });
  await someone.close();
}));

test("a check that failed has the focus, leads to each fact, and costs nothing when pressed again", inBoth(async (lang) => {
  const someone = await visitor({ lang });
  const { page } = someone;
  const walk = someone.walk({ last: "Posidfail" });
  await walk.identity();
  await someone.go("/identity");
  const said = lang === "es" ? "no pudimos confirmar su identidad" : "We couldn’t confirm your identity";
  assert.ok((await page.title()).includes(said), await page.title());
  assert.equal(await page.evaluate(() => document.activeElement.id), "error-summary");
  await page.locator("#error-summary a").press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "compared");
  for (const link of await page.locator("#compared .change a[href^='#']").all()) {
    const field = (await link.getAttribute("href")).slice(1);
    await link.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), field);
  }
  const asked = [await count(world.walked, "identity"), await count(world.walked, "token")];
  for (let n = 0; n < 5; n += 1) {
    await someone.send();
    assert.equal(someone.at(), "/identity");
  }
  assert.deepEqual([await count(world.walked, "identity"), await count(world.walked, "token")], asked);
  await Promise.all([page.waitForEvent("domcontentloaded"), page.locator("#compared .change a[href='/contact']").click()]);
  assert.equal(someone.at(), "/contact");
  await page.fill("#last_name", "Samplecase");
  await someone.send();
  assert.equal(someone.at(), "/identity");
  await someone.send();
  assert.equal(someone.at(), "/start-date");
  await someone.close();
}));

test("a form that the browser stopped sending can be sent again", inBoth(async (lang) => {
  const someone = await visitor({ lang });
  const { page } = someone;
  await someone.walk().billing();
  await someone.go("/identity");
  await page.fill("#birth_date_month", "3");
  await page.fill("#birth_date_day", "28");
  await page.fill("#birth_date_year", "1985");
  await page.fill("#ssn", "900-45-6789");
  const label = await sendButton(page).textContent();
  let stopped = 0;
  await page.route("**/identity", async (route) => {
    if (route.request().method() !== "POST" || stopped > 0) { await route.continue(); return; }
    // As the browser's Stop does: nothing is sent, and the page stays.
    stopped += 1;
    await route.abort("aborted");
  });
  await sendButton(page).click({ noWaitAfter: true });
  await page.locator("button[aria-disabled=true]").waitFor();
  assert.equal(stopped, 1);
  await page.locator("button[aria-disabled=true]").waitFor({ state: "detached" });
  assert.equal(await sendButton(page).textContent(), label);
  assert.match(await page.locator(".working").textContent(), lang === "es" ? /otra vez/ : /press the button again/);
  assert.equal(await page.locator("#ssn").getAttribute("type"), "password");
  assert.equal(await page.locator("#ssn").inputValue(), "900-45-6789");
  await someone.send();
  await page.waitForURL("**/start-date");
  await someone.close();
}));

test("who has neither number is shown the phone at once", inBoth(async (lang) => {
  for (const javaScriptEnabled of [true, false]) {
    const someone = await visitor({ lang, javaScriptEnabled });
    const { page } = someone;
    await someone.walk().billing();
    await someone.go("/identity");
    await page.check("[name=document][value=none]", { force: true });
    // No authorization is asked for.
    assert.ok(!(await page.locator(".if-number").isVisible()));
    await someone.send(".if-none button");
    assert.equal(someone.at(), "/stop");
    assert.ok(await page.locator("main a.phone-number").isVisible());
    await someone.close();
  }
}));

test("an address that is not found can be given by its meter", inBoth(async (lang) => {
  const someone = await visitor({ lang });
  const { page } = someone;
  await someone.walk({ number: "400" }).address();
  await someone.go("/ask");
  await Promise.all([page.waitForEvent("domcontentloaded"), page.locator("main a[href*='esi']").click()]);
  assert.equal(someone.at(), "/address");
  assert.ok(await page.locator("#esi_id").isVisible());
  await someone.close();
}));

test("a name in another encoding is asked for again by name, and a trap that a manager filled in costs nothing", inBoth(async (lang) => {
  const someone = await visitor({ lang });
  const { page } = someone;
  await someone.walk().address();
  await someone.go("/contact");
  await page.fill("#first_name", "José");
  await page.fill("#last_name", `Sample${unique()}`);
  await page.fill("#email", "jordan.samplecase@example.com");
  await page.fill("#phone", "713-555-0142");
  await page.locator(".trap input").evaluate((trap) => { trap.value = "https://manager.example"; });
  await page.locator("main form[method=post]").first().evaluate((form) => { form.acceptCharset = "windows-1252"; });
  await someone.send();
  assert.equal(someone.at(), "/contact");
  assert.equal(await page.locator("#error-summary a").getAttribute("href"), "#first_name");
  assert.equal(await page.locator("#email").inputValue(), "jordan.samplecase@example.com");
  await page.fill("#first_name", "José");
  await page.locator(".trap input").evaluate((trap) => { trap.value = "https://manager.example"; });
  await someone.send();
  assert.equal(someone.at(), "/identity");
  await someone.close();
}));

test("two days that differ are asked about, and a day picked after a refused text counts", inBoth(async (lang) => {
  const someone = await visitor({ lang });
  const { page } = someone;
  await someone.walk().identity();
  await someone.go("/start-date");
  const days = page.locator(".calendar [name=date]");
  const printed = await page.locator(".calendar label .hidden").nth(2).textContent();
  await days.nth(1).check({ force: true });
  await page.fill("#typed", printed);
  await someone.send();
  assert.equal(someone.at(), "/start-date");
  assert.ok((await page.locator("#error-summary").textContent()).includes(printed.split(",")[0]));
  await page.fill("#typed", "7/40");
  await someone.send();
  assert.equal(someone.at(), "/start-date");
  const picked = await days.nth(3).getAttribute("value");
  await days.nth(3).check({ force: true });
  await someone.send();
  assert.equal(someone.at(), "/review");
  await someone.go("/start-date");
  assert.equal(await page.locator(".calendar [name=date]:checked").getAttribute("value"), picked);
  await someone.close();
}));

test("a link as it was passed on begins at the plans, and a slash too many is the same page", inBoth(async (lang) => {
  const someone = await visitor({ lang });
  const { page } = someone;
  await someone.go(`/?ZIP=77999&amp;Type=MVI&amp;BRAND=GM&amp;Lang=${lang}_US`);
  assert.equal(someone.at(), "/plans");
  assert.equal(await page.locator("html").getAttribute("lang"), lang);
  await someone.go("/plans/");
  await someone.send(".plan form .button >> nth=0");
  assert.equal(someone.at(), "/address");
  await someone.close();
}));

test("the same home spelled otherwise is asked about before it is sent again", inBoth(async (lang) => {
  const name = unique();
  for (const [nth, [first, street]] of [["Jordan", `100 Example ${name} Ln`], ["Jordan A", `100 Example ${name} Lane`]].entries()) {
    const someone = await visitor({ lang });
    const { page } = someone;
    const walk = someone.walk({ first, last: `Sample${name}` });
    walk.street = street;
    await walk.review();
    await someone.go(walk.path);
    if (nth === 0) await page.waitForURL("**/confirmation", { timeout: 60_000 });
    else {
      assert.equal(someone.at(), "/ask");
      assert.match(await page.locator("h1").textContent(), lang === "es" ? /ya/i : /already/i);
    }
    await someone.close();
  }
}));
