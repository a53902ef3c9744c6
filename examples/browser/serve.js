// Serves dist/ to this machine only. Pages from localhost may connect to a broker on the same machine; for others, the
// broker's setting http.origins names them.
import { readFile } from "node:fs/promises";
import http from "node:http";
import { fileURLToPath } from "node:url";

const TYPES = {
  "index.html": "text/html; charset=utf-8",
  "page.css": "text/css; charset=utf-8",
  "page.js": "text/javascript; charset=utf-8",
  "page.js.map": "application/json",
};

/** Listens on loopback; port 0 picks a free one. */
export async function serve(port) {
  const server = http.createServer(async (request, response) => {
    const name = request.url.split("?")[0].slice(1) || "index.html";
    try {
      if (!Object.hasOwn(TYPES, name)) {
        throw new Error("there is no such page");
      }
      const body = await readFile(new URL(`dist/${name}`, import.meta.url));
      response.writeHead(200, { "content-type": TYPES[name], "cache-control": "no-store" }).end(body);
    } catch (error) {
      response.writeHead(404, { "content-type": "text/plain" }).end(`${error.message}\n`);
    }
  });
  await new Promise((listening, failed) => {
    server.once("error", failed).listen(port, "127.0.0.1", listening);
  });
  return server;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = await serve(Number(process.env.PORT ?? 8080));
  console.log(`http://localhost:${server.address().port}/`);
}
