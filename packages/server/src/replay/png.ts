import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { ConfigError } from "../config/config-error.js";

/**
 * Draws an SVG picture as PNG bytes, at twice its size.
 * @throws ConfigError naming the packages to install: they are large, and only plots need them
 */
export async function png(svg: string): Promise<Uint8Array> {
  const { resvg, wasm, font } = await renderer();
  await resvg.initWasm(wasm);
  const options = {
    fitTo: { mode: "zoom", value: 2 },
    font: { fontBuffers: [font], defaultFontFamily: "DejaVu Sans" },
  };
  return new resvg.Resvg(svg, options as ConstructorParameters<typeof resvg.Resvg>[1]).render().asPng(); // literal types
}

async function renderer() {
  const require = createRequire(import.meta.url);
  try {
    const resvg = await import("@resvg/resvg-wasm");
    const wasm = await readFile(require.resolve("@resvg/resvg-wasm/index_bg.wasm"));
    const font = await readFile(require.resolve("dejavu-fonts-ttf/ttf/DejaVuSans.ttf"));
    return { resvg, wasm, font };
  } catch (error) {
    if (!["ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND"].includes((error as NodeJS.ErrnoException).code ?? ""))
      throw error;
    throw new ConfigError("a PNG needs two more packages: run npm install @resvg/resvg-wasm dejavu-fonts-ttf");
  }
}
