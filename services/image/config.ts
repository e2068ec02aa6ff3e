import { availableParallelism } from "node:os";
import { verifierVariables } from "../platform/auth/auth-variables";
import { defineConfig } from "../platform/config/define-config";
import { objectStoreVariables } from "../platform/config/object-store-variables";
import { serviceVariables } from "../platform/config/service-variables";
import { bytes, durationMs, integer, text } from "../platform/config/variables";

/** Environment variables of the image service. */
export const imageConfig = defineConfig("image", {
  ...serviceVariables(8084),
  ...verifierVariables,
  ...objectStoreVariables,
  magickBin: text({
    env: "MAGICK_BIN",
    description: "ImageMagick 7: path of its magick command, or a name to look for in PATH.",
    default: "magick",
  }),
  imageConcurrency: integer({
    env: "IMAGE_CONCURRENCY",
    description: "Conversions at a time. Further ones are told to try again.",
    default: availableParallelism(),
    defaultText: "the number of processor cores",
    min: 1,
    max: 256,
  }),
  magickTimeoutMs: durationMs({
    env: "MAGICK_TIMEOUT_MS",
    description: "How long magick may take for one image before it is killed.",
    default: 60_000,
    min: 100,
    max: 600_000,
  }),
  magickAddressSpaceBytes: bytes({
    env: "MAGICK_ADDRESS_SPACE_BYTES",
    description:
      "Address space of one magick process. ImageMagick compiled to WebAssembly has a bound of its own instead.",
    default: 2 * 1024 ** 3,
    min: 64 * 1024 ** 2,
    max: 1024 * 1024 ** 3,
  }),
  maxSourceBytes: bytes({
    env: "IMAGE_MAX_SOURCE_BYTES",
    description: "Largest image that is fetched.",
    default: 64 * 1024 ** 2,
    min: 1,
    max: 1024 ** 3,
  }),
  maxOutputBytes: bytes({
    env: "IMAGE_MAX_OUTPUT_BYTES",
    description: "Largest PDF that is stored.",
    default: 512 * 1024 ** 2,
    min: 1,
    max: 4 * 1024 ** 3,
  }),
  temporaryDirectory: text({
    env: "IMAGE_TEMP_DIR",
    description: "Existing directory for magick's temporary files; unset stands for the system's.",
    optional: true,
  }),
});
