// The plain client of the first idea, in a real page and in Node, through the real `authorization` cookie.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { WebSocket } from "ws";
import type { Person } from "../support/person.ts";
import { expect, test } from "../support/story.ts";

type Chat = {
  messages: string[];
  error?: string;
  socket: { readyState: number; close(): void };
  post(target: string, content: string): Promise<void>;
};
type Mount = (window: unknown) => Chat;

const source = readFileSync(join(import.meta.dirname, "client.js"), "utf8");

/** A page of the site without its own client, so that only the plain one is there. */
async function pageOf(person: Person): Promise<Page> {
  const page = await person.context.newPage();
  await page.route("**/*.wasm", (route) => route.abort());
  await page.goto("/c");
  return page;
}

async function mountInPage(page: Page): Promise<void> {
  await page.evaluate(`window.seed = (() => { ${source}; return mountChat(window); })();`);
}

function seedIn(page: Page): Promise<string[]> {
  return page.evaluate(() => (window as unknown as { seed: Chat }).seed.messages);
}

/** What a browser would give the client, made for Node. Its ops go to `ops`. */
function nodeWindow(origin: string, cookie: string, ops: string[] = []) {
  const location = { origin, href: `${origin}/c` };
  return { location, document: { cookie }, WebSocket, fetch, console: { log: (_: string, op: string) => ops.push(op) } };
}

function mountInNode(window: ReturnType<typeof nodeWindow>): Chat {
  return (new Function(`${source}; return mountChat;`)() as Mount)(window);
}

/** The `authorization` cookie, fresh: it lives for a minute. */
async function authorization(person: Person): Promise<string> {
  const response = await person.context.request.post("/api/gateway-token", { headers: { accept: "application/json" } });
  expect(response.ok()).toBe(true);
  const cookie = (await person.context.cookies()).find(({ name }) => name === "authorization");
  expect(cookie?.httpOnly, "the gateway's cookie is readable by scripts").toBe(false);
  return `theme=dark; authorization=${cookie?.value}`;
}

test("in a page: it gets what is written to its user, and writes", async ({ person, watch }) => {
  watch.expect(/\.wasm/, /Failed to fetch/, /WebAssembly/);
  const [ada, ben] = [await person("ada"), await person("ben")];
  const page = await pageOf(ada);
  await mountInPage(page);
  await expect.poll(() => page.evaluate(() => (window as unknown as { seed: Chat }).seed.socket.readyState)).toBe(1);

  await ben.startChat(ada.name, "hello, plain client");
  await expect.poll(() => seedIn(page)).toEqual(["hello, plain client"]);

  await page.evaluate((to) => (window as unknown as { seed: Chat }).seed.post(to, "hello from the seed"), ben.name);
  await expect(ben.message("hello from the seed")).toBeVisible();
});

test("in a page: a bad token leads home", async ({ person, watch }) => {
  watch.expect(/\.wasm/, /Failed to fetch/, /WebAssembly/);
  const ada = await person("ada");
  const page = await pageOf(ada);
  await page.evaluate(() => (document.cookie = "authorization=nonsense; path=/"));
  const error = page.waitForEvent("websocket").then((socket) =>
    socket.waitForEvent("framereceived", ({ payload }) => JSON.parse(payload.toString()).op === "ERROR"),
  );
  const home = page.waitForRequest((request) => request.isNavigationRequest() && new URL(request.url()).pathname === "/");
  await mountInPage(page);
  expect(JSON.parse((await error).payload.toString())).toMatchObject({ op: "ERROR", d: { message: "Invalid creds" } });
  await home;
});

test("in Node: it gets what is written to its user", async ({ person, server }) => {
  const [ada, ben] = [await person("ada"), await person("ben")];
  const ops: string[] = [];
  const chat = mountInNode(nodeWindow(server.url, await authorization(ada), ops));
  try {
    await expect.poll(() => ops, { message: "ops that it does not know are logged" }).toContain("READY");
    await ben.startChat(ada.name, "hello, Node");
    await ben.say("and once more");
    await expect.poll(() => chat.messages).toEqual(["hello, Node", "and once more"]);
    expect(chat.error).toBeUndefined();
  } finally {
    chat.socket.close();
  }
});

test("in Node: a bad token leads home", async ({ server }) => {
  const window = nodeWindow(server.url, "authorization=nonsense");
  const chat = mountInNode(window);
  await expect.poll(() => chat.error).toBe("Invalid creds");
  expect(window.location.href).toBe("/");
  await expect.poll(() => chat.socket.readyState, { message: "the socket closes" }).toBe(3);
});
