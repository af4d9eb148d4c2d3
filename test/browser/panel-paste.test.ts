/** The log's `curl` commands, copied from the panel and run: each gets the panel's response. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { createWav } from '../emulator/wav.ts';
import { executablePath, viewports } from '../support/browser.ts';
import { basic } from '../support/harness.ts';
import { timeout, usePanel } from '../support/panel-page.ts';

const directory = mkdtempSync(join(tmpdir(), 'paste-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe.skipIf(!executablePath)('pasted into a shell', { timeout }, () => {
  const panel = usePanel(viewports.desktop);
  const { button, signIn } = panel;

  async function issueToken(): Promise<string> {
    const { gateway } = panel;
    const response = await fetch(`${gateway.url}/oauth/token`, {
      method: 'POST',
      headers: basic(gateway.emulator),
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        scope: 'recordings:read recordings:delete uploads:write',
      }),
    });
    return (await response.json()).access_token;
  }

  /** The status of the command alone, with its keys from the shell. */
  async function paste(command: string, variables: Readonly<Record<string, string>>): Promise<number> {
    const script = `curl() { command curl -sS -w '\\n%{stderr}%{http_code}' "$@"; }\n${command}`;
    const env = { PATH: process.env.PATH ?? '', ...variables };
    const { stderr } = await promisify(execFile)('sh', ['-c', script], { cwd: directory, env });
    return Number(stderr);
  }

  test("every command of a session gets the panel's status", async () => {
    const name = "a 'greeting' & $more.wav";
    const content = Buffer.from(createWav({ seed: 'pasted', rate: 8000, seconds: 1 }).slice());
    writeFileSync(join(directory, name), content);
    await signIn();
    await button(/^Play call/)
      .first()
      .click();
    await expect.poll(panel.heard, { timeout: 10_000 }).toBeGreaterThan(0.2);
    const link = await panel.page.locator('audio').getAttribute('src');
    // Characters that a shell or curl would interpret.
    await panel.page.getByLabel('ID').fill("[1-3]{a,b}'$HOME`id`\\");
    await button('Show').click();
    await panel.page.getByRole('alert').waitFor();
    await panel.page.getByLabel('ID').fill('1234');
    await button('Show').click();
    await button('Upload').click();
    const dialog = panel.page.getByRole('dialog');
    await dialog.locator('input[type=file]').setInputFiles({ name, mimeType: 'audio/wav', buffer: content });
    await dialog.getByRole('button', { name: 'Upload' }).click();
    await panel.page
      .getByRole('status')
      .filter({ hasText: 'Uploaded. The legacy service accepted' })
      .waitFor();
    await button(/^Delete call with .*Jan 20/).click();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await panel.page.getByRole('status').filter({ hasText: 'is deleted' }).waitFor();

    const entries = await panel.page.locator('.log li').all();
    const shown = await Promise.all(
      entries.map(async (entry) => ({
        command: (await entry.locator('pre').first().textContent()) ?? '',
        status: Number(await entry.locator('.status').textContent()),
      })),
    );
    const { accessKey, secretAccessKey } = panel.gateway.emulator.account('page');
    const variables = {
      ACCESS_KEY: accessKey,
      SECRET_ACCESS_KEY: secretAccessKey,
      ACCESS_TOKEN: await issueToken(),
      LINK_TOKEN: new URL(link ?? '', panel.gateway.url).searchParams.get('token') ?? '',
    };
    // Undoes the deletion and the upload.
    panel.gateway.emulator.reset();
    for (const { command, status } of shown.toReversed()) {
      expect([command, await paste(command, variables)]).toEqual([command, status]);
    }
    const methods = shown.map(({ command }) => /-X (\w+)/.exec(command)?.[1]).filter(Boolean);
    expect([shown.length >= 10, methods]).toEqual([true, ['DELETE']]);
    expect(readFileSync(join(directory, '0932654521723728.wav')).toString('latin1', 0, 4)).toBe('RIFF');
  });
});
