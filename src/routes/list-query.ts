/** Checks inputs of a list that no schema can check: the form of the response, the cursor, the order. */
import { chooseOffer } from '../http/accept.ts';
import { Problem } from '../problem/problem.ts';
import { type CursorBinding, readCursor } from '../recordings/cursor.ts';
import { UnknownSidError } from '../recordings/export-lines.ts';
import { maxSorted, TooLongToSortError } from '../recordings/list-order.ts';
import { LostPositionError } from '../recordings/page.ts';
import type { Place, WalkServices } from '../recordings/walk.ts';

const listOffers = (['application/json', 'application/x-ndjson'] as const).map((mediaType) => ({
  value: mediaType,
  mediaType,
}));

type ListMediaType = (typeof listOffers)[number]['mediaType'];

interface ListForm {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
  readonly after?: string | undefined;
}

/** Throws Problem if `Accept` allows neither form, or the query belongs to the other one. */
export function negotiateList(accept: string | undefined, query: ListForm): ListMediaType {
  const mediaType = chooseOffer(accept, listOffers);
  if (!mediaType) {
    const detail = 'Accept allows neither application/json nor application/x-ndjson.';
    throw new Problem('not-acceptable', { detail });
  }
  const isExport = mediaType === 'application/x-ndjson';
  const foreign = isExport ? (['limit', 'cursor'] as const) : (['after'] as const);
  const given = foreign.filter((parameter) => query[parameter] !== undefined);
  if (given.length > 0) {
    const form = isExport ? 'pages' : 'application/x-ndjson';
    const errors = given.map((parameter) => ({ parameter, detail: `applies to ${form} only` }));
    throw new Problem('invalid-request', { detail: `${mediaType} does not have these parameters.`, errors });
  }
  return mediaType;
}

/** Throws Problem. */
export async function openCursor(cursor: string, binding: CursorBinding): Promise<Place> {
  const place = await readCursor(cursor, binding);
  if (place) return place;
  throw cursorProblem('does not belong to this list, account and filter');
}

/** Throws Problem for a list that cannot be read as requested. */
export function toListProblem(error: unknown): never {
  if (error instanceof LostPositionError)
    throw cursorProblem('points at recordings that no longer exist; start again without it');
  if (error instanceof UnknownSidError)
    throw parameterProblem('after', 'is not in this list; start again without it');
  if (error instanceof TooLongToSortError)
    throw parameterProblem('order', `sorts lists of at most ${maxSorted} recordings`);
  throw error;
}

/** A sorted walk without snapshots would read and sort the whole list for each page. */
export function assertOrder({ listSnapshots }: WalkServices): void {
  if (listSnapshots) return;
  throw new Problem('order-not-configured', {
    detail: 'This gateway cannot sort lists: STORE is not configured.',
  });
}

function cursorProblem(detail: string): Problem {
  return parameterProblem('cursor', detail, 'The cursor is invalid.');
}

function parameterProblem(parameter: string, detail: string, summary = 'A parameter is invalid.'): Problem {
  return new Problem('invalid-request', { detail: summary, errors: [{ parameter, detail }] });
}
