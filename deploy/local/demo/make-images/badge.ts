import type { PngImage } from "./encode-png";

/** Red, green, blue and alpha of each entry of the palette. */
const PALETTE = [
  [0, 0, 0, 0],
  [20, 44, 82, 255],
  [244, 196, 48, 255],
  [255, 255, 255, 255],
  [206, 58, 70, 255],
  [20, 44, 82, 96],
] as const;

const [CLEAR, BLUE, GOLD, WHITE, RED, SHADOW] = [0, 1, 2, 3, 4, 5];

/** A round badge with a star, in six colours, one of them clear and one half transparent. */
export function badge(size: number): PngImage {
  const colours = Buffer.from(PALETTE.flatMap((entry) => entry.slice(0, 3)));
  const alphas = Buffer.from(PALETTE.map(([, , , alpha]) => alpha));
  return {
    width: size,
    height: size,
    bitDepth: 8,
    colourType: 3,
    before: [
      { type: "PLTE", content: colours },
      { type: "tRNS", content: alphas },
    ],
    line: (y) => Uint8Array.from({ length: size }, (_, x) => entry((x / size - 0.5) * 2.1, (y / size - 0.5) * 2.1)),
  };
}

function entry(x: number, y: number): number {
  const radius = Math.hypot(x, y);
  const angle = Math.atan2(x, -y);
  if (radius < starRadius(angle)) {
    return radius < starRadius(angle) * 0.72 ? GOLD : WHITE;
  }
  if (radius < 0.62) {
    return BLUE;
  }
  if (radius < 0.92) {
    return Math.floor((angle / Math.PI + 1) * 16) % 2 === 0 ? RED : WHITE;
  }
  if (radius < 0.97) {
    return GOLD;
  }
  return Math.hypot(x - 0.03, y - 0.05) < 0.99 ? SHADOW : CLEAR;
}

/** Radius of a five-pointed star in a direction, 0 being up. */
function starRadius(angle: number): number {
  const sector = (2 * Math.PI) / 5;
  const within = Math.abs(((((angle + sector / 2) % sector) + sector) % sector) - sector / 2);
  const [tip, notch] = [0.52, 0.21];
  const x = notch * Math.cos(sector / 2) - tip;
  const y = notch * Math.sin(sector / 2);
  return (tip * y) / (y * Math.cos(within) - x * Math.sin(within));
}
