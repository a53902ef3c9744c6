// A line to the broker that a test can cut: a proxy on a port of its own.
import net from "node:net";

export class Line {
  #target;
  #port = 0;
  #server;
  #sockets = new Set();

  constructor(targetPort) {
    this.#target = targetPort;
  }

  get port() {
    return this.#port;
  }

  /** Listens, the second time on the same port. */
  async open() {
    this.#server = net.createServer((near) => {
      const far = net.connect(this.#target, "127.0.0.1");
      for (const [from, to] of [
        [near, far],
        [far, near],
      ]) {
        this.#sockets.add(from);
        from.on("error", () => to.destroy());
        from.on("close", () => {
          this.#sockets.delete(from);
          to.destroy();
        });
        from.pipe(to);
      }
    });
    await new Promise((listening) => this.#server.listen(this.#port, "127.0.0.1", listening));
    this.#port = this.#server.address().port;
    return this;
  }

  /** Breaks what is open and refuses what comes. */
  async cut() {
    const closed = new Promise((done) => this.#server.close(done));
    this.#sockets.forEach((socket) => socket.destroy());
    await closed;
  }
}
