// What a browser complains about while a story is told. A story fails on any complaint that it did not expect.
import type { BrowserContext, ConsoleMessage, Page, WebSocket } from "@playwright/test";

export class Watch {
  private readonly complaints: string[] = [];
  private readonly expected: RegExp[] = [];
  private readonly ready = new WeakMap<Page, number>();

  context(context: BrowserContext, scripts = true): void {
    context.on("page", (page) => this.page(page));
    context.on("console", (message) => this.console(message));
    context.on("weberror", (error) => this.complain(`page error: ${error.error().stack ?? error.error()}`));
    context.on("requestfailed", (request) => {
      const reason = request.failure()?.errorText ?? "";
      // A page that is left takes its requests back.
      if (reason === "net::ERR_ABORTED") return;
      // So does a browser that runs no scripts, in its own words.
      if (!scripts && reason === "csp") return;
      this.complain(`request failed: ${request.url()} ${reason}`);
    });
  }

  /** This story makes the browser complain so, on purpose. */
  expect(...complaints: RegExp[]): void {
    this.expected.push(...complaints);
  }

  unexpected(): string[] {
    return this.complaints.filter((complaint) => !this.expected.some((pattern) => pattern.test(complaint)));
  }

  /** How many times the gateway said READY to this page (all documents that it showed). */
  readies(page: Page): number {
    return this.ready.get(page) ?? 0;
  }

  private page(page: Page): void {
    page.on("websocket", (socket: WebSocket) =>
      socket.on("framereceived", ({ payload }) => {
        if (isReady(payload)) this.ready.set(page, this.readies(page) + 1);
      }),
    );
  }

  private console(message: ConsoleMessage): void {
    const text = `${message.type()}: ${message.text()} (${message.location().url})`;
    if (message.type() === "error" || /hydrat|panicked|unrecoverable/i.test(message.text())) this.complain(text);
  }

  private complain(complaint: string): void {
    this.complaints.push(complaint);
  }
}

function isReady(payload: string | Buffer): boolean {
  try {
    return JSON.parse(payload.toString()).op === "READY";
  } catch {
    return false;
  }
}
