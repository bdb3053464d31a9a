// A person who fills in page after page, by pointer or by keyboard, the same way with and without script.

import assert from "node:assert/strict";
import { sendButton, unique } from "./lib.mjs";

/** The pages that are answered. */
const PAGES = ["/", "/plans", "/address", "/contact", "/identity", "/start-date", "/deposit", "/review"];

/** Fills in by pointer. */
export class Pointer {
  constructor(visitor) {
    this.visitor = visitor;
    this.page = visitor.page;
  }
  async type(selector, text) { await this.page.fill(selector, text); }
  async choose(selector) { await this.page.locator(selector).first().check({ force: true }); }
  async press(locator) {
    await Promise.all([this.page.waitForEvent("domcontentloaded"), locator.click()]);
  }
  async send() { await this.press(sendButton(this.page)); }
}

/** Fills in with nothing but Tab, Shift, Space, Enter, the arrows and letters. */
export class Keyboard {
  constructor(visitor) {
    this.visitor = visitor;
    this.page = visitor.page;
  }
  /** Presses Tab until `locator` has the focus. */
  async reach(locator) {
    const wanted = await locator.elementHandle();
    for (let n = 0; n < 200; n += 1) {
      if (await wanted.evaluate((element) => element === document.activeElement)) return;
      await this.page.keyboard.press("Tab");
    }
    assert.fail(`Tab never comes to ${locator}`);
  }
  async type(selector, text) {
    await this.reach(this.page.locator(selector));
    await this.page.keyboard.press("ControlOrMeta+a");
    await this.page.keyboard.type(text);
  }
  async choose(selector) {
    const wanted = this.page.locator(selector).first();
    const radio = await wanted.evaluate((element) => element.type === "radio");
    if (!radio) {
      await this.reach(wanted);
      await this.page.keyboard.press("Space");
      return;
    }
    // Tab comes to the group, at the chosen radio or at its first; the arrows go on in it.
    const group = await wanted.getAttribute("name");
    for (let n = 0; n < 200; n += 1) {
      if (await this.page.evaluate((name) => document.activeElement?.matches(`input[name="${name}"]`), group)) break;
      await this.page.keyboard.press("Tab");
    }
    for (let n = 0; n < 80; n += 1) {
      if (await wanted.evaluate((element) => element === document.activeElement)) break;
      await this.page.keyboard.press("ArrowDown");
    }
    await this.page.keyboard.press("Space");
    assert.ok(await wanted.isChecked(), `${selector} cannot be chosen by keyboard`);
  }
  async press(locator) {
    await this.reach(locator);
    await Promise.all([this.page.waitForEvent("domcontentloaded"), this.page.keyboard.press("Enter")]);
  }
  async send() { await this.press(sendButton(this.page)); }
}

/** From the ZIP code to the confirmation. `before` looks at every page before it is answered. */
export async function enroll(input, { transaction = "MVI", number = "100", ssn = "900-45-6789", before = async () => {} } = {}) {
  const { visitor } = input;
  const name = unique();
  const answer = {
    "/": async () => {
      await input.type("#zip", "77999");
      await input.choose(`[value=${transaction}]`);
      await input.send();
    },
    "/plans": () => input.press(visitor.page.locator(".plan form .button").first()),
    "/address": async () => {
      await input.type("#street", `${number} Example ${name} Ln`);
      await input.type("#city", "Sampleton");
      await input.send();
    },
    "/contact": async () => {
      await input.type("#first_name", "Jordan");
      await input.type("#last_name", `Sample${name}`);
      await input.type("#email", "jordan.samplecase@example.com");
      await input.type("#phone", "(713) 555-0142");
      await input.send();
    },
    "/identity": async () => {
      await input.type("#birth_date_month", visitor.lang === "es" ? "marzo" : "March");
      await input.type("#birth_date_day", "28");
      await input.type("#birth_date_year", "1985");
      await input.type("#ssn", ssn);
      await input.send();
    },
    "/start-date": async () => {
      await input.choose("input[name=date]");
      await input.send();
    },
    "/deposit": async () => {
      await input.choose("[value=go_on]");
      await input.send();
    },
    "/review": async () => {
      await input.choose("[name=paperless]");
      for (const box of ["#documents", "#affirmation", "#records"]) await input.choose(box);
      await input.send();
    },
  };
  await visitor.go(`/?lang=${visitor.lang}`);
  for (let n = 0; n < 20 && visitor.at() !== "/confirmation"; n += 1) {
    if (visitor.at() === "/processing") {
      await visitor.page.waitForURL("**/confirmation", { timeout: 60_000 });
      break;
    }
    assert.ok(PAGES.includes(visitor.at()), `at ${visitor.at()}: ${await visitor.page.title()}`);
    await before(visitor);
    const from = visitor.at();
    await answer[from]();
    assert.notEqual(visitor.at(), from, `${from} is asked again: ${await visitor.page.title()}`);
  }
  await before(visitor);
  assert.equal(visitor.at(), "/confirmation");
}
