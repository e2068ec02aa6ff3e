import { Presets, SingleBar } from "cli-progress";
import type { Output } from "./output";

/** Shows how many of many are done. */
export interface Progress {
  /** One more is done. */
  tick(): void;
  /** All are done, or the command gives up. */
  stop(): void;
}

/** A bar on a terminal, otherwise a plain line on stderr at every tenth of the work; nothing for a single item. */
export function startProgress(output: Output, label: string, total: number): Progress {
  if (total <= 1) return { tick: () => undefined, stop: () => undefined };
  return output.interactive ? progressBar(label, total) : progressLines(output, label, total);
}

function progressBar(label: string, total: number): Progress {
  const bar = new SingleBar(
    { format: `${label} {bar} {value}/{total} · {duration_formatted}`, hideCursor: true, clearOnComplete: true },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  return { tick: () => bar.increment(), stop: () => bar.stop() };
}

function progressLines(output: Output, label: string, total: number): Progress {
  const step = Math.max(1, Math.ceil(total / 10));
  let done = 0;
  return {
    tick() {
      done += 1;
      if (done % step === 0 || done === total) output.note(`${label}: ${done}/${total}`);
    },
    stop: () => undefined,
  };
}
