/** A call with unverified keys outlives its client until the verdict is known. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createVerdictSignal } from '../../../src/auth/verdict-signal.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('a sent call continues when its client disconnects, and ends with the verdict', async () => {
  const client = new AbortController();
  const { signal, settle, settled } = createVerdictSignal(client.signal, () => true);
  client.abort();
  expect(signal.aborted).toBe(false);
  settle();
  expect(signal.aborted).toBe(true);
  await settled;
});

it('a call without a verdict ends after fifteen seconds', () => {
  const client = new AbortController();
  const { signal } = createVerdictSignal(client.signal, () => true);
  client.abort();
  vi.advanceTimersByTime(14_999);
  expect(signal.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect(signal.aborted).toBe(true);
});

it('a call that was not sent ends with its client', () => {
  const client = new AbortController();
  const { signal } = createVerdictSignal(client.signal, () => false);
  client.abort();
  expect(signal.aborted).toBe(true);
});

it('the signal follows the client after the verdict', () => {
  const client = new AbortController();
  const { signal, settle } = createVerdictSignal(client.signal, () => true);
  settle();
  expect(signal.aborted).toBe(false);
  client.abort();
  expect(signal.aborted).toBe(true);
});

it('a client that has already disconnected leaves no signal open', () => {
  expect(createVerdictSignal(AbortSignal.abort(), () => true).signal.aborted).toBe(true);
});
