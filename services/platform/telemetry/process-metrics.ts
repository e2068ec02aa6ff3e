import { statfsSync } from "node:fs";
import { tmpdir, totalmem } from "node:os";
import type { Meter } from "@opentelemetry/api";
import type { BuildInfo } from "./build-info";
import { groupMemory, ownGroup } from "./group-memory";

/** Time of the process' processors by mode, its memory, the disks that it works on and what it was built from, read whenever somebody scrapes. */
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
    .createObservableGauge("mcsv.memory.usage", {
      unit: "By",
      description:
        "What counts for mcsv.memory.limit: the memory of the control group where that has a limit, else of the process.",
    })
    .addCallback((result) => result.observe(memoryUsage()));
  meter
    .createObservableGauge("mcsv.memory.limit", {
      unit: "By",
      description: "Memory that the process may use: what its control group allows, at most what the machine has.",
    })
    .addCallback((result) => result.observe(memoryLimit()));
  const temporary = { size: "mcsv.temporary_disk.size", available: "mcsv.temporary_disk.available" };
  observeDisk(meter, temporary, "the file system that holds the temporary directory", tmpdir());
  const root = { size: "mcsv.root_disk.size", available: "mcsv.root_disk.available" };
  observeDisk(meter, root, "the file system that holds the root directory", "/");
  meter
    .createObservableGauge("process.uptime", { unit: "s", description: "Time since the process started." })
    .addCallback((result) => result.observe(process.uptime()));
  meter
    .createObservableGauge("mcsv.build.info", { description: "Always 1; its labels say what runs." })
    .addCallback((result) =>
      result.observe(1, { version: build.version, revision: build.revision, node_version: process.version }),
    );
}

interface DiskMetrics {
  readonly size: string;
  readonly available: string;
}

function observeDisk(meter: Meter, names: DiskMetrics, what: string, directory: string): void {
  const size = meter.createObservableGauge(names.size, { unit: "By", description: `Size of ${what}.` });
  const available = meter.createObservableGauge(names.available, {
    unit: "By",
    description: `What is free of ${what}.`,
  });
  meter.addBatchObservableCallback(
    (result) => {
      const { bsize, blocks, bavail } = statfsSync(directory);
      result.observe(size, bsize * blocks);
      result.observe(available, bsize * bavail);
    },
    [size, available],
  );
}

/** A control group's limit holds for all that runs in it, such as magick. */
function memoryUsage(): number {
  const group = memoryLimit() < totalmem() ? ownGroup() : undefined;
  return (group === undefined ? undefined : groupMemory(group)) ?? process.memoryUsage.rss();
}

function memoryLimit(): number {
  // 0 where the machine does not say, and more than the machine has where there is no limit.
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}
