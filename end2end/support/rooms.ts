// Every page and state that is worth looking at, by name; for the accessibility checks and the pictures.
import { type Page, request } from "@playwright/test";
import { password, type Person } from "./person.ts";

export const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } } as const;
export const schemes = ["light", "dark"] as const;

/** Pages of somebody without an account. */
export const outside: Record<string, (page: Page) => Promise<unknown>> = {
  "sign-in": (page) => page.goto("/"),
  "sign-up": (page) => page.goto("/sign-up"),
  ended: (page) => page.goto("/?ended"),
  "not-found": (page) => page.goto("/nowhere"),
  "sign-in-wrong": async (page) => {
    await page.goto("/");
    await page.getByRole("textbox", { name: "Name" }).fill("nobody-here");
    await page.getByLabel("Password").fill("wrong password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").waitFor();
  },
  "sign-up-refused": async (page) => {
    await page.goto("/sign-up");
    await page.getByRole("textbox", { name: "Name" }).fill("nobody-here");
    await page.getByLabel("Password").fill("short");
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByRole("alert").waitFor();
  },
};

/** Pages of somebody whose newest conversation is at `conversation`. */
export function inside(me: Person, conversation: string): Record<string, () => Promise<unknown>> {
  let room = 0;
  return {
    list: () => me.open("/c"),
    conversation: () => me.open(conversation),
    "new-chat": async () => {
      await me.open("/c");
      await me.page.getByRole("link", { name: "New chat" }).first().click();
      await me.page.getByRole("textbox", { name: "To" }).waitFor();
    },
    "unknown-target": async () => {
      await me.open("/c");
      await me.page.getByRole("link", { name: "New chat" }).first().click();
      await me.page.getByRole("textbox", { name: "To" }).fill("nobody-here");
      await me.composer.fill("Is anybody there?");
      await me.send.click();
      await me.alert.waitFor();
    },
    "too-long": async () => {
      await me.open(conversation);
      await me.composer.fill("long ".repeat(801));
      await me.send.click();
      await me.alert.waitFor();
    },
    "no-such-conversation": async () => {
      // It is kept otherwise, and stands in every picture of the conversation that follows.
      await me.composer.fill("");
      await me.page.goto("/c/999999999");
    },
    loading: async () => {
      await me.open("/c");
      await me.page.route("**/api/message-list*", () => {});
      await me.page.locator(`a[href="${conversation}"]`).click();
      await me.page.locator(".skeleton").waitFor();
      // What is quick shows none.
      await me.page.waitForTimeout(600);
    },
    "not-loaded": async () => {
      await me.open("/c");
      await me.page.unroute("**/api/message-list*");
      await me.page.route("**/api/message-list*", (route) => route.abort("internetdisconnected"));
      await me.page.locator(`a[href="${conversation}"]`).click();
      await me.page.getByRole("link", { name: "Retry" }).waitFor();
      await me.page.unroute("**/api/message-list*");
    },
    // Two of what comes after the chat.
    "dialog-lost": async () => {
      await me.page.route("**/chatter-parts-*", (route) => route.abort("internetdisconnected"));
      await me.open(conversation);
      await me.page.keyboard.press("Control+k");
      await me.page.getByRole("alert").waitFor();
    },
    "pane-lost": async () => {
      await me.page.goto("/c");
      await me.page.getByRole("link", { name: "Rooms" }).first().click();
      await me.page.getByRole("button", { name: "Retry" }).waitFor();
      await me.page.unroute("**/chatter-parts-*");
    },
    settings: () => me.page.goto("/settings"),
    people: () => me.page.goto("/people"),
    "people-none": () => me.page.goto("/people?q=nobody-here"),
    person: () => me.page.goto(`/people/${encodeURIComponent(me.name)}`),
    "no-such-person": () => me.page.goto("/people/nobody-here"),
    "new-group": () => me.page.goto("/c/new"),
    "new-room": async () => {
      await me.open("/c/new");
      await me.page.getByRole("radio", { name: /A room/ }).check();
    },
    "new-group-people": async () => {
      await me.open("/c/new");
      const field = me.page.getByRole("textbox", { name: "People" });
      await field.pressSequentially("cleo");
      await me.page.getByRole("option", { name: "cleo" }).first().click();
      await field.pressSequentially("ben");
      await me.page.getByRole("option", { name: "ben" }).first().waitFor();
    },
    rooms: async () => {
      room = await create(me, { kind: "room", title: "Sunday walks", topic: "Where to go, and who brings what", open: "true" });
      await me.page.goto("/c/rooms");
    },
    "rooms-none": () => me.page.goto("/c/rooms?q=no+such+room"),
    details: async () => {
      const names = (await listed(me)).flatMap(({ members }) => members.map(({ name }) => name));
      const members = [...new Set(names)].join(", ");
      const id = await create(me, { kind: "group", title: "Saturday's dinner", topic: "Whose turn it is", members });
      await me.open(`/c/${id}/details`);
      await me.page.getByRole("heading", { name: /members/ }).waitFor();
    },
    // Of an open room, and then of a closed one.
    leave: async () => {
      await me.open(`/c/${room}/details`);
      await me.page.getByText("Leave this room").click();
      await me.page.getByRole("button", { name: "Leave", exact: true }).scrollIntoViewIfNeeded();
    },
    "room-closed": async () => {
      await me.page.getByRole("button", { name: "Close it" }).click();
      await me.page.getByRole("button", { name: "Open it to everybody" }).waitFor();
    },
    archived: async () => {
      await me.page.getByRole("button", { name: "Archive" }).click();
      await me.page.getByRole("complementary").getByText("This conversation is archived.").waitFor();
    },
    "no-messages": async () => {
      await me.page.getByRole("button", { name: "Bring it back" }).click();
      await me.page.getByRole("link", { name: "Close the details" }).click();
      await me.composer.waitFor();
    },
    message: () => me.page.goto(`${conversation}/1`),
    keeping: async () => {
      await me.open(conversation);
      await me.page.getByLabel("How you keep this conversation").click();
    },
    emoji: async () => {
      await me.open(conversation);
      await me.page.locator("#composer").getByRole("button", { name: "Emoji" }).click();
      await me.page.getByLabel("Find emoji").waitFor();
      await me.page.getByRole("listbox", { name: "Emoji" }).waitFor();
    },
    "go-to": async () => {
      await me.open(conversation);
      await me.page.keyboard.press("Control+k");
      await me.page.getByRole("option").first().waitFor();
    },
    "go-to-found": async () => {
      await me.page.getByRole("combobox").fill("s");
      await me.page.getByRole("status").getByText(/^\d+ found$/).waitFor({ state: "attached" });
    },
    "go-to-nothing": async () => {
      await me.page.getByRole("combobox").fill("nothing of that name");
      await me.page.getByText("Nothing of that name was found.").waitFor();
    },
    offers: async () => {
      await me.open(conversation);
      await me.composer.pressSequentially("What do you say, @");
      await me.page.getByRole("listbox", { name: "Suggestions" }).waitFor();
    },
    answering: async () => {
      await me.composer.fill("");
      await openMenu(me);
      await me.page.getByRole("menuitem", { name: "Reply" }).click();
      await me.composer.fill("At nine, with the map and a thermos of tea for everybody.\nRain or shine.");
    },
    editing: async () => {
      await me.composer.fill("");
      await me.composer.press("Escape");
      await openMenu(me, "A line of mine, the 1. of some.");
      await me.page.getByRole("menuitem", { name: "Edit" }).click();
      await me.page.getByText("Editing your message").waitFor();
    },
    edited: async () => {
      await me.composer.fill("A line of mine, the 1. of some. Better words for it.");
      await me.send.click();
      await me.page.getByText("edited").first().waitFor();
    },
    "edit-history": async () => {
      await openMenu(me, "A line of mine, the 1. of some.");
      await me.page.getByRole("menuitem", { name: "Edit history" }).click();
      await me.page.getByRole("dialog", { name: "Edit history" }).getByText("Better words").waitFor();
    },
    "react-menu": async () => {
      await me.open(conversation);
      await me.messages.getByRole("listitem").filter({ hasText: "Tomorrow at nine?" }).last().hover();
      await me.page.getByRole("button", { name: "React", exact: true }).click();
      await me.page.getByRole("menu", { name: "React" }).waitFor();
    },
    "message-menu": async () => {
      await me.open(conversation);
      await openMenu(me);
    },
    "who-reacted": async () => {
      await me.page.getByRole("menuitem", { name: "👍" }).click();
      await me.messages.getByRole("button", { name: /👍/ }).waitFor();
      await openMenu(me);
      await me.page.getByRole("menuitem", { name: "Who reacted" }).click();
      await me.page.getByRole("dialog", { name: "Who reacted" }).waitFor();
    },
    "who-read": async () => {
      await me.page.keyboard.press("Escape");
      await openMenu(me, "A line of mine, the 1. of some.");
      await me.page.getByRole("menuitem", { name: "Who has read it" }).click();
      await me.page.getByRole("dialog", { name: "Who has read it" }).waitFor();
    },
    pins: async () => {
      await me.open(conversation);
      await openMenu(me);
      await me.page.getByRole("menuitem", { name: "Pin", exact: true }).click();
      await me.messages.getByText("Pinned").waitFor({ state: "attached" });
      await me.page.getByLabel("How you keep this conversation").click();
      await me.page.getByRole("button", { name: "Pinned messages" }).click();
      await me.page.getByRole("dialog", { name: "Pinned messages" }).getByRole("link").waitFor();
    },
    delete: async () => {
      await me.open(conversation);
      await openMenu(me, "A line of mine, the 1. of some.");
      await me.page.getByRole("menuitem", { name: "Delete" }).click();
      await me.page.getByRole("dialog", { name: "Delete this message?" }).waitFor();
    },
  };
}

/** Where no script runs: what then looks otherwise. `conversation` is with `other`. */
export function plain(me: Person, other: Person, conversation: string): Record<string, () => Promise<unknown>> {
  const id = conversation.split("/")[2]!;
  let group = 0;
  return {
    "plain-list": () => me.page.goto("/c"),
    "plain-conversation": () => me.page.goto(conversation),
    "plain-older": async () => {
      await other.postLines(60, id, "Said long ago, number");
      await me.page.goto(conversation);
      await me.page.getByRole("link", { name: /older/i }).click();
      await me.page.waitForURL("**?before=*");
    },
    "plain-refused": async () => {
      await me.page.goto("/c?to=nobody-here");
      await me.composer.fill("Is anybody there?");
      await me.send.click();
      await me.alert.waitFor();
    },
    // One's own, edited and with what others make of it; then what is told of it.
    "plain-message": async () => {
      const { seq } = await me.post({ conversation_id: id, content: "At nine, by the well." });
      const form = { conversation_id: id, seq: String(seq) };
      await other.context.request.post("/api/reaction-add", { form: { ...form, emoji: "👍" } });
      await me.context.request.post("/api/message-edit", { form: { ...form, content: "At ten, by the old well." } });
      await me.page.goto(`${conversation}/${seq}`);
      await me.page.getByRole("button", { name: "Save" }).scrollIntoViewIfNeeded();
    },
    "plain-told": async () => {
      await me.page.getByRole("link", { name: "Who reacted, and what it said before" }).click();
      await me.page.locator(".plain-told").getByRole("heading").last().scrollIntoViewIfNeeded();
    },
    "plain-group": async () => {
      group = await create(me, { kind: "group", title: "The boat trip", topic: "Who rows", members: other.name });
      await me.page.goto(`/c/${group}`);
    },
    "plain-details": () => me.page.goto(`/c/${group}/details`),
    "plain-new-group": () => me.page.goto("/c/new"),
    "plain-rooms": async () => {
      await create(me, { kind: "room", title: "Sunday walks", topic: "Where to go", open: "true" });
      await me.page.goto("/c/rooms");
    },
    "plain-settings": () => me.page.goto("/settings"),
    "plain-person": () => me.page.goto(`/people/${encodeURIComponent(other.name)}`),
  };
}

type Listed = { id: number; kind: string; members: { id: number; name: string }[] };

/** The conversations of somebody's list. */
async function listed(me: Person): Promise<Listed[]> {
  const list = await me.context.request.post("/api/conversation-list", { form: {} });
  return ((await list.json()) as { conversations: { conversation: Listed }[] }).conversations.map((entry) => entry.conversation);
}

/** Makes a group or a room; answers its id. */
export async function create(me: Person, form: Record<string, string>): Promise<number> {
  const response = await me.context.request.post("/api/conversation-create", { form, headers: { accept: "application/json" } });
  return ((await response.json()) as { id: number }).id;
}

/** The menu of a message, by keys: those are on a phone and on a desk. */
async function openMenu(me: Person, text = "Tomorrow at nine?"): Promise<void> {
  const row = me.messages.getByRole("listitem").filter({ hasText: text }).last();
  // What scrolls closes the menu: that is over before it opens.
  await row.scrollIntoViewIfNeeded();
  await row.focus();
  await row.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await row.press("Enter");
  await me.page.getByRole("menu", { name: "Message actions" }).waitFor();
}

/** How a conversation looks to who has not read it, and without a connection. `conversation` is with `other`. */
export function reading(me: Person, other: Person, conversation: string): Record<string, () => Promise<unknown>> {
  const id = conversation.split("/")[2]!;
  return {
    "new-line": async () => {
      await me.open(conversation);
      await me.open("/c");
      await other.postLines(24, id, "Something that was said meanwhile, number");
      await me.open(conversation);
    },
    "new-middle": async () => {
      await me.messages.getByText("number 12", { exact: false }).evaluate((row) => row.scrollIntoView({ block: "end" }));
      await me.page.getByRole("button", { name: /^\d+ new/ }).waitFor();
    },
    "new-above": async () => {
      await me.open("/c");
      await other.postLines(90, id, "And more of it, number");
      await me.open(conversation);
      await me.page.getByRole("button", { name: /jump to the first/ }).waitFor();
    },
    offline: async () => {
      await me.page.getByRole("button", { name: "Mark as read" }).click();
      await me.context.setOffline(true);
      await me.page.getByRole("status").filter({ hasText: "Offline" }).waitFor();
      await me.composer.fill("From the tunnel.");
      await me.send.click();
      await me.message("From the tunnel.").waitFor();
    },
    online: async () => {
      await me.context.setOffline(false);
      await me.sent("From the tunnel.").waitFor({ state: "attached", timeout: 35_000 });
    },
    // What it said is gone; who answered it, answers still. And somebody types.
    deleted: async () => {
      const theirs = await other.post({ conversation_id: id, content: "What was not meant for here." });
      const own = await me.post({ conversation_id: id, content: "Nor was this." });
      await me.post({ conversation_id: id, content: "Never mind.", reply_to: String(theirs.seq) });
      for (const [who, { seq }] of [[other, theirs], [me, own]] as const) {
        await who.context.request.post("/api/message-delete", { form: { conversation_id: id, seq: String(seq) } });
      }
      await me.messages.getByText("This message was deleted.").nth(1).waitFor();
      await other.open(conversation);
      await other.composer.pressSequentially("So");
      await me.page.locator("#composer").getByText("is typing…").waitFor();
    },
    failed: async () => {
      const answer = { code: "forbidden", message: "You may not write here." };
      await me.page.route("**/api/message-post", (route) => route.fulfill({ status: 403, json: answer }));
      await me.composer.fill("Hello?");
      await me.send.click();
      await me.page.getByRole("button", { name: "Retry" }).waitFor();
      await me.page.unroute("**/api/message-post");
    },
    // Every mark that a line of the list has, on one line or another.
    "list-marks": async () => {
      const keeps: Record<string, string>[] = [{ pinned: "true" }, { level: "nothing" }, { marked: "true" }];
      const rest = (await listed(me)).filter((entry) => String(entry.id) !== id);
      for (const [n, keep] of keeps.entries()) {
        const form = { conversation_id: String(rest[n % rest.length]!.id), ...keep };
        await me.context.request.post("/api/conversation-keep", { form });
      }
      const call = await create(other, { kind: "group", title: "The boat trip", members: me.name });
      await other.post({ conversation_id: String(call), content: `@${me.name}, are you coming along?` });
      await me.open("/c");
      await me.page.getByText("1 mention you").waitFor();
      await me.page.getByText("Marked as unread").waitFor();
    },
    "sign-out": async () => {
      await me.page.goto("/settings");
      await me.page.getByRole("button", { name: "Sign out", exact: true }).click();
      await me.page.getByRole("dialog").or(me.page.getByRole("alertdialog")).waitFor();
    },
    blocked: async () => {
      const people = (await listed(me)).filter(({ kind }) => kind === "direct").flatMap(({ members }) => members);
      const one = people.find(({ name }) => ![me.name, other.name].includes(name))!;
      await me.page.goto(`/people/${encodeURIComponent(one.name)}`);
      await me.page.getByRole("button", { name: `Block ${one.name}` }).click();
      await me.page.getByRole("button", { name: `Unblock ${one.name}` }).waitFor();
    },
    // With somebody who is blocked and with another device, as what follows.
    "settings-saved": async () => {
      const phone = await request.newContext({
        baseURL: new URL(me.page.url()).origin,
        userAgent: "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0",
      });
      await phone.post("/api/sign-in", { form: { name: me.name, password } });
      await phone.dispose();
      await me.page.goto("/settings");
      await me.page.getByText("Firefox on Android").waitFor();
      await me.page.getByRole("button", { name: "Save appearance" }).click();
      await me.page.getByRole("status").filter({ hasText: "Saved." }).waitFor();
    },
    "settings-refused": async () => {
      await me.page.getByLabel("Time zone").fill("On the moon");
      await me.page.getByRole("button", { name: "Save profile" }).click();
      await me.page.getByRole("alert").waitFor();
    },
  };
}

/** Somebody with a few conversations, read and unread ones; answers the path of the fullest. */
export async function furnish(me: Person, others: Person[]): Promise<string> {
  for (const [n, other] of others.entries()) {
    await other.post({ target_id: me.name, content: `Hi, this is ${other.name}.` });
    for (let line = 0; line < n * 3; line++) {
      await me.post({ target_id: other.name, content: `A line of mine, the ${line + 1}. of some.` });
      await other.post({ target_id: me.name, content: line % 2 ? "Yes." : `A longer answer. ${"It goes on a while. ".repeat(8)}` });
    }
  }
  const last = others.at(-1)!;
  const { conversation_id } = await last.post({ target_id: me.name, content: "Tomorrow at nine?\nBring the map." });
  return `/c/${conversation_id}`;
}
