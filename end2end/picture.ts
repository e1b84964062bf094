// The picture of the README, docs/chat.png: a conversation as people have it. `npm run picture`; for its emoji the
// machine needs a font of them (on Debian: fonts-noto-color-emoji).
import { join } from "node:path";
import { Person, signUp } from "./support/person.ts";
import { expect, test } from "./support/story.ts";

const size = { width: 1180, height: 910 };

test("docs/chat.png", async ({ browserOf, watch }) => {
  // Wherever and whenever it is taken, it is ten in the morning there.
  const ahead = 10 - new Date().getUTCHours();
  const timezoneId = `Etc/GMT${ahead > 0 ? "-" : "+"}${Math.abs(ahead)}`;
  const join_in = async (name: string, display_name: string) => {
    const context = await browserOf({ viewport: size, deviceScaleFactor: 1.5, colorScheme: "light", timezoneId });
    const person = new Person(name, await context.newPage(), watch);
    await signUp(person.page, name);
    await context.request.post("/api/profile-update", { form: { display_name } });
    return person;
  };
  const ada = await join_in("ada", "Ada");
  const [ben, cleo] = [await join_in("ben", "Ben Okafor"), await join_in("cleo", "Cleo")];
  const [zhanna, noor] = [await join_in("zhanna", "Жанна"), await join_in("noor", "نور")];
  const create = async (form: Record<string, string>) => {
    const made = await ada.context.request.post("/api/conversation-create", { form, headers: { accept: "application/json" } });
    return String(((await made.json()) as { id: number }).id);
  };

  // What else goes on.
  await noor.post({ target_id: "ada", content: "Thank you for the book!" });
  const allotments = await create({ kind: "room", title: "Allotments", topic: "For everybody on the hill", open: "true" });
  await ben.context.request.post("/api/room-join", { form: { conversation_id: allotments } });
  await ben.post({ conversation_id: allotments, content: "The water is back on since this morning." });
  await zhanna.post({ target_id: "ada", content: "До завтра!" });
  await ada.post({ target_id: "cleo", content: "The photos from Sunday are lovely." });
  await cleo.post({ target_id: "ada", content: "Wait for the ones with the goat." });

  const topic = "Plots, plants, and who waters when";
  const group = await create({ kind: "group", title: "Garden club", topic, members: "ben, cleo, zhanna, noor" });
  const say = async (who: Person, content: string, reply_to?: number) =>
    (await who.post({ conversation_id: group, content, ...(reply_to && { reply_to: String(reply_to) }) })).seq;
  const react = async (seq: number, emoji: string, ...by: Person[]) => {
    for (const who of by) {
      const form = { conversation_id: group, seq: String(seq), emoji };
      expect((await who.context.request.post("/api/reaction-add", { form })).ok()).toBe(true);
    }
  };
  const frost = await say(ben, "Morning! Did the seedlings survive the frost?");
  const beans = await say(ada, "All but two. The beans look *offended*, though.");
  await react(beans, "😂", ben, cleo, zhanna);
  await react(beans, "🌱", noor);
  await say(cleo, "Beans always do. I wrote us a watering plan:\n```\nMon, Thu   Ben\nTue, Fri   Жанна\nWed, Sat   Cleo\n```");
  const plan = await say(zhanna, "@ada could you take Sundays? I bring **cake**.");
  await react(plan, "🎂", ben, cleo, noor);
  await react(plan, "👍", ben);
  await say(ada, "For cake? Every Sunday until October.", plan);
  await say(noor, "Two is not bad at all. Mine lost *seven*.", frost);

  await ada.open(`/c/${group}`);
  await expect(ada.page.locator("#composer")).toBeVisible();
  for (const who of [ben, cleo, zhanna, noor]) {
    await who.open(`/c/${group}`);
    await expect(who.message("Two is not bad at all. Mine lost seven.").or(who.messages.getByText("Mine lost"))).toBeVisible();
  }
  await ben.composer.pressSequentially("Sev");
  await expect(ada.page.locator("#composer")).toContainText("is typing");
  await ada.page.mouse.move(size.width - 2, size.height / 2);
  await ada.page.screenshot({ path: join(import.meta.dirname, "../docs/chat.png"), animations: "disabled", caret: "hide" });
});
