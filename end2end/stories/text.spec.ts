// What is typed, and what both people see of it; what is offered while one types; and the picker of emoji.
import type { Locator } from "@playwright/test";
import { barriers } from "../support/barriers.ts";
import type { Person } from "../support/person.ts";
import { expect, test, unique } from "../support/story.ts";

async function pair(person: (name: string) => Promise<Person>): Promise<[Person, Person]> {
  const [ada, ben] = [await person("ada"), await person("ben")];
  await ada.startChat(ben.name, "start");
  await expect(ada.message("start")).toBeVisible();
  await ben.line(ada.name).click();
  await expect(ben.message("start")).toBeVisible();
  return [ada, ben];
}

/** What the latest message says, once it has this text in it. */
function latest(person: Person, text: string): Locator {
  return person.messages.locator(".said").filter({ hasText: text }).last();
}

async function send(person: Person, text: string): Promise<void> {
  await person.composer.fill(text);
  await person.composer.press("Enter");
  await expect(person.composer).toHaveValue("");
}

test("typed markup is drawn for both, live and after a reload", async ({ person }) => {
  const [ada, ben] = await pair(person);
  const typed = "**bold** _slanted_ ~~gone~~ `code`\n\n> quoted\n\n- one\n  - inner\n- two\n\n3. three\n\n```rust\nlet x = 1;\n```";
  await send(ada, typed);
  const check = async (who: Person) => {
    const said = latest(who, "bold");
    await expect(said.locator("strong")).toHaveText("bold");
    await expect(said.locator("em")).toHaveText("slanted");
    await expect(said.locator("s")).toHaveText("gone");
    await expect(said.locator("p > code")).toHaveText("code");
    await expect(said.locator("blockquote")).toHaveText("quoted");
    await expect(said.locator("ul ul li")).toHaveText("inner");
    await expect(said.locator("ol li")).toHaveAttribute("value", "3");
    await expect(said.locator("pre")).toHaveText("let x = 1;");
    await expect(said.locator(".code-language")).toHaveText("rust");
  };
  for (const who of [ada, ben]) await check(who);
  await ben.open(new URL(ben.page.url()).pathname);
  await check(ben);
  await expect(ben.line(ada.name)).toContainText("bold slanted gone code");
});

test("what looks like HTML is text, and links lead where they say", async ({ person }) => {
  const [ada, ben] = await pair(person);
  await send(ada, "<img src=x onerror=alert(1)> <b>not bold</b>");
  await expect(latest(ben, "onerror")).toHaveText("<img src=x onerror=alert(1)> <b>not bold</b>");
  await expect(ben.messages.locator("img, b")).toHaveCount(0);
  await send(ada, "see https://example.org/a_(b). and [bank.example](https://evil.example) [x](javascript:alert(1))");
  const said = latest(ben, "see");
  const links = said.getByRole("link");
  await expect(links).toHaveCount(2);
  await expect(links.first()).toHaveAttribute("href", "https://example.org/a_(b)");
  for (const name of ["target", "rel"]) {
    await expect(links.first()).toHaveAttribute(name, name === "target" ? "_blank" : "noopener noreferrer nofollow ugc");
  }
  await expect(said).toContainText("bank.example (evil.example)");
  await expect(said).toContainText("[x](javascript:alert(1))");
});

test("a link to a message here is followed without a new page", async ({ person }) => {
  const [ada, ben] = await pair(person);
  const here = new URL(ben.page.url());
  await send(ada, `look: ${here.origin}${here.pathname}/1`);
  await ben.page.evaluate(() => ((window as { same?: boolean }).same = true));
  await latest(ben, "look").getByRole("link").click();
  await expect(ben.page).toHaveURL(/\/c\/\d+\/1$/);
  expect(await ben.page.evaluate(() => (window as { same?: boolean }).same)).toBe(true);
  expect(ben.context.pages()).toHaveLength(1);
});

test("a name is completed by keyboard, and shown to whom it calls", async ({ person }) => {
  const [ada, ben] = await pair(person);
  await ada.composer.focus();
  await ada.page.keyboard.type(`hi @${ben.name.slice(0, 3)}`);
  const offers = ada.page.getByRole("listbox", { name: "Suggestions" });
  await expect(offers.getByRole("option", { name: ben.name })).toHaveAttribute("aria-selected", "true");
  const marked = await ada.composer.getAttribute("aria-activedescendant");
  await expect(ada.page.locator(`#${marked}`)).toContainText(ben.name);
  await ada.page.keyboard.press("Escape");
  await expect(offers).toBeHidden();
  await expect(ada.composer).toBeFocused();
  await ada.page.keyboard.type(ben.name.slice(3, 4));
  await expect(offers).toBeHidden();
  await ada.page.keyboard.type(` @${ben.name.slice(0, 2)}`);
  await ada.page.keyboard.press("Tab");
  await expect(ada.composer).toHaveValue(`hi @${ben.name.slice(0, 4)} @${ben.name} `);
  await expect(ada.composer).toBeFocused();
  await ada.page.keyboard.press("Enter");
  await expect(latest(ben, "hi").locator(".mention.me")).toHaveText(`@${ben.name}`);
  await expect(latest(ada, "hi").locator(".mention.me")).toHaveCount(0);
});

test("emoji by name: offered, completed, and written out when sent", async ({ person }) => {
  const [ada, ben] = await pair(person);
  await ada.composer.focus();
  await ada.page.keyboard.type("yes :tad");
  await expect(ada.page.getByRole("option", { name: "🎉 :tada:" })).toBeVisible();
  await ada.page.keyboard.press("Enter");
  await expect(ada.composer).toHaveValue("yes 🎉 ");
  await ada.page.keyboard.type("and :+1: but `:+1:`");
  await ada.page.keyboard.press("Escape");
  await ada.send.click();
  await expect(latest(ben, "yes")).toHaveText("yes 🎉 and 👍 but :+1:");
});

test("a name that was pasted is written out, too", async ({ person }) => {
  const [ada, ben] = await pair(person);
  const list = ada.page.waitForResponse(/\/emoji\.txt$/);
  await ada.composer.fill("pasted :tada: at 10:30:20");
  await (await list).finished();
  // The page reads it in its next turn.
  await ada.page.evaluate(() => new Promise((done) => setTimeout(done)));
  await ada.send.click();
  await expect(latest(ben, "pasted")).toHaveText("pasted 🎉 at 10:30:20");
});

test("the picker is used by keyboard, and is accessible", async ({ person }) => {
  const [ada, ben] = [await person("ada"), await person("ben")];
  await ada.startChat(ben.name, "start");
  await expect(ada.message("start")).toBeVisible();
  await ada.composer.fill("party ");
  await ada.page.getByRole("button", { name: "Emoji" }).press("Enter");
  const picker = ada.page.getByRole("dialog", { name: "Emoji" });
  const grid = picker.getByRole("listbox", { name: "Emoji" });
  await expect(grid.getByRole("option").first()).toBeVisible();
  expect(await barriers(ada.page, "the picker")).toEqual([]);
  await picker.getByRole("searchbox").fill("tada");
  await ada.page.keyboard.press("ArrowDown");
  await expect(grid.getByRole("option", { name: "tada" })).toBeFocused();
  await ada.page.keyboard.press("Enter");
  await expect(picker).toBeHidden();
  await expect(ada.composer).toBeFocused();
  await expect(ada.composer).toHaveValue("party 🎉");
  await ada.page.getByRole("button", { name: "Emoji" }).press("Enter");
  await expect(picker.getByRole("button", { name: "Recently used" })).toHaveAttribute("aria-pressed", "true");
  await expect(grid.getByRole("option")).toHaveText(["🎉"]);
  await picker.getByRole("button", { name: "Smileys & Emotion" }).click();
  await grid.getByRole("option").first().focus();
  await ada.page.keyboard.press("ArrowRight");
  await ada.page.keyboard.press("ArrowDown");
  await expect(grid.getByRole("option").nth(8)).toBeFocused();
  await ada.page.keyboard.press("Escape");
  await expect(picker).toBeHidden();
});

test("in a room, people whom the page does not know are offered, too", async ({ person }) => {
  const [ada, ben] = [await person("ada"), await person("benno")];
  const form = { kind: "room", title: unique("Tea"), open: "true" };
  const made = await ada.context.request.post("/api/conversation-create", { form, headers: { accept: "application/json" } });
  const { id } = (await made.json()) as { id: number };
  expect((await ben.context.request.post("/api/room-join", { form: { conversation_id: String(id) } })).ok()).toBe(true);
  await ada.open(`/c/${id}`);
  const offers = ada.page.getByRole("listbox", { name: "Suggestions" });
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  let asked = 0;
  await ada.page.route("**/api/user-list*", async (route) => {
    if (asked++ === 0) await released;
    await route.continue();
  });
  await ada.composer.focus();
  await ada.page.keyboard.type(`hi @${ben.name.slice(0, 8)}`);
  await expect.poll(() => asked).toBe(1);
  // Another word meanwhile: the answer is none to it.
  await ada.page.keyboard.type(" and @al");
  await expect(offers.getByRole("option")).toHaveText(["all"]);
  const late = ada.page.waitForResponse("**/api/user-list*");
  release();
  await (await late).finished();
  await ada.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 300))));
  await expect(offers.getByRole("option", { name: ben.name })).toHaveCount(0);
  await ada.composer.fill("");
  await ada.page.keyboard.type(`hi @${ben.name.slice(0, 8)}`);
  await expect(offers.getByRole("option", { name: ben.name })).toHaveAttribute("aria-selected", "true");
  await ada.page.keyboard.press("Enter");
  await expect(ada.composer).toHaveValue(`hi @${ben.name} `);
  await ada.page.keyboard.press("Enter");
  await ben.line(form.title).click();
  await expect(latest(ben, "hi").locator(".mention.me")).toHaveText(`@${ben.name}`);
});
