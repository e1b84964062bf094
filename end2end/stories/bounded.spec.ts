// However long a conversation is, the page holds a few hundred of its messages, and one reads on without a jump.
import type { Page } from "@playwright/test";
import type { Person } from "../support/person.ts";
import { expect, test } from "../support/story.ts";

/** Rows that a page has at most. */
const most = 400;
/** Messages of a long conversation. */
const many = 520;
/** Further than any list is long, in pixels. */
const far = 1_000_000;

/** Many messages, ten at a time: in which order each ten arrive nobody knows. */
async function fill(who: Person, conversation_id: string, word: string): Promise<void> {
  for (let first = 0; first < many; first += 10) {
    await Promise.all(Array.from({ length: 10 }, (_, n) => who.post({ conversation_id, content: `${word} ${first + n}` })));
  }
}

/** Ada is at the end of a long conversation, which begins and ends with a message of ben's. */
async function long(person: (name: string) => Promise<Person>): Promise<[Person, Person, string]> {
  const [ada, ben] = [await person("ada"), await person("ben")];
  await ben.startChat(ada.name, "first of all");
  const id = ben.conversation;
  await ben.open("/c");
  await fill(ben, id, "line");
  await ben.post({ conversation_id: id, content: "last of all" });
  await ada.line(ben.name).click();
  await ada.page.getByRole("button", { name: "Mark as read" }).click();
  await expect(ada.message("last of all")).toBeInViewport();
  await ada.messages.hover();
  return [ada, ben, id];
}

const rows = (who: Person) => who.messages.locator("li.message");

/** The numbers of the messages that the page has, in its order. */
const held = (who: Person): Promise<number[]> =>
  rows(who).evaluateAll((rows) => rows.map((row) => Number(row.getAttribute("data-seq"))));

/** Counts the rows after every change of the page from here on; answers how many there were at most. */
async function counted(who: Person): Promise<() => Promise<number>> {
  const most = await who.messages.evaluateHandle((list) => {
    const most = { rows: 0 };
    const look = () => (most.rows = Math.max(most.rows, list.querySelectorAll("li.message").length));
    new MutationObserver(look).observe(list, { childList: true, subtree: true });
    look();
    return most;
  });
  return () => most.evaluate(({ rows }) => rows);
}

/** Holds back every page that is asked for by scrolling, until it is let in. */
async function heldBack(page: Page): Promise<(() => void)[]> {
  const waiting: (() => void)[] = [];
  await page.route("**/api/message-list*", async (route) => {
    if (/\b(before|after)=/.test(route.request().postData() ?? "")) await new Promise<void>((go) => waiting.push(go));
    await route.continue();
  });
  return waiting;
}

/** How far it is to the beginning (-1) or the end (1) of what the page has, in pixels; browsers round. */
const left = (who: Person, direction: 1 | -1): Promise<number> =>
  who.messages.evaluate((list, direction) => {
    const end = Math.abs(list.scrollTop);
    return Math.round(direction === 1 ? end : list.scrollHeight - list.clientHeight - end);
  }, direction);

/** The row in the middle of what is in view. */
const read = (who: Person): Promise<string> =>
  who.messages.evaluate((list) => {
    const { top, height } = list.getBoundingClientRect();
    const rows = [...list.querySelectorAll("li.message")];
    return rows.find((row) => row.getBoundingClientRect().bottom > top + height / 2)!.getAttribute("data-seq")!;
  });

/** Follows a row in every frame that is painted from here on; answers how far it went, in pixels. */
async function followed(who: Person, seq: string): Promise<() => Promise<number>> {
  const moved = await who.messages.evaluateHandle((list, seq) => {
    const top = () => list.querySelector(`li.message[data-seq="${seq}"]`)?.getBoundingClientRect().top ?? Infinity;
    const [begin, probe] = [top(), document.body.appendChild(document.createElement("div"))];
    const moved = { px: 0, frames: 0, end: () => probe.remove() };
    // Told of a size when the scripts of a frame have run, and before it is painted.
    new ResizeObserver(() => {
      moved.px = Math.max(moved.px, Math.abs(top() - begin));
      moved.frames++;
    }).observe(probe);
    const next = () => {
      probe.style.width = `${1 + (moved.frames % 2)}px`;
      if (probe.isConnected) requestAnimationFrame(next);
    };
    next();
    return moved;
  }, seq);
  return async () => {
    // What came in is painted by then.
    const before = await moved.evaluate(({ frames }) => frames);
    await expect.poll(() => moved.evaluate(({ frames }) => frames)).toBeGreaterThan(before + 3);
    return moved.evaluate(({ px, end }) => {
      end();
      return px;
    });
  };
}

for (const reader of ["rests", "scrolls on"] as const) {
  test(`up to the beginning and down to the end: who ${reader} while messages come in stays where they read`, async ({ person }) => {
    const [ada, ben, id] = await long(person);
    const last = Math.max(...(await held(ada)));
    const met = new Set(await held(ada));
    const rowsAtMost = await counted(ada);
    const waiting = await heldBack(ada.page);
    const scroll = (px: number) => ada.page.mouse.wheel(0, px);

    /** Page after page in one direction, until there is none further. */
    const walk = async (direction: 1 | -1, isThere: () => Promise<boolean>) => {
      for (let pages = 0; !(await isThere()); pages++) {
        expect(pages, "pages to get there").toBeLessThan(20);
        await scroll(direction * far);
        await expect.poll(() => waiting.length).toBe(1);
        await expect.poll(() => left(ada, direction)).toBeLessThan(3);
        // Not at the very edge: on both sides there is something to scroll to.
        await scroll(direction * -300);
        await expect.poll(() => left(ada, direction)).toBeGreaterThan(297);
        const row = await read(ada);
        const before = await held(ada);
        const moved = await followed(ada, row);
        let own = 0;
        waiting.splice(0).forEach((go) => go());
        await expect
          .poll(async () => {
            if (reader === "scrolls on") await scroll(direction * 2), (own += 2);
            return held(ada);
          }, { intervals: [20] })
          .not.toEqual(before);
        const px = await moved();
        expect(px, `px that ${row} moved among ${before[0]} to ${before.at(-1)}, where ${own} were scrolled`).toBeLessThanOrEqual(own + 2);
        const now = await held(ada);
        expect(now, "each once, in order, without a hole").toEqual(now.map((_, n) => now[0]! + n));
        now.forEach((seq) => met.add(seq));
      }
      await scroll(direction * far);
    };
    await walk(-1, async () => (await held(ada))[0] === 1);
    await expect(ada.message("first of all")).toBeInViewport();
    await expect(ada.page.getByRole("link", { name: "Older messages" })).toHaveCount(0);
    expect(await held(ada), "the end was let go").not.toContain(last);
    await ben.post({ conversation_id: id, content: "said meanwhile" });
    await expect(ada.line(ben.name)).toContainText("said meanwhile");

    await walk(1, async () => (await held(ada)).at(-1) === last + 1);
    await expect(ada.message("said meanwhile")).toBeInViewport();
    await expect(ada.page.getByRole("link", { name: "Newer messages" })).toHaveCount(0);
    expect(await held(ada), "the beginning was let go").not.toContain(1);
    expect(met.size, "all of it was there to be read").toBe(last + 1);
    expect(await rowsAtMost()).toBeLessThanOrEqual(most);

    await ben.post({ conversation_id: id, content: "live again" });
    await expect(ada.message("live again")).toBeInViewport();
    await expect.poll(() => rows(ada).count()).toBeLessThanOrEqual(most);
    await expect.poll(() => ada.unread(ben.name)).toBe(0);
  });
}

test("from the beginning one press leads to the end, which was let go meanwhile", async ({ person }) => {
  const [ada, ben, id] = await long(person);
  const rowsAtMost = await counted(ada);
  await expect(async () => {
    await ada.page.mouse.wheel(0, -far);
    await expect(ada.message("first of all")).toBeInViewport({ timeout: 200 });
  }).toPass({ timeout: 30_000, intervals: [50] });
  await expect(ada.message("last of all")).toHaveCount(0);
  await ada.page.getByRole("link", { name: "Latest", exact: true }).click();
  await expect(ada.message("last of all")).toBeInViewport();
  await expect(ada.message("first of all")).toHaveCount(0);
  await ben.post({ conversation_id: id, content: "live again" });
  await expect(ada.message("live again")).toBeInViewport();
  expect(await rowsAtMost()).toBeLessThanOrEqual(most);
});

for (const place of ["at the end", "further up"] as const) {
  test(`hundreds of messages arrive while one is ${place}: the page does not grow with them`, async ({ person }) => {
    const [ada, ben] = [await person("ada"), await person("ben")];
    await ben.startChat(ada.name, "line 0");
    const id = ben.conversation;
    await ben.open("/c");
    await ben.postLines(45, id, "further line");
    // Who writes has read what is before it.
    await ada.post({ conversation_id: id, content: "I see" });
    await ada.open(`/c/${id}`);
    await expect(ada.message("I see")).toBeInViewport();
    const row = ada.message("further line 5");
    if (place === "further up") {
      await row.evaluate((row) => row.scrollIntoView());
      await expect(ada.page.getByRole("button", { name: "Latest" })).toBeVisible();
    }
    const before = (await row.boundingBox())!.y;
    await fill(ben, id, "news");
    await ben.post({ conversation_id: id, content: "last of all" });
    await expect(ada.line(ben.name)).toContainText("last of all");
    await expect.poll(() => rows(ada).count()).toBeLessThanOrEqual(most);
    if (place === "further up") {
      expect(Math.abs((await row.boundingBox())!.y - before), "what is read stays").toBeLessThanOrEqual(2);
      // A button where the end is there, and a link where it was let go.
      const end = ada.page.getByRole("button", { name: /^(\d+ new|Latest)$/ }).or(ada.page.getByRole("link", { name: "Latest", exact: true }));
      await end.click();
    }
    await expect(ada.message("last of all")).toBeInViewport();
    await expect.poll(() => rows(ada).count()).toBeLessThanOrEqual(most);
    await expect.poll(() => ada.unread(ben.name)).toBe(0);
  });
}
