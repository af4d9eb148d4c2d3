/** Reads one response of the legacy service: its envelope, its failure, or the first bytes of its audio. */

import { concatBytes } from '../../primitives/bytes.ts';
import { LegacyError, type LegacyFailure } from '../failure.ts';
import type { LegacyBody, LegacyResponse } from '../transport.ts';
import type { LegacyCall } from '../wire.ts';
import { byStatusAlone, classify } from './classify.ts';
import { type Envelope, parseEnvelope } from './envelope.ts';
import { sniffLength } from './sniff.ts';

/** Far above the largest envelope of this API. In bytes. */
const maxEnvelope = 64 * 1024;

/** Returns if the response is an envelope with `success`. Throws LegacyError for any other. */
export async function assertSuccess(answer: LegacyResponse, action: LegacyCall['action']): Promise<void> {
  const failure = await readFailure(answer, { action, head: new Uint8Array() });
  if (failure) throw new LegacyError(failure);
}

/** The failure that the response reports, or null for `success`. `head` was already read from it. */
export async function readFailure(
  answer: LegacyResponse,
  { action, head }: { readonly action: LegacyCall['action']; readonly head: Uint8Array },
): Promise<LegacyFailure | null> {
  const { status, headers } = answer;
  const envelope = await readEnvelope(answer, head);
  return classify({ action, status, envelope, retryAfter: headers.get('retry-after') });
}

/**
 * Null if the body is not an envelope, so that the status may decide. For a body that never arrived, only a status
 * that needs no description does.
 */
async function readEnvelope(answer: LegacyResponse, head: Uint8Array): Promise<Envelope | null> {
  const contentType = answer.headers.get('content-type');
  try {
    const envelope = parseEnvelope(await readAll(answer, head), { status: answer.status, contentType });
    answer.countRepairs?.(envelope.repairs?.length ?? 0);
    return envelope;
  } catch (error) {
    const isRead = error instanceof LegacyError && error.failure.kind === 'invalid-response';
    if (answer.status < 300 || !(isRead || byStatusAlone(answer.status, null))) throw error;
    return null;
  }
}

/** The first bytes: enough to recognise audio, or fewer if the response ends early. */
export async function readHead(body: LegacyBody): Promise<Uint8Array> {
  let head = (await body.read()) ?? new Uint8Array();
  while (head.length < sniffLength) {
    const chunk = await body.read();
    if (!chunk) break;
    head = concatBytes([head, chunk]);
  }
  return head;
}

export function invalidResponse(answer: LegacyResponse, reason: string): LegacyError {
  return new LegacyError({ kind: 'invalid-response', status: answer.status, reason });
}

async function readAll(answer: LegacyResponse, head: Uint8Array): Promise<Uint8Array> {
  const chunks = [head];
  let size = head.length;
  for (let chunk = await answer.body.read(); chunk; chunk = await answer.body.read()) {
    size += chunk.length;
    if (size > maxEnvelope) throw invalidResponse(answer, `an envelope of more than ${maxEnvelope} bytes`);
    chunks.push(chunk);
  }
  return concatBytes(chunks);
}
