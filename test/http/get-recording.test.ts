/** One recording from its list. */
import { describe, expect, test } from 'vitest';
import { basic, startGateway } from '../support/harness.ts';

const sid = '0932654521723728';
const path = `/recordings/${sid}?type=findme&id=1234`;

describe('a recording', () => {
  test('is the same as in the list', async () => {
    const gateway = await startGateway({ env: { LEGACY_TIME_ZONE: 'America/Chicago' } });
    const headers = basic(gateway.emulator);
    const response = await gateway.fetch(path, { headers });
    expect(response.status).toBe(200);
    expect(response.headers.get('Content-Type')).toBe('application/json');
    expect(response.headers.get('Cache-Control')).toBe('private, no-store');
    const list = await gateway.fetch('/recordings?type=findme&id=1234', { headers });
    expect(await response.json()).toEqual((await list.json()).recordings[0]);
    expect(gateway.emulator.calls[0]).toMatchObject({ action: 'recording.list' });
  });

  test('has no body for HEAD', async () => {
    const gateway = await startGateway();
    const response = await gateway.fetch(path, { method: 'HEAD', headers: basic(gateway.emulator) });
    expect([response.status, await response.text()]).toEqual([200, '']);
  });

  test.each([
    ['of another list', `/recordings/${sid}?type=recorded_calls&id=1234`],
    ['of an empty list', `/recordings/${sid}?type=findme&id=9`],
    ['that is unknown', '/recordings/0000000000000000?type=findme&id=1234'],
    ['whose sid is the beginning of another', '/recordings/093265452172372?type=findme&id=1234'],
  ])('%s is a 404', async (_, other) => {
    const gateway = await startGateway();
    const response = await gateway.fetch(other, { headers: basic(gateway.emulator) });
    expect([response.status, (await response.json()).type]).toEqual([404, '/problems/recording-not-found']);
  });

  test.each([
    [`/recordings/${sid}`, 'type'],
    [`/recordings/${sid}?type=findme`, 'id'],
    [`/recordings/${sid}?type=nothing&id=1`, 'type'],
    [`/recordings/${sid}?type=findme&id=1&limit=1`, 'limit'],
    ['/recordings/a.b?type=findme&id=1', 'sid'],
  ])('%s is a 400 that names %s', async (other, parameter) => {
    const gateway = await startGateway();
    const response = await gateway.fetch(other, { headers: basic(gateway.emulator) });
    const problem = await response.json();
    expect([response.status, problem.errors?.[0].parameter]).toEqual([400, parameter]);
    expect(gateway.emulator.calls.length).toBe(0);
  });

  test('closes the list after it', async () => {
    const gateway = await startGateway();
    const headers = basic(gateway.emulator);
    const first = '/recordings/0903000000000000?type=powerdialer&id=1000000';
    const list = await gateway.fetch('/recordings?type=powerdialer&id=1000000&limit=1', { headers });
    const [recording] = (await list.json()).recordings;
    const found = await gateway.fetch(first.replace('0903000000000000', recording.sid), { headers });
    expect(await found.json()).toEqual(recording);
    await expect.poll(() => gateway.emulator.openConnections()).toBe(0);
  });
});
