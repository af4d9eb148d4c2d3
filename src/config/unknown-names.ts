/** Finds variables that look like misspelt ones of ours: the gateway would ignore them silently. */
import leven from 'leven';
import { listenVariables, storeVariables, variables } from './variables.ts';

export interface UnknownName {
  readonly name: string;
  /** Our variable with the most similar name; null for a LEGACY_* name that resembles none. */
  readonly similar: string | null;
}

const known = Object.keys({ ...variables.shape, ...listenVariables.shape, ...storeVariables.shape });

/** The environment holds names of other programs, so only LEGACY_* and near misses count as ours. */
export function findUnknown(environment: Readonly<Record<string, unknown>>): UnknownName[] {
  return Object.keys(environment)
    .filter((name) => !known.includes(name))
    .map((name) => ({ name, similar: findSimilar(name) }))
    .filter(({ name, similar }) => similar !== null || name.startsWith('LEGACY_'));
}

function findSimilar(name: string): string | null {
  const candidates = known.map((candidate) => ({
    candidate,
    distance: leven(name.toUpperCase(), candidate, { maxDistance: 3 }),
  }));
  const close = candidates.filter(({ candidate, distance }) => distance <= toMaxDistance(candidate));
  return close.toSorted((a, b) => a.distance - b.distance)[0]?.candidate ?? null;
}

/** Short names such as HOST are one letter away from many names of other programs. */
function toMaxDistance({ length }: string): number {
  return length < 6 ? 0 : length < 10 ? 1 : 2;
}
