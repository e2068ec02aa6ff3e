import { statfsSync } from "node:fs";
import { tmpdir, totalmem } from "node:os";
import type { Meter } from "@opentelemetry/api";
import type { BuildInfo } from "./build-info";

/** Time of the process' processors by mode, its memory, the disk that it works on and what it was built from, read whenever somebody scrapes. */
export function observeProcess(meter: Meter, build: BuildInfo): void {
  meter
    .createObservableCounter("process.cpu.time", { unit: "s", description: "Processor time that the process used." })
    .addCallback((result) => {
      const { user, system } = process.cpuUsage();
      result.observe(user / 1e6, { "cpu.mode": "user" });
      result.observe(system / 1e6, { "cpu.mode": "system" });
    });
  meter
    .createObservableUpDownCounter("process.memory.usage", {
      unit: "By",
      description: "Physical memory that the process uses (resident set).",
    })
    .addCallback((result) => result.observe(process.memoryUsage.rss()));
  meter
    .createObservableGauge("mcsv.memory.limit", {
      unit: "By",
      description: "Memory that the process may use: what its control group allows, at most what the machine has.",
    })
    .addCallback((result) => result.observe(memoryLimit()));
  const size = meter.createObservableGauge("mcsv.temporary_disk.size", {
    unit: "By",
    description: "Size of the file system that holds the temporary directory.",
  });
  const available = meter.createObservableGauge("mcsv.temporary_disk.available", {
    unit: "By",
    description: "What is free of the file system that holds the temporary directory.",
  });
  meter.addBatchObservableCallback(
    (result) => {
      const { bsize, blocks, bavail } = statfsSync(tmpdir());
      result.observe(size, bsize * blocks);
      result.observe(available, bsize * bavail);
    },
    [size, available],
  );
  meter
    .createObservableGauge("process.uptime", { unit: "s", description: "Time since the process started." })
    .addCallback((result) => result.observe(process.uptime()));
  meter
    .createObservableGauge("mcsv.build.info", { description: "Always 1; its labels say what runs." })
    .addCallback((result) =>
      result.observe(1, { version: build.version, revision: build.revision, node_version: process.version }),
    );
}

function memoryLimit(): number {
  // 0 where the machine does not say, and more than the machine has where there is no limit.
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}
