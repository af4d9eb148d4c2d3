/** Every way in which the emulated legacy goes wrong, by name. */
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

/** Which calls are spoilt, and how. */
export interface FaultOrder extends FaultSettings {
  readonly name: FaultName;
  /** Only calls of this action; all that the fault applies to when left out. */
  readonly action?: ActionName;
  /** How many calls are spoilt; all when left out. */
  readonly times?: number;
  /** How many such calls go well before; none when left out. */
  readonly after?: number;
}

/** Each call is spoilt with a probability, by a fault drawn from a generator that gives the same on every run. */
export interface ChaosOrder extends FaultSettings {
  /** 0 to 1. */
  readonly probability: number;
  readonly seed: number;
  /** To draw from; all when left out. */
  readonly names?: readonly FaultName[];
}

export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(faults, name);
}
