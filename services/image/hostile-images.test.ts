import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestImageService, type TestImageService } from "../../tests/support/image-service";
import { HOSTILE_IMAGES } from "../../tests/support/images/hostile-images";
import { magicksOfThisMachine, NO_NATIVE_MAGICK } from "../../tests/support/images/magicks";
import { peakMemoryOfChildren } from "../../tests/support/peak-memory";

/** Generous: the machine of the test may be busy. What is not stopped takes minutes. */
const MAX_MS = 15_000;
/** An image of the largest size admitted takes this. What is not stopped takes gigabytes. */
const MAX_PEAK_BYTES = { native: 320 * 1024 ** 2, wasm: 480 * 1024 ** 2 };

const magicks = magicksOfThisMachine();

if (magicks.every(({ isWebAssembly }) => isWebAssembly)) {
  it.skip(NO_NATIVE_MAGICK);
}

describe.each(magicks)("hostile images with $name", ({ resolve, isWebAssembly }) => {
  let service: TestImageService;
  let stateDirectory: string;

  beforeAll(async () => {
    stateDirectory = await mkdtemp(path.join(tmpdir(), "mcsv-state-"));
    const { command } = await resolve(stateDirectory);
    service = await startTestImageService({ magick: command, isWebAssembly });
  });
  afterAll(async () => {
    await service.close();
    await rm(stateDirectory, { recursive: true, force: true });
  });

  it.each(HOSTILE_IMAGES)(
    "refuses $name",
    async ({ bytes, code, limit }) => {
      const jobId = randomUUID();
      const url = await service.upload(await bytes());
      const started = performance.now();
      const { result, peakBytes } = await peakMemoryOfChildren(() =>
        service.convertUrl(url, {}, { jobId }).then(
          (pdf) => ({ pdf }),
          (error: unknown) => ({ error }),
        ),
      );

      expect(result).toMatchObject({ error: { code } });
      if (limit !== undefined) {
        expect(result).toMatchObject({ error: { meta: { limit, permanent: "true" } } });
      }
      expect(performance.now() - started).toBeLessThan(MAX_MS);
      expect(peakBytes).toBeLessThan(isWebAssembly ? MAX_PEAK_BYTES.wasm : MAX_PEAK_BYTES.native);
      expect(await service.leftovers(jobId)).toEqual([]);
      expect(existsSync("/tmp/mcsv-pwned")).toBe(false);
    },
    40_000,
  );
});
