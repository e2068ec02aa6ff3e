import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type Router from "koa-router";

/** A file that pages load. */
export interface Asset {
  /** Its name below /assets. */
  readonly name: string;
  readonly bytes: Buffer;
}

/** Reads files; each is served under its own name. */
export function readAssets(...paths: readonly string[]): Asset[] {
  return paths.map((path) => ({ name: basename(path), bytes: readFileSync(path) }));
}

/** Path of a file of this service's assets directory. */
export function ownAsset(name: string): string {
  return join(__dirname, "assets", name);
}

/** Adds `GET /assets/<name>` of each. Browsers keep them, and ask each time whether they are still the same. */
export function addAssetRoutes(router: Router, assets: readonly Asset[]): void {
  for (const { name, bytes } of assets) {
    const etag = `"${createHash("sha256").update(bytes).digest("base64url")}"`;
    router.get(`/assets/${name}`, (ctx) => {
      ctx.status = 200;
      ctx.set({ etag, "cache-control": "no-cache", "x-content-type-options": "nosniff" });
      if (ctx.fresh) {
        ctx.status = 304;
        return;
      }
      ctx.type = name.slice(name.lastIndexOf("."));
      ctx.body = bytes;
    });
  }
}
