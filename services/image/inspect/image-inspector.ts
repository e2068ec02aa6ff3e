import type { PixelSize } from "../image-limits";
import type { SourceFormat } from "../sniff-format";
import { isSideways, UPRIGHT } from "./exif-orientation";
import { parseJpeg } from "./parse-jpeg";
import { parsePng } from "./parse-png";
import { PullParser } from "./pull-parser";

/** What a parser finds out while an image passes. The first of two contradicting facts counts, as for magick. */
export interface ImageFacts {
  /** Size of the image as stored. */
  stored: PixelSize | undefined;
  /** EXIF orientation, 1 to 8. */
  orientation: number | undefined;
}

/**
 * Reads size and orientation of an image out of its headers while its bytes pass by, without decoding it. It accepts
 * more than a decoder does: whether an image is sound is for magick to say.
 */
export class ImageInspector {
  readonly #facts: ImageFacts = { stored: undefined, orientation: undefined };
  readonly #parser: PullParser;

  constructor(format: SourceFormat) {
    this.#parser = new PullParser(format === "png" ? parsePng(this.#facts) : parseJpeg(this.#facts));
  }

  /** Hands over the next bytes of the image, from the first on. */
  push(bytes: Uint8Array): void {
    this.#parser.push(bytes);
  }

  /** Whether no further fact will be found. */
  get isFinished(): boolean {
    return this.#parser.isFinished;
  }

  /** Size as stored, as soon as it is known. */
  get storedSize(): PixelSize | undefined {
    return this.#facts.stored;
  }

  /** Size as shown: after the EXIF orientation was applied. Final once all bytes have passed. */
  get shownSize(): PixelSize | undefined {
    const { stored, orientation = UPRIGHT } = this.#facts;
    return stored !== undefined && isSideways(orientation)
      ? { widthPx: stored.heightPx, heightPx: stored.widthPx }
      : stored;
  }
}
