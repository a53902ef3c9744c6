// A subscription that survives its connection: it counts demand and goes on where it was.
import { WebsocketClientTransport } from "rsocket-websocket-client";
import { connect, isRetriable, positions, subscribe, UNBOUNDED } from "../weir.js";

const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 5_000;

export class Live {
  /** Of this connection; undefined while there is none. */
  rsocket = undefined;
  asked = 0;
  received = 0;

  #url;
  #topic;
  #from;
  #listener;
  #next = undefined; // the next offset of every partition
  #ask = () => {};
  #wake = () => {};
  #closed = false;

  /**
   * @param from "latest" or "earliest"; where that is, is settled by the first connection
   * @param listener `onRecord(record)`; `onState(state, error)` with "connecting", "live", "waiting"
   *   (until it connects again), or "ended" (an error that stays)
   */
  constructor(url, topic, from, listener) {
    this.#url = url;
    this.#topic = topic;
    this.#from = from;
    this.#listener = listener;
  }

  /** Connects; asks for nothing by itself. */
  open() {
    this.#run();
  }

  /** Asked for and not yet received. */
  get outstanding() {
    return this.asked - this.received;
  }

  /** Asks for n records more: now, or as soon as there is a connection. */
  request(n) {
    const more = Math.min(n, UNBOUNDED - 1 - this.outstanding);
    if (more > 0) {
      this.asked += more;
      this.#ask(more);
    }
  }

  close() {
    this.#closed = true;
    this.#hangUp();
    this.#wake();
  }

  async #run() {
    let pause = FIRST_PAUSE;
    while (!this.#closed) {
      try {
        this.#listener.onState("connecting");
        const rsocket = await this.#connect();
        if (this.#closed) {
          rsocket.close();
          return;
        }
        this.rsocket = rsocket;
        rsocket.onClose(() => {
          if (this.rsocket === rsocket) {
            this.rsocket = undefined;
          }
        });
        this.#next ??= await positions(rsocket, this.#topic, this.#from);
        pause = FIRST_PAUSE;
        await this.#follow(rsocket);
      } catch (error) {
        this.#hangUp();
        if (this.#closed) {
          return;
        }
        if (!isRetriable(error)) {
          this.#closed = true;
          this.#listener.onState("ended", error);
          return;
        }
        this.#listener.onState("waiting", error);
        await this.#sleep(pause);
        pause = Math.min(2 * pause, LONGEST_PAUSE);
      }
    }
  }

  #connect() {
    return connect(new WebsocketClientTransport({ url: this.#url })).catch(() => {
      // Browsers do not let a page know why.
      throw new Error(
        `no connection to ${this.#url}: no broker there, or its setting http.origins does not allow pages of ${location.origin}`,
      );
    });
  }

  /** Until the subscription or its connection fails; never resolves. */
  #follow(rsocket) {
    return new Promise((_, fail) => {
      const lost = (error) => fail(error ?? new Error("the connection was lost"));
      rsocket.onClose(lost);
      let subscription;
      this.#ask = (n) => {
        if (subscription) {
          subscription.request(n);
        } else {
          // Only now: an RSocket stream begins with a demand of at least one.
          const options = { from: { offsets: this.#next } };
          const onRecord = (record) => this.#onRecord(rsocket, record);
          subscription = subscribe(rsocket, this.#topic, options, n, { onRecord, onError: lost });
        }
      };
      this.#listener.onState("live");
      if (this.outstanding > 0) {
        this.#ask(this.outstanding);
      }
    });
  }

  #onRecord(rsocket, record) {
    if (rsocket === this.rsocket) {
      this.#next[record.partition] = record.offset + 1;
      this.received++;
      this.#listener.onRecord(record);
    }
  }

  #hangUp() {
    const rsocket = this.rsocket;
    this.rsocket = undefined;
    this.#ask = () => {};
    rsocket?.close();
  }

  #sleep(millis) {
    return new Promise((wake) => {
      const timer = setTimeout(wake, millis);
      this.#wake = () => {
        clearTimeout(timer);
        wake();
      };
    });
  }
}
