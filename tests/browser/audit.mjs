// What every page must pass.

import assert from "node:assert/strict";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pages, pictures } from "./lib.mjs";

const axe = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The rules whose outcome depends on light or dark. */
const OF_COLOR = ["color-contrast", "link-in-text-block"];
/** C41: a page's markup on the wire. */
const MOST_BYTES = 10_000;

async function violations(page, rules) {
  const options = {
    resultTypes: ["violations"],
    preload: false,
    ...(rules ? { runOnly: { type: "rule", values: rules } } : { rules: { "target-size": { enabled: true } } }),
  };
  const found = await page.evaluate(async (options) => (await globalThis.axe.run(document, options)).violations, options);
  return found.flatMap((violation) =>
    violation.nodes.map((node) => `${violation.id}: ${node.target} ${node.failureSummary.split("\n").slice(1, 3).join(" ")}`));
}

/** Opens what is folded, so that nothing hides from the rules. */
const unfold = (page) => page.evaluate(() => document.querySelectorAll("details").forEach((one) => { one.open = true; }));

/** Whether anything is wider than the screen, and by how much. */
export const overflow = (page) => page.evaluate(() => {
  const width = document.documentElement.clientWidth;
  const over = document.documentElement.scrollWidth - width;
  if (over <= 0) return "";
  const widest = [...document.querySelectorAll("body *")].filter((element) =>
    element.getBoundingClientRect().right > width + 0.5 && getComputedStyle(element).position !== "absolute");
  return `${over} px too wide: ${widest.slice(-3).map((element) => `${element.tagName}.${element.className}`).join(", ")}`;
});

/** WCAG 1.4.12. */
export const spaceOut = (page) => page.evaluate(() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; } p { margin-bottom: 2em !important; }");
  document.adoptedStyleSheets = [sheet];
});

/** What is wrong with how the focus shows, if anything: covered (WCAG 2.4.11), or without a ring (2.4.7). */
export function focusFault() {
  const element = document.activeElement;
  if (!element || element === document.body || element.id === "main") return "";
  const shown = element.closest(".calendar td, .choice") ?? element;
  // Of a label that is longer than the screen, the part on the screen.
  const { left, width, top: from, bottom: to } = shown.getBoundingClientRect();
  const [top, bottom] = [Math.max(from, 0), Math.min(to, innerHeight)];
  const box = { left, width, top, height: bottom - top };
  const points = [[0.5, 0.5], [0.1, 0.5], [0.9, 0.5], [0.5, 0.2], [0.5, 0.8]];
  const seen = points.some(([x, y]) => {
    const hit = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
    return hit && (shown.contains(hit) || hit.contains(shown));
  });
  const { outlineStyle, outlineWidth } = getComputedStyle(element.closest(".calendar td")?.querySelector("label") ?? element);
  const ringed = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  return seen && ringed ? "" : `${element.tagName} ${element.id || element.textContent.trim().slice(0, 30)} ${seen ? "has no ring" : "is covered"}`;
}

/** The same for everything that can have the focus. */
async function focusFaults(page) {
  // After a key, what a script focuses is ringed as if the key had come there.
  await page.keyboard.press("Tab");
  await page.evaluate(`globalThis.focusFault = ${focusFault}`);
  return page.evaluate(() => {
    const all = document.querySelectorAll("a[href], button:not([tabindex='-1']), input:not([type=hidden], [tabindex='-1']), select, summary");
    return [...all].filter((element) => element.checkVisibility()).map((element) => { element.focus(); return globalThis.focusFault(); }).filter(Boolean);
  });
}

/**
 * Marks the boxes that a visitor tells from the page by their ground alone, or by their edge. Where colors are forced,
 * grounds are all the same.
 */
export function markBoxes() {
  const ground = (element) => getComputedStyle(element).backgroundColor;
  const clear = (color) => color === "transparent" || color.endsWith(", 0)");
  const behind = (element) => {
    const above = element.parentElement;
    return above && clear(ground(above)) ? behind(above) : above && ground(above);
  };
  for (const element of document.querySelectorAll("body *")) {
    const set = element.checkVisibility() && !element.closest("svg, .skip, .trap, .hidden") && !clear(ground(element));
    if (set && ground(element) !== behind(element)) element.dataset.box = "";
  }
}

/** The marked boxes that have no edge now. */
export const edgeless = () => [...document.querySelectorAll("[data-box]")].filter((element) => {
  const style = getComputedStyle(element);
  const lines = ["border-top", "border-right", "border-bottom", "border-left", "outline"];
  return lines.every((line) => parseFloat(style.getPropertyValue(`${line}-width`)) === 0 || style.getPropertyValue(`${line}-style`) === "none");
}).map((element) => `${element.tagName}.${element.className} has no edge where colors are forced`);

/** Notes down whether the page goes over into the next one gently, where the next can read it. */
export const notePassage = () => addEventListener("pageswap", ({ viewTransition }) =>
  sessionStorage.setItem("gentle", String(Boolean(viewTransition))));

/** Whether the dialog is hidden by our own sheet, and not only by that of a browser that knows the element. */
export const hiddenBySheet = () => [...document.styleSheets].some(({ cssRules }) => [...cssRules].some((rule) =>
  rule.style?.display === "none" && document.getElementById("timeout").matches(rule.selectorText)));

/** What axe finds in a page, in light and dark. */
export async function axeFaults(page) {
  await page.evaluate(axe);
  const found = await violations(page);
  await page.emulateMedia({ colorScheme: "dark" });
  found.push(...(await violations(page, OF_COLOR)).map((one) => `dark ${one}`));
  await page.emulateMedia({ colorScheme: "light" });
  return found;
}

/** What a page must pass. Gives what is wrong with it. */
export async function audit(visitor, name) {
  const { page, lang } = visitor;
  const wrong = [];
  const { html, size } = await visitor.document();
  fs.writeFileSync(path.join(pages, `${name}.${lang}.html`), html);
  if (size === 0 || size > MOST_BYTES) wrong.push(`${size} bytes on the wire`);

  if (name.endsWith("-wrong") && !(await page.title()).startsWith("Error: ")) wrong.push("does not say in its title that something is wrong");
  if (await page.evaluate(() => document.documentElement.lang) !== lang) wrong.push("is in the other language");
  if ((await page.locator("h1").count()) !== 1) wrong.push("has not exactly one h1");
  if ((await page.locator(".top-phone a[href^='tel:']").count()) !== 1) wrong.push("has no phone number in its place");
  const odd = html.match(/\{[a-z_]+\}/);
  if (odd) wrong.push(`shows ${odd[0]}`);

  await unfold(page);
  await page.evaluate(axe);
  wrong.push(...await violations(page));
  // Colors know no language.
  if (lang === "en") {
    await page.emulateMedia({ colorScheme: "dark" });
    wrong.push(...(await violations(page, OF_COLOR)).map((one) => `dark ${one}`));
    await page.emulateMedia({ colorScheme: "light" });

    await page.evaluate(markBoxes);
    await page.emulateMedia({ forcedColors: "active" });
    wrong.push(...await page.evaluate(edgeless));
    await page.emulateMedia({ forcedColors: "none" });
  }

  const low = await page.evaluate(() => [...document.querySelectorAll(".button, summary, .choice label, .language, .back")]
    .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < 43.5)
    .map((element) => `${element.textContent.trim()} is ${element.getBoundingClientRect().height} px high`));
  wrong.push(...low);

  await page.setViewportSize({ width: 320, height: 640 });
  const narrow = await overflow(page);
  if (narrow) wrong.push(`at 320 px: ${narrow}`);
  wrong.push(...await focusFaults(page));
  await spaceOut(page);
  const spaced = await overflow(page);
  if (spaced) wrong.push(`at 320 px with text spacing: ${spaced}`);
  await page.evaluate(() => { document.adoptedStyleSheets = []; });
  await page.setViewportSize({ width: 390, height: 844 });
  return wrong.map((one) => `${name} (${lang}): ${one}`);
}

/** A picture of the whole page, as a phone and where asked as a desktop shows it; only where pictures are wanted. */
export async function picture(visitor, name, widths = [390]) {
  if (!process.env.ENROLL_BROWSER_PICTURES) return;
  for (const width of widths) {
    await visitor.page.setViewportSize({ width, height: 844 });
    const options = { path: path.join(pictures, `${name}.${visitor.lang}.${width}.jpeg`), type: "jpeg", quality: 80, fullPage: true };
    // A busy machine's browser sometimes cannot draw at once; the picture is for people, and nothing is judged by it.
    for (let tries = 1; ; tries += 1) {
      try {
        await visitor.page.screenshot(options);
        break;
      } catch (error) {
        if (tries === 5) throw error;
        await visitor.page.waitForTimeout(500);
      }
    }
  }
}

/** Fails with everything that is wrong, at once. */
export function hold(wrong) {
  assert.ok(wrong.length === 0, `\n${wrong.join("\n")}`);
}
