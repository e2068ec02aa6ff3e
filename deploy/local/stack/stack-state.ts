import { z } from "zod";
import { readJson } from "../processes/run-directory";
import { writeJsonAtomically } from "../processes/write-json";
import { BASE_PORTS, MAX_PORT_OFFSET, type PortName, type StackPorts } from "./stack-ports";

const portNames = Object.keys(BASE_PORTS) as [PortName, ...PortName[]];

const stackState = z.object({
  portOffset: z.number().int().min(0).max(MAX_PORT_OFFSET),
  ports: z.record(z.enum(portNames), z.number().int()),
});

/** What the last `up` of a stack decided; it outlives `down`, so that a checkout keeps its ports. */
export interface StackState {
  readonly portOffset: number;
  readonly ports: StackPorts;
}

/** undefined when there was no `up` yet. */
export function readStackState(stateFile: string): StackState | undefined {
  return readJson(stateFile, stackState);
}

/** Remembers it. */
export function writeStackState(stateFile: string, state: StackState): void {
  writeJsonAtomically(stateFile, state);
}
