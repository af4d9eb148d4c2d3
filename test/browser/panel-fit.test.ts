/** The panel at many widths, sizes and settings: nothing is cut off, too small, or shown by colour alone. */
import type { Locator } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { executablePath, findBarriers } from '../support/browser.ts';
import { timeout, usePanel } from '../support/panel-page.ts';

const widths = [320, 360, 768, 1180, 1440];

describe.skipIf(!executablePath)('any content', { timeout }, () => {
  const panel = usePanel({ viewport: { width: 1280, height: 800 }, hasTouch: true });
  const { button, rows, signIn } = panel;

  /** Controls whose centre is outside the page or covered. */
  async function findHidden(controls: Locator): Promise<string[]> {
    const hidden: string[] = [];
    for (const control of await controls.all()) {
      await control.scrollIntoViewIfNeeded();
      const isSeen = await control.evaluate((element) => {
        const { left, top, width, height } = element.getBoundingClientRect();
        const there = document.elementFromPoint(left + width / 2, top + height / 2);
        return left >= 0 && left + width <= innerWidth && element.contains(there);
      });
      if (!isSeen) hidden.push(`${await control.getAttribute('aria-label')}`);
    }
    return hidden;
  }

  test.each(widths)('the longest values leave room for the actions, %i pixels wide', async (width) => {
    const account = panel.gateway.emulator.account('page');
    account.add('queue', '77', {
      sid: 'A'.repeat(64),
      number_connected: '',
      dnis: '',
      minutes: '',
      date: '',
    });
    account.add('queue', '77', {
      sid: '1',
      number_connected: '+442079460000ext12345678',
      minutes: '600.5',
      date: 'no date at all, but many words',
    });
    await panel.page.setViewportSize({ width, height: 800 });
    await signIn('?type=queue&id=77');
    await expect.poll(() => rows().count()).toBe(2);
    expect(await findHidden(rows().getByRole('button'))).toEqual([]);
    expect(await panel.page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
  });

  test('a table remains a table on a narrow screen', async () => {
    await panel.page.setViewportSize({ width: 360, height: 800 });
    await signIn();
    await rows().first().waitFor();
    const tree = await panel.page.locator('section.list').ariaSnapshot();
    expect(tree).toContain('table "Recordings of findme 1234"');
    expect(tree.match(/- rowheader/g)).toHaveLength(2);
    expect(tree).toContain('cell "0932654521723728"');
  });

  /** In CSS pixels, as Apple and Google advise; WCAG 2.2 requires 24. */
  const finger = 44;

  test('touch targets are large enough for a finger', async () => {
    await panel.page.setViewportSize({ width: 360, height: 800 });
    const findSmall = () =>
      panel.page.evaluate((least) => {
        const controls = document.querySelectorAll(
          'button, select, input, summary, header a, .segments label',
        );
        return [...controls].flatMap((control) => {
          const { width, height } = control.getBoundingClientRect();
          const isPart = control.closest('.segments label > *, .unseen') !== null;
          const isSmall = Math.min(width, height) < least && !isPart && control.checkVisibility();
          return isSmall ? [`${control.outerHTML} ${width} × ${height}`] : [];
        });
      }, finger - 0.5);
    await panel.page.goto(`${panel.gateway.url}/panel`);
    await button('Sign in').waitFor();
    expect(await findSmall()).toEqual([]);
    await button('Sign in').click();
    await button(/^Play call/)
      .first()
      .click();
    await panel.page.getByLabel('Position').waitFor();
    await panel.page.locator('.log summary').first().click();
    expect(await findSmall()).toEqual([]);
    for (const opener of [button('Upload'), button(/^Copy link to/).first(), button(/^Delete/).first()]) {
      await opener.click();
      await panel.page.getByRole('dialog').waitFor();
      expect(await findSmall()).toEqual([]);
      await panel.page.keyboard.press('Escape');
    }
  });

  test('the end of a request’s path is visible, however long its identifier', async () => {
    const sid = 'A'.repeat(64);
    panel.gateway.emulator.account('page').add('queue', '77', { sid });
    await signIn('?type=queue&id=77');
    await button(/^Copy link to/).click();
    await panel.page.getByRole('dialog').getByRole('button', { name: 'Copy link' }).click();
    await panel.page.getByRole('dialog').getByRole('status').getByText('The link is copied.').waitFor();
    await panel.page.keyboard.press('Escape');
    for (const width of widths) {
      await panel.page.setViewportSize({ width, height: 800 });
      const [whole, last] = await Promise.all(
        [panel.page.locator('.path').first(), panel.page.getByText('/audio-links', { exact: true })].map(
          (part) => part.boundingBox(),
        ),
      );
      if (!whole || !last) throw new Error('the request is not in the log');
      expect(last.width).toBeGreaterThan(60);
      expect(last.x + last.width).toBeLessThanOrEqual(whole.x + whole.width);
    }
  });

  test('magnified four times, sticky elements leave the page readable', async () => {
    await panel.page.setViewportSize({ width: 320, height: 256 });
    await signIn();
    await button(/^Play call/)
      .first()
      .click();
    await panel.page.getByLabel('Position').waitFor();
    await button(/^Delete call/)
      .last()
      .focus();
    expect(await findHidden(button(/^Delete call/))).toEqual([]);
    const free = await panel.page.evaluate(() => {
      const bottom = document.querySelector('.top')?.getBoundingClientRect().bottom ?? 0;
      const top = document.querySelector('.player')?.getBoundingClientRect().top ?? 0;
      return top - Math.max(0, bottom);
    });
    expect(free).toBeGreaterThan(100);
  });

  test('with the system’s own colours, the selected and the playing recording are distinguishable', async () => {
    await panel.page.emulateMedia({ forcedColors: 'active' });
    await panel.page.goto(`${panel.gateway.url}/panel`);
    const ground = (name: string) =>
      panel.page.getByText(name, { exact: true }).evaluate((span) => getComputedStyle(span).backgroundColor);
    await button('Sign in').waitFor();
    expect(await ground('Account keys')).not.toBe(await ground('A token'));
    await button('Sign in').click();
    await button(/^Play call/)
      .first()
      .click();
    const [played, toCome] = await panel.page.locator('.waveform canvas').evaluate((canvas) => {
      const { color, borderBottomColor } = getComputedStyle(canvas);
      return [color, borderBottomColor];
    });
    expect(played).not.toBe(toCome);
    expect(await findBarriers(panel.page)).toEqual([]);
  });

  test('a new page starts at its top, and the back button returns to the previous list', async () => {
    await signIn();
    await rows().first().waitFor();
    await panel.page.getByLabel('Type').selectOption('powerdialer');
    await panel.page.getByLabel('ID').fill('1000');
    await button('Show').click();
    await button('Next').click();
    await panel.page.getByRole('status').getByText('25 recordings of powerdialer 1000, page 2').waitFor();
    await expect
      .poll(() => panel.page.evaluate(() => document.activeElement?.getAttribute('aria-label')))
      .toBe('Recordings found');
    expect((await rows().first().boundingBox())?.y).toBeGreaterThan(0);
    await panel.page.goBack();
    await expect.poll(() => rows().count()).toBe(2);
    expect(await panel.page.getByLabel('ID').inputValue()).toBe('1234');
    await panel.page.goForward();
    await expect.poll(() => rows().count()).toBe(25);
    expect(await panel.page.getByLabel('Type').inputValue()).toBe('powerdialer');
  });
});
