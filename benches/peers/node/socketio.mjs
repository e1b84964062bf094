// Socket.IO 4 over WebSocket alone: posts are events with an acknowledgement, a user is a room.
// With DATABASE it keeps every message in SQLite, durable before it is acknowledged: one commit a message, because
// that is what a handler that inserts a row does.
import { createServer } from "node:http";
import express from "express";
import { Server } from "socket.io";
import { port, routes, said, userOf } from "./users.mjs";

const app = express();
routes(app);
const http = createServer(app);
http.keepAliveTimeout = 600_000;
const io = new Server(http, { transports: ["websocket"], serveClient: false, perMessageDeflate: false });

async function store(path) {
  const { default: Database } = await import("better-sqlite3");
  const database = new Database(path);
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = FULL");
  database.exec(
    `CREATE TABLE IF NOT EXISTS messages (
       id INTEGER PRIMARY KEY, author INTEGER NOT NULL, target TEXT NOT NULL, content TEXT NOT NULL,
       created_ms INTEGER NOT NULL)`,
  );
  const insert = database.prepare("INSERT INTO messages (author, target, content, created_ms) VALUES (?, ?, ?, ?)");
  return (author, target, content, created) => insert.run(author, target, content, created).lastInsertRowid;
}

const path = process.env.DATABASE;
const keep = path ? await store(path) : () => 0;

io.use((socket, next) => {
  try {
    socket.data.user = userOf(socket.handshake.auth.token);
    next();
  } catch {
    next(new Error("Invalid creds"));
  }
});

io.on("connection", (socket) => {
  const { user } = socket.data;
  socket.join(`user ${user}`);
  socket.on("message-post", ({ target_id, content }, acknowledge) => {
    const created_ms = Date.now();
    const id = Number(keep(user, String(target_id), content, created_ms));
    const message = { id, author: { id: user }, content, created_ms };
    // The author's other devices get it too, as in Chatter.
    if (target_id === "everyone") io.emit("MESSAGE_CREATE", message);
    else io.to([`user ${target_id}`, `user ${user}`]).emit("MESSAGE_CREATE", message);
    acknowledge({ id, created_ms });
  });
});

http.listen({ port, host: "127.0.0.1", backlog: 4096 }, () => said(http));
