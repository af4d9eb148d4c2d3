/** The panel in a real browser, on a desktop and on a phone, with the Worker and the emulator. */
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { sids } from '../emulator/seeds.ts';
import { createWav } from '../emulator/wav.ts';
import { executablePath, findBarriers, viewports } from '../support/browser.ts';
import { timeout, usePanel } from '../support/panel-page.ts';

describe.skipIf(!executablePath).each(['desktop', 'phone'] as const)('on a %s', { timeout }, (device) => {
  const panel = usePanel(viewports[device]);
  const { button, rows, signIn, heard } = panel;

  test('a recording plays two clicks from the address', async () => {
    await panel.page.goto(panel.gateway.url);
    await button('Sign in').click();
    await button(/^Play call with \(312\) 555-1265, Feb 20, 2019/).click();
    await expect.poll(heard, { timeout: 30_000 }).toBeGreaterThan(0.2);
    expect(await findBarriers(panel.page)).toEqual([]);
  });

  test('seeking requests the part from there on, and the waveform is drawn from the samples', async () => {
    const parts: string[] = [];
    panel.page.on('response', (response) => {
      if (response.status() === 206) parts.push(response.headers()['content-range'] ?? '');
    });
    await signIn();
    await button(/^Play call with .*Jan 20/).click();
    await expect.poll(heard, { timeout: 30_000 }).toBeGreaterThan(0);
    await panel.page.getByLabel('Position').fill('600');
    await expect.poll(heard, { timeout: 30_000 }).toBeGreaterThan(600);
    // 726 seconds of 16,000 bytes, requested again near the 600th.
    const starts = parts.map((part) => Number(/^bytes (\d+)-/.exec(part)?.[1]));
    expect(Math.max(...starts)).toBeGreaterThan(9_000_000);
    const tallest = () =>
      panel.page.evaluate(() => {
        const canvas = document.querySelector<HTMLCanvasElement>('.waveform canvas');
        const copy = new OffscreenCanvas(1, canvas?.height ?? 1).getContext('2d', {
          willReadFrequently: true,
        });
        if (!canvas || !copy) return 0;
        copy.drawImage(canvas, 0, 0);
        const { data } = copy.getImageData(0, 0, 1, canvas.height);
        return data.filter((value, i) => i % 4 === 3 && value > 0).length;
      });
    await expect.poll(tallest, { timeout: 30_000 }).toBeGreaterThan(10);
  });

  test('pages turn in both directions, and days narrow the list', async () => {
    await signIn('?type=powerdialer&id=1000');
    const first = () => rows().first().textContent();
    await rows().nth(24).waitFor();
    const before = await first();
    await button('Next').click();
    await expect.poll(first).not.toBe(before);
    await panel.page.getByText('Page 2, 25 recordings').waitFor();
    await button('Previous').click();
    await expect.poll(first).toBe(before);

    await panel.page.getByLabel('Type').selectOption('findme');
    await panel.page.getByLabel('ID').fill('1234');
    await panel.page.getByLabel('From').fill('2019-02-01');
    await button('Show').click();
    await expect.poll(() => rows().count()).toBe(1);
    expect(new URL(panel.page.url()).search).toBe('?type=findme&id=1234&from=2019-02-01');
    await panel.page.getByLabel('From').fill('2020-02-01');
    await button('Show').click();
    await panel.page.getByText('Widen the dates').waitFor();
    expect(await findBarriers(panel.page)).toEqual([]);
  });

  test.each([
    { format: 'MP3', rate: '44100', suffix: 'mp3', begins: /^(?:ID3|\xff)/ },
    { format: 'WAV', rate: '11000', suffix: 'wav', begins: /^RIFF/ },
  ])('a recording is saved as $format at $rate Hz', async ({ format, rate, suffix, begins }) => {
    await signIn();
    await button(/^Download call with .*Feb 20/).click();
    await panel.page.getByRole('radio', { name: format }).check({ force: true });
    await panel.page.getByLabel('Sample rate').selectOption(rate);
    const saved = panel.page.waitForEvent('download');
    await panel.page.getByRole('dialog').getByRole('button', { name: 'Download' }).click();
    const download = await saved;
    expect(download.suggestedFilename()).toBe(`${sids.listed[0]}.${suffix}`);
    expect((await readFile(await download.path())).toString('latin1', 0, 4)).toMatch(begins);
    expect(panel.gateway.emulator.calls.at(-1)?.parameters).toMatchObject({
      format: suffix,
      sample_rate: rate,
    });
  });

  test('a copied link plays without a key', async () => {
    await signIn();
    await button(/^Copy link to call with .*Feb 20/).click();
    expect(await findBarriers(panel.page)).toEqual([]);
    await panel.page.getByRole('dialog').getByRole('button', { name: 'Copy link' }).click();
    // In the dialog: screen readers ignore content outside it.
    await panel.page.getByRole('dialog').getByRole('status').getByText('The link is copied.').waitFor();
    const link = await panel.page.evaluate(() => navigator.clipboard.readText());
    const response = await fetch(link);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'audio/mpeg']);
    await response.body?.cancel();
  });

  test('a dropped file is uploaded with its progress, and is listed', async () => {
    await signIn();
    await rows().first().waitFor();
    const bytes = Buffer.from(createWav({ seed: 'dropped', rate: 8000, seconds: 60 }).slice());
    const transfer = await panel.page.evaluateHandle((base64) => {
      const data = new DataTransfer();
      const content = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      data.items.add(new File([content], 'greeting.wav', { type: 'audio/wav' }));
      return data;
    }, bytes.toString('base64'));
    for (const type of ['dragenter', 'drop'])
      await panel.page.dispatchEvent('main', type, { dataTransfer: transfer });
    await panel.page.getByText('greeting.wav').waitFor();
    expect(await findBarriers(panel.page)).toEqual([]);
    await panel.page.evaluate(() => {
      const seen: number[] = [];
      Object.assign(globalThis, { seen });
      new MutationObserver(() => {
        const progress = document.querySelector('progress');
        if (progress) seen.push(progress.value);
      }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
    });
    await panel.page.getByRole('dialog').getByRole('button', { name: 'Upload' }).click();
    await panel.page
      .getByRole('status')
      .filter({ hasText: 'Uploaded. The legacy service accepted' })
      .waitFor();
    expect(await panel.page.evaluate(() => (globalThis as unknown as { seen: number[] }).seen)).toContain(1);
    await expect.poll(() => rows().count()).toBe(3);
    expect(panel.gateway.emulator.account('page').uploads).toMatchObject([{ type: 'findme', id: '1234' }]);
    expect(panel.gateway.emulator.account('page').uploads[0]?.content?.length).toBe(bytes.length);
  });

  test('a path is uploaded', async () => {
    await signIn();
    await button('Upload').click();
    await panel.page.getByRole('radio', { name: 'An address' }).check({ force: true });
    await panel.page.getByLabel('Address of the audio').fill('/path/to/audio.wav');
    expect(await findBarriers(panel.page)).toEqual([]);
    await panel.page.getByRole('dialog').getByRole('button', { name: 'Upload' }).click();
    await expect.poll(() => rows().count()).toBe(3);
    expect(panel.gateway.emulator.account('page').uploads).toMatchObject([{ path: '/path/to/audio.wav' }]);
  });

  test('a deletion asks for confirmation by name, and can be cancelled', async () => {
    await signIn();
    await button(/^Delete call with .*Feb 20/).click();
    const dialog = panel.page.getByRole('dialog', { name: 'Delete this recording?' });
    for (const words of ['(312) 555-1265', 'Feb 20, 2019 8:42 PM', '5:18', sids.listed[0]]) {
      await dialog.getByText(words, { exact: true }).waitFor();
    }
    expect(await findBarriers(panel.page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Keep it' }).click();
    expect(await rows().count()).toBe(2);
    await button(/^Delete call with .*Feb 20/).click();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await panel.page
      .getByRole('status')
      .filter({ hasText: `Recording ${sids.listed[0]} is deleted.` })
      .waitFor();
    expect(await rows().count()).toBe(1);
    expect(panel.gateway.emulator.account('page').find(sids.listed[0])).toBeNull();
  });

  test('a processing recording says so, and plays when it is ready', async () => {
    await signIn('?type=queue&id=1234');
    const row = rows().filter({ hasText: sids.processing });
    await row.getByRole('button', { name: /^Play/ }).click();
    await row.getByText('Still being processed').waitFor();
    expect(await findBarriers(panel.page)).toEqual([]);
    await expect.poll(heard, { timeout: 40_000 }).toBeGreaterThan(0);
    expect(await row.getByText('Still being processed').count()).toBe(0);
  });

  test('a problem is explained in words, with the ID to quote', async () => {
    await signIn('?type=queue&id=1234');
    await rows().filter({ hasText: sids.retrievalFails }).getByRole('button', { name: /^Play/ }).click();
    const alert = panel.page.getByRole('alert');
    await alert.getByText('Legacy service failed', { exact: true }).waitFor();
    await alert.getByText('does not mean that the recording is gone').waitFor();
    await alert.getByText('Error in retrieving recording').waitFor();
    expect(await alert.locator('code').textContent()).toMatch(/^[\w-]{20,}$/);
    expect(await findBarriers(panel.page)).toEqual([]);
  });

  test('wrong keys, and an invalid token, are distinguished from an empty list', async () => {
    await panel.page.goto(`${panel.gateway.url}/panel`);
    await panel.page.getByLabel('Secret access key').fill('wrong');
    await button('Sign in').click();
    await panel.page.getByText('These keys are not known').waitFor();
    await panel.page.getByRole('radio', { name: 'A token' }).check({ force: true });
    await panel.page.getByLabel('Access token').fill('not-a-token');
    await button('Sign in').click();
    const alert = panel.page.getByRole('alert');
    for (const words of ['Signed out', 'The token is not valid for this gateway.', 'Request a new one'])
      await alert.getByText(words).waitFor();
    // The sign-in form asks for another one.
    expect(await panel.page.getByLabel('Access token').count()).toBe(1);
    expect(await findBarriers(panel.page)).toEqual([]);
  });

  test('the log has every request, without keys or tokens', async () => {
    await signIn();
    await rows().first().waitFor();
    const log = panel.page.getByRole('complementary', { name: 'Requests' });
    expect(await log.locator('summary').count()).toBe(2);
    for (const summary of await log.locator('summary').all()) await summary.click();
    await log.getByRole('button', { name: 'Copy' }).first().click();
    const command = await panel.page.evaluate(() => navigator.clipboard.readText());
    expect(command).toBe(
      `curl -H "Authorization: Bearer $ACCESS_TOKEN" \\\n  '${panel.gateway.url}/recordings?type=findme&id=1234&limit=25'`,
    );
    const text = (await log.textContent()) ?? '';
    expect(text).toContain('-u "$ACCESS_KEY:$SECRET_ACCESS_KEY"');
    expect(text).toContain('"access_token": "…"');
    for (const secret of ['foobarfoo', btoa('foofoofoo:foobarfoo'), 'eyJ'])
      expect(text).not.toContain(secret);
    const stored = await panel.page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
    );
    expect(stored).toBe('[{},{},""]');
    expect(await findBarriers(panel.page)).toEqual([]);
  });

  test('every control is reachable by keyboard, and the focus returns', async () => {
    await panel.page.goto(`${panel.gateway.url}/panel`);
    const focused = () =>
      panel.page.evaluate(
        () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '',
      );
    const tabTo = async (name: RegExp) => {
      for (let i = 0; i < 60 && !name.test(await focused()); i++) await panel.page.keyboard.press('Tab');
      expect(await focused()).toMatch(name);
    };
    await button('Sign in').waitFor();
    await tabTo(/^Sign in$/);
    await panel.page.keyboard.press('Enter');
    await rows().first().waitFor();
    await tabTo(/^Play call with/);
    await panel.page.keyboard.press('Enter');
    await expect.poll(heard, { timeout: 30_000 }).toBeGreaterThan(0);
    await tabTo(/^Download call with/);
    await panel.page.keyboard.press('Enter');
    await panel.page.getByRole('dialog').waitFor();
    await panel.page.keyboard.press('Escape');
    await expect.poll(focused).toMatch(/^Download call with/);
    await tabTo(/^Position$/);
    await panel.page.keyboard.press('End');
    await expect.poll(heard, { timeout: 30_000 }).toBeGreaterThan(300);
  });

  test.each(['light', 'dark'] as const)(
    'the panel is accessible where the system is %s',
    async (colorScheme) => {
      await panel.page.emulateMedia({ colorScheme });
      await panel.page.goto(`${panel.gateway.url}/panel`);
      await button('Sign in').waitFor();
      expect(await findBarriers(panel.page)).toEqual([]);
      await button('Sign in').click();
      await button(/^Play call/)
        .first()
        .click();
      await panel.page.getByLabel('Position').waitFor();
      await button('Upload').click();
      expect(await findBarriers(panel.page)).toEqual([]);
      await panel.page.keyboard.press('Escape');
      expect(await findBarriers(panel.page)).toEqual([]);
      // Reflow, WCAG 1.4.10: no content overflows the page.
      expect(
        await panel.page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
      ).toBeLessThanOrEqual(0);
    },
  );

  test('the theme can be changed, and is remembered', async () => {
    await panel.page.emulateMedia({ colorScheme: 'light' });
    await panel.page.goto(`${panel.gateway.url}/panel`);
    const ground = () =>
      panel.page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    await button('Theme: system').click();
    const light = await ground();
    await button('Theme: light').click();
    expect(await ground()).not.toBe(light);
    await panel.page.reload();
    await button('Theme: dark').waitFor();
    expect(await ground()).not.toBe(light);
  });
});
