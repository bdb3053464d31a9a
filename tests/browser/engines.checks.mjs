// What a visitor does in every browser, in words that Firefox and WebKitGTK are driven by, too.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import path from "node:path";
import { hold, overflow } from "./audit.mjs";
import { pictures, unique } from "./lib.mjs";
import { Pointer, enroll } from "./steps.mjs";

/** Title, walk, and how its visitor differs: `only` in these engines, at this `width`, and as `visitorIn` takes it. */
export const checks = [];
const check = (title, walk, options = {}) => checks.push({ title, walk, options });

const born = async (page) => {
  await page.fill("#birth_date_month", "3");
  await page.fill("#birth_date_day", "28");
  await page.fill("#birth_date_year", "1985");
};

/** At `stage` of the plain walk. */
async function walked(someone, stage, of) {
  const walk = someone.walk(of);
  await walk[stage]();
  await someone.go(walk.path);
  return walk;
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
  await page.locator("a", { hasText: /^Pay$/ }).click();
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
    assert.equal(someone.at(), "/billing");
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
  assert.equal(someone.at(), "/billing");
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
  const { browser } = someone.page;
  const wrong = [];
  await browser.set({ text: 2 });
  try {
    await someone.go("/");
    wrong.push(...await faults(someone));
    for (const stage of ["zip", "plan", "identity", "enrolled"]) {
      await someone.forget();
      await walked(someone, stage);
      wrong.push(...await faults(someone));
    }
  } finally {
    await browser.set({ text: 1 });
  }
  hold(wrong);
}, { width: 390 });

/** Boxes that a visitor tells from the page by their ground alone. */
export function groundless() {
  const ground = (element) => getComputedStyle(element).backgroundColor;
  const clear = (color) => color === "transparent" || /^rgba\(.*, 0\)$/.test(color);
  const behind = (element) => {
    const above = element.parentElement;
    return !above ? "" : clear(ground(above)) ? behind(above) : ground(above);
  };
  return [...document.querySelectorAll("body *")]
    .filter((element) => element.checkVisibility() && !element.closest("svg, .skip, .trap, .hidden") &&
      element.getBoundingClientRect().height > 0 && !clear(ground(element)) && ground(element) !== behind(element))
    .filter((element) => {
      const { borderTopWidth, borderTopStyle, outlineStyle } = getComputedStyle(element);
      return (parseFloat(borderTopWidth) === 0 || borderTopStyle === "none") && outlineStyle === "none";
    })
    .map((element) => `${element.tagName}.${element.className}`);
}

check("compared on the narrowest phone, plans have room for their words", async (someone) => {
  const { page } = someone;
  await someone.walk().zip();
  await someone.go("/plans/compare?compare=RE-51010401&compare=PW-54010501&compare=GM-52010401&home=1000");
  hold(await faults(someone));
  const narrow = await page.evaluate(() => [...document.querySelectorAll(".compare tbody td, .compare thead th")]
    .filter((cell) => cell.getBoundingClientRect().width > 0 && cell.getBoundingClientRect().width < 200)
    .map((cell) => cell.textContent.trim()));
  assert.deepEqual(narrow, []);
}, { width: 320 });

/** The text of each page of the PDF `file`. */
export const printed = (file) => execFileSync("pdftotext", ["-layout", file, "-"], { encoding: "utf8" }).split("\f").slice(0, -1);

/** What is missing on paper, or should not be on it. `pages`: their texts. */
export function record(pages, { account, name, street, reference }) {
  const all = pages.join("\n").replace(/\s+/g, " ");
  const wanted = [
    "Demo Affiliate", "You are enrolled", "Account number", account, "Check digit", "Reference", reference, "Page address", "http://127.0.0.1",
    "June 18, 2030", name, "Price", "¢", street, "Electricity Facts Label", "Terms of Service", "Your Rights as a Customer",
    "https://", ".pdf", "Before", "Phone",
  ];
  const wrong = wanted.filter((part) => !all.includes(part)).map((part) => `${part} is not printed`);
  if (/900-?45/.test(all)) wrong.push("the number is printed");
  if (!/You are enrolled/.test(pages[0])) wrong.push("the first page is blank");
  if (pages.length > 3) wrong.push(`${pages.length} pages`);
  return wrong;
}

check("a printed confirmation is whole, and begins on the first page", async (someone) => {
  const file = path.join(pictures, `confirmation.${someone.browser.constructor.name}.pdf`);
  await walked(someone, "enrolled");
  await someone.page.browser.print(file);
  const pages = printed(file);
  console.log(pages.join("\n=====\n"));
}, { width: 1280 });
