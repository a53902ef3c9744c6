// rsocket-js expects Node's Buffer; the bundler gives it this one.
export { Buffer } from "buffer";
