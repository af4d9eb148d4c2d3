/** Cloudflare Workflows as the engine of exports: a run that it has given up, and one that it has lost or lacks. */
import { env } from 'cloudflare:workers';
import { NonRetryableError } from 'cloudflare:workflows';
import { expect, it } from 'vitest';
import { type ExportRun, toRunName } from '../../src/exports/engine.ts';
import { createWorkflowsEngine } from '../../src/workers/workflows.ts';
import { workflowDriver } from './workflow-driver.ts';

function start(step: () => Promise<{ kind: 'end' } | { kind: 'next'; seconds: number }>) {
  if (!env.EXPORTS) throw new Error('the tests bind no EXPORTS');
  const engine = createWorkflowsEngine(env.EXPORTS);
  workflowDriver.set({ job: { step, isBlocked: () => false }, engine });
  const run: ExportRun = { id: crypto.randomUUID(), run: 1, leg: 0 };
  return { engine, run, binding: env.EXPORTS };
}

it('has given up a run whose step failed for good', async () => {
  const { engine, run } = start(() => Promise.reject(new NonRetryableError('no bucket')));
  await engine.start(run);
  await expect.poll(() => engine.hasGivenUp(run)).toBe(true);
});

it('has given up a run that an operator terminated', async () => {
  const { engine, run, binding } = start(async () => ({ kind: 'next', seconds: 3600 }));
  await engine.start(run);
  const instance = await binding.get(toRunName(run));
  await expect.poll(async () => (await instance.status()).status).toMatch(/running|waiting/);
  expect(await engine.hasGivenUp(run)).toBe(false);
  await instance.terminate();
  await expect.poll(() => engine.hasGivenUp(run)).toBe(true);
});

it('has not given up a run that has ended, and none that it lacks', async () => {
  const { engine, run, binding } = start(async () => ({ kind: 'end' }));
  await engine.start(run);
  const instance = await binding.get(toRunName(run));
  await expect.poll(async () => (await instance.status()).status).toBe('complete');
  expect(await engine.hasGivenUp(run)).toBe(false);
  expect(await engine.hasGivenUp({ ...run, leg: 1 })).toBe(false);
});
