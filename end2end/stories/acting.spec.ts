// What people do with messages: answer, react, change, delete, pin, link to; with mouse, keys, touch and without scripts.
import type { Locator } from "@playwright/test";
import { barriers } from "../support/barriers.ts";
import type { Person } from "../support/person.ts";
import { expect, test } from "../support/story.ts";

/** Ada and Ben, each with the conversation open. */
async function two(person: (name: string) => Promise<Person>): Promise<[Person, Person, string]> {
  const [ada, ben] = [await person("ada"), await person("ben")];
  await ada.startChat(ben.name, "first of all");
  const id = ada.conversation;
  await ben.line(ada.name).click();
  await expect(ben.message("first of all")).toBeVisible();
  return [ada, ben, id];
}

const menu = (person: Person): Locator => person.page.getByRole("menu", { name: "Message actions" });

const more = (person: Person, text: string): Promise<Locator> => person.more(person.row(text));

test("a reaction appears for both, counts once, and goes again", async ({ person }) => {
  const [ada, ben] = await two(person);
  await ben.row("first of all").hover();
  await ben.page.getByRole("button", { name: "React" }).click();
  await ben.page.getByRole("menuitem", { name: "🎉" }).click();
  const seen = (who: Person, name: RegExp) => who.row("first of all").getByRole("button", { name });
  await expect(seen(ada, /🎉, 1 person$/)).toHaveAttribute("aria-pressed", "false");
  await expect(seen(ben, /🎉, 1 person, you too/)).toHaveAttribute("aria-pressed", "true");
  await expect(seen(ada, /🎉/)).toHaveAttribute("title", ben.name);

  await seen(ada, /🎉/).click();
  await expect(seen(ben, /🎉, 2 people, you too/)).toBeVisible();
  await expect(seen(ada, /🎉/)).toBeFocused();
  await ben.page.reload();
  await expect(seen(ben, /🎉, 2 people, you too/)).toHaveAttribute("aria-pressed", "true");
  await (await more(ben, "first of all")).getByRole("menuitem", { name: "Who reacted" }).click();
  const dialog = ben.page.getByRole("dialog", { name: "Who reacted" });
  await expect(dialog).toContainText(`${ben.name}, ${ada.name}`);
  await dialog.getByRole("button", { name: "Close" }).click();

  await seen(ada, /🎉/).click();
  await seen(ben, /🎉/).click();
  await expect(seen(ada, /🎉/)).toHaveCount(0);
});

test("an edit shows for both, with what it said before; the draft meanwhile is kept", async ({ person }) => {
  const [ada, ben] = await two(person);
  await ada.composer.fill("a draft");
  await (await more(ada, "first of all")).getByRole("menuitem", { name: "Edit", exact: true }).click();
  await expect(ada.composer).toBeFocused();
  await expect(ada.composer).toHaveValue("first of all");
  await ada.composer.fill("first, corrected");
  await ada.page.keyboard.press("Enter");
  await expect(ben.message("first, corrected")).toBeVisible();
  await expect(ben.message("first of all")).toHaveCount(0);
  await expect(ben.row("first, corrected").getByText("edited")).toBeVisible();
  await expect(ada.composer).toHaveValue("a draft");
  await expect(ben.line(ada.name)).toContainText("first, corrected");

  await (await more(ben, "first, corrected")).getByRole("menuitem", { name: "Edit history" }).click();
  const dialog = ben.page.getByRole("dialog", { name: "Edit history" });
  await expect(dialog.getByRole("listitem")).toContainText(["first, corrected", "first of all"]);
  await dialog.getByRole("button", { name: "Close" }).click();

  // The arrow leads to the last own message, and Escape leaves it as it was.
  await ada.composer.fill("");
  await ada.page.keyboard.press("ArrowUp");
  await expect(ada.composer).toHaveValue("first, corrected");
  await ada.page.keyboard.press("Escape");
  await expect(ada.composer).toHaveValue("");
});

test("a deleted message leaves a word, and nothing of what it said", async ({ person }) => {
  const [ada, ben, id] = await two(person);
  await ada.say("a secret");
  await (await more(ada, "a secret")).getByRole("menuitem", { name: "Delete" }).click();
  const dialog = ada.page.getByRole("dialog", { name: "Delete this message?" });
  await dialog.getByRole("button", { name: "Keep it" }).click();
  await expect(ben.message("a secret")).toBeVisible();
  await (await more(ada, "a secret")).getByRole("menuitem", { name: "Delete" }).click();
  await dialog.getByRole("button", { name: "Delete", exact: true }).click();
  for (const who of [ada, ben]) {
    await expect(who.message("This message was deleted.")).toBeVisible();
    await expect(who.message("a secret")).toHaveCount(0);
  }
  await expect(ben.line(ada.name)).not.toContainText("a secret");
  await ben.page.reload();
  await expect(ben.message("This message was deleted.")).toBeVisible();
  expect(JSON.stringify(await ben.stored(id))).not.toContain("secret");
  expect(await ben.page.content()).not.toContain("secret");
});

test("an answer shows what it answers, and leads there", async ({ person }) => {
  const [ada, ben, id] = await two(person);
  await ben.row("first of all").hover();
  await ben.page.getByRole("button", { name: "Reply" }).click();
  await expect(ben.page.getByText(`Replying to \u2068${ada.name}\u2069`)).toBeVisible();
  await ben.say("indeed");
  const quote = ada.row("indeed").getByRole("link", { name: "first of all" });
  await expect(quote).toContainText(ada.name);

  // Further up than what is loaded, in both browsers.
  await ada.postLines(120, id);
  await ben.open(`/c/${id}`);
  await expect(ben.message("line 119")).toHaveCount(1);
  await expect(ben.message("indeed")).toHaveCount(0);
  await ada.post({ conversation_id: id, content: "late answer", reply_to: "1" });
  const late = ben.row("late answer").getByRole("link", { name: /first of all/ });
  await expect(late).toContainText(ada.name);
  await late.click();
  await ben.page.waitForURL(`**/c/${id}/1`);
  await expect(ben.messages.locator('li.message[data-seq="1"]')).toBeInViewport();
  await expect(ben.message("late answer")).toHaveCount(0);
  await ben.page.goBack();
  await expect(ben.message("late answer")).toBeInViewport();

  // Further up in what is loaded; and once more, where the address names it already.
  const seq = (await ben.row("line 100").getAttribute("data-seq"))!;
  await ada.post({ conversation_id: id, content: "near answer", reply_to: seq });
  const original = ben.messages.locator(`li.message[data-seq="${seq}"]`);
  await expect(original).not.toBeInViewport();
  const near = ben.row("near answer").getByRole("link", { name: /line 100/ });
  for (const time of ["first", "again"]) {
    await near.click();
    await ben.page.waitForURL(`**/c/${id}/${seq}`);
    await expect(original, time).toBeInViewport();
    await ben.messages.hover();
    await ben.page.mouse.wheel(0, 5_000);
    await expect(near, time).toBeInViewport();
  }
});

test("a message has an address, and one goes on from there both ways", async ({ person }) => {
  const [ada, ben, id] = await two(person);
  await ada.postLines(150, id);
  await ben.open(`/c/${id}/60`);
  const row = ben.messages.locator('li.message[data-seq="60"]');
  await expect(row).toBeInViewport();
  await expect(row).toBeFocused();
  await expect(ben.message("line 149")).toHaveCount(0);
  const latest = ben.page.getByRole("link", { name: "Latest", exact: true });
  await expect(latest).toBeVisible();

  // On and on, down to the end.
  for (let tries = 0; tries < 40 && (await ben.message("line 149").count()) === 0; tries++) {
    await ben.messages.evaluate((list) => list.scrollBy(0, list.clientHeight));
    await ben.page.waitForTimeout(50);
  }
  await expect(ben.message("line 149")).toBeVisible();
  await expect(latest).toHaveCount(0);
  const seqs = await ben.messages.locator("li.message").evaluateAll((rows) => rows.map((li) => Number(li.getAttribute("data-seq"))));
  expect(seqs, "each once, in order, without a hole").toEqual(Array.from({ length: seqs.length }, (_, n) => seqs[0]! + n));
  await ada.post({ conversation_id: id, content: "live again" });
  await expect(ben.message("live again")).toBeVisible();

  // And to the latest at once.
  await ben.open(`/c/${id}/3`);
  await expect(ben.message("line 1")).toBeInViewport();
  await ada.post({ conversation_id: id, content: "one more" });
  await latest.click();
  await expect(ben.message("one more")).toBeInViewport();
  await expect(latest).toHaveCount(0);
});

test("writing from further up brings one to the end", async ({ person }) => {
  const [ada, ben, id] = await two(person);
  await ada.postLines(150, id);
  await ben.open(`/c/${id}/10`);
  await expect(ben.messages.locator('li.message[data-seq="10"]')).toBeInViewport();
  await ben.composer.fill("from up here");
  await ben.send.click();
  await expect(ben.message("from up here")).toBeInViewport();
  await expect(ben.message("line 149")).toBeVisible();
});

test("all of it with the keyboard alone", async ({ person }) => {
  const [ada, ben] = await two(person);
  await ada.say("second");
  await ben.messages.focus();
  await ben.page.keyboard.press("ArrowUp");
  await expect(ben.row("second")).toBeFocused();
  await ben.page.keyboard.press("ArrowUp");
  await expect(ben.row("first of all")).toBeFocused();
  await ben.page.keyboard.press("Enter");
  await expect(menu(ben).getByRole("menuitem").first()).toBeFocused();
  await ben.page.keyboard.press("Escape");
  await expect(ben.row("first of all")).toBeFocused();
  await ben.page.keyboard.press("+");
  const emoji = (name: string) => ben.page.getByRole("menu", { name: "React" }).getByRole("menuitem", { name });
  await expect(emoji("👍")).toBeFocused();
  await ben.page.keyboard.press("ArrowRight");
  await expect(emoji("❤️")).toBeFocused();
  await ben.page.keyboard.press("Enter");
  await expect(ada.row("first of all").getByRole("button", { name: /❤️, 1 person/ })).toBeVisible();
  await expect(ben.row("first of all")).toBeFocused();
  await ben.page.keyboard.press("r");
  await expect(ben.composer).toBeFocused();
  await ben.page.keyboard.type("by keys");
  await ben.page.keyboard.press("Enter");
  await expect(ada.row("by keys").getByRole("link", { name: /first of all/ })).toBeVisible();
});

test("nothing stands in the way of assistive technology", async ({ person }) => {
  const [ada, ben] = await two(person);
  await (await more(ben, "first of all")).getByRole("menuitem", { name: "👍" }).click();
  await expect(ben.row("first of all").getByRole("button", { name: /👍/ })).toBeVisible();
  await (await more(ben, "first of all")).getByRole("menuitem", { name: "Pin", exact: true }).click();
  await expect(ada.row("first of all").getByText("Pinned")).toHaveCount(1);
  await ada.post({ conversation_id: ada.conversation, content: "an answer", reply_to: "1" });
  await more(ben, "an answer");
  expect(await barriers(ben.page, "an answer's menu")).toEqual([]);
});

test("a long press opens the menu on a touch screen", async ({ person }) => {
  const [ada, ben] = await two((name) =>
    person(name, name === "ben" ? { hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } } : {}),
  );
  const box = (await ben.message("first of all").boundingBox())!;
  const touch = await ben.context.newCDPSession(ben.page);
  const point = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  await touch.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [point] });
  await expect(menu(ben)).toBeVisible();
  await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  // What the finger lifts from was not chosen.
  await expect(menu(ben)).toBeVisible();
  await menu(ben).getByRole("menuitem", { name: "👍" }).tap();
  await expect(ada.row("first of all").getByRole("button", { name: /👍/ })).toBeVisible();
  await expect(menu(ben)).toHaveCount(0);
});

test("without scripts a message's own page has forms for all of it", async ({ person }) => {
  const ben = await person("ben");
  const ada = await person("ada", { javaScriptEnabled: false });
  await ada.startChat(ben.name, "plain first");
  const id = ada.conversation;
  await ben.line(ada.name).click();
  await expect(ada.page.locator(".plain-hint")).toBeVisible();
  await ada.row("plain first").locator(".permalink").click();
  await ada.page.waitForURL(`**/c/${id}/1`);
  await ada.page.getByRole("button", { name: "🎉" }).click();
  await expect(ben.row("plain first").getByRole("button", { name: /🎉, 1 person/ })).toBeVisible();
  expect(ada.path).toBe(`/c/${id}/1`);
  await ada.page.getByRole("button", { name: "Pin" }).click();
  await expect(ben.row("plain first").getByText("Pinned")).toHaveCount(1);
  await ada.page.getByRole("textbox", { name: "Edit" }).fill("plain, and changed");
  await ada.page.getByRole("button", { name: "Save" }).click();
  await expect(ben.message("plain, and changed")).toBeVisible();
  await ada.page.getByRole("link", { name: "Who reacted, and what it said before" }).click();
  const told = (title: string) => ada.page.locator(".plain-told").getByRole("heading", { name: title }).locator("+ *");
  await expect(told("Who reacted").getByRole("listitem")).toHaveText([new RegExp(`🎉.*${ada.name}`)]);
  await expect(told("Edit history").getByRole("listitem")).toHaveText([/plain, and changed/, /plain first/]);
  await ada.page.getByRole("button", { name: "Delete" }).click();
  await expect(ben.message("This message was deleted.")).toBeVisible();
  await expect(ada.message("This message was deleted.")).toBeVisible();

  await ben.say("lunch?");
  await ada.page.goto(ben.path);
  await ada.row("lunch?").locator(".permalink").click();
  await ada.page.getByRole("checkbox", { name: `As a reply to` }).check();
  await ada.composer.fill("gladly :tada:");
  await ada.send.click();
  await expect(ben.row("gladly 🎉").getByRole("link", { name: /lunch\?/ })).toBeVisible();
});
