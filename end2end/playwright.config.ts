// Stories against the release program, in Debian's Chromium. Every worker starts its own server (support/server.ts).
import { defineConfig } from "@playwright/test";
import { executablePath } from "./support/chromium.mjs";

export default defineConfig({
  testDir: ".",
  outputDir: "test-results",
  fullyParallel: true,
  // A story that passes on a second try is a broken story.
  retries: 0,
  forbidOnly: true,
  workers: 2,
  timeout: 60_000,
  globalTimeout: 24 * 60_000,
  expect: { timeout: 10_000 },
  reporter: [["list"], ["json", { outputFile: "test-results/report.json" }]],
  use: {
    actionTimeout: 10_000,
    navigationTimeout: 15_000,
    locale: "en-GB",
    timezoneId: "Europe/Prague",
    // A trace of every story would cost a fifth of the whole time. Of the one that fails: `npx playwright test NAME --trace on`.
    trace: "off",
    viewport: { width: 1280, height: 800 },
    launchOptions: {
      executablePath,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  projects: [
    { name: "stories", testMatch: ["stories/*.spec.ts", "seed-client/*.spec.ts"] },
    // Pictures of every page, for people's eyes; not a test, so only when asked: `npm run shots`.
    ...(process.env.SHOTS ? [{ name: "shots", testMatch: "screenshots.ts", timeout: 600_000 }] : []),
    // The picture of the README, when it is asked for: `npm run picture`.
    ...(process.env.PICTURE ? [{ name: "picture", testMatch: "picture.ts" }] : []),
  ],
});
