/** Every fault of the emulated legacy service, by name. */
import type { ActionName } from './actions/actions.ts';
import { breakFaults } from './faults/breaks.ts';
import { documentFaults } from './faults/documents.ts';
import { encodingFaults } from './faults/encodings.ts';
import type { Fault, FaultSettings } from './faults/fault.ts';
import { listFaults } from './faults/lists.ts';
import { protocolFaults } from './faults/protocol.ts';
import { replyFaults } from './faults/replies.ts';
import { soundFaults } from './faults/sounds.ts';

const table = {
  ...replyFaults,
  ...documentFaults,
  ...listFaults,
  ...encodingFaults,
  ...soundFaults,
  ...breakFaults,
  ...protocolFaults,
};

export type FaultName = keyof typeof table;

export const faults: Readonly<Record<FaultName, Fault>> = table;

/** In the order of the table. */
export const faultNames = Object.keys(faults) as FaultName[];

/** Which calls a fault applies to, and how. */
export interface FaultOrder extends FaultSettings {
  readonly name: FaultName;
  /** Only calls of this action; by default, of all actions that the fault applies to. */
  readonly action?: ActionName;
  /** How many calls it applies to; by default, all. */
  readonly times?: number;
  /** How many such calls succeed first; by default, none. */
  readonly after?: number;
}

/** Applies a fault to each call with a probability, drawn from a generator that is the same on every run. */
export interface ChaosOrder extends FaultSettings {
  /** 0 to 1. */
  readonly probability: number;
  readonly seed: number;
  /** The faults to draw from; by default, all. */
  readonly names?: readonly FaultName[];
}

export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(faults, name);
}
