// The sketch that Chatter grew from: express, express-ws and JSON Web Tokens; a map from user to sockets.
// It stores nothing. A room is everybody that is connected.
import express from "express";
import expressWs from "express-ws";
import { port, routes, said, userOf } from "./users.mjs";

const { app } = expressWs(express(), undefined, { wsOptions: { perMessageDeflate: false } });
app.disable("x-powered-by");
app.disable("etag");
const sockets = new Map();

function join(user, socket) {
  if (!sockets.has(user)) sockets.set(user, new Set());
  sockets.get(user).add(socket);
  socket.on("close", () => {
    sockets.get(user)?.delete(socket);
    if (sockets.get(user)?.size === 0) sockets.delete(user);
  });
}

app.ws("/gateway", (socket) => {
  socket.once("message", (text) => {
    try {
      const { op, d } = JSON.parse(text);
      if (op !== "IDENTIFY") return socket.close(4003);
      const user = userOf(d.token);
      join(user, socket);
      socket.send(JSON.stringify({ op: "READY", d: { user: { id: user } } }));
    } catch {
      socket.close(4004);
    }
  });
});

app.post("/message-post", express.urlencoded({ extended: false }), (request, response) => {
  let user;
  try {
    user = userOf((request.headers.authorization ?? "").replace(/^Bearer /, ""));
  } catch {
    return response.status(401).end();
  }
  const { target_id, content } = request.body;
  const message = { op: "MESSAGE_CREATE", d: { author: { id: user }, content, created_ms: Date.now() } };
  const frame = JSON.stringify(message);
  if (target_id === "everyone") {
    for (const all of sockets.values()) for (const socket of all) socket.send(frame);
  } else {
    for (const id of [Number(target_id), user]) for (const socket of sockets.get(id) ?? []) socket.send(frame);
  }
  response.json({ created_ms: message.d.created_ms });
});

routes(app);
const server = app.listen({ port, host: "127.0.0.1", backlog: 4096 }, () => said(server));
server.keepAliveTimeout = 600_000;
