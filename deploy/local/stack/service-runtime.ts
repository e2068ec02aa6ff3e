/**
 * How Node.js is told to keep a service small. Whatever starts services starts them with these flags. By default a service
 * that has been busy holds twice as much.
 *
 * - `--max-semi-space-size` (MiB): new objects get 3 x 4 MiB in place of 3 x 16.
 * - `--initial-old-space-size` (MiB), `--heap-growing-percent`: old objects are collected when they take 24 MiB, and then
 *   whenever they have grown by a fifth. By default they were seen to grow beyond 100 MiB.
 *
 * All this costs 10 to 20% CPU at full load. There is no limit below Node.js's own: a service that takes many large images
 * at once may need hundreds of MiB for a moment.
 */
export const SERVICE_NODE_FLAGS: readonly string[] = [
  "--max-semi-space-size=4",
  "--initial-old-space-size=24",
  "--heap-growing-percent=20",
];

/** The same for glibc, which other C libraries ignore: one arena, and memory that was freed goes back to the system. */
export const SERVICE_MALLOC: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: "1",
  MALLOC_TRIM_THRESHOLD_: "262144",
};
