// Groups and rooms: people make them, change them, come and go.
import type { Page } from "@playwright/test";
import { barriers } from "../support/barriers.ts";
import type { Person } from "../support/person.ts";
import { sizes } from "../support/rooms.ts";
import { expect, test, unique } from "../support/story.ts";

const details = (page: Page) => page.getByRole("complementary", { name: "Details" });
const head = (page: Page) => page.locator(".pane > .pane-head");

async function makeGroup(who: Person, title: string, others: Person[]): Promise<string> {
  if (who.path !== "/c/new") {
    await who.page.getByRole("link", { name: "New chat" }).first().click();
    await who.page.getByRole("link", { name: "New group or room" }).click();
  }
  await who.page.getByRole("textbox", { name: "Name" }).fill(title);
  await who.page.getByRole("textbox", { name: "People" }).fill(others.map(({ name }) => name).join(", "));
  await who.page.getByRole("button", { name: "Create" }).click();
  await who.page.waitForURL(/\/c\/\d+$/);
  return who.path;
}

async function openDetails(who: Person): Promise<void> {
  await head(who.page).getByRole("link", { name: "Details" }).click();
  await expect(details(who.page)).toBeVisible();
}

test("three people share a group: it is renamed, one is added, one is removed, one leaves", async ({ person, watch }) => {
  watch.expect(/status of 404/);
  const [ada, ben, cleo] = [await person("ada"), await person("ben"), await person("cleo")];
  const path = await makeGroup(ada, "Tea", [ben]);
  await ada.say("Hello");
  await ben.line("Tea").click();
  await expect(ben.message("Hello")).toBeVisible();

  // Anybody renames it, and everybody sees it at once.
  await openDetails(ben);
  await expect(details(ben.page).getByRole("heading", { name: "Details" })).toBeFocused();
  await details(ben.page).getByRole("textbox", { name: "Name" }).fill("Coffee");
  await details(ben.page).getByRole("textbox", { name: "Topic" }).fill("Only beans");
  await details(ben.page).getByRole("button", { name: "Save" }).click();
  await expect(details(ben.page).getByText("Saved.")).toBeVisible();
  await expect(ada.page.getByRole("heading", { name: "Coffee" })).toBeVisible();
  await expect(head(ada.page).getByText("Only beans")).toBeVisible();
  await expect(ada.line("Coffee")).toBeVisible();

  await openDetails(ada);
  await expect(details(ada.page).getByRole("textbox", { name: "Name" })).toHaveValue("Coffee");
  await details(ada.page).getByRole("textbox", { name: "Add people" }).fill(cleo.name);
  await details(ada.page).getByRole("button", { name: "Add", exact: true }).click();
  for (const who of [ada, ben]) {
    await expect(details(who.page).getByText(cleo.name)).toBeVisible();
    await expect(details(who.page).getByRole("heading", { name: "3 members" })).toBeVisible();
  }
  await cleo.line("Coffee").click();
  await ada.say("Welcome");
  await expect(cleo.message("Welcome")).toBeVisible();
  await expect(cleo.message("Hello")).toHaveCount(0);

  // Only who manages it removes others.
  await expect(details(ben.page).getByRole("button", { name: /Remove/ })).toHaveCount(0);
  await details(ada.page).getByRole("button", { name: new RegExp(`Remove .*${cleo.name}`) }).click();
  await expect(cleo.page.getByText("There is no such conversation.")).toBeVisible();
  await expect(cleo.line("Coffee")).toHaveCount(0);
  await expect(details(ben.page).getByRole("heading", { name: "2 members" })).toBeVisible();

  // Who manages it leaves: the other one does from then on.
  await details(ada.page).getByText("Leave this group").click();
  await details(ada.page).getByRole("button", { name: "Leave" }).click();
  await ada.page.waitForURL(/\/c$/);
  await expect(ada.line("Coffee")).toHaveCount(0);
  await details(ben.page).getByRole("button", { name: "Archive" }).click();
  await expect(ben.page.locator(".pane").getByText("This conversation is archived.")).toBeVisible();
  await expect(ben.composer).toHaveCount(0);
  await details(ben.page).getByRole("button", { name: "Bring it back" }).click();
  await ben.say("Alone");
  expect(ben.path).toBe(`${path}/details`);
  await details(ben.page).getByRole("link", { name: "Close the details" }).click();
  await expect(head(ben.page).getByRole("link", { name: "Details" })).toBeFocused();
});

test("an open room is found, joined and read from its beginning", async ({ person, watch }) => {
  watch.expect(/status of 400/);
  const [ada, ben] = [await person("ada"), await person("ben")];
  const title = unique("Tea room");
  await ada.page.getByRole("link", { name: "Rooms", exact: true }).click();
  // Where there are rooms it stands below them, and else in their place.
  await ada.page.getByRole("link", { name: /^(Make a group or a room|New group or room)/ }).click();
  await ada.page.getByRole("radio", { name: /A room/ }).check();
  await ada.page.getByRole("button", { name: "Create" }).click();
  await expect(ada.alert).toContainText("A room has a name");
  await ada.page.getByRole("textbox", { name: "Name" }).fill(title);
  await ada.page.getByRole("textbox", { name: "Topic" }).fill("Green, mostly");
  await expect(ada.page.getByRole("checkbox", { name: /Everybody can find/ })).toBeChecked();
  await ada.page.getByRole("button", { name: "Create" }).click();
  await ada.page.waitForURL(/\/c\/\d+$/);
  await ada.say("From the beginning");

  await ben.page.getByRole("link", { name: "Rooms", exact: true }).click();
  await ben.page.getByRole("searchbox").fill(title.toUpperCase());
  const room = ben.page.getByRole("listitem").filter({ hasText: "Green, mostly" });
  await expect(room).toContainText("1 member");
  await room.getByRole("button", { name: /^Join/ }).click();
  await expect(ben.message("From the beginning")).toBeVisible();
  await ben.say("Here I am");
  await expect(ada.message("Here I am")).toBeVisible();
  await expect(head(ada.page).getByText("2 members")).toBeVisible();
  await openDetails(ben);
  await expect(details(ben.page).getByRole("textbox", { name: "Name" })).toHaveCount(0);
  await expect(details(ben.page).getByText(ada.name)).toBeVisible();
});

test("people are picked from what is offered, by keys, and taken out again", async ({ person }) => {
  const [ada, ben, cleo, dora] = [await person("ada"), await person("ben"), await person("cleo"), await person("dora")];
  const form = { display_name: "Benedikt the Great" };
  expect((await ben.context.request.post("/api/profile-update", { form })).ok()).toBe(true);
  await ada.page.goto("/c/new");
  await ada.live(2);
  await ada.page.getByRole("textbox", { name: "Name" }).fill("Tea");
  const field = ada.page.getByRole("textbox", { name: "People" });
  const offers = ada.page.getByRole("listbox", { name: "Suggestions" });
  const picked = (name: string) => ada.page.getByRole("button", { name: new RegExp(`^Remove .*${name}`) });
  const pick = async (typed: string, who: RegExp) => {
    await ada.page.keyboard.type(typed);
    await expect(offers.getByRole("option", { name: who })).toHaveAttribute("aria-selected", "true");
    const marked = await field.getAttribute("aria-activedescendant");
    await expect(ada.page.locator(`#${marked}`)).toHaveText(who);
    await ada.page.keyboard.press("Enter");
    await expect(offers).toBeHidden();
    await expect(field).toBeFocused();
  };
  await field.focus();
  await pick("bene", new RegExp(`Benedikt the Great.* @${ben.name}`));
  await expect(picked("Benedikt the Great")).toBeVisible();
  await pick(cleo.name.slice(0, -1), new RegExp(cleo.name));
  await pick(dora.name.slice(0, -1), new RegExp(dora.name));
  await expect(field).toHaveValue("");
  await picked(cleo.name).click();
  await expect(field).toBeFocused();
  await ada.page.keyboard.press("Backspace");
  await expect(picked("")).toHaveCount(1);
  // Who is in already is not offered once more, and Escape keeps what is typed.
  await ada.page.keyboard.type(`${dora.name.slice(0, -1)}`);
  await expect(offers).toBeVisible();
  await ada.page.keyboard.press("Escape");
  await expect(offers).toBeHidden();
  await expect(field).toHaveValue(dora.name.slice(0, -1));
  await ada.page.keyboard.type(dora.name.slice(-1));
  await ada.page.getByRole("button", { name: "Create" }).click();
  await ada.page.waitForURL(/\/c\/\d+$/);
  await openDetails(ada);
  await expect(details(ada.page).getByRole("heading", { name: "3 members" })).toBeVisible();
  await expect(details(ada.page).getByText("Benedikt the Great")).toBeVisible();
  await expect(details(ada.page).getByText(dora.name)).toBeVisible();

  const add = details(ada.page).getByRole("textbox", { name: "Add people" });
  await add.pressSequentially(cleo.name.slice(0, -1));
  await details(ada.page).getByRole("option", { name: cleo.name }).click();
  await expect(details(ada.page).getByRole("button", { name: `Remove` }).filter({ visible: true })).not.toHaveCount(0);
  await details(ada.page).getByRole("button", { name: "Add", exact: true }).click();
  await expect(details(ada.page).getByRole("heading", { name: "4 members" })).toBeVisible();
  await expect(details(ada.page).locator(".token")).toHaveCount(0);
});

test("without scripts, too", async ({ person, watch }) => {
  watch.expect(/status of 404/);
  const plain = { javaScriptEnabled: false };
  const [ada, ben] = [await person("ada", plain), await person("ben", plain)];
  const title = unique("Plain");
  await ada.page.goto("/c/new");
  await ada.page.getByRole("radio", { name: /A room/ }).check();
  await ada.page.getByRole("textbox", { name: "Name" }).fill(title);
  await ada.page.getByRole("button", { name: "Create" }).click();
  await ada.page.waitForURL(/\/c\/\d+$/);
  await ben.page.goto("/c/rooms");
  await ben.page.getByRole("searchbox").fill(title);
  await ben.page.getByRole("button", { name: "Search" }).click();
  await ben.page.getByRole("button", { name: /^Join/ }).click();
  await expect(ben.page.getByRole("heading", { name: title })).toBeVisible();
  await ada.page.getByRole("link", { name: "Details" }).click();
  await ada.page.getByRole("textbox", { name: "Add people" }).fill("nobody-at-all");
  await ada.page.getByRole("button", { name: "Add", exact: true }).click();
  await expect(ada.page.getByRole("alert")).toContainText("nobody with the name");
  await expect(ada.page.getByRole("textbox", { name: "Add people" })).toHaveValue("nobody-at-all");
  await ada.page.getByRole("button", { name: "Archive" }).click();
  await ben.page.reload();
  await expect(ben.page.locator(".pane").getByText("This conversation is archived.")).toBeVisible();
  await ben.page.getByRole("link", { name: "Details" }).click();
  await ben.page.getByText("Leave this room").click();
  await ben.page.getByRole("button", { name: "Leave" }).click();
  await expect(ben.page).toHaveURL(/\/c$/);
});

for (const [size, viewport] of Object.entries(sizes)) {
  test(`accessible on ${size}`, async ({ person }) => {
    const [ben, cleo] = [await person("ben"), await person("Жанна")];
    const ada = await person("ada", { viewport });
    const room = { kind: "room", title: unique("Walks"), topic: "Where to go on Sunday, and who brings what", open: "true" };
    await ada.context.request.post("/api/conversation-create", { form: room });
    await ada.open("/c/new");
    const path = await makeGroup(ada, "Tea", [ben, cleo]);
    await ada.say("Hello");
    await openDetails(ada);
    await details(ada.page).getByRole("textbox", { name: "Topic" }).fill("Green, mostly");
    await details(ada.page).getByRole("button", { name: "Save" }).click();
    await expect(details(ada.page).getByText("Saved.")).toBeVisible();
    const states: Record<string, () => Promise<unknown>> = {
      details: async () => details(ada.page).getByText("Leave this group").click(),
      conversation: () => ada.open(path),
      new: () => ada.open("/c/new"),
      rooms: () => ada.open("/c/rooms"),
      "rooms-none": () => ada.open("/c/rooms?q=no+such+room"),
      archived: async () => {
        await ada.open(`${path}/details`);
        await details(ada.page).getByRole("button", { name: "Archive" }).click();
        await expect(details(ada.page).getByText("This conversation is archived.")).toBeVisible();
      },
    };
    for (const [name, visit] of Object.entries(states)) {
      await visit();
      if (process.env.PICTURES) {
        await ada.page.screenshot({ path: `${process.env.PICTURES}/${name}-${size}.png` });
      }
      expect(await barriers(ada.page, name)).toEqual([]);
      const sticksOut = await ada.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(sticksOut, name).toBeLessThanOrEqual(0);
    }
  });
}
