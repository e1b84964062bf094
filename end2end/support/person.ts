// Somebody in a browser of their own, and what people do there. Found by roles and labels only, as people find it.
import { expect, type BrowserContext, type Locator, type Page } from "@playwright/test";
import type { Watch } from "./watch.ts";

export const password = "correct horse battery";

/** A message by number and text; `none` for one that is not stored yet. */
export type Shown = { seq: string; content: string };

export class Person {
  constructor(
    readonly name: string,
    readonly page: Page,
    private readonly watch: Watch,
  ) {}

  get context(): BrowserContext {
    return this.page.context();
  }

  /** The same person in another tab of the same browser. */
  async tab(path = "/c"): Promise<Person> {
    const page = await this.context.newPage();
    const other = new Person(this.name, page, this.watch);
    await other.open(path);
    return other;
  }

  /** The same person on another device, as they sign in there. */
  async device(browser: BrowserContext): Promise<Person> {
    const other = new Person(this.name, await browser.newPage(), this.watch);
    await other.page.goto("/");
    await signIn(other.page, this.name);
    await other.live();
    return other;
  }

  /** Opens a page and waits until the gateway has greeted it. */
  async open(path: string): Promise<void> {
    const before = this.watch.readies(this.page);
    await this.page.goto(path);
    await this.live(before + 1);
  }

  /** Waits until the gateway has said READY this often. */
  async live(times = 1): Promise<void> {
    await expect.poll(() => this.watch.readies(this.page), { message: "READY from the gateway" }).toBeGreaterThanOrEqual(times);
  }

  get readies(): number {
    return this.watch.readies(this.page);
  }

  get messages(): Locator {
    return this.page.getByRole("log", { name: "Messages" });
  }

  /** A message in the open conversation. */
  message(text: string): Locator {
    return this.messages.getByText(text, { exact: true });
  }

  /** The whole row of a message: text, time, and how it stands. */
  row(text: string): Locator {
    return this.messages.getByRole("listitem").filter({ has: this.page.getByText(text, { exact: true }) });
  }

  /** What an own message's row says once the server has acknowledged it. */
  sent(text: string): Locator {
    return this.row(text).getByText(/^(Sent$|Read by )/);
  }

  get composer(): Locator {
    return this.page.getByRole("textbox", { name: "Message" });
  }

  get send(): Locator {
    return this.page.getByRole("button", { name: "Send" });
  }

  get alert(): Locator {
    return this.page.getByRole("alert").filter({ hasText: /\S/ });
  }

  /** Opens the menu of a message's row with the mouse. */
  async more(row: Locator): Promise<Locator> {
    await row.hover();
    await this.page.getByRole("group", { name: "Message actions" }).getByRole("button", { name: "More" }).click();
    const menu = this.page.getByRole("menu", { name: "Message actions" });
    await expect(menu).toBeVisible();
    return menu;
  }

  /** The sidebar's line about the conversation with somebody; what is not sent to them yet has lines of its own. */
  line(name: string): Locator {
    return this.page.getByRole("navigation", { name: "Conversations" }).getByRole("link", { name: new RegExp(name) });
  }

  /** Writes into the open conversation; ends when the message is stored, not when it merely shows. */
  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.send.click();
    await expect(this.message(text)).toBeVisible();
    await expect(this.sent(text)).toHaveCount(1);
  }

  /** Starts a chat with a first message; ends in the conversation. */
  async startChat(to: string, text: string): Promise<void> {
    await this.page.getByRole("link", { name: "New chat" }).first().click();
    await this.page.getByRole("textbox", { name: "To" }).fill(to);
    await this.composer.fill(text);
    await this.send.click();
    await this.page.waitForURL(/\/c\/\d+/);
    await expect(this.message(text)).toBeVisible();
  }

  /** The address of the open conversation, and its id. */
  get path(): string {
    return new URL(this.page.url()).pathname;
  }

  get conversation(): string {
    return this.path.split("/")[2] ?? "";
  }

  /** Posts over HTTP with this browser's session, as any program would. */
  async post(fields: Record<string, string>): Promise<{ conversation_id: number | string; seq: number }> {
    const response = await this.context.request.post("/api/message-post", {
      form: fields,
      headers: { accept: "application/json" },
    });
    expect(response.status(), await response.text()).toBe(200);
    return response.json();
  }

  /** Many at once, without a page. */
  async postLines(count: number, conversation_id: string, word = "line"): Promise<void> {
    for (let n = 0; n < count; n++) await this.post({ conversation_id, content: `${word} ${n}` });
  }

  /** What the store holds of a conversation, the latest page of it. */
  async stored(conversation_id: string): Promise<Shown[]> {
    const response = await this.context.request.post("/api/message-list", { form: { conversation_id, limit: "100" } });
    const { messages } = (await response.json()) as { messages: { seq: number; content: string }[] };
    return messages.map(({ seq, content }) => ({ seq: String(seq), content }));
  }

  /** The rows of the open conversation, as they stand in the page. */
  async shown(): Promise<Shown[]> {
    return this.messages.locator("li.message").evaluateAll((rows) =>
      rows.map((row) => ({
        seq: row.getAttribute("data-seq") ?? "none",
        content: row.querySelector(".bubble")?.textContent ?? "",
      })),
    );
  }

  /** Turns to the tab, or away from it: what a page is told of that. The browser itself goes on painting it. */
  async look(visible: boolean): Promise<void> {
    await this.page.evaluate((visible) => {
      Object.defineProperty(document, "hidden", { configurable: true, value: !visible });
      Object.defineProperty(document, "visibilityState", { configurable: true, value: visible ? "visible" : "hidden" });
      document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
    }, visible);
  }

  /** How much of the conversation with somebody the sidebar counts as unread; 0 where it says nothing. */
  async unread(name: string): Promise<number> {
    const said = await this.line(name).innerText();
    return Number(/(\d+)\+? unread/.exec(said)?.[1] ?? 0);
  }

  async signOut(): Promise<void> {
    await this.page.getByRole("link", { name: "Settings" }).click();
    await this.page.getByRole("button", { name: "Sign out", exact: true }).click();
  }
}

export async function signUp(page: Page, name: string): Promise<void> {
  await page.goto("/sign-up");
  await page.getByRole("textbox", { name: "Name" }).fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Create account" }).click();
  await page.waitForURL(/\/c$/);
}

/** Two people who have begun to write to each other. */
export async function pair(person: (name: string) => Promise<Person>): Promise<[Person, Person]> {
  const [ada, ben] = [await person("ada"), await person("ben")];
  await ada.startChat(ben.name, "start");
  return [ada, ben];
}

export async function signIn(page: Page, name: string, secret = password): Promise<void> {
  await page.getByRole("textbox", { name: "Name" }).fill(name);
  await page.getByLabel("Password").fill(secret);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Presses Tab until the focus is there, as somebody without a mouse would; the focus has to be seen on the way. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  for (let presses = 0; ; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) break;
    if (presses === 40) throw new Error(`Tab does not reach ${target}`);
    await page.keyboard.press("Tab");
  }
  // On the element itself or on what frames it, as the composer's line does.
  const outlines = await target.evaluate((element) =>
    [element, element.parentElement!].map((at) => getComputedStyle(at).outlineStyle),
  );
  expect(outlines.some((style) => style !== "none"), `the focus on ${target} is seen`).toBe(true);
}

/** What lies on this browser's disk and is not sent: messages and drafts, of everybody who signed in here. */
export async function onDisk(page: Page): Promise<unknown[]> {
  return page.evaluate(async () => {
    const settled = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const found: unknown[] = [];
    for (const { name } of await indexedDB.databases()) {
      const database = await settled(indexedDB.open(name!));
      for (const store of ["outbox", "drafts"]) found.push(...(await settled(database.transaction(store).objectStore(store).getAll())));
      database.close();
    }
    return found;
  });
}
