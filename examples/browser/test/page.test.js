// The page in a headless Chromium, against the broker whose ports are in WEIR_PORT and WEIR_HTTP_PORT. A POST to
// WEIR_RESTART restarts that broker.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import puppeteer from "puppeteer-core";
import { TcpClientTransport } from "rsocket-tcp-client";
import { connect, control, produce } from "../weir.js";
import "../build.js";
import { serve } from "../serve.js";

const { WEIR_PORT, WEIR_HTTP_PORT, WEIR_RESTART } = process.env;
const CHROMIUM = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/google-chrome"].find(
  (path) => path && existsSync(path),
);
const SOON = 20_000;

describe("the page in Chromium", () => {
  let server;
  let browser;
  let page;
  let uncaught;

  before(async () => {
    assert.ok(CHROMIUM, "no Chromium: install it, or name it in CHROMIUM");
    server = await serve(0);
    browser = await puppeteer.launch({
      executablePath: CHROMIUM,
      args: ["--no-sandbox", "--host-resolver-rules=MAP other.example 127.0.0.1"],
    });
  });

  after(async () => {
    await browser?.close();
    server?.close();
  });

  beforeEach(async () => {
    page = await browser.newPage();
    page.setDefaultTimeout(SOON);
    uncaught = [];
    page.on("pageerror", (error) => uncaught.push(error));
  });

  afterEach(async () => {
    await page.close();
    assert.deepEqual(uncaught, []);
  });

  const text = (selector) => page.$eval(selector, (element) => element.textContent);

  const until = (selector, pattern) =>
    page.waitForFunction(
      (at, source) => new RegExp(source).test(document.querySelector(at).textContent),
      {},
      selector,
      pattern.source,
    );

  /** Opens the page, from this machine unless said otherwise, and presses Connect. */
  async function visit(topic, from, host = "localhost") {
    const fields = { url: `ws://localhost:${WEIR_HTTP_PORT}/rsocket`, topic, from };
    const address = `http://${host}:${server.address().port}/?${new URLSearchParams(fields)}`;
    await page.goto(address);
    await page.click("#connect");
  }

  async function ask(n) {
    await page.$eval("#n", (input) => input.select());
    await page.type("#n", String(n));
    await page.click("#ask");
  }

  const demand = async () => [
    await text("#asked"),
    await text("#received"),
    await text("#outstanding"),
  ];

  /** As drawn, oldest first: "partition:offset value". */
  const records = () =>
    page.$$eval("#records tbody tr", (rows) =>
      rows
        .map(({ cells }) => `${cells[0].innerText}:${cells[1].innerText} ${cells[4].innerText}`)
        .reverse(),
    );

  const drawn = (count) =>
    page.waitForFunction(
      (n) => document.querySelectorAll("#records tbody tr").length >= n,
      {},
      count,
    );

  const range = (from, to) =>
    Array.from({ length: to - from }, (_, i) => `0:${from + i} v${from + i}`);

  /** Talks to the broker beside the page. */
  async function beside(talk) {
    const rsocket = await connect(
      new TcpClientTransport({
        connectionOptions: { host: "127.0.0.1", port: Number(WEIR_PORT) },
      }),
    );
    try {
      return await talk(rsocket);
    } finally {
      rsocket.close();
    }
  }

  const topicWith = (name, count) =>
    beside(async (rsocket) => {
      await control(rsocket, "admin.topics.create", { name });
      for (let i = 0; i < count; i++) {
        await produce(rsocket, name, `v${i}`);
      }
    });

  it("gets exactly as many records as it asks for", async () => {
    await topicWith("page.demand", 20);
    await visit("page.demand", "earliest");
    await until("#state", /^live$/);
    assert.deepEqual(await demand(), ["0", "0", "0"]);
    await ask(7);
    await drawn(7);
    // The broker agrees: seven given, and it waits for the page.
    await until("#subscriptions tbody", /subscribe713demand/);
    assert.deepEqual(await records(), range(0, 7));
    assert.deepEqual(await demand(), ["7", "7", "0"]);
    await ask(3);
    await drawn(10);
    await until("#subscriptions tbody", /subscribe1010demand/);
    assert.deepEqual(await records(), range(0, 10));
    assert.deepEqual(await demand(), ["10", "10", "0"]);
  });

  it("shows what is produced later, by itself and by others", async () => {
    await topicWith("page.later", 3);
    await visit("page.later", "latest");
    await until("#state", /^live$/);
    await ask(5);
    await beside((rsocket) => produce(rsocket, "page.later", "v3"));
    await drawn(1);
    await page.type("#value", "v4");
    await page.keyboard.press("Enter");
    await until("#stored", /partition 0 at offset 4/);
    await drawn(2);
    assert.deepEqual(await records(), range(3, 5));
    assert.deepEqual(await demand(), ["5", "2", "3"]);
  });

  it("keeps n outstanding in auto mode", async () => {
    await topicWith("page.auto", 30);
    await visit("page.auto", "earliest");
    await until("#state", /^live$/);
    await page.click("#auto");
    await drawn(30);
    await until("#subscriptions tbody", /subscribe300data/);
    const [asked, received, outstanding] = (await demand()).map(Number);
    assert.equal(received, 30);
    assert.equal(asked, 30 + outstanding);
    assert.ok(outstanding > 3 && outstanding <= 7, `${outstanding} of 7`);
  });

  it("tells that a topic is unknown", async () => {
    await visit("nope", "latest");
    await until("#error", /there is no topic 'nope' \(0x1004\)/);
    assert.equal(await text("#state"), "ended");
    assert.equal(await text("#connect"), "Connect");
  });

  it("is refused when it comes from another site", async () => {
    await visit("page.demand", "latest", "other.example");
    await until("#error", /http\.origins does not allow pages of http:\/\/other\.example:\d+/);
    assert.match(await text("#state"), /no connection/);
  });

  it("is all that is served", async () => {
    const at = (path) => `http://localhost:${server.address().port}${path}`;
    for (const path of ["//", "/weir.js", "/%2e%2e/package.json", "/constructor"]) {
      assert.equal((await fetch(at(path))).status, 404, path);
    }
    assert.equal((await fetch(at("/?topic=any"))).status, 200);
  });

  it("goes on without gap or duplicate when the broker restarts", { skip: !WEIR_RESTART }, async () => {
    const topic = "page.restart";
    const put = (from, to) =>
      beside(async (rsocket) => {
        for (let i = from; i < to; i++) {
          await produce(rsocket, topic, `v${i}`, { partition: i % 2 });
        }
      });
    await beside((rsocket) => control(rsocket, "admin.topics.create", { name: topic, partitions: 2 }));
    await put(0, 10);
    await visit(topic, "earliest");
    await until("#state", /^live$/);
    await ask(7);
    await drawn(7);
    const restarted = await fetch(WEIR_RESTART, { method: "POST" });
    assert.equal(restarted.status, 200);
    // Asked while there may be no connection yet: it counts all the same.
    await ask(9);
    await drawn(10);
    await put(10, 12);
    await drawn(12);
    await pause(200);
    const all = await records();
    for (const partition of [0, 1]) {
      assert.deepEqual(
        all.filter((record) => record.startsWith(`${partition}:`)),
        Array.from({ length: 6 }, (_, offset) => `${partition}:${offset} v${2 * offset + partition}`),
      );
    }
    assert.deepEqual(await demand(), ["16", "12", "4"]);
    assert.equal(await text("#error"), "");
  });
});
