/** Controls the emulator over HTTP, for tests in another process. */
import { Hono } from 'hono';
import * as z from 'zod';
import { actionNames } from './actions/actions.ts';
import type { Emulator } from './emulator.ts';
import { type FaultName, isFaultName } from './faults.ts';
import { audioLabels } from './options.ts';

const settings = {
  delayMs: z.number().min(0).exactOptional(),
  at: z.number().min(0).max(1).exactOptional(),
  retryAfter: z.string().nullable().exactOptional(),
};
const name = z.custom<FaultName>((value) => typeof value === 'string' && isFaultName(value), 'No such fault');

const faultOrder = z.strictObject({
  name,
  action: z.enum(actionNames).exactOptional(),
  times: z.int().min(1).exactOptional(),
  after: z.int().min(0).exactOptional(),
  ...settings,
});
const chaosOrder = z.strictObject({
  probability: z.number().min(0).max(1),
  seed: z.int(),
  names: z.array(name).exactOptional(),
  ...settings,
});
const recording = z.strictObject({
  sid: z.string(),
  dnis: z.string().exactOptional(),
  number_connected: z.string().exactOptional(),
  minutes: z.string().exactOptional(),
  date: z.string().exactOptional(),
  seconds: z.number().min(0).exactOptional(),
  asksUntilReady: z.int().min(0).exactOptional(),
  retrievalFails: z.boolean().exactOptional(),
  removalFails: z.boolean().exactOptional(),
});
const place = { account: z.string(), type: z.string(), id: z.string() };
const addition = z.union([
  z.strictObject({ ...place, count: z.int().min(1) }),
  z.strictObject({ ...place, recording }),
]);
const audioSwitches = z.strictObject({
  contentLength: z.boolean().exactOptional(),
  ranges: z.boolean().exactOptional(),
  etag: z.boolean().exactOptional(),
  lastModified: z.boolean().exactOptional(),
  contentType: z.enum(audioLabels).nullable().exactOptional(),
});

export function createControl(emulator: Emulator): Hono {
  const app = new Hono();
  app.onError((error, context) => context.text(`${error.message}\n`, 400));

  app.put('/fault', async (context) => {
    emulator.fault(faultOrder.parse(await context.req.json()));
    return context.body(null, 204);
  });
  app.put('/chaos', async (context) => {
    emulator.chaos(chaosOrder.parse(await context.req.json()));
    return context.body(null, 204);
  });
  app.delete('/fault', (context) => {
    emulator.clearFaults();
    return context.body(null, 204);
  });
  app.put('/audio', async (context) => {
    emulator.setAudio(audioSwitches.parse(await context.req.json()));
    return context.body(null, 204);
  });
  app.post('/recordings', async (context) => {
    const order = addition.parse(await context.req.json());
    const account = emulator.account(order.account);
    if ('count' in order) account.generate(order.type, order.id, order.count);
    else account.add(order.type, order.id, order.recording);
    return context.body(null, 204);
  });
  app.post('/sweep', (context) => {
    for (const account of emulator.accounts) account.sweep();
    return context.body(null, 204);
  });
  app.post('/reset', (context) => {
    emulator.reset();
    return context.body(null, 204);
  });
  app.get('/state', (context) => context.json(emulator.state()));
  return app;
}
