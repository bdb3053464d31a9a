// All the browser tests, in one process with one browser. Started by tests/all/browser.rs.

import { after } from "node:test";
import { browser } from "./lib.mjs";
import "./journeys.test.mjs";
import "./networks.test.mjs";
import "./waiting.test.mjs";
import "./details.test.mjs";
import "./fit.test.mjs";
import "./typed.test.mjs";
import "./pages.test.mjs";

after(() => browser.close());
