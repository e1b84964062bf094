// The `test` of all stories: a server a worker, people with browsers, and a watch over what browsers complain about.
import { randomUUID } from "node:crypto";
import { test as base, type BrowserContext, type BrowserContextOptions } from "@playwright/test";
import { Person, signUp } from "./person.ts";
import { Server } from "./server.ts";
import { Watch } from "./watch.ts";

type Story = {
  /** Collects complaints of all browsers of the story; the story fails on those that it did not expect. */
  watch: Watch;
  /** A new browser without any account. */
  browserOf: (options?: BrowserContextOptions) => Promise<BrowserContext>;
  /** A signed-up person, at `/c` in a browser of their own. `ada` becomes a name that nobody else has. */
  person: (name: string, options?: BrowserContextOptions) => Promise<Person>;
};

export const test = base.extend<Story, { server: Server }>({
  server: [
    async ({}, use) => {
      const server = await Server.start();
      await use(server);
      await server.remove();
    },
    { scope: "worker", timeout: 30_000 },
  ],

  // Also what `context.request` and `page.goto` of every browser build on.
  baseURL: async ({ server }, use) => {
    await server.up();
    await use(server.url);
  },

  watch: async ({ server }, use, info) => {
    const watch = new Watch();
    await use(watch);
    if (info.status !== info.expectedStatus) await info.attach("server.log", { body: server.log() });
    expect(watch.unexpected(), "what the browsers complained about").toEqual([]);
  },

  browserOf: async ({ browser, baseURL, watch }, use) => {
    const opened: BrowserContext[] = [];
    await use(async (options = {}) => {
      const context = await browser.newContext({ baseURL: baseURL!, ...options });
      watch.context(context, options.javaScriptEnabled);
      opened.push(context);
      return context;
    });
    await Promise.all(opened.map((context) => context.close()));
  },

  person: async ({ browserOf, watch }, use) => {
    await use(async (name, options) => {
      const page = await (await browserOf(options)).newPage();
      const person = new Person(unique(name), page, watch);
      await signUp(page, person.name);
      if (options?.javaScriptEnabled !== false) await person.live();
      return person;
    });
  },
});

export const expect = test.expect;

/** A name that no other story uses. */
export function unique(name: string): string {
  return `${name}-${randomUUID().slice(0, 8)}`;
}
