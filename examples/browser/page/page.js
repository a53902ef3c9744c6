// The page: forms in, numbers and rows out. What flows is in live.js.
import { control, produce } from "../weir.js";
import { Live } from "./live.js";

const ROWS = 200;
const LONGEST_VALUE = 300;
const STATES = {
  connecting: "connecting",
  live: "live",
  waiting: "no connection, trying again",
  ended: "ended",
};

const on = (id, event, react) => byId(id).addEventListener(event, react);
const byId = (id) => document.getElementById(id);
const state = byId("state");

let live;
let undrawn = []; // never more than was asked for

function cell(text, className) {
  const td = document.createElement("td");
  td.className = className ?? "";
  td.append(text);
  return td;
}

function row(...cells) {
  const tr = document.createElement("tr");
  tr.append(...cells);
  return tr;
}

function nothing(what) {
  const em = document.createElement("em");
  em.textContent = what;
  return em;
}

function shortened(text) {
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}

function recordRow({ partition, offset, timestamp, key, keyBase64, value }) {
  return row(
    cell(partition, "number"),
    cell(offset, "number"),
    cell(new Date(timestamp).toLocaleTimeString()),
    cell(key ?? keyBase64 ?? nothing("none"), "code"),
    cell(value === null ? nothing("tombstone") : shortened(value.toString()), "code"),
  );
}

// ---- drawing: at most once a frame, and only then does auto mode ask for more

let drawing = false;

function draw() {
  if (drawing) {
    return;
  }
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    const rows = byId("records").tBodies[0];
    rows.prepend(...undrawn.slice(-ROWS).reverse().map(recordRow));
    undrawn = [];
    while (rows.rows.length > ROWS) {
      rows.deleteRow(-1);
    }
    askForWhatWasDrawn();
    const { asked, received, outstanding } = live ?? { asked: 0, received: 0, outstanding: 0 };
    byId("asked").textContent = asked.toLocaleString("en");
    byId("received").textContent = received.toLocaleString("en");
    byId("outstanding").textContent = outstanding.toLocaleString("en");
    byId("flow").value = asked > 0 ? received / asked : 0;
  });
}

function askForWhatWasDrawn() {
  const n = byId("n").valueAsNumber;
  if (live && byId("auto").checked && byId("n").checkValidity() && live.outstanding <= n / 2) {
    live.request(n - live.outstanding);
  }
}

// ---- connection

function show(name, error) {
  state.dataset.state = name;
  state.textContent = STATES[name] ?? "not connected";
  if (name !== "connecting") {
    byId("error").textContent = error ? readable(error) : "";
  }
  byId("connect").textContent = live ? "Disconnect" : "Connect";
  byId("send").disabled = name !== "live";
  byId("ask").disabled = !live;
  for (const id of ["url", "topic", "from"]) {
    byId(id).disabled = Boolean(live);
  }
}

function readable(error) {
  return error.code ? `${error.message} (0x${error.code.toString(16)})` : error.message;
}

function open() {
  undrawn = [];
  byId("records").tBodies[0].replaceChildren();
  byId("stored").textContent = "";
  byId("error").textContent = "";
  live = new Live(byId("url").value, byId("topic").value, byId("from").value, {
    onRecord: (record) => {
      undrawn.push(record);
      draw();
    },
    onState: (name, error) => {
      if (name === "ended") {
        live = undefined;
      }
      show(name, error);
    },
  });
  live.open();
  draw();
}

function close() {
  live.close();
  live = undefined;
  show("idle");
}

on("connection", "submit", (event) => {
  event.preventDefault();
  if (live) {
    close();
  } else {
    open();
  }
});

// ---- demand

on("demand", "submit", (event) => {
  event.preventDefault();
  live?.request(byId("n").valueAsNumber);
  draw();
});

on("n", "input", () => {
  byId("ask").textContent = `Ask for ${byId("n").value || "n"} more`;
  draw();
});

on("auto", "change", draw);

// ---- produce

on("produce", "submit", async (event) => {
  event.preventDefault();
  const key = byId("key").value;
  byId("stored").textContent = "";
  byId("error").textContent = "";
  try {
    const topic = byId("topic").value;
    const stored = await produce(live.rsocket, topic, byId("value").value, key ? { key } : undefined);
    byId("stored").textContent = `stored in partition ${stored.partition} at offset ${stored.offset}`;
    byId("value").select();
  } catch (error) {
    byId("error").textContent = `not stored: ${readable(error)}`;
  }
});

// ---- subscriptions

function subscriptionRow({ remoteAddress, route, messages, partitions, waitsFor, waitedMillis }) {
  const lags = partitions.map(({ lag }) => Number(lag)).filter((lag) => lag >= 0);
  const waits = Object.entries(waitedMillis).filter(([, millis]) => Number(millis) > 0);
  return row(
    cell(remoteAddress),
    cell(route),
    cell(Number(messages).toLocaleString("en"), "number"),
    cell(lags.reduce((sum, lag) => sum + lag, 0).toLocaleString("en"), "number"),
    cell(waitsFor),
    cell(waits.map(([cause, millis]) => `${cause} ${(millis / 1000).toFixed(0)} s`).join(", ")),
  );
}

async function listSubscriptions() {
  const rows = byId("subscriptions").tBodies[0];
  const rsocket = live?.rsocket;
  if (!rsocket || state.dataset.state !== "live") {
    rows.replaceChildren();
    return;
  }
  try {
    const topic = byId("topic").value;
    const { subscriptions } = await control(rsocket, "admin.subscriptions.list", { topic });
    rows.replaceChildren(...subscriptions.map(subscriptionRow));
  } catch (error) {
    rows.replaceChildren(row(Object.assign(cell(readable(error)), { colSpan: 6 })));
  }
}

async function keepListing() {
  await listSubscriptions();
  setTimeout(keepListing, 1_000);
}

// ---- the address of the page may fill the form: ?url=…&topic=…&from=earliest&n=7

for (const [id, value] of new URLSearchParams(location.search)) {
  if (["url", "topic", "from", "n"].includes(id)) {
    byId(id).value = value;
  }
}
byId("n").dispatchEvent(new Event("input"));
show("idle");
keepListing();
