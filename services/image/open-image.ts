import { invalidArgument } from "../platform/twirp/errors";
import { checkPixelLimits, type PixelSize } from "./image-limits";
import { ImageInspector } from "./inspect/image-inspector";
import { SNIFF_BYTES, type SourceFormat, sniffFormat } from "./sniff-format";

/** An image whose format and size are known and within limits, while most of its bytes are still to come. */
export interface OpenedImage {
  readonly format: SourceFormat;
  /** All bytes from the first on; to be iterated once. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Number of bytes that have passed through `bytes` so far. */
  readonly passedBytes: number;
  /** Size after the EXIF orientation was applied; final when `bytes` has ended. */
  readonly shownSize: PixelSize;
}

/** Longest header in bytes. Cameras put previews and profiles before the size, in segments of 64 KiB. */
const MAX_HEADER_BYTES = 8 * 1024 * 1024;

/**
 * Reads as much of an image as it takes to tell its format, by its first bytes, and its size.
 *
 * @throws TwirpError invalid_argument (neither PNG nor JPEG, or no size in the header), resource_exhausted (too many
 *   pixels), and whatever the source throws
 */
export async function openImage(source: AsyncIterable<Uint8Array>): Promise<OpenedImage> {
  const iterator = source[Symbol.asyncIterator]();
  try {
    const { format, inspector, head, size } = await readHead(iterator);
    checkPixelLimits("the image", size);
    let passedBytes = 0;
    async function* bytes() {
      try {
        passedBytes += head.length;
        yield head;
        for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
          inspector.push(next.value);
          passedBytes += next.value.length;
          yield next.value;
        }
      } finally {
        await iterator.return?.();
      }
    }
    return {
      format,
      bytes: bytes(),
      get passedBytes() {
        return passedBytes;
      },
      get shownSize() {
        return inspector.shownSize ?? size;
      },
    };
  } catch (error) {
    await iterator.return?.();
    throw error;
  }
}

async function readHead(iterator: AsyncIterator<Uint8Array>) {
  const chunks: Uint8Array[] = [];
  let length = 0;
  let format: SourceFormat | undefined;
  let inspector: ImageInspector | undefined;
  while (length < MAX_HEADER_BYTES) {
    const next = await iterator.next();
    if (next.done) {
      break;
    }
    chunks.push(next.value);
    length += next.value.length;
    if (inspector === undefined) {
      if (length < SNIFF_BYTES) {
        continue;
      }
      const start = Buffer.concat(chunks);
      format = sniffFormat(start);
      if (format === undefined) {
        break;
      }
      inspector = new ImageInspector(format);
      inspector.push(start);
    } else {
      inspector.push(next.value);
    }
    const size = inspector.storedSize;
    if (format !== undefined && size !== undefined) {
      return { format, inspector, size: checkNotEmpty(size), head: Buffer.concat(chunks) };
    }
    if (inspector.isFinished) {
      break;
    }
  }
  if (length === 0) {
    throw invalidArgument("source_url", "must be a PNG or JPEG image, and is empty");
  }
  if (format === undefined) {
    throw invalidArgument("source_url", "must be a PNG or JPEG image; its first bytes are of neither");
  }
  throw invalidArgument("source_url", "must be an image that can be read completely: its header gives no size");
}

/** A JPEG may leave its height to be told after the pixels (T.81, section B.2.5); no decoder that matters reads those. */
function checkNotEmpty(size: PixelSize): PixelSize {
  if (size.widthPx === 0 || size.heightPx === 0) {
    throw invalidArgument("source_url", "must be an image that can be read completely: its width or height is 0");
  }
  return size;
}
