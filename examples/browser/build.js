// Puts the page into dist/: one script with everything in it, for any web server.
import { build } from "esbuild";
import { fileURLToPath } from "node:url";

const file = (name) => fileURLToPath(new URL(name, import.meta.url));

await build({
  entryPoints: ["index.html", "page.css", "page.js"].map((name) => file(`page/${name}`)),
  outdir: file("dist"),
  bundle: true,
  loader: { ".html": "copy" },
  inject: [file("page/buffer.js")],
  format: "esm",
  target: "es2022",
  minify: true,
  sourcemap: true,
  logLevel: "warning",
});
