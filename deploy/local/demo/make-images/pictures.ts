import { type Colour, fractalNoise, mix, type Picture, smoothStep } from "./paint";

const SUN: Colour = [255, 244, 214];

/** A mountain lake in the evening, as a photograph might show it: ranges in haze, their reflection, ripples. */
export function mountainLake(width: number, height: number): Picture {
  const shore = height * 0.62;
  const land = mountains(width, shore);
  return (x, y) => {
    if (y <= shore) {
      return land(x, y);
    }
    const depth = (y - shore) / (height - shore);
    const ripple = (fractalNoise(x / 90, y / (4 + 14 * depth), 71, 4) - 0.5) * (6 + 70 * depth);
    const mirrored = land(x + ripple, Math.max(0, shore - (y - shore) * 0.95 + ripple * 0.4));
    const glint = smoothStep(0.62, 0.8, fractalNoise(x / 30, y / 3, 72, 3)) * 0.25 * (1 - depth);
    return mix(mix(mirrored, [24, 48, 66], 0.25 + 0.35 * depth), SUN, glint);
  };
}

function mountains(width: number, shore: number): Picture {
  const ranges = [
    { level: 0.42, height: 0.34, grain: 2.2, near: [150, 152, 178], seed: 11 },
    { level: 0.6, height: 0.3, grain: 3, near: [98, 108, 140], seed: 23 },
    { level: 0.8, height: 0.24, grain: 4.5, near: [52, 72, 92], seed: 37 },
    { level: 0.96, height: 0.12, grain: 9, near: [22, 40, 46], seed: 53 },
  ] as const;
  return (x, y) => {
    const up = y / shore;
    const glow = Math.exp(-(((x / width - 0.68) * 2.2) ** 2 + ((up - 0.36) * 2.6) ** 2) * 3);
    const cloud = smoothStep(0.52, 0.78, fractalNoise(x / 260, y / 60, 5, 5)) * (1 - up) * 0.8;
    let colour = mix(mix([58, 98, 160], [250, 196, 150], smoothStep(0, 0.75, up)), SUN, glow);
    colour = mix(colour, [255, 226, 205], cloud);
    for (const { level, height, grain, near, seed } of ranges) {
      const ridge = level - height * (fractalNoise((x / width) * grain, 0.5, seed, 7) - 0.25);
      if (up > ridge) {
        const slope = fractalNoise(x / 38, y / 26, seed + 1, 5);
        const lit = mix(near, SUN, Math.max(0, slope - 0.5) * 0.9 * (0.4 + glow));
        const snow = smoothStep(0.06, 0, up - ridge) * smoothStep(0.45, 0.6, slope) * (level < 0.7 ? 0.8 : 0);
        const haze = smoothStep(ridge, 1.05, up) * (1 - level) * 0.9;
        colour = mix(mix(lit, [245, 240, 240], snow), [214, 190, 190], haze);
      }
    }
    return colour;
  };
}

/** A hot-air balloon above fields: one sees at once which side is up. */
export function balloon(width: number, height: number): Picture {
  const [middle, top, radius] = [width * 0.5, height * 0.32, width * 0.3];
  return (x, y) => {
    const across = (x - middle) / radius;
    const down = (y - top) / radius;
    const taper = down > 0 ? 1 - 0.52 * (down / 1.45) ** 1.6 : 1;
    const isEnvelope = down > 0 ? Math.abs(across) < taper && down < 1.45 : across ** 2 + down ** 2 < 1;
    if (isEnvelope) {
      const edge = down > 0 ? taper : Math.sqrt(1 - down ** 2);
      const gore = Math.floor((Math.asin(Math.max(-1, Math.min(1, across / edge))) / Math.PI + 0.5) * 12);
      const cloth: Colour = gore % 2 === 0 ? [214, 60, 52] : [246, 214, 120];
      return mix(cloth, [60, 20, 40], smoothStep(-0.6, 1.1, across) * 0.55);
    }
    if (Math.abs(across) < 0.16 && down > 1.72 && down < 2.02) {
      return mix([140, 92, 50], [84, 52, 28], fractalNoise(x / 3, y / 3, 9, 2));
    }
    if (down >= 1.45 && down <= 1.72 && Math.abs(Math.abs(across) - (0.44 - (down - 1.45) * 1.05)) < 0.012) {
      return [70, 56, 44];
    }
    return countryside(x / width, y / height);
  };
}

function countryside(x: number, y: number): Colour {
  const horizon = 0.78 + 0.03 * (fractalNoise(x * 3, 1, 81, 5) - 0.5);
  if (y < horizon) {
    const cloud = smoothStep(0.5, 0.75, fractalNoise(x * 4, y * 9, 82, 5)) * 0.8;
    return mix(mix([84, 148, 214], [206, 228, 242], y / horizon), [255, 255, 255], cloud);
  }
  const field = fractalNoise(x * 5 + y, (y - horizon) * 22, 83, 3);
  const grass = fractalNoise(x * 160, y * 90, 84, 3);
  return mix(mix([98, 142, 60], [206, 184, 92], smoothStep(0.4, 0.62, field)), [40, 66, 34], (1 - grass) * 0.45);
}
