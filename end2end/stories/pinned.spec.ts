// What is kept of messages and what is not: pins, any emoji, an answer that is not sent, and what was deleted.
import type { Locator, Page } from "@playwright/test";
import { onDisk, pair, type Person, signIn } from "../support/person.ts";
import { expect, test } from "../support/story.ts";

/** Of the first message that says so: another may quote it. */
const more = (who: Person, text: string): Promise<Locator> => who.more(who.row(text).first());

/** Opens the list of what is pinned in the open conversation. */
async function pins(who: Person): Promise<Locator> {
  await who.page.getByLabel("How you keep this conversation").click();
  await who.page.getByRole("button", { name: "Pinned messages" }).click();
  const list = who.page.getByRole("dialog", { name: "Pinned messages" });
  await expect(list).toBeVisible();
  return list;
}

/** What is not sent, as it lies on this browser's disk. */
const drafts = async (page: Page): Promise<string> => JSON.stringify(await onDisk(page));

test("what one pins is in the other's list, which leads to its place", async ({ person }) => {
  const [ada, ben] = await pair(person);
  await ben.line(ada.name).click();
  const none = await pins(ben);
  await expect(none).toContainText("No message is pinned here.");
  await none.getByRole("button", { name: "Close" }).click();

  await (await more(ada, "start")).getByRole("menuitem", { name: "Pin", exact: true }).click();
  await expect(ben.row("start").getByText("Pinned")).toBeAttached();
  await ada.postLines(160, ada.conversation);
  await ben.page.reload();
  await expect(ben.message("line 159")).toBeVisible();
  await expect(ben.message("start")).toHaveCount(0);
  const list = await pins(ben);
  await expect(list.getByRole("listitem")).toHaveCount(1);
  await expect(list).toContainText("start");
  await list.getByRole("link", { name: ada.name }).click();
  await expect(list).toBeHidden();
  await expect(ben.message("start")).toBeInViewport();
  expect(ben.path).toMatch(/^\/c\/\d+\/\d+$/);

  // And again, from further down, where the address names it already.
  await ben.messages.hover();
  await ben.page.mouse.wheel(0, 2_000);
  await expect(ben.message("start")).not.toBeInViewport();
  await (await pins(ben)).getByRole("link", { name: ada.name }).click();
  await expect(ben.message("start")).toBeInViewport();
});

test("any emoji there is may be a reaction, with keys alone", async ({ person }) => {
  const [ada, ben] = await pair(person);
  await ben.line(ada.name).click();
  await ben.row("start").focus();
  await ben.page.keyboard.press("+");
  await ben.page.keyboard.press("End");
  await expect(ben.page.getByRole("menuitem", { name: "Any other emoji" })).toBeFocused();
  await ben.page.keyboard.press("Enter");
  const picker = ben.page.getByRole("dialog", { name: "Emoji" });
  await picker.getByRole("searchbox").fill("kangaroo");
  await expect(picker.getByRole("option", { name: "kangaroo" })).toBeVisible();
  await ben.page.keyboard.press("Enter");
  await expect(picker).toBeHidden();
  await expect(ada.row("start").getByRole("button", { name: /🦘, 1 person$/ })).toBeVisible();
  await expect(ben.row("start")).toBeFocused();
});

test("an answer that is not sent answers the same after a reload, until it is let go", async ({ person }) => {
  const [ada, ben] = await pair(person);
  await ben.line(ada.name).click();
  const line = ben.page.locator(".composer-mode");
  await (await more(ben, "start")).getByRole("menuitem", { name: "Reply" }).click();
  await ben.composer.fill("because");
  await expect.poll(() => drafts(ben.page)).toMatch(/>\d+\\nbecause/);
  await ben.page.reload();
  await expect(line).toContainText("Replying to");
  await expect(ben.composer).toHaveValue("because");
  await ben.send.click();
  await expect(ada.row("because").getByRole("link", { name: /start/ })).toBeVisible();

  await (await more(ben, "start")).getByRole("menuitem", { name: "Reply" }).click();
  await ben.composer.fill("never mind");
  await line.getByRole("button", { name: "Cancel" }).click();
  await expect(ben.composer).toHaveValue("never mind");
  await expect.poll(() => drafts(ben.page)).not.toMatch(/>\d/);
  await ben.page.reload();
  await expect(ben.composer).toHaveValue("never mind");
  await expect(line).toHaveCount(0);
});

test("what was deleted is nowhere in a page that showed it, nor in what is read out", async ({ person }) => {
  const [ada, ben] = await pair(person);
  await ada.say("hush one");
  await ben.line(ada.name).click();
  await expect(ben.message("hush one")).toBeVisible();
  await ben.page.reload();
  await ben.live(2);
  await ada.say("hush two");
  await expect(ben.page.locator("[aria-live=polite]", { hasText: "hush two" })).toHaveCount(1);
  for (const text of ["hush one", "hush two"]) {
    await (await more(ada, text)).getByRole("menuitem", { name: "Delete" }).click();
    await ada.page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await expect(ada.message(text)).toHaveCount(0);
  }
  for (const who of [ada, ben]) {
    await expect.poll(() => who.page.evaluate(() => document.documentElement.outerHTML.includes("hush"))).toBe(false);
  }
});

test("who changes a message that was deleted elsewhere is told so, and loses no text", async ({ person, browserOf }) => {
  const [ada] = await pair(person);
  const phone = await ada.device(await browserOf());
  await phone.page.goto(ada.path);
  await phone.live(2);
  await ada.composer.press("ArrowUp");
  await ada.composer.fill("start, better");
  await (await more(phone, "start")).getByRole("menuitem", { name: "Delete" }).click();
  await phone.page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(ada.page.locator(".composer-mode")).toContainText("This message was deleted.");
  await ada.composer.press("Enter");
  await expect(ada.alert).toContainText("This message was deleted.");
  await expect(ada.composer).toHaveValue("start, better");
});

test("in an archived group one reads and copies; its new name is in the composer before", async ({ person }) => {
  const [ada, ben] = [await person("ada"), await person("ben")];
  await ada.page.goto("/c/new");
  await ada.page.getByRole("textbox", { name: "Name" }).fill("Tea");
  await ada.page.getByRole("textbox", { name: "People" }).fill(ben.name);
  await ada.page.getByRole("button", { name: "Create" }).click();
  await ada.page.waitForURL(/\/c\/\d+$/);
  await ada.say("hello");
  await ben.line("Tea").click();
  await expect(ben.composer).toHaveAttribute("placeholder", /Tea/);
  const update = async (form: Record<string, string>) => {
    const answer = await ada.context.request.post("/api/conversation-update", {
      form: { conversation_id: ada.conversation, ...form },
      headers: { accept: "application/json" },
    });
    expect(answer.status(), await answer.text()).toBe(200);
  };
  await update({ title: "Coffee" });
  await expect(ben.composer).toHaveAttribute("placeholder", /Coffee/);

  await expect((await more(ben, "hello")).getByRole("menuitem", { name: "Reply" })).toBeVisible();
  await ben.page.keyboard.press("Escape");
  await update({ archived: "true" });
  await expect(ben.composer).toHaveCount(0);
  const items = (await more(ben, "hello")).getByRole("menuitem");
  await expect(items).toHaveText(["Copy text", "Copy link"]);
});

test("who follows a link before signing in is there afterwards", async ({ person, browserOf, watch }) => {
  watch.expect(/status of 401/);
  const [ada] = await pair(person);
  const page = await (await browserOf()).newPage();
  await page.goto(`${ada.path}/1`);
  await expect(page).toHaveURL(/\/\?conversation_id=\d+&seq=1$/);
  await signIn(page, ada.name, "not the password");
  await signIn(page, ada.name);
  await expect(page).toHaveURL(new RegExp(`${ada.path}/1$`));
  await expect(page.getByText("start", { exact: true })).toBeInViewport();
});
