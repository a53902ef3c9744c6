// rsocket-js in Node against the broker whose ports are in WEIR_PORT and WEIR_HTTP_PORT.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { createInterface } from "node:readline";
import { TcpClientTransport } from "rsocket-tcp-client";
import { WebsocketClientTransport } from "rsocket-websocket-client";
import { WebSocket } from "ws";
import {
  ask,
  connect,
  control,
  message,
  positions,
  produce,
  subscribe,
  topicRoute,
  UNBOUNDED,
} from "../weir.js";
import { Line } from "./line.js";

const tcp = Number(process.env.WEIR_PORT);
const http = Number(process.env.WEIR_HTTP_PORT);

const transports = {
  tcp: (port = tcp) =>
    new TcpClientTransport({ connectionOptions: { host: "127.0.0.1", port } }),
  websocket: (port = http) =>
    new WebsocketClientTransport({
      url: `ws://127.0.0.1:${port}/rsocket`,
      wsCreator: (url) => new WebSocket(url),
    }),
};

/** What a subscription gets, to be waited for. */
class Received {
  records = [];
  error = undefined;
  #wake = () => {};

  onRecord = (record) => {
    this.records.push(record);
    this.#wake();
  };

  onError = (error) => {
    this.error = error;
    this.#wake();
  };

  /** Fails when the subscription does before that. */
  async until(holds) {
    while (!holds(this)) {
      if (this.error) {
        throw this.error;
      }
      await new Promise((wake) => (this.#wake = wake));
    }
  }

  get values() {
    return this.records.map((record) => record.value.toString());
  }
}

/** All through one channel, so that they share batches; resolves with the answers. */
function produceAll(rsocket, topic, values) {
  const route = topicRoute(topic, "produce");
  return new Promise((resolve, reject) => {
    const answers = [];
    let next = 1;
    const send = () => {
      const value = values[next++];
      channel.onNext(message(route, value), next === values.length);
    };
    let credits = 0;
    const channel = rsocket.requestChannel(message(route, values[0]), UNBOUNDED, false, {
      request: (n) => {
        for (credits += n; credits > 0 && next < values.length; credits--) {
          send();
        }
      },
      cancel: () => {},
      onNext: (payload, isComplete) => {
        answers.push(JSON.parse(payload.data.toString()));
        if (isComplete) {
          resolve(answers);
        }
      },
      onComplete: () => resolve(answers),
      onError: reject,
      onExtension: () => {},
    });
  });
}

const fails = (code, words) => (error) => {
  assert.equal(error.code, code);
  assert.match(error.message, words);
  return true;
};

const rejected = (rsocket, topic, options) =>
  new Promise((_, reject) =>
    subscribe(rsocket, topic, options, 1, { onRecord: () => {}, onError: reject }),
  );

for (const [name, transport] of Object.entries(transports)) {
  describe(`rsocket-js over ${name}`, () => {
    const topic = `js.${name}`;
    let rsocket;

    before(async () => {
      rsocket = await connect(transport());
      await control(rsocket, "admin.topics.create", { name: topic, partitions: 1 });
    });

    after(() => rsocket.close());

    it("produces on a channel and learns every offset, in order", async () => {
      const values = Array.from({ length: 300 }, (_, i) => `v${i}`);
      const answers = await produceAll(rsocket, topic, values);
      assert.deepEqual(
        answers,
        values.map((_, offset) => ({ partition: 0, offset })),
      );
    });

    it("gets exactly as many records as it asks for", async () => {
      const received = new Received();
      const subscription = subscribe(rsocket, topic, { from: "earliest" }, 7, received);
      await received.until(() => received.records.length === 7);
      await pause(200);
      assert.deepEqual(received.values, ["v0", "v1", "v2", "v3", "v4", "v5", "v6"]);
      subscription.request(3);
      await received.until(() => received.records.length === 10);
      await pause(200);
      assert.equal(received.records.length, 10);
      assert.equal(received.records[9].offset, 9);
      subscription.request(UNBOUNDED);
      await received.until(() => received.records.length === 300);
      subscription.cancel();
      await produce(rsocket, topic, "after the cancel");
      await pause(200);
      assert.equal(received.records.length, 300);
      assert.equal(received.error, undefined);
    });

    it("carries key, headers, time, partition and tombstones", async () => {
      const record = {
        partition: 0,
        timestamp: 1_700_000_000_000,
        key: "schlüssel",
        headers: [
          ["a", "1"],
          ["b", { base64: "/w==" }],
          ["a", null],
        ],
        tombstone: true,
      };
      const { offset } = await produce(rsocket, topic, "", record);
      const received = new Received();
      subscribe(rsocket, topic, { from: { offset }, partition: 0 }, 1, received);
      await received.until(() => received.records.length === 1);
      assert.deepEqual(received.records[0], { ...record, offset, value: null });
    });

    it("produces by fire-and-forget", async () => {
      const received = new Received();
      const [offset] = Object.values(await positions(rsocket, topic, "latest"));
      const from = { from: { offset }, partition: 0 };
      const subscription = subscribe(rsocket, topic, from, 1, received);
      rsocket.fireAndForget(message(topicRoute(topic, "produce"), "quiet"), {
        onComplete: () => {},
        onError: received.onError,
      });
      await received.until(() => received.records.length === 1 || received.error);
      assert.deepEqual(received.values, ["quiet"]);
      subscription.cancel();
    });

    it("reads errors that name what is wrong", async () => {
      await assert.rejects(produce(rsocket, "nope", "x"), fails(0x1004, /'nope'/));
      await assert.rejects(rejected(rsocket, "nope", {}), fails(0x1004, /'nope'/));
      await assert.rejects(rejected(rsocket, topic, { form: 1 }), fails(0x1002, /'form'/));
      await assert.rejects(rejected(rsocket, topic, { from: 1 }), fails(0x1002, /'from'/));
      await assert.rejects(
        rejected(rsocket, topic, { from: { offset: 1e6 }, partition: 0 }),
        fails(0x100d, /offset 1000000 is not in/),
      );
      await assert.rejects(ask(rsocket, "nowhere", ""), fails(0x1003, /'nowhere'/));
      await assert.rejects(
        produce(rsocket, topic, "x", { keys: 1 }),
        fails(0x1002, /unknown field 'keys'/),
      );
      await assert.rejects(
        control(rsocket, "admin.topics.create", { name: "c", partitions: "many" }),
        fails(0x1002, /CreateTopicRequest.*"many"/),
      );
      await assert.rejects(
        produceAll(rsocket, "nope", ["x", "y"]),
        fails(0x1004, /'nope'/),
      );
    });

    it("manages topics in JSON", async () => {
      const name = `${topic}-managed`;
      const { topicId } = await control(rsocket, "admin.topics.create", {
        name,
        partitions: 3,
        config: { "retention.ms": "60000" },
      });
      assert.equal(Buffer.from(topicId, "base64").length, 16);
      const { topics } = await control(rsocket, "admin.topics.list", {});
      assert.ok(topics.some((each) => each.name === name && each.topicId === topicId));
      const described = await control(rsocket, "admin.topics.describe", { name });
      assert.equal(described.effectiveConfig["retention.ms"], "60000");
      assert.deepEqual(
        described.partitions.map(({ partition, state }) => [partition, state]),
        [
          [0, "online"],
          [1, "online"],
          [2, "online"],
        ],
      );
      await produce(rsocket, name, "x", { partition: 1 });
      assert.deepEqual(await positions(rsocket, name, "latest"), { 0: 0, 1: 1, 2: 0 });
      const metadata = await control(rsocket, "metadata", { topics: [name] });
      assert.equal(metadata.topics[0].partitions.length, 3);
      assert.equal(metadata.brokers[0].port, tcp);
      await control(rsocket, "admin.topics.delete", { name });
      await assert.rejects(produce(rsocket, name, "x"), fails(0x1004, /managed/));
    });

    it("goes on after a broken connection where it was", async () => {
      const name = `${topic}-broken`;
      await control(rsocket, "admin.topics.create", { name });
      await produceAll(rsocket, name, ["a", "b", "c", "d"]);
      const line = await new Line(name.includes("tcp") ? tcp : http).open();
      try {
        const first = new Received();
        const over = await connect(transport(line.port));
        subscribe(over, name, { from: "earliest" }, 2, first);
        await first.until(() => first.records.length === 2);
        await line.cut();
        await first.until(() => first.error);
        await assert.rejects(connect(transport(line.port)));
        await line.open();
        const again = await connect(transport(line.port));
        const second = new Received();
        const next = first.records[1].offset + 1;
        subscribe(again, name, { from: { offset: next }, partition: 0 }, 2, second);
        await second.until(() => second.records.length === 2);
        assert.deepEqual([...first.values, ...second.values], ["a", "b", "c", "d"]);
        again.close();
      } finally {
        await line.cut();
      }
    });
  });
}

it("runs the README's example", { timeout: 20_000 }, async () => {
  const topic = "packages";
  const rsocket = await connect(transports.tcp());
  await control(rsocket, "admin.topics.create", { name: topic });
  const values = Array.from({ length: 42 }, (_, i) => `v${i}`);
  await produceAll(rsocket, topic, values);
  rsocket.close();
  const readme = await readFile(new URL("../../../README.md", import.meta.url), "utf8");
  const [, example] = readme.match(/```js\n(.*?)```/s);
  const node = spawn(process.execPath, ["--input-type=module"], {
    cwd: new URL("..", import.meta.url),
    stdio: ["pipe", "pipe", "inherit"],
  });
  try {
    node.stdin.end(example.replace("9800", String(tcp)));
    const lines = [];
    for await (const line of createInterface({ input: node.stdout })) {
      lines.push(line);
      if (lines.length === 11) {
        break;
      }
    }
    assert.deepEqual(lines, [
      "{ partition: 0, offset: 42 }",
      ...values.slice(0, 10).map((value, offset) => `0 ${offset} ${value}`),
    ]);
  } finally {
    node.kill();
  }
});
