// One running program with its own data folder and port.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

const program = process.env.CHATTER_PROGRAM ?? join(import.meta.dirname, "../../target/release/chatter");
const startsWithinMs = 20_000;

// The stories sign up and post faster than people do, all from one address.
const limits = Object.fromEntries(
  [
    ...["POSTS_PER_SECOND", "POSTS_BURST", "SIGN_INS_PER_MINUTE", "SIGN_INS_BURST"],
    ...["ADDRESS_SIGN_INS_PER_MINUTE", "ADDRESS_SIGN_INS_BURST", "SIGN_UPS_PER_HOUR", "SIGN_UPS_BURST"],
    ...["CONVERSATIONS_PER_HOUR", "CONVERSATIONS_BURST", "CHANGES_PER_MINUTE", "CHANGES_BURST"],
  ].map((limit) => [`CHATTER_LIMITS_${limit}`, "10000"]),
);

export class Server {
  private process: ChildProcess | undefined;
  private constructor(
    readonly port: number,
    private readonly folder: string,
  ) {}

  static async start(): Promise<Server> {
    const folder = mkdtempSync(join(tmpdir(), "chatter-end2end-"));
    const server = new Server(await freePort(), folder);
    await server.up();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts the program where it does not run, on the same port and data, and waits until it is ready. */
  async up(): Promise<void> {
    if (this.running) {
      this.go();
      return;
    }
    const started = spawn(program, ["serve"], {
      env: this.settings,
      cwd: this.folder,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.process = started;
    const log = createWriteStream(this.logFile, { flags: "a" });
    started.stdout?.pipe(log, { end: false });
    started.stderr?.pipe(log, { end: false });
    await Promise.race([once(started, "spawn"), once(started, "error").then(([error]) => Promise.reject(error))]);
    const deadline = Date.now() + startsWithinMs;
    while (!(await this.isReady())) {
      if (started.exitCode !== null) throw new Error(`the server ended with ${started.exitCode}:\n${this.log()}`);
      if (Date.now() > deadline) throw new Error(`the server was not ready in ${startsWithinMs} ms:\n${this.log()}`);
      await pause(50);
    }
  }

  /** Runs another command of the program on the same data, as an operator does. */
  async command(...args: string[]): Promise<void> {
    await promisify(execFile)(program, args, { env: this.settings, cwd: this.folder });
  }

  /** Ends it at once, as a power cut would. */
  async kill(): Promise<void> {
    const running = this.running;
    if (!running) return;
    const gone = once(running, "exit");
    running.kill("SIGKILL");
    await gone;
  }

  /** Asks it to end, as an operator does; waits until it has. */
  async stop(): Promise<void> {
    const running = this.running;
    if (!running) return;
    const gone = once(running, "exit");
    running.kill("SIGTERM");
    await gone;
  }

  /** It stands still and its sockets stay open: a peer that went without a word. Until `go`. */
  freeze(): void {
    this.running?.kill("SIGSTOP");
  }

  go(): void {
    this.running?.kill("SIGCONT");
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The last lines that it logged. */
  log(): string {
    try {
      return readFileSync(this.logFile, "utf8").split("\n").slice(-60).join("\n");
    } catch {
      return "(no log)";
    }
  }

  private get running(): ChildProcess | undefined {
    return this.process?.exitCode === null && this.process.signalCode === null ? this.process : undefined;
  }

  /** Nothing of the developer's own. */
  private get settings(): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      HOME: this.folder,
      RUST_LOG: "info",
      CHATTER_DATA: this.folder,
      LEPTOS_SITE_ADDR: `127.0.0.1:${this.port}`,
      ...limits,
    };
  }

  private get logFile(): string {
    return join(this.folder, "server.log");
  }

  private async isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(1_000) })).ok;
    } catch {
      return false;
    }
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return address.port;
}
