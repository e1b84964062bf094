// Which browser: the one that CHROMIUM names, or Debian's. The one without a screen does the same in three quarters of the
// time.
import { existsSync } from "node:fs";

const installed = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"];

/** @type {string} */
export const executablePath = process.env.CHROMIUM || (installed.find((path) => existsSync(path)) ?? installed[0]);
