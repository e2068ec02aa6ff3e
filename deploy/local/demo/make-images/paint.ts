/** A colour: red, green and blue from 0 to 255, not rounded. */
export type Colour = readonly [red: number, green: number, blue: number];

/** A picture: the colour at a place, both coordinates in pixels from the upper left. */
export type Picture = (x: number, y: number) => Colour;

/** The colour a part of the way from one to another; `part` beyond 0 and 1 counts as these. */
export function mix(from: Colour, to: Colour, part: number): Colour {
  const t = Math.min(1, Math.max(0, part));
  return [from[0] + (to[0] - from[0]) * t, from[1] + (to[1] - from[1]) * t, from[2] + (to[2] - from[2]) * t];
}

/** Rises smoothly from 0 at `low` to 1 at `high`. */
export function smoothStep(low: number, high: number, value: number): number {
  const t = Math.min(1, Math.max(0, (value - low) / (high - low)));
  return t * t * (3 - 2 * t);
}

/** Noise from 0 to 1 with details down to `octaves` halvings, the same for the same place and seed. */
export function fractalNoise(x: number, y: number, seed: number, octaves: number): number {
  let sum = 0;
  let weight = 0.5;
  for (let octave = 0; octave < octaves; octave++) {
    const scale = 2 ** octave;
    sum += weight * smoothNoise(x * scale, y * scale, seed + octave);
    weight /= 2;
  }
  return sum / (1 - weight * 2);
}

/** Noise from 0 to 1 at whole coordinates, blended between them. */
function smoothNoise(x: number, y: number, seed: number): number {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const across = smoothStep(0, 1, x - left);
  const down = smoothStep(0, 1, y - top);
  const upper = blend(hash(left, top, seed), hash(left + 1, top, seed), across);
  const lower = blend(hash(left, top + 1, seed), hash(left + 1, top + 1, seed), across);
  return blend(upper, lower, down);
}

function blend(from: number, to: number, part: number): number {
  return from + (to - from) * part;
}

/** Scrambles whole coordinates to a number from 0 to 1. */
function hash(x: number, y: number, seed: number): number {
  let bits = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ Math.imul(seed, 0x9e3779b1);
  bits = Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d);
  bits = Math.imul(bits ^ (bits >>> 12), 0x297a2d39);
  return ((bits ^ (bits >>> 15)) >>> 0) / 0xffffffff;
}
