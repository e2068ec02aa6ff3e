import { afterAll, beforeAll, describe, it } from "vitest";
import { ImageService } from "../../../gen/twirp/mcsv/v1/image";
import { quartersPng } from "../../support/images/make-image";
import { type ImageProvider, startImageProvider } from "./start-image-provider";
import { CODECS, verifyPact } from "./verify-pacts";

describe("the image service keeps its pact", () => {
  let provider: ImageProvider;
  beforeAll(async () => {
    provider = await startImageProvider();
  });
  afterAll(() => provider.stop());

  /** Stores what the source is; what is returned gets into the request. */
  const stored = (key: string, bytes: Uint8Array) => async () => {
    await provider.store.putBytes(key, bytes, { contentType: "image/png" });
    return { source_url: await provider.presign(key) };
  };
  const states = {
    "there is a PNG behind the URL": stored("uploads/lake", quartersPng(64, 48)),
    "there is a text behind the URL": stored("uploads/text", Buffer.from("no image at all")),
    "there is nothing behind the URL": async () => ({ source_url: await provider.presign("uploads/nothing") }),
    "the URL is of another bucket": async () => {
      const url = await provider.presign("uploads/lake");
      return { source_url: url.replace("/mcsv/", "/other/") };
    },
  };

  it.each(CODECS)("with job, spoken to in %s", async (codec) => {
    const { url } = provider;
    await verifyPact({
      consumer: "job",
      auth: provider.auth,
      provider: "image",
      url,
      service: ImageService,
      codec,
      states,
    });
  });
});
