import { chromium } from "@playwright/test";
const b = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
const p = await b.newPage();
p.on("pageerror", (e) => console.log("ERR", e.stack.slice(0, 3000)));
p.on("console", (m) => console.log("CON", m.text().slice(0, 500)));
await p.goto(process.argv[2] + (process.argv[3] ?? "/sign-up"));
await p.waitForTimeout(3000);
await b.close();
