/** The panel's error messages, and how users continue after an error. */
import { describe, expect, test } from 'vitest';
import { executablePath, findBarriers, viewports } from '../support/browser.ts';
import { basic } from '../support/harness.ts';
import { timeout, usePanel } from '../support/panel-page.ts';

describe.skipIf(!executablePath)('after an error', { timeout }, () => {
  const panel = usePanel(viewports.desktop);
  const { button, rows, signIn } = panel;

  /** A token of the emulator's account. */
  async function issueToken(scope: string): Promise<string> {
    const { gateway } = panel;
    const response = await fetch(`${gateway.url}/oauth/token`, {
      method: 'POST',
      headers: basic(gateway.emulator),
      body: new URLSearchParams({ grant_type: 'client_credentials', scope }),
    });
    return (await response.json()).access_token;
  }

  test('a gateway that accepts no account keys asks for a token only', async () => {
    const { page, gateway } = panel;
    const config = await (await fetch(`${gateway.url}/panel/config.json`)).json();
    await page.route('**/panel/config.json', (route) =>
      route.fulfill({ json: { ...config, account_keys: false } }),
    );
    await page.goto(`${gateway.url}/panel`);
    await page.getByLabel('Access token').fill(await issueToken('recordings:read'));
    expect(await page.getByLabel('Secret access key').count()).toBe(0);
    expect(await page.getByRole('radio').count()).toBe(0);
    await page.getByText('this gateway accepts no account keys').waitFor();
    await button('Sign in').click();
    await expect.poll(() => rows().count()).toBe(2);
  });

  test('a rejected list says how long to wait, and can be requested again', async () => {
    panel.gateway.emulator.fault({ name: 'rate-limited', action: 'recording.list' });
    await signIn();
    const alert = panel.page.getByRole('alert');
    await alert.getByText('Wait 7 seconds before you try again.').waitFor();
    expect(await alert.getByText('`').count()).toBe(0);
    panel.gateway.emulator.clearFaults();
    await button('Try again').click();
    await expect.poll(() => rows().count()).toBe(2);
    expect(await alert.count()).toBe(0);
  });

  test('a response of a proxy is not a list, and the list can be requested again', async () => {
    await signIn();
    await rows().first().waitFor();
    await panel.page.route('**/recordings?*', (route) => route.fulfill({ status: 502, body: 'cut off' }));
    await button('Show').click();
    await panel.page.getByRole('alert').getByText('HTTP status 502').waitFor();
    await panel.page.unroute('**/recordings?*');
    await button('Try again').click();
    await expect.poll(() => rows().count()).toBe(2);
  });

  test('a scope that the token lacks disables its actions, with a reason', async () => {
    await panel.signInWithToken(await issueToken('recordings:read'));
    await button(/^Delete call/)
      .first()
      .click();
    const dialog = panel.page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByRole('alert').getByText('lacks the scope recordings:delete').waitFor();
    expect(await dialog.getByRole('button', { name: 'Delete' }).isDisabled()).toBe(true);
    await dialog.getByRole('button', { name: 'Keep it' }).click();
    for (const forbidden of await button(/^Delete call/).all())
      expect(await forbidden.getAttribute('aria-disabled')).toBe('true');
    // It can be focused, and says why it does nothing.
    await button(/^Delete call/)
      .first()
      .press('Enter');
    await panel.page.getByRole('status').getByText('your token lacks the scope recordings:delete').waitFor();
    expect(await dialog.count()).toBe(0);
    expect(await findBarriers(panel.page)).toEqual([]);

    await button('Upload').click();
    await dialog.getByRole('radio', { name: 'An address' }).check({ force: true });
    await dialog.getByLabel('Address of the audio').fill('/path/to/audio.wav');
    await dialog.getByRole('button', { name: 'Upload' }).click();
    await dialog.getByRole('alert').getByText('lacks the scope uploads:write').waitFor();
    await panel.page.keyboard.press('Escape');
    expect(await button('Upload').getAttribute('aria-disabled')).toBe('true');
    // Another sign-in may allow more.
    await button('Sign out').click();
    await signIn();
    expect(await button('Upload').getAttribute('aria-disabled')).toBe('false');
  });

  test('keys with any special characters are sent unchanged', async () => {
    const { accessKey, secretAccessKey } = panel.gateway.emulator.account('north');
    await panel.page.goto(`${panel.gateway.url}/panel`);
    // As copied from a table or an e-mail.
    await panel.page.getByLabel('Access key', { exact: true }).fill(` ${accessKey} `);
    await panel.page.getByLabel('Secret access key').fill(secretAccessKey);
    await button('Sign in').click();
    await expect.poll(() => rows().count()).toBe(2);
  });

  test('the previous page follows the last recording of the last page', async () => {
    for (let i = 10; i < 36; i++) {
      panel.gateway.emulator
        .account('page')
        .add('queue', '9', { sid: `00${i}`, date: `2019-02-20 20:42:${i}` });
    }
    await signIn('?type=queue&id=9');
    await button('Next').click();
    await panel.page.getByText('Page 2, 1 recording').waitFor();
    await button(/^Delete call/).click();
    await panel.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await expect.poll(() => rows().count()).toBe(25);
    expect(await button('Next').count()).toBe(0);
  });

  test('an upload that may have succeeded is retried under the same key', async () => {
    const keys: (string | undefined)[] = [];
    await panel.page.route('**/uploads*', async (route) => {
      keys.push(route.request().headers()['idempotency-key']);
      if (keys.length > 1) return route.continue();
      // It succeeded, and its response is lost.
      await route.fetch();
      await route.fulfill({ status: 504, body: 'a proxy gave up' });
    });
    await signIn();
    await button('Upload').click();
    const dialog = panel.page.getByRole('dialog');
    await dialog.getByRole('radio', { name: 'An address' }).check({ force: true });
    await dialog.getByLabel('Address of the audio').fill('/path/to/audio.wav');
    await dialog.getByRole('button', { name: 'Upload' }).click();
    await dialog.getByRole('alert').getByText('It may have been uploaded all the same').waitFor();
    await dialog.getByRole('button', { name: 'Upload' }).click();
    await panel.page
      .getByRole('status')
      .filter({ hasText: 'Uploaded. The legacy service accepted' })
      .waitFor();
    expect(keys).toEqual([expect.stringMatching(/^"[0-9a-f]{32}"$/), keys[0]]);
    expect(panel.gateway.emulator.account('page').uploads).toHaveLength(1);
  });

  test('audio that the browser cannot play is requested as MP3, then reported as unplayable', async () => {
    const formats: (string | null)[] = [];
    await panel.page.route('**/audio?*token=*', (route) => {
      formats.push(new URL(route.request().url()).searchParams.get('format'));
      return route.fulfill({ contentType: 'audio/wav', body: 'RIFF, but no sound' });
    });
    await signIn();
    await button(/^Play call/)
      .first()
      .click();
    await panel.page.getByRole('alert').getByText('This browser cannot play the recording').waitFor();
    expect([...new Set(formats)]).toEqual(['wav', 'mp3']);
  });

  test('a button keeps the focus after a failure', async () => {
    await panel.page.goto(`${panel.gateway.url}/panel`);
    await panel.page.getByLabel('Secret access key').fill('wrong');
    await button('Sign in').click();
    await panel.page.getByText('These keys are not known').waitFor();
    const focused = () => panel.page.evaluate(() => document.activeElement?.textContent);
    expect(await focused()).toBe('Sign in');
    await panel.page.getByLabel('Secret access key').fill('foobarfoo');
    await button('Sign in').press('Enter');
    await rows().first().waitFor();
    await button('Sign out').click();
    // The button is gone, and the focus moves to the main area.
    await button('Sign in').waitFor();
    expect(await panel.page.evaluate(() => document.activeElement?.id)).toBe('main');
  });
});
