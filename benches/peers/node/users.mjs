// What both servers share: the key, made ready once (handing `verify` a string would make it anew for every call),
// who holds a token, and the two routes that the load needs beside the scenarios.
import { createSecretKey, randomBytes } from "node:crypto";
import jwt from "jsonwebtoken";

const key = createSecretKey(randomBytes(32));

export const tokenOf = (user) => jwt.sign({ sub: String(user) }, key, { algorithm: "HS256", expiresIn: "1h" });

// The user's number, or an exception.
export const userOf = (token) => Number(jwt.verify(token, key, { algorithms: ["HS256"] }).sub);

export function routes(app) {
  app.get("/health", (_request, response) => response.send("ok\n"));
  app.get("/token/:user", (request, response) => response.send(tokenOf(Number(request.params.user))));
}

export const port = Number(process.env.PORT ?? 0);
export const said = (server) => console.log(`listening on ${server.address().port}`);
